/**
 * A chat page on the starter.
 */
@NullMarked
package io.github.deepseekboot.samples.chat;

import org.jspecify.annotations.NullMarked;
