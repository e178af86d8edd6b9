package io.github.deepseekboot.schema;

import java.lang.reflect.Field;
import java.util.List;

import kotlin.jvm.JvmClassMappingKt;
import kotlin.reflect.KFunction;
import kotlin.reflect.KParameter;
import kotlin.reflect.KProperty;
import kotlin.reflect.KType;
import kotlin.reflect.KTypeProjection;
import kotlin.reflect.full.KClasses;
import kotlin.reflect.jvm.ReflectJvmMapping;
import org.jspecify.annotations.Nullable;

/**
 * What Kotlin says of the properties of its classes. Apart, so that it is loaded only
 * where Kotlin's reflection is there.
 */
final class KotlinProperties {

	private KotlinProperties() {
	}

	static boolean hasDefault(Field field) {
		KFunction<?> constructor = KClasses
			.getPrimaryConstructor(JvmClassMappingKt.getKotlinClass(field.getDeclaringClass()));
		return constructor != null && constructor.getParameters()
			.stream()
			.filter(KParameter::isOptional)
			.anyMatch((parameter) -> field.getName().equals(parameter.getName()));
	}

	static boolean isItemNullable(Field field) {
		KType item = item(field);
		return item != null && item.isMarkedNullable();
	}

	private static @Nullable KType item(Field field) {
		KProperty<?> property = ReflectJvmMapping.getKotlinProperty(field);
		if (property == null) {
			return null;
		}
		List<KTypeProjection> arguments = property.getReturnType().getArguments();
		return arguments.isEmpty() ? null : arguments.get(arguments.size() - 1).getType();
	}

}
