package io.github.deepseekboot.samples.chat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Starts the application with simulated providers for a test in a browser, which is
 * skipped where there is none.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SimulatedChatTest
@EnabledIf(value = Chromium.INSTALLED, disabledReason = Chromium.MISSING)
@interface PageTest {

}
