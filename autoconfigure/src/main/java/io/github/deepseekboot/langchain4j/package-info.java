/**
 * LangChain4j's chat models on top of a {@code ChatCompletionClient}.
 */
@NullMarked
package io.github.deepseekboot.langchain4j;

import org.jspecify.annotations.NullMarked;
