package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.ClassUtils;

import io.github.deepseekboot.autoconfigure.ConfigurationMetadata.Property;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.ProviderProperties;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.provider.DoneMarker;
import io.github.deepseekboot.provider.Ping;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.provider.ReasoningReplay;
import io.github.deepseekboot.routing.RoutingSettings;
import io.github.deepseekboot.transport.ProviderConnections;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the configuration metadata says what {@link DeepSeekProperties} are. The
 * processor writes nothing of what lies under a map's values; those entries are written
 * by hand, with a star in place of the key.
 */
class DeepSeekPropertiesMetadataTests {

	private final ConfigurationMetadata metadata = ConfigurationMetadata.read();

	private final Map<String, Component> components = new TreeMap<>();

	private final Map<String, String> groups = new TreeMap<>();

	DeepSeekPropertiesMetadataTests() throws IOException {
		collect("deepseek", DeepSeekProperties.class);
	}

	@Test
	void thereIsAnEntryForEachComponentAndForNothingElse() {
		assertThat(this.metadata.properties().keySet())
			.as("entries of the metadata (after an edit of the additional metadata, build from clean)")
			.containsExactlyInAnyOrderElementsOf(this.components.keySet());
	}

	@Test
	void eachGroupIsNamed() {
		assertThat(this.metadata.groups()).isEqualTo(this.groups);
	}

	@Test
	void typesAreThoseOfTheComponents() {
		this.components
			.forEach((name, component) -> assertThat(property(name).type()).as(name).isEqualTo(component.type()));
	}

	@Test
	void everythingIsDescribed() {
		assertThat(this.metadata.properties())
			.allSatisfy((name, property) -> assertThat(property.description()).as(name)
				.isNotBlank()
				.endsWith(".")
				.matches((text) -> Character.isUpperCase(text.charAt(0)), "begins with a capital"));
	}

	@Test
	void switchesAreDescribedAsSuch() {
		assertThat(this.metadata.properties()).allSatisfy((name, property) -> {
			if (Boolean.class.getName().equals(property.type())) {
				assertThat(property.description()).as(name).startsWith("Whether ");
			}
		});
	}

	@Test
	void defaultsAreThoseOfTheCode() throws ReflectiveOperationException {
		Map<String, @Nullable Object> expected = new TreeMap<>();
		this.components.forEach((name, component) -> expected.put(name, component.defaultValue()));
		for (Method timeout : accessors(ProviderTimeouts.class)) {
			expected.put("deepseek.timeout." + dashed(timeout.getName()), timeout.invoke(ProviderTimeouts.DEFAULTS));
		}
		for (Method setting : accessors(RoutingSettings.class)) {
			Object value = setting.invoke(RoutingSettings.DEFAULTS);
			expected.put(routingProperty(setting.getName()), (value instanceof Duration) ? value : value.toString());
		}
		// none
		expected.put("deepseek.limit.requests-per-minute", null);
		expected.put("deepseek.limit.tokens-per-minute", null);
		expected.put("deepseek.limit.max-tool-calls",
				Integer.toString(ProviderConnections.Settings.DEFAULT_MAX_TOOL_CALLS));
		expected.forEach((name, value) -> {
			String stated = property(name).defaultValue();
			boolean duration = Duration.class.getName().equals(property(name).type());
			assertThat((duration && stated != null) ? DurationStyle.detectAndParse(stated) : stated).as(name)
				.isEqualTo((duration && value instanceof String text) ? DurationStyle.detectAndParse(text) : value);
		});
	}

	@Test
	void aGroupThatIsNotBoundHasTheDefaultsOfItsComponents() throws ReflectiveOperationException {
		assertDefaultsOfGroups(DeepSeekProperties.class);
		assertDefaultsOfGroups(ProviderProperties.class);
	}

	private static void assertDefaultsOfGroups(Class<?> type) throws ReflectiveOperationException {
		Binder nothing = new Binder(List.of());
		Object properties = nothing.bindOrCreate("deepseek", type);
		for (RecordComponent component : type.getRecordComponents()) {
			if (component.getType().isRecord()) {
				assertThat(component.getAccessor().invoke(properties)).as(component.getName())
					.isEqualTo(nothing.bindOrCreate("deepseek", component.getType()));
				assertDefaultsOfGroups(component.getType());
			}
		}
	}

