/**
 * Providers: presets, models, credentials and dialects.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.provider;

import org.jspecify.annotations.NullMarked;
