/**
 * One attempt at one provider: the HTTP exchange and the JSON and SSE codecs.
 */
@NullMarked
package io.github.deepseekboot.transport;

import org.jspecify.annotations.NullMarked;
