/**
 * One attempt at one provider: its HTTP exchange.
 */
@NullMarked
package io.github.deepseekboot.transport;

import org.jspecify.annotations.NullMarked;
