/**
 * The template that applications inject:
 * {@link io.github.deepseekboot.ChatCompletionTemplate}.
 */
@NullMarked
package io.github.deepseekboot;

import org.jspecify.annotations.NullMarked;
