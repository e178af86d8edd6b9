/**
 * Typed answers: from a Java type to a JSON Schema, and from the answer back to the type.
 */
@NullMarked
package io.github.deepseekboot.structured;

import org.jspecify.annotations.NullMarked;
