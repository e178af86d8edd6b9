/**
 * Health of the providers.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.health;

import org.jspecify.annotations.NullMarked;
