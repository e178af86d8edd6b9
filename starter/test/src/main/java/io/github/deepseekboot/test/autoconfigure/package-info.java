/**
 * Scripted providers in the tests of Spring Boot applications.
 */
@NullMarked
package io.github.deepseekboot.test.autoconfigure;

import org.jspecify.annotations.NullMarked;
