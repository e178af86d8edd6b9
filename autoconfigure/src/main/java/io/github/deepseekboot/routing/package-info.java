/**
 * Chooses the provider that answers a call.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.routing;

import org.jspecify.annotations.NullMarked;
