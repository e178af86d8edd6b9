/**
 * Health of the providers.
 */
@NullMarked
package io.github.deepseekboot.health;

import org.jspecify.annotations.NullMarked;
