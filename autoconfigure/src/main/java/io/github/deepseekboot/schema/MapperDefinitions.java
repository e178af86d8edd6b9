package io.github.deepseekboot.schema;

import java.lang.reflect.Type;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

import com.fasterxml.classmate.ResolvedType;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.CustomDefinitionProviderV2;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.TypeAttributeOverrideV2;
import com.github.victools.jsonschema.generator.TypeScope;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/**
 * Defines the types whose JSON depends on the mapper: subtypes with what tells them
 * apart, types that are written as one value, free JSON, and what the JDK has.
 */
final class MapperDefinitions implements CustomDefinitionProviderV2, TypeAttributeOverrideV2 {

	private static final String TIME = "([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?";

	private static final String SECONDS = "-?\\d+(\\.\\d{1,9})?S";

	// JSON Schema's own formats demand an offset, or allow what these types do not
	private static final Map<Class<?>, String> PATTERNS = Map.of(LocalDateTime.class,
			"^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T" + TIME + "$", LocalTime.class, "^" + TIME + "$",
			OffsetTime.class, "^" + TIME + "(Z|[+-](0\\d|1[0-7]):[0-5]\\d)$", YearMonth.class,
			"^\\d{4}-(0[1-9]|1[0-2])$", MonthDay.class, "^--(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$", Period.class,
			"^P(-?\\d+Y(-?\\d+M)?(-?\\d+D)?|-?\\d+M(-?\\d+D)?|-?\\d+D)$", Duration.class,
			"^PT(-?\\d+H(-?\\d+M)?(" + SECONDS + ")?|-?\\d+M(" + SECONDS + ")?|" + SECONDS + ")$");

	private static final Map<Class<?>, String> OPTIONALS = Map.of(OptionalInt.class, "integer", OptionalLong.class,
			"integer", OptionalDouble.class, "number");

	private final JsonMapper mapper;

	private final ReadableTypes types;

	MapperDefinitions(JsonMapper mapper, ReadableTypes types) {
		this.mapper = mapper;
		this.types = types;
	}

	@Override
	public @Nullable CustomDefinition provideCustomSchemaDefinition(ResolvedType type,
			SchemaGenerationContext context) {
		Class<?> rawType = type.getErasedType();
		if (rawType == byte.class || rawType == Byte.class) {
			return inline(ofType("integer"));
		}
		if (rawType == byte[].class) {
			return inline(ofType("string").put("description", "Base64"));
		}
		if (rawType == char[].class) {
			return inline(ofType("string"));
		}
		if (type.isPrimitive() || rawType == String.class || type.isArray()) {
			return null;
		}
		if (rawType.isEnum()) {
			return new CustomDefinition(enumSchema(rawType));
		}
		JavaType javaType = javaType(type);
		if (javaType.isCollectionLikeType()) {
			return null;
		}
		if (javaType.isReferenceType()) {
			return optionalSchema(javaType.getContentType(), context);
		}
		if (javaType.isMapLikeType()) {
			return mapSchema(javaType, context);
		}
		if (this.types.typeDeserializer(javaType) != null) {
			return subtypes(type, javaType, context);
		}
		return valueSchema(rawType, this.types.deserializer(javaType), context);
	}

	private @Nullable CustomDefinition valueSchema(Class<?> rawType, @Nullable ValueDeserializer<?> deserializer,
			SchemaGenerationContext context) {
		if (PATTERNS.containsKey(rawType)) {
			return inline(ofType("string").put("pattern", PATTERNS.get(rawType)));
		}
		if (OPTIONALS.containsKey(rawType)) {
			return inline(context.makeNullable(ofType(OPTIONALS.get(rawType))));
		}
		if (rawType == Year.class) {
			return inline(ofType("integer"));
		}
		if (JsonNode.class.isAssignableFrom(rawType)) {
			return inline((rawType == ObjectNode.class) ? ofType("object")
					: (rawType == ArrayNode.class) ? ofType("array") : this.mapper.createObjectNode());
		}
		if (deserializer == null) {
			return null;
		}
		if (deserializer instanceof BeanDeserializerBase bean) {
			return createdFromValue(bean.getValueInstantiator(), context);
		}
		if (deserializer.logicalType() == LogicalType.Untyped) {
			return inline(this.mapper.createObjectNode());
		}
		return (deserializer.logicalType() == LogicalType.OtherScalar && rawType.getName().startsWith("java.")
				&& !rawType.getName().equals("java.util.UUID")) ? inline(ofType("string")) : null;
	}

