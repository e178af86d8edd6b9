package io.github.deepseekboot.schema;

import java.lang.reflect.Type;
import java.util.Map;

import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes the JSON Schema of a Java type, as it is sent to models. An application may
 * supply a bean of its own.
 */
@FunctionalInterface
public interface JsonSchemaGenerator {

	/**
	 * Make the schema of a type.
	 * @param type a class, such as a record, or a generic type
	 * @return the schema, as Jackson writes it; not to be changed
	 * @throws IllegalArgumentException if the type cannot be read from JSON, with the
	 * path to what cannot
	 * @throws IllegalStateException if nothing on the class path can make schemas
	 */
	Map<String, Object> generate(Type type);

	/**
	 * The generator that comes with this library, set up on first use. It needs
	 * {@code com.github.victools:jsonschema-generator} and
	 * {@code com.github.victools:jsonschema-module-jackson}, which the starter brings;
	 * with {@code com.github.victools:jsonschema-module-jakarta-validation}, Bean
	 * Validation's constraints are included. Without them, using the generator fails.
	 * <p>
	 * What follows its schemas can be read by the mapper. A type that the mapper cannot
	 * build, such as an interface without type information, is refused with the path to
	 * it.
	 * <p>
	 * Its schemas fit strict modes where the type does: objects allow no other
	 * properties, all properties are required, and one that is {@code Optional},
	 * annotated {@code @Nullable} or {@code @JsonProperty(required = false)}, or of a
	 * Kotlin type with a question mark, may be {@code null}. A property of a Kotlin class
	 * with a default value is not required. What strict modes refuse, such as
	 * {@code minLength}, is in the description. Names and descriptions are taken from
	 * Jackson's annotations.
	 * @param mapper reads what follows the schema; gives the properties their names
	 * @return a thread-safe generator, which remembers the schemas it made
	 */
	static JsonSchemaGenerator create(JsonMapper mapper) {
		ClassLoader classLoader = ClassUtils.getDefaultClassLoader();
		if (ClassUtils.isPresent("com.github.victools.jsonschema.generator.SchemaGenerator", classLoader) && ClassUtils
			.isPresent("com.github.victools.jsonschema.module.jackson.JacksonSchemaModule", classLoader)) {
			boolean constraints = ClassUtils.isPresent(
					"com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationModule", classLoader)
					&& ClassUtils.isPresent("jakarta.validation.constraints.NotNull", classLoader);
			// most applications never ask for a schema
			SingletonSupplier<JsonSchemaGenerator> generator = SingletonSupplier
				.of(() -> new VictoolsJsonSchemaGenerator(mapper, constraints));
			return (type) -> generator.obtain().generate(type);
		}
		return (type) -> {
			throw new IllegalStateException("the JSON Schema of " + type.getTypeName()
					+ " cannot be made: add the dependencies com.github.victools:jsonschema-generator and"
					+ " com.github.victools:jsonschema-module-jackson (5.0.0 or later), write the schema yourself,"
					+ " or define a bean of type " + JsonSchemaGenerator.class.getName());
		};
	}

}
