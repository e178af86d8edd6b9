/**
 * What one provider is: presets, models, credentials and the dialect it speaks.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.provider;

import org.jspecify.annotations.NullMarked;
