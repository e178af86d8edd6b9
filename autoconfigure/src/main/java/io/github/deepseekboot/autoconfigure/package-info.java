/**
 * Auto-configuration: properties, connection details, wiring and failure analysis.
 */
@NullMarked
package io.github.deepseekboot.autoconfigure;

import org.jspecify.annotations.NullMarked;
