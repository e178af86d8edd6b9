/**
 * Chooses the provider that answers a call.
 */
@NullMarked
package io.github.deepseekboot.routing;

import org.jspecify.annotations.NullMarked;
