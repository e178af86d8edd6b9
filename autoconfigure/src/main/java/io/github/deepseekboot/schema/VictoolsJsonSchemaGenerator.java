package io.github.deepseekboot.schema;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import com.github.victools.jsonschema.module.jackson.JacksonSchemaModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationOption;
import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import org.springframework.core.Nullness;
import org.springframework.util.Assert;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
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

	private final ReadableTypes types;

	private final SchemaGenerator generator;

	private final Map<Type, Map<String, Object>> schemas = new ConcurrentHashMap<>();

	VictoolsJsonSchemaGenerator(JsonMapper mapper, boolean constraints) {
		this.mapper = mapper;
		this.types = new ReadableTypes(mapper);
		MapperDefinitions definitions = new MapperDefinitions(mapper, this.types);
		SchemaGeneratorConfigBuilder config = new SchemaGeneratorConfigBuilder(mapper, SchemaVersion.DRAFT_2020_12,
				OptionPreset.PLAIN_JSON)
			.without(Option.SCHEMA_VERSION_INDICATOR, Option.FLATTENED_OPTIONALS)
			.with(Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT, Option.PLAIN_DEFINITION_KEYS,
					Option.NULLABLE_ARRAY_ITEMS_ALLOWED)
			.with(new MapperModule());
		config.forTypesInGeneral().withCustomDefinitionProvider(definitions).withTypeAttributeOverride(definitions);
		if (constraints) {
			Constraints.addTo(config);
		}
		// declared order: a model writes the properties in the order of the schema
		config.forTypesInGeneral().withPropertySorter((left, right) -> 0);
		config.forFields()
			.withIgnoreCheck((field) -> !isRead(definitions.javaType(field.getDeclaringType()), field))
			.withRequiredCheck((field) -> !hasDefault(field.getRawMember()))
			.withNullableCheck(this::nullable);
		this.generator = new SchemaGenerator(config.build());
	}

	@Override
	public Map<String, Object> generate(Type type) {
		Assert.notNull(type, "'type' must not be null");
		return this.schemas.computeIfAbsent(type, this::make);
	}

	// the generator keeps state while it works
	private synchronized Map<String, Object> make(Type type) {
		this.types.check(type);
		ObjectNode schema = this.generator.generateSchema(type);
		sayInWords(schema);
		return this.mapper.convertValue(schema, MAP);
	}

	private boolean isRead(JavaType declaringType, FieldScope field) {
		return !(this.types.deserializer(declaringType) instanceof BeanDeserializerBase bean)
				|| ReadableTypes.properties(bean)
					.stream()
					.anyMatch((property) -> property.getName().equals(field.getSchemaPropertyName()));
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

	private @Nullable Boolean nullable(FieldScope field) {
		Field member = field.getRawMember();
		boolean nullable = field.isFakeContainerItemScope() ? isItemNullable(member)
				: Nullness.forField(member) == Nullness.NULLABLE || isNullable(member)
						|| isNullable(member.getAnnotatedType())
						|| (isOptional(member) && !hasDefault(member) && !member.getType().isPrimitive());
		// what is not annotated is left to the other checks
		return nullable ? Boolean.TRUE : null;
	}

	private static boolean isItemNullable(Field member) {
		if (member.getAnnotatedType() instanceof AnnotatedParameterizedType type) {
			AnnotatedType[] arguments = type.getAnnotatedActualTypeArguments();
			if (isNullable(arguments[arguments.length - 1])) {
				return true;
			}
		}
		return isKotlin(member) && KotlinProperties.isItemNullable(member);
	}

	private static boolean isNullable(AnnotatedElement element) {
		for (Annotation annotation : element.getAnnotations()) {
			if (annotation.annotationType().getSimpleName().equals("Nullable")) {
				return true;
			}
		}
		return false;
	}

	// null means missing, which strict modes do not support
	private static boolean isOptional(Field member) {
		JsonProperty property = member.getAnnotation(JsonProperty.class);
		return (property != null && property.isRequired() == OptBoolean.FALSE)
				|| ExplicitlyOptional.fields(member.getDeclaringClass()).contains(member.getName());
	}

	private boolean hasDefault(Field member) {
		return this.types.readsKotlin() && isKotlin(member) && KotlinProperties.hasDefault(member)
				&& Nullness.forField(member) != Nullness.NULLABLE;
	}

	private static boolean isKotlin(Field member) {
		return KotlinDetector.isKotlinReflectPresent() && KotlinDetector.isKotlinType(member.getDeclaringClass());
	}

	/**
	 * Names the properties as the mapper does, its naming strategy included.
	 */
	private static final class MapperModule extends JacksonSchemaModule {

		MapperModule() {
			super(JacksonOption.SKIP_SUBTYPE_LOOKUP, JacksonOption.IGNORE_TYPE_INFO_TRANSFORM);
		}

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
