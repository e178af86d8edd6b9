package io.github.deepseekboot;

import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Mockito;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A {@code null} that a builder cannot take, or a list or map with one in it, is refused
 * with a message that names the argument.
 */
class NullArgumentsTests {

	private static final String ROOT = "io.github.deepseekboot";

	private static final Set<String> PACKAGES = Set.of(ROOT, ROOT + ".chat", ROOT + ".conversation", ROOT + ".hook",
			ROOT + ".langchain4j", ROOT + ".springai", ROOT + ".structured", ROOT + ".tool");

	private static final Map<Class<?>, Object> SAMPLES = new HashMap<>();

	static {
		SAMPLES.put(ChatRequest.class, ChatRequest.of("hi"));
		SAMPLES.put(ChatMessage.class, ChatMessage.user("hi"));
		SAMPLES.put(AttemptReport.class, AttemptReport.builder(1, "lab", "m").build());
		SAMPLES.put(CallInfo.class, CallInfo.of(ChatRequest.of("hi"), true));
		SAMPLES.put(Duration.class, Duration.ofSeconds(1));
	}

	static Stream<Method> setters() {
		return builders().flatMap((builder) -> Arrays.stream(builder.getDeclaredMethods()))
			.filter(NullArgumentsTests::isVisible)
			.filter((method) -> method.getParameterCount() > 0 && !isOfAnotherLibrary(method))
			.sorted((a, b) -> a.toGenericString().compareTo(b.toGenericString()));
	}

	static Stream<Method> factories() {
		return builders().map(NullArgumentsTests::factory).filter((method) -> method.getParameterCount() > 0);
	}

	// the builders that applications have to do with
	private static Stream<Class<?>> builders() {
		return new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages(ROOT)
			.stream()
			.filter((type) -> type.getSimpleName().equals("Builder") && PACKAGES.contains(type.getPackageName()))
			.<Class<?>>map(JavaClass::reflect)
			.filter((type) -> Modifier.isPublic(type.getModifiers()) && !Modifier.isAbstract(type.getModifiers()));
	}

	private static boolean isVisible(Method method) {
		return Modifier.isPublic(method.getModifiers()) && !method.isSynthetic();
	}

	private static boolean isOfAnotherLibrary(Method method) {
		return ReflectionUtils.findMethod(method.getDeclaringClass().getSuperclass(), method.getName(),
				method.getParameterTypes()) != null;
	}

	private static Method factory(Class<?> builder) {
		return Arrays.stream(builder.getDeclaringClass().getDeclaredMethods())
			.filter((method) -> Modifier.isStatic(method.getModifiers()) && method.getReturnType() == builder
					&& isVisible(method))
			.min((a, b) -> b.getParameterCount() - a.getParameterCount())
			.orElseThrow(() -> new AssertionError("no factory of " + builder));
	}

	@ParameterizedTest
	@MethodSource("setters")
	void settersRefuseNull(Method setter) throws Exception {
		Object builder = invoke(factory(setter.getDeclaringClass()), null, -1, null);
		assertRefuses(setter, builder);
	}

	@ParameterizedTest
	@MethodSource("factories")
	void factoriesRefuseNull(Method factory) throws Exception {
		assertRefuses(factory, null);
	}

	private static void assertRefuses(Method method, @Nullable Object target) throws Exception {
		Parameter[] parameters = method.getParameters();
		for (int i = 0; i < parameters.length; i++) {
			if (!parameters[i].getType().isPrimitive()) {
				for (Object wrong : wrong(parameters[i])) {
					Throwable thrown = thrown(method, target, i, wrong);
					assertThat(thrown).as("%s with %s", method.toGenericString(), describe(wrong))
						.isInstanceOf(IllegalArgumentException.class)
						.hasMessageContaining(parameters[i].getName());
				}
			}
		}
	}

	private static String describe(@Nullable Object wrong) {
		return (wrong instanceof Object[] array) ? Arrays.toString(array) : String.valueOf(wrong);
	}

	// null, and collections with it
	private static List<Object> wrong(Parameter parameter) {
		List<Object> wrong = new ArrayList<>();
		AnnotatedType type = parameter.getAnnotatedType();
		if (!isNullable(type)) {
			wrong.add(null);
		}
		if (type instanceof AnnotatedArrayType array && !parameter.getType().getComponentType().isPrimitive()
				&& !isNullable(array.getAnnotatedGenericComponentType())) {
			wrong.add(Array.newInstance(parameter.getType().getComponentType(), 1));
		}
		if (type instanceof AnnotatedParameterizedType generic) {
			AnnotatedType[] arguments = generic.getAnnotatedActualTypeArguments();
			if (Collection.class.isAssignableFrom(parameter.getType()) && !isNullable(arguments[0])) {
				wrong.add(Collections.singletonList(null));
			}
			if (parameter.getType() == Map.class) {
				wrong.add(Collections.singletonMap(null, sample(arguments[1])));
				if (!isNullable(arguments[1])) {
					wrong.add(Collections.singletonMap(sample(arguments[0]), null));
				}
			}
		}
		return wrong;
	}

	private static Object sample(AnnotatedType type) {
		return sample(ClassUtils.resolvePrimitiveIfNecessary(ResolvableType.forType(type.getType()).toClass()));
	}

	private static boolean isNullable(AnnotatedType type) {
		return type.isAnnotationPresent(Nullable.class);
	}

	private static @Nullable Throwable thrown(Method method, @Nullable Object target, int wrong, Object value) {
		try {
			Object result = invoke(method, target, wrong, value);
			result.getClass().getMethod("build").invoke(result);
			return null;
		}
		catch (InvocationTargetException ex) {
			return ex.getCause();
		}
		catch (ReflectiveOperationException ex) {
			return ex;
		}
	}

	private static Object invoke(Method method, @Nullable Object target, int wrong, @Nullable Object value)
			throws ReflectiveOperationException {
		method.setAccessible(true);
		Object[] arguments = arguments(method);
		if (wrong >= 0) {
			arguments[wrong] = value;
		}
		return method.invoke(target, arguments);
	}

	private static Object[] arguments(Executable executable) {
		return Arrays.stream(executable.getParameterTypes())
			.map((type) -> sample(ClassUtils.resolvePrimitiveIfNecessary(type)))
			.toArray();
	}

	private static Object sample(Class<?> type) {
		Object sample = SAMPLES.get(type);
		if (sample != null) {
			return sample;
		}
		if (type == String.class || type == Object.class) {
			return "lab";
		}
		if (type.isArray()) {
			return Array.newInstance(type.getComponentType(), 0);
		}
		if (type == Boolean.class) {
			return true;
		}
		if (type == Integer.class) {
			return 1;
		}
		if (type == Long.class) {
			return 1L;
		}
		if (type == Double.class) {
			return 1.0;
		}
		if (type.isEnum()) {
			return type.getEnumConstants()[0];
		}
		if (Map.class.isAssignableFrom(type)) {
			return Map.of();
		}
		if (Collection.class.isAssignableFrom(type)) {
			return List.of();
		}
		return Mockito.mock(type);
	}

}
