/**
 * A scripted chat-completion provider server on loopback.
 */
@NullMarked
package io.github.deepseekboot.test.provider;

import org.jspecify.annotations.NullMarked;
