package io.github.deepseekboot.test.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Annotation that puts scripted providers in the place of all providers of the
 * application under test. Each is a bean of the type
 * {@link io.github.deepseekboot.test.provider.ScriptedProvider} with the provider's id as
 * its name, on loopback, with the shape of the provider's preset. The application's
 * properties stay as they are, but for addresses, keys and proxies.
 * <p>
 * Before each test method the scripts, what was received, cool-downs and circuits are
 * forgotten. A call that no script has an answer for fails the test.
 * <p>
 * Tests with this annotation may share an application context, and so never run at the
 * same time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ResourceLock("io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek")
public @interface AutoConfigureDeepSeek {

	/**
	 * The ids of providers to add to those of the application's properties.
	 * @return the ids; if there are none here and none in the properties, there is one
	 * provider, {@code deepseek}
	 */
	String[] value() default {};

}
