/**
 * The actuator endpoint.
 */
@NullMarked
package io.github.deepseekboot.actuate;

import org.jspecify.annotations.NullMarked;
