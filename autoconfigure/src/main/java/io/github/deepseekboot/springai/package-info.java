/**
 * Spring AI's chat model on top of a {@code ChatCompletionClient}.
 */
@NullMarked
package io.github.deepseekboot.springai;

import org.jspecify.annotations.NullMarked;
