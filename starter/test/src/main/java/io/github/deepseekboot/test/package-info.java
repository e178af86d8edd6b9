/**
 * What helps to test an application of this library.
 */
@NullMarked
package io.github.deepseekboot.test;

import org.jspecify.annotations.NullMarked;
