/**
 * Meters and observations, fed by what routing tells.
 */
@NullMarked
package io.github.deepseekboot.observation;

import org.jspecify.annotations.NullMarked;
