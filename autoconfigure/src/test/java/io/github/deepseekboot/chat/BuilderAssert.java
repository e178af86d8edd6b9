package io.github.deepseekboot.chat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Assertions for immutable types with a builder: each property that the builder can set
 * is a part of {@code equals}, of {@code toBuilder} and of the accessors.
 */
public final class BuilderAssert {

	private BuilderAssert() {
	}

	/**
	 * Assert that a type is built as all are.
	 * @param builder returns a new builder with what must be set
	 * @param values two values for each property, by the setter's name
	 * @param hidden the properties that have no accessor of their own type or are left
	 * out of {@code toString}
	 */
	public static void assertBuilds(Supplier<?> builder, Map<String, List<?>> values, String... hidden) {
		Set<String> setters = setters(builder.get()).keySet();
		assertThat(values.keySet()).as("properties").containsExactlyInAnyOrderElementsOf(setters);
		Object bare = build(builder.get());
		assertThat(Modifier.isFinal(bare.getClass().getModifiers())).as("final").isTrue();
		assertThat(bare).isEqualTo(build(builder.get())).hasSameHashCodeAs(build(builder.get())).isNotEqualTo(null);
		values.forEach((property, pair) -> {
			Object one = build(set(builder.get(), property, pair.get(0)));
			Object same = build(set(builder.get(), property, pair.get(0)));
			Object other = build(set(builder.get(), property, pair.get(1)));
			assertThat(one).as(property).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(other);
			if (!Arrays.asList(hidden).contains(property)) {
				assertThat(one.toString()).as(property).startsWith(one.getClass().getSimpleName() + "[");
				assertThat(call(one, property)).as(property).isEqualTo(pair.get(0));
			}
			Method toBuilder = ReflectionUtils.findMethod(one.getClass(), "toBuilder");
			if (toBuilder != null) {
				assertThat(build(ReflectionUtils.invokeMethod(toBuilder, one))).as(property).isEqualTo(one);
			}
		});
	}

	private static Map<String, Method> setters(Object builder) {
		Map<String, Method> setters = new LinkedHashMap<>();
		Arrays.stream(builder.getClass().getDeclaredMethods())
			.filter((method) -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 1
					&& !method.isVarArgs())
			.sorted(Comparator.comparing(Method::getName))
			.forEach((method) -> setters.put(method.getName(), method));
		return setters;
	}

	private static Object set(Object builder, String property, Object value) {
		Method setter = setters(builder).get(property);
		Object result = ReflectionUtils.invokeMethod(setter, builder, value);
		assertThat(result).as(property).isSameAs(builder);
		return builder;
	}

	private static Object build(Object builder) {
		return call(builder, "build");
	}

	private static Object call(Object target, String name) {
		return ReflectionUtils.invokeMethod(ReflectionUtils.findMethod(target.getClass(), name), target);
	}

}
