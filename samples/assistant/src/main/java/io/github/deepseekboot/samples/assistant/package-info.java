/**
 * An assistant on the command line.
 */
@NullMarked
package io.github.deepseekboot.samples.assistant;

import org.jspecify.annotations.NullMarked;
