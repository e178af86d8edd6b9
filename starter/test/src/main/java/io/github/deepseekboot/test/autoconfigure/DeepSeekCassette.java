package io.github.deepseekboot.test.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Annotation that lets the scripted providers of {@link AutoConfigureDeepSeek} answer
 * with what is recorded in {@code src/test/resources/cassettes}, in one file for each
 * provider. On a method it is for that test, on a class for each of its tests.
 * <p>
 * The property {@code deepseek.test.record} says whether the real hosts are asked:
 * {@code none}, which is the default, {@code missing} or {@code all}. They are asked at
 * the addresses and with the keys of the application's properties.
 *
 * @see io.github.deepseekboot.test.provider.Cassette
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface DeepSeekCassette {

	/**
	 * The name of the cassette: {@code "poems"} is kept in {@code poems.deepseek.json}.
	 * @return the name
	 */
	String value();

}
