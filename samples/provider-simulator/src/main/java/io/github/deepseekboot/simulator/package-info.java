/**
 * A scripted chat-completion provider server on loopback.
 */
@NullMarked
package io.github.deepseekboot.simulator;

import org.jspecify.annotations.NullMarked;
