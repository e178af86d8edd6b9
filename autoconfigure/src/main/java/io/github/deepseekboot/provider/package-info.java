/**
 * What one provider is: presets, models, credentials and the dialect it speaks.
 */
@NullMarked
package io.github.deepseekboot.provider;

import org.jspecify.annotations.NullMarked;
