/**
 * JSON Schemas of Java types, for tools and typed answers.
 */
@NullMarked
package io.github.deepseekboot.schema;

import org.jspecify.annotations.NullMarked;