	private static List<Method> accessors(Class<?> type) {
		Set<String> others = Set.of("toBuilder", "hashCode", "toString");
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> !Modifier.isStatic(method.getModifiers()) && Modifier.isPublic(method.getModifiers())
					&& method.getParameterCount() == 0 && !others.contains(method.getName()))
			.toList();
	}

	@Test
	void theDefaultsThatDependAreStatedInWords() {
		assertThat(property("deepseek.timeout.first-token").description()).contains(
				ProviderTimeouts.FIRST_TOKEN_WITH_NEXT.toSeconds() + "s",
				ProviderTimeouts.FIRST_TOKEN_ALONE.toMinutes() + "m");
	}

	@Test
	void proposesThePresets() {
		List<String> hosts = ProviderPresets.ids()
			.stream()
			.filter((id) -> ProviderPresets.get(id).baseUrl() != null)
			.toList();
		for (String name : List.of("deepseek.provider", "deepseek.fallback", "deepseek.providers.keys")) {
			assertThat(this.metadata.hints().get(name)).as(name).containsExactlyInAnyOrderElementsOf(hosts);
			assertThat(this.metadata.open()).contains(name);
		}
		assertThat(this.metadata.hints().get("deepseek.providers.*.preset"))
			.containsExactlyInAnyOrderElementsOf(ProviderPresets.ids());
	}

	@Test
	void proposesLogicalModels() {
		for (String name : List.of("deepseek.chat.model", "deepseek.providers.*.models.keys")) {
			assertThat(this.metadata.hints().get(name)).as(name)
				.allSatisfy((model) -> assertThat(ProviderPresets.ids())
					.filteredOn((id) -> !ProviderPresets.get(id).models().isEmpty())
					.allSatisfy((id) -> assertThat(ProviderPresets.get(id).models()).containsKey(model)));
			assertThat(this.metadata.open()).contains(name);
		}
	}

	@Test
	void proposesTheValuesOfEnums() {
		Map<String, Class<? extends Enum<?>>> enums = Map.of("deepseek.chat.reasoning-effort", ReasoningEffort.class,
				"deepseek.providers.*.done-marker", DoneMarker.class, "deepseek.providers.*.replay-reasoning",
				ReasoningReplay.class, "deepseek.providers.*.health.ping", Ping.class,
				"deepseek.observations.conventions", DeepSeekProperties.MeterConventions.class);
		enums.forEach((name, type) -> assertThat(this.metadata.hints().get(name)).as(name)
			.isEqualTo(Stream.of(Objects.requireNonNull(type.getEnumConstants()))
				.map((value) -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.toList()));
	}

	@Test
	void hintsAreOfPropertiesThatExist() {
		assertThat(this.metadata.hints().keySet())
			.allSatisfy((name) -> assertThat(this.metadata.properties()).containsKey(name.replaceAll("\\.keys$", "")));
	}

	private static String routingProperty(String setting) {
		String group = switch (setting) {
			case "maxAttempts", "extraSends", "backoff", "maxBackoff", "budget", "refusalMemory" -> "retry";
			case "failureRate", "window", "openFor", "halfOpen" -> "circuit";
			default -> "limit";
		};
		return "deepseek." + group + "." + (setting.equals("openFor") ? "wait" : dashed(setting));
	}

	private Property property(String name) {
		return Objects.requireNonNull(this.metadata.properties().get(name), name);
	}

	private void collect(String prefix, Class<?> type) {
		this.groups.put(prefix, type.getName());
		for (RecordComponent component : type.getRecordComponents()) {
			Parameter parameter = Arrays.stream(type.getDeclaredConstructors()[0].getParameters())
				.filter((candidate) -> candidate.getName().equals(component.getName()))
				.findFirst()
				.orElseThrow();
			Name renamed = parameter.getAnnotation(Name.class);
			String name = prefix + "." + ((renamed != null) ? renamed.value() : dashed(component.getName()));
			if (component.getType().isRecord()) {
				collect(name, component.getType());
				continue;
			}
			Type generic = component.getGenericType();
			DefaultValue defaultValue = parameter.getAnnotation(DefaultValue.class);
			String text = (defaultValue != null && defaultValue.value().length > 0) ? defaultValue.value()[0] : null;
			this.components.put(name, new Component(typeName(component.getType(), generic), text));
			if (generic instanceof ParameterizedType map
					&& map.getActualTypeArguments()[map.getActualTypeArguments().length - 1] instanceof Class<?> value
					&& value.isRecord()) {
				collect(name + ".*", value);
			}
		}
	}

	private static String typeName(Class<?> type, Type generic) {
		return type.isPrimitive() ? ClassUtils.resolvePrimitiveIfNecessary(type).getName()
				: generic.getTypeName().replace(", ", ",");
	}

	private static String dashed(String name) {
		return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
	}

	private record Component(String type, @Nullable String defaultValue) {

	}

}
