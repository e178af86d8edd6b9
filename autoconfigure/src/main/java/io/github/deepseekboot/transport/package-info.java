/**
 * One attempt at one provider: its HTTP exchange.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.transport;

import org.jspecify.annotations.NullMarked;
