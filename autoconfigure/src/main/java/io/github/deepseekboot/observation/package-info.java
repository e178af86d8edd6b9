/**
 * Meters and observations, fed by routing events.
 */
@NullMarked
package io.github.deepseekboot.observation;

import org.jspecify.annotations.NullMarked;
