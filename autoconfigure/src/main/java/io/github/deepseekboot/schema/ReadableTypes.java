package io.github.deepseekboot.schema;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.impl.FailingDeserializer;
import tools.jackson.databind.deser.impl.UnsupportedTypeDeserializer;
import tools.jackson.databind.deser.std.ContainerDeserializerBase;
import tools.jackson.databind.deser.std.ReferenceTypeDeserializer;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.TypeSerializer;

/**
 * What a mapper can read of a Java type and of all types that it consists of. Not
 * thread-safe.
 */
final class ReadableTypes {

	private final JsonMapper mapper;

	private final DeserializationContext context;

	/**
	 * Create it.
	 * @param mapper reads the types
	 */
	ReadableTypes(JsonMapper mapper) {
		this.mapper = mapper;
		this.context = mapper._deserializationContext();
	}

	/**
	 * Refuse a type that the mapper cannot build, before a model is asked for it.
	 * @param type the type
	 * @throws IllegalArgumentException if it or a type that it consists of cannot be
	 * built, with the path to that
	 */
	void check(Type type) {
		JavaType root = this.mapper.constructType(type);
		new Walk(root).visit(root, "");
	}

	/**
	 * Return the aliases of all properties that the type consists of.
	 * @param type a type that can be built
	 * @return the other names of properties, by the names of all properties of the object
	 * that they belong to
	 */
	Map<Set<String>, Map<String, Set<String>>> aliases(Type type) {
		JavaType root = this.mapper.constructType(type);
		Walk walk = new Walk(root);
		walk.visit(root, "");
		Map<Set<String>, Map<String, Set<String>>> aliases = new LinkedHashMap<>();
		for (JavaType bean : walk.beans) {
			Map<String, Set<String>> own = new LinkedHashMap<>();
			Set<String> names = new HashSet<>();
			for (BeanPropertyDefinition property : this.context.introspectBeanDescription(bean).findProperties()) {
				names.add(property.getName());
				Set<String> others = property.findAliases()
					.stream()
					.map((alias) -> alias.getSimpleName())
					.collect(Collectors.toSet());
				if (!others.isEmpty()) {
					own.put(property.getName(), others);
				}
			}
			if (!own.isEmpty()) {
				aliases.merge(names, own, ReadableTypes::both);
			}
		}
		return aliases;
	}

	private static Map<String, Set<String>> both(Map<String, Set<String>> left, Map<String, Set<String>> right) {
		Map<String, Set<String>> both = new LinkedHashMap<>(left);
		right.forEach((name, aliases) -> both.merge(name, aliases, (one, other) -> {
			Set<String> all = new HashSet<>(one);
			all.addAll(other);
			return all;
		}));
		return both;
	}

	boolean readsKotlin() {
		return this.mapper.registeredModules()
			.stream()
			.anyMatch((module) -> module.getClass().getName().equals("tools.jackson.module.kotlin.KotlinModule"));
	}

