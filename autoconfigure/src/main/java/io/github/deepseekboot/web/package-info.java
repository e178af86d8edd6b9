/**
 * Failed calls as answers of web applications.
 */
@NullMarked
package io.github.deepseekboot.web;

import org.jspecify.annotations.NullMarked;