	// such as a record with @JsonValue
	private @Nullable CustomDefinition createdFromValue(ValueInstantiator instantiator,
			SchemaGenerationContext context) {
		if (instantiator.canCreateUsingDelegate()) {
			JavaType delegate = instantiator.getDelegateType(this.mapper.deserializationConfig());
			return inline(context.createDefinition(resolved(delegate, context)));
		}
		if (instantiator.canCreateFromObjectWith() || instantiator.canCreateUsingDefault()) {
			return null;
		}
		if (instantiator.canCreateFromString()) {
			return inline(ofType("string"));
		}
		if (instantiator.canCreateFromInt() || instantiator.canCreateFromLong()
				|| instantiator.canCreateFromBigInteger()) {
			return inline(ofType("integer"));
		}
		if (instantiator.canCreateFromDouble() || instantiator.canCreateFromBigDecimal()) {
			return inline(ofType("number"));
		}
		return instantiator.canCreateFromBoolean() ? inline(ofType("boolean")) : null;
	}

	private CustomDefinition optionalSchema(JavaType type, SchemaGenerationContext context) {
		ResolvedType content = resolved(type, context);
		if (type.isContainerType() || type.isPrimitive()
				|| !(this.types.deserializer(type) instanceof BeanDeserializerBase || type.isEnumType()
						|| type.isAbstract() || type.hasRawClass(Object.class))) {
			return inline(context.makeNullable(context.createDefinition(content)));
		}
		ObjectNode schema = this.mapper.createObjectNode();
		ArrayNode options = schema.putArray("anyOf");
		options.add(ofType("null"));
		options.add(context.createDefinitionReference(content));
		return inline(schema);
	}

	private CustomDefinition mapSchema(JavaType type, SchemaGenerationContext context) {
		JavaType key = type.getKeyType();
		ResolvedType content = resolved(type.getContentType(), context);
		ObjectNode schema = ofType("object");
		if (key.isEnumType()) {
			ObjectNode properties = schema.putObject("properties");
			JsonNode names = this.mapper.valueToTree(keys(key.getRawClass()));
			names.propertyNames().forEach((name) -> properties.set(name, context.createDefinitionReference(content)));
			schema.put("additionalProperties", false);
			return definition(schema);
		}
		if (!key.hasRawClass(String.class) && !key.hasRawClass(Object.class)) {
			Class<?> number = ClassUtils.resolvePrimitiveIfNecessary(key.getRawClass());
			if (Number.class.isAssignableFrom(number)) {
				schema.putObject("propertyNames").put("pattern", "^-?\\d+$");
			}
		}
		schema.set("additionalProperties", context.createDefinitionReference(content));
		return definition(schema);
	}

	private static Map<Object, Object> keys(Class<?> type) {
		Map<Object, Object> keys = new LinkedHashMap<>();
		for (Object constant : type.getEnumConstants()) {
			keys.put(constant, "");
		}
		return keys;
	}

	// what tells subtypes apart is added by overrideTypeAttributes
	private @Nullable CustomDefinition subtypes(ResolvedType type, JavaType javaType, SchemaGenerationContext context) {
		Map<Class<?>, String> subtypes = this.types.subtypes(javaType);
		Class<?> rawType = type.getErasedType();
		if (subtypes.size() == 1 && subtypes.containsKey(rawType)) {
			return null;
		}
		ObjectNode schema = this.mapper.createObjectNode();
		ArrayNode options = schema.putArray("anyOf");
		for (Class<?> subtype : subtypes.keySet()) {
			options.add((subtype == rawType) ? context.createStandardDefinitionReference(type, this)
					: context.createDefinitionReference(context.getTypeContext().resolveSubtype(type, subtype)));
		}
		return definition(schema);
	}

