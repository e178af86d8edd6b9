/**
 * The actuator endpoint.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.actuate;

import org.jspecify.annotations.NullMarked;
