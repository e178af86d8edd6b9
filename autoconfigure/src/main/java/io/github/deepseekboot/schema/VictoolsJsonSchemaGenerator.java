package io.github.deepseekboot.schema;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonSchemaModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationOption;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes schemas with victools' generator, set up for strict modes.
 */
final class VictoolsJsonSchemaGenerator implements JsonSchemaGenerator {

	private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {
	};

	// what strict modes refuse
	private static final List<Limit> LIMITS = List.of(new Limit("minLength", "at least %s character(s)"),
			new Limit("maxLength", "at most %s character(s)"), new Limit("minItems", "at least %s item(s)"),
			new Limit("maxItems", "at most %s item(s)"), new Limit("minProperties", "at least %s entries"),
			new Limit("maxProperties", "at most %s entries"));

	private final JsonMapper mapper;

	private final SchemaGenerator generator;

	private final Map<Type, Map<String, Object>> schemas = new ConcurrentHashMap<>();

	VictoolsJsonSchemaGenerator(JsonMapper mapper, boolean constraints) {
		this.mapper = mapper;
		SchemaGeneratorConfigBuilder config = new SchemaGeneratorConfigBuilder(mapper, SchemaVersion.DRAFT_2020_12,
				OptionPreset.PLAIN_JSON)
			.without(Option.SCHEMA_VERSION_INDICATOR)
			.with(Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT, Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
					Option.PLAIN_DEFINITION_KEYS)
			.with(new MapperModule())
			.with((type, context) -> type.getErasedType().isEnum()
					? new CustomDefinition(enumSchema(mapper, type.getErasedType())) : null);
		if (constraints) {
			Constraints.addTo(config);
		}
		// declared order: a model writes the properties in the order of the schema
		config.forTypesInGeneral().withPropertySorter((left, right) -> 0);
		config.forFields().withRequiredCheck((field) -> true).withNullableCheck(VictoolsJsonSchemaGenerator::nullable);
		this.generator = new SchemaGenerator(config.build());
	}

	@Override
	public Map<String, Object> generate(Type type) {
		Assert.notNull(type, "'type' must not be null");
		return this.schemas.computeIfAbsent(type, this::make);
	}

	// the generator keeps state while it works
	private synchronized Map<String, Object> make(Type type) {
		ObjectNode schema = this.generator.generateSchema(type);
		sayInWords(schema);
		return this.mapper.convertValue(schema, MAP);
	}

	private static void sayInWords(JsonNode node) {
		if (node instanceof ObjectNode schema && !schema.path("type").isMissingNode()) {
			List<String> words = new ArrayList<>();
			for (Limit limit : LIMITS) {
				if (schema.path(limit.keyword()).isNumber()) {
					words.add(limit.words().formatted(schema.remove(limit.keyword()).asString()));
				}
			}
			if (!words.isEmpty()) {
				String description = schema.path("description").asString("");
				schema.put("description", (description.isEmpty() ? "" : description + ": ") + String.join(", ", words));
			}
		}
		node.forEach(VictoolsJsonSchemaGenerator::sayInWords);
	}

	private static ObjectNode enumSchema(JsonMapper mapper, Class<?> type) {
		ObjectNode schema = mapper.createObjectNode();
		JsonNode values = mapper.valueToTree(type.getEnumConstants());
		if (values.valueStream().allMatch(JsonNode::isString)) {
			schema.put("type", "string");
		}
		else if (values.valueStream().allMatch(JsonNode::isIntegralNumber)) {
			schema.put("type", "integer");
		}
		schema.set("enum", values);
		return schema;
	}

	private static @Nullable Boolean nullable(FieldScope field) {
		boolean nullable = isNullable(field.getRawMember()) || isNullable(field.getRawMember().getAnnotatedType());
		// what is not annotated is left to the other checks
		return nullable ? Boolean.TRUE : null;
	}

	private static boolean isNullable(AnnotatedElement element) {
		for (Annotation annotation : element.getAnnotations()) {
			if (annotation.annotationType().getSimpleName().equals("Nullable")) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Names the properties as the mapper does, its naming strategy included.
	 */
	private static final class MapperModule extends JacksonSchemaModule {

		@Override
		protected @Nullable String getPropertyNameOverrideBasedOnJsonNamingAnnotation(FieldScope field) {
			for (BeanPropertyDefinition property : getBeanDescriptionForClass(field.getDeclaringType())
				.findProperties()) {
				if (property.getInternalName().equals(field.getDeclaredName())) {
					return property.getName();
				}
			}
			return null;
		}

	}

	private record Limit(String keyword, String words) {

	}

	/**
	 * Apart, so that the module is loaded only where it is there.
	 */
	private static final class Constraints {

		static void addTo(SchemaGeneratorConfigBuilder config) {
			config.with(new JakartaValidationModule(JakartaValidationOption.INCLUDE_PATTERN_EXPRESSIONS));
		}

	}

}
