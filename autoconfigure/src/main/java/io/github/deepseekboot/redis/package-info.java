/**
 * What instances share in Redis.
 */
@NullMarked
package io.github.deepseekboot.redis;

import org.jspecify.annotations.NullMarked;
