/**
 * Spring AI and LangChain4j on top of the providers.
 */
@NullMarked
package io.github.deepseekboot.samples.frameworks;

import org.jspecify.annotations.NullMarked;
