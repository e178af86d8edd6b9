/**
 * The vocabulary of chat completions: requests, messages, completions, deltas and errors.
 */
@NullMarked
package io.github.deepseekboot.chat;

import org.jspecify.annotations.NullMarked;
