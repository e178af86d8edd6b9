/**
 * An OpenAI-compatible gateway on the starter.
 */
@NullMarked
package io.github.deepseekboot.samples.gateway;

import org.jspecify.annotations.NullMarked;
