/**
 * Three simulated instances of an application, for the control room: they share limits,
 * cool-downs and the switch in Redis.
 */
@NullMarked
package io.github.deepseekboot.samples.chat.instances;

import org.jspecify.annotations.NullMarked;
