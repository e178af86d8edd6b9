package io.github.deepseekboot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Disables a test class or method with an {@link Evaluation}, which asks real models and
 * costs money, unless the system property {@code deepseek.test.evaluate} is {@code true}.
 * A class that is disabled starts no application, so that no key is needed.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Tag("evaluation")
@EnabledIfSystemProperty(named = Evaluation.PROPERTY, matches = "true", disabledReason = Evaluation.DISABLED)
public @interface EnabledIfEvaluating {

}
