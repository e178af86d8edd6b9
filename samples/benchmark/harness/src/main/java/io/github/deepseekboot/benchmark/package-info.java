/**
 * Runs clients side by side, each in a process of its own, and reports what they cost.
 */
@NullMarked
package io.github.deepseekboot.benchmark;

import org.jspecify.annotations.NullMarked;
