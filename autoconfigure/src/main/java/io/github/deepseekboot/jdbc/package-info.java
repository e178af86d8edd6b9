/**
 * What instances share in a database.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.jdbc;

import org.jspecify.annotations.NullMarked;
