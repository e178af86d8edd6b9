/**
 * Stand-ins for providers on loopback, for the samples and the benchmark.
 */
@NullMarked
package io.github.deepseekboot.simulator;

import org.jspecify.annotations.NullMarked;
