/**
 * Tools that a model may call, and the loop that runs them.
 */
@NullMarked
package io.github.deepseekboot.tool;

import org.jspecify.annotations.NullMarked;
