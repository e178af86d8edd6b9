/**
 * Bytes to the vocabulary of chat completions and back: server-sent events, JSON, tags in
 * texts and error bodies. Knows neither HTTP nor Reactor.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.codec;

import org.jspecify.annotations.NullMarked;
