/**
 * What instances share in Redis.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.redis;

import org.jspecify.annotations.NullMarked;