	@Nullable ValueDeserializer<?> deserializer(JavaType type) {
		try {
			return this.context.findContextualValueDeserializer(type, null);
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	@Nullable TypeDeserializer typeDeserializer(JavaType type) {
		return this.context.findTypeDeserializer(type);
	}

	/**
	 * Return the classes that a value of a type with type information may have.
	 * @param type the declared type
	 * @return the classes, with the ids that the mapper writes; empty ones where their
	 * properties tell them apart
	 */
	Map<Class<?>, String> subtypes(JavaType type) {
		Map<Class<?>, String> subtypes = new LinkedHashMap<>();
		TypeSerializer serializer = this.mapper._serializationContext().findTypeSerializer(type);
		TypeIdResolver ids = (serializer != null) ? serializer.getTypeIdResolver() : null;
		Collection<NamedType> named = this.context.getConfig()
			.getSubtypeResolver()
			.collectAndResolveSubtypesByTypeId(this.context.getConfig(), this.context.introspectClassAnnotations(type));
		for (NamedType subtype : named) {
			Class<?> candidate = subtype.getType();
			if (type.getRawClass().isAssignableFrom(candidate) && !this.mapper.constructType(candidate).isAbstract()) {
				subtypes.put(candidate, (ids != null)
						? ids.idFromValueAndType(this.mapper._serializationContext(), null, candidate) : "");
			}
		}
		return subtypes;
	}

	static List<SettableBeanProperty> properties(BeanDeserializerBase bean) {
		List<SettableBeanProperty> properties = new ArrayList<>();
		bean.properties().forEachRemaining(properties::add);
		return properties;
	}

	/**
	 * One look at a type and all that it consists of.
	 */
	private final class Walk {

		private final JavaType root;

		private final Set<JavaType> seen = new HashSet<>();

		private final Set<JavaType> beans = new LinkedHashSet<>();

		Walk(JavaType root) {
			this.root = root;
		}

		void visit(JavaType type, String path) {
			if (!this.seen.add(type)) {
				return;
			}
			if (type.isContainerType()) {
				visit(type.getContentType(), path + (type.isMapLikeType() ? ".*" : "[]"));
				return;
			}
			if (type.isReferenceType()) {
				visit(type.getContentType(), path);
				return;
			}
			ValueDeserializer<?> deserializer;
			TypeDeserializer typeDeserializer;
			try {
				typeDeserializer = typeDeserializer(type);
				deserializer = ReadableTypes.this.context.findContextualValueDeserializer(type, null);
			}
			catch (JacksonException ex) {
				throw refused(type, path, ex.getOriginalMessage());
			}
			if (typeDeserializer != null) {
				visitSubtypes(type, path);
			}
			if (typeDeserializer == null || !type.isAbstract()) {
				visit(type, deserializer, path);
			}
		}

		private void visitSubtypes(JavaType type, String path) {
			Map<Class<?>, String> subtypes = subtypes(type);
			if (subtypes.isEmpty()) {
				throw refused(type, path, "no class of it is known: add @JsonSubTypes, or seal it");
			}
			for (Class<?> subtype : subtypes.keySet()) {
				if (subtype != type.getRawClass()) {
					visit(ReadableTypes.this.context.constructSpecializedType(type, subtype), path);
				}
			}
		}

		private void visit(JavaType type, ValueDeserializer<?> deserializer, String path) {
			if (deserializer instanceof AbstractDeserializer) {
				throw refused(type, path,
						"it is abstract, and nothing says which class to build: use a record, or annotate it with @JsonTypeInfo"
								+ (type.getRawClass().isSealed() ? "" : " and @JsonSubTypes"));
			}
			if (deserializer instanceof UnsupportedTypeDeserializer || deserializer instanceof FailingDeserializer) {
				throw refused(type, path, "Jackson cannot read it");
			}
			if (!(deserializer instanceof BeanDeserializerBase bean)) {
				return;
			}
			ValueInstantiator instantiator = bean.getValueInstantiator();
			if (!instantiator.canInstantiate()) {
				throw refused(type, path, (KotlinDetector.isKotlinType(type.getRawClass()) && !readsKotlin())
						? "it is a Kotlin class: add the dependency tools.jackson.module:jackson-module-kotlin"
						: "it has no constructor that Jackson can call: use a record, or annotate one with @JsonCreator");
			}
			if (instantiator.canCreateUsingDelegate()) {
				visit(instantiator.getDelegateType(ReadableTypes.this.mapper.deserializationConfig()), path);
				return;
			}
			this.beans.add(type);
			for (SettableBeanProperty property : properties(bean)) {
				if (isRead(property)) {
					visit(property.getType(), path.isEmpty() ? property.getName() : path + "." + property.getName());
				}
			}
		}

		// what has a deserializer of its own is for that to know
		private static boolean isRead(SettableBeanProperty property) {
			ValueDeserializer<?> deserializer = property.getValueDeserializer();
			return deserializer == null || deserializer instanceof AbstractDeserializer
					|| deserializer instanceof BeanDeserializerBase || deserializer instanceof ContainerDeserializerBase
					|| deserializer instanceof ReferenceTypeDeserializer
					|| deserializer instanceof UnsupportedTypeDeserializer;
		}

		private IllegalArgumentException refused(JavaType type, String path, String reason) {
			return new IllegalArgumentException(this.root.toCanonical() + " cannot be read from JSON"
					+ (path.isEmpty() ? "" : ": at " + path + ", " + type.toCanonical()) + ": " + reason);
		}

	}

}