	@Override
	public void overrideTypeAttributes(ObjectNode schema, TypeScope scope, SchemaGenerationContext context) {
		Class<?> rawType = scope.getType().getErasedType();
		if (!schema.path("type").asString("").equals("object") || rawType == Object.class) {
			return;
		}
		JavaType javaType = javaType(scope.getType());
		TypeDeserializer typeDeserializer = javaType.isContainerType() ? null : this.types.typeDeserializer(javaType);
		String id = (typeDeserializer != null) ? this.types.subtypes(javaType).get(rawType) : null;
		if (typeDeserializer == null || id == null || id.isEmpty()) {
			return;
		}
		// references are known by their nodes, which are moved here and not copied
		ObjectNode described = this.mapper.createObjectNode();
		described.setAll(schema);
		schema.removeAll();
		switch (typeDeserializer.getTypeInclusion()) {
			case WRAPPER_OBJECT -> {
				schema.put("type", "object").putObject("properties").set(id, described);
				schema.putArray("required").add(id);
				schema.put("additionalProperties", false);
			}
			case WRAPPER_ARRAY -> {
				ArrayNode items = schema.put("type", "array").putArray("prefixItems");
				items.addObject().put("const", id);
				items.add(described);
				schema.put("items", false);
			}
			default -> describe(schema, described, typeDeserializer.getPropertyName(), id);
		}
	}

	// the discriminator comes first: a model decides what it writes before it writes it
	private static void describe(ObjectNode schema, ObjectNode described, String name, String id) {
		schema.put("type", "object");
		ObjectNode properties = schema.putObject("properties");
		properties.putObject(name).put("const", id);
		described.path("properties").properties().forEach((property) -> {
			if (!property.getKey().equals(name)) {
				properties.set(property.getKey(), property.getValue());
			}
		});
		ArrayNode required = schema.putArray("required").add(name);
		described.path("required")
			.valueStream()
			.filter((other) -> !other.asString().equals(name))
			.forEach(required::add);
		described.properties().forEach((entry) -> {
			if (!schema.has(entry.getKey())) {
				schema.set(entry.getKey(), entry.getValue());
			}
		});
	}

	private ObjectNode enumSchema(Class<?> type) {
		ObjectNode schema = this.mapper.createObjectNode();
		JsonNode values = this.mapper.valueToTree(type.getEnumConstants());
		if (values.valueStream().allMatch(JsonNode::isString)) {
			schema.put("type", "string");
		}
		else if (values.valueStream().allMatch(JsonNode::isIntegralNumber)) {
			schema.put("type", "integer");
		}
		schema.set("enum", values);
		return schema;
	}

	private ObjectNode ofType(String type) {
		return this.mapper.createObjectNode().put("type", type);
	}

	// the attributes of a type would forbid other properties
	private static CustomDefinition definition(ObjectNode schema) {
		return new CustomDefinition(schema, CustomDefinition.DefinitionType.STANDARD,
				CustomDefinition.AttributeInclusion.NO);
	}

	private static CustomDefinition inline(ObjectNode schema) {
		return new CustomDefinition(schema, CustomDefinition.DefinitionType.INLINE,
				CustomDefinition.AttributeInclusion.NO);
	}

	JavaType javaType(ResolvedType type) {
		if (type.isArray()) {
			return this.mapper.getTypeFactory().constructArrayType(javaType(type.getArrayElementType()));
		}
		List<ResolvedType> parameters = type.getTypeParameters();
		return parameters.isEmpty() ? this.mapper.constructType(type.getErasedType())
				: this.mapper.getTypeFactory()
					.constructParametricType(type.getErasedType(),
							parameters.stream().map(this::javaType).toArray(JavaType[]::new));
	}

	private static ResolvedType resolved(JavaType type, SchemaGenerationContext context) {
		Type[] parameters = type.getBindings()
			.getTypeParameters()
			.stream()
			.map((parameter) -> resolved(parameter, context))
			.toArray(Type[]::new);
		return context.getTypeContext().resolve(type.getRawClass(), parameters);
	}

}
