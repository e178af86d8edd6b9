/**
 * What instances share in a database.
 */
@NullMarked
package io.github.deepseekboot.jdbc;

import org.jspecify.annotations.NullMarked;
