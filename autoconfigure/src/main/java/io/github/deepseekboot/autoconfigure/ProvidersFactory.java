package io.github.deepseekboot.autoconfigure;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Circuit;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Limit;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Model;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Peak;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Price;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.ProviderProperties;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Retry;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Timeout;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.chat.PeakHours;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPreset;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.provider.Suggestions;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.routing.RoutingSettings;
import io.github.deepseekboot.transport.ProviderConnections;

/**
 * Makes providers and their chain out of properties and connection details, and refuses
 * what is wrong.
 */
final class ProvidersFactory {

	private static final Log logger = LogFactory.getLog(ProvidersFactory.class);

	private static final ProviderProperties UNMENTIONED = new ProviderProperties(null, null, null, null, Map.of(),
			Map.of(), Map.of(), null, DeepSeekProperties.Ssl.DEFAULTS, null, null, null, Timeout.DEFAULTS,
			Retry.DEFAULTS, Circuit.DEFAULTS, Limit.DEFAULTS, DeepSeekProperties.ProviderHealth.DEFAULTS);

	private static final int MAX_PORT = 65535;

	private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);

	private static final Duration MIN_TOTAL = Duration.ofSeconds(1);

	// what a count of milliseconds can hold below us
	private static final Duration MAX_TIMEOUT = Duration.ofDays(24);

	private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

	private static final Pattern HEADER_VALUE = Pattern.compile("[\\t -~]*");

	private final DeepSeekProperties properties;

	private final Map<String, Connection> connections;

	private final boolean keysResolved;

	/**
	 * Create the factory.
	 * @param properties the properties
	 * @param connectionDetails where providers are and which keys open them; the first
	 * that names a provider decides
	 * @param keysResolved whether the application chooses the key of each call, so that
	 * none need be configured
	 */
	ProvidersFactory(DeepSeekProperties properties, List<DeepSeekConnectionDetails> connectionDetails,
			boolean keysResolved) {
		this.properties = properties;
		this.keysResolved = keysResolved;
		this.connections = new LinkedHashMap<>();
		for (DeepSeekConnectionDetails details : connectionDetails) {
			for (Map.Entry<String, Connection> connection : details.getProviders().entrySet()) {
				this.connections.putIfAbsent(connection.getKey(), connection.getValue());
			}
		}
	}

	/**
	 * Make all providers that can be used, and the chain.
	 * @return the providers, and the chain of those that are to be asked in turn
	 */
	ConfiguredProviders create() {
		Set<String> ids = new LinkedHashSet<>(this.properties.providers().keySet());
		ids.addAll(this.connections.keySet());
		if (ids.isEmpty()) {
			throw new InvalidDeepSeekConfigurationException("deepseek.providers", "no provider is configured",
					"Set the environment variable DEEPSEEK_API_KEY or deepseek.providers.deepseek.api-key to your key; or"
							+ " switch the auto-configuration off with deepseek.enabled=false.");
		}
		for (String id : ids) {
			checkId(id);
		}
		String defaultProvider = defaultProvider(ids);
		for (String id : this.properties.fallback()) {
			checkKnown("deepseek.fallback", id, ids);
		}
		Map<String, Provider> providers = new LinkedHashMap<>();
		for (String id : ids) {
			Provider provider = provider(id);
			if (provider.apiKey() != null || this.keysResolved || !provider.preset().apiKeyRequired()) {
				providers.put(id, provider);
				warnOfRetiredModels(provider, id.equals(defaultProvider));
			}
			else if (id.equals(defaultProvider)) {
				throw missingKey(id, this.connections.get(id));
			}
			else {
				logger.warn("Provider '" + id + "' has no key and is left out; set " + property(id, "api-key")
						+ " to use it");
			}
		}
		warnOfMissingModel(Objects.requireNonNull(providers.get(defaultProvider)));
		List<String> fallback = new ArrayList<>(this.properties.fallback());
		fallback.retainAll(providers.keySet());
		Map<String, RoutingSettings> routing = new LinkedHashMap<>();
		for (String id : providers.keySet()) {
			routing.put(id, routing(id));
		}
		return new ConfiguredProviders(providers, ProviderChain.of(defaultProvider, fallback), routing);
	}

	ProviderProperties properties(String id) {
		return this.properties.providers().getOrDefault(id, UNMENTIONED);
	}

	private String defaultProvider(Set<String> ids) {
		String configured = this.properties.provider();
		if (StringUtils.hasText(configured)) {
			checkKnown("deepseek.provider", configured, ids);
			return configured;
		}
		if (!this.properties.fallback().isEmpty()) {
			String first = this.properties.fallback().get(0);
			checkKnown("deepseek.fallback", first, ids);
			return first;
		}
		if (ids.size() == 1) {
			return ids.iterator().next();
		}
		throw new InvalidDeepSeekConfigurationException("deepseek.provider",
				"it is not set, and there are several providers", "Set it to one of " + ids + ".");
	}

	private static void checkKnown(String property, String id, Collection<String> ids) {
		if (!ids.contains(id)) {
			String meant = Suggestions.closest(id, ids);
			throw new InvalidDeepSeekConfigurationException(property, "there is no provider '" + id + "'",
					((meant != null) ? "Did you mean '" + meant + "'? " : "") + "Use one of " + ids
							+ ", or add deepseek.providers." + id + ".");
		}
	}

	// an id with a dash would bind to a second entry from an environment variable
	private static void checkId(String id) {
		if (!id.matches("[a-z0-9]+")) {
			throw new InvalidDeepSeekConfigurationException("deepseek.providers." + id,
					"the id of a provider is made of lower-case letters and digits only",
					"Call it '" + id.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "") + "'.");
		}
	}

	private InvalidDeepSeekConfigurationException missingKey(String id, @Nullable Connection connection) {
		String key = (connection != null) ? connection.apiKey() : null;
		boolean first = !StringUtils.hasText(this.properties.provider()) && !this.properties.fallback().isEmpty();
		return new InvalidDeepSeekConfigurationException(property(id, "api-key"),
				StringUtils.hasText(key)
						? "its placeholder could not be resolved: the variable or property in it is not set"
						: "the default provider '" + id + "'"
								+ (first ? ", the first of deepseek.fallback, since deepseek.provider is not set," : "")
								+ " has no key",
				"Set it to your key, for example to ${" + id.toUpperCase(Locale.ROOT)
						+ "_API_KEY} with that environment variable set; or name another default with"
						+ " deepseek.provider.");
	}

	private Provider provider(String id) {
		ProviderProperties properties = properties(id);
		Connection connection = this.connections.getOrDefault(id,
				new Connection(properties.baseUrl(), properties.apiKey()));
		ProviderPreset preset = preset(id, properties);
		if (preset.baseUrl() == null && !StringUtils.hasText(connection.baseUrl())) {
			String meant = StringUtils.hasText(properties.preset()) ? null
					: Suggestions.closest(id, ProviderPresets.ids());
			throw new InvalidDeepSeekConfigurationException(property(id, "base-url"),
					"it is not set, and the preset '" + preset.id() + "' has none",
					((meant != null) ? "Did you mean deepseek.providers." + meant + "? Else set it" : "Set it")
							+ " to the address of the host, for example https://llm.example.com/v1.");
		}
		return Provider.builder(id, preset)
			.baseUrl(baseUrl(id, connection.baseUrl(), completionsPath(preset, properties)))
			.completionsPath(completionsPath(id, properties.completionsPath()))
			.apiKey(apiKey(id, connection.apiKey()))
			.models(models(id, properties, preset))
			.headers(headers(id, properties))
			.extra(ExtraFields.of(properties.extra()))
			.timeouts(timeouts(id, properties.timeout()))
			.doneMarker(properties.doneMarker())
			.replay(properties.replayReasoning())
			.structuredOutput(properties.structuredOutput())
			.ping(properties.health().ping())
			.build();
	}

	private static ProviderPreset preset(String id, ProviderProperties properties) {
		String name = properties.preset();
		String named = StringUtils.hasText(name) ? name : StringUtils.hasText(properties.baseUrl()) ? "" : id;
		String ended = ProviderPresets.ended(named);
		if (ended != null) {
			throw new InvalidDeepSeekConfigurationException(property(id, "preset"),
					ended + ", so that there is no preset '" + named + "' any more",
					"Remove the provider, or set base-url and the preset of the host that answers there.");
		}
		if (!StringUtils.hasText(name)) {
			return ProviderPresets.get(ProviderPresets.exists(id) ? id : ProviderPresets.OPENAI);
		}
		if (!ProviderPresets.exists(name)) {
			String meant = Suggestions.closest(name, ProviderPresets.ids());
			throw new InvalidDeepSeekConfigurationException(property(id, "preset"), "there is no preset '" + name + "'",
					((meant != null) ? "Did you mean '" + meant + "'? " : "") + "Use one of " + ProviderPresets.ids()
							+ "; 'openai' fits any compatible host, with base-url set.");
		}
		return ProviderPresets.get(name);
	}

	private static String completionsPath(ProviderPreset preset, ProviderProperties properties) {
		return StringUtils.hasText(properties.completionsPath()) ? properties.completionsPath().strip()
				: preset.completionsPath();
	}

	private static @Nullable String baseUrl(String id, @Nullable String baseUrl, String completionsPath) {
		if (!StringUtils.hasText(baseUrl)) {
			return null;
		}
		try {
			Assert.isTrue(!baseUrl.contains("${"), "a placeholder in it could not be resolved");
			URI uri = URI.create(Provider.checkUrl(baseUrl.strip()));
			Assert.isTrue(uri.getPort() <= MAX_PORT, "its port is above " + MAX_PORT);
			checkPath(id, uri, completionsPath);
			return uri.toString();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidDeepSeekConfigurationException(property(id, "base-url"), String.valueOf(ex.getMessage()),
					"Write it like https://api.example.com/v1; a host name has letters, digits, dashes and dots only.");
		}
	}

	private static void checkPath(String id, URI baseUrl, String completionsPath) {
		String url = StringUtils.trimTrailingCharacter(baseUrl.toString(), '/');
		String path = completionsPath.startsWith("/") ? completionsPath : "/" + completionsPath;
		if (url.endsWith(path)) {
			throw new InvalidDeepSeekConfigurationException(property(id, "base-url"),
					"it ends in " + path + ", which is added to it",
					"Write it without that: " + url.substring(0, url.length() - path.length()) + ".");
		}
		int twice = url.indexOf("/v1/v1");
		if (twice != -1 || url.endsWith("/v1") && path.startsWith("/v1/")) {
			throw new InvalidDeepSeekConfigurationException(property(id, "base-url"),
					"with the path of completions, " + path + ", it has /v1 twice",
					"Write /v1 once: "
							+ ((twice != -1) ? url.replace("/v1/v1", "/v1") : url.substring(0, url.length() - 3))
							+ ".");
		}
	}

	private static @Nullable String completionsPath(String id, @Nullable String path) {
		if (!StringUtils.hasText(path)) {
			return null;
		}
		try {
			URI uri = URI.create(path.strip());
			Assert.isTrue(uri.getScheme() == null && uri.getRawAuthority() == null && uri.getRawFragment() == null,
					"it is not a path");
			return uri.toString();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidDeepSeekConfigurationException(property(id, "completions-path"), "it is not a path",
					"Write what follows the base URL, like /chat/completions.");
		}
	}

	private static Map<String, String> headers(String id, ProviderProperties properties) {
		for (Map.Entry<String, String> header : properties.headers().entrySet()) {
			String name = header.getKey();
			if (!HEADER_NAME.matcher(name).matches()) {
				throw new InvalidDeepSeekConfigurationException(property(id, "headers." + name),
						"a header must not have such a name",
						"Use letters, digits and dashes; in YAML, write any other character as \"[X_Name]\".");
			}
			if (!HEADER_VALUE.matcher(header.getValue()).matches()) {
				throw new InvalidDeepSeekConfigurationException(property(id, "headers." + name),
						"a header's value must consist of ASCII characters and must not have line ends",
						"Copy the value again, without line ends.");
			}
		}
		return properties.headers();
	}

	private static @Nullable ApiKey apiKey(String id, @Nullable String apiKey) {
		// a placeholder that could not be resolved stays as it was written
		if (!StringUtils.hasText(apiKey) || apiKey.startsWith("${")) {
			return null;
		}
		try {
			Assert.isTrue(!apiKey.contains("${"), "a placeholder in it could not be resolved");
			Assert.isTrue(!apiKey.matches("(?s)[\"'].*|.*[\"']"),
					"it is in quotes, which would be sent as a part of it");
			Assert.isTrue(!apiKey.regionMatches(true, 0, "Bearer ", 0, 7),
					"it begins with 'Bearer', which is added to it");
			return ApiKey.of(apiKey);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidDeepSeekConfigurationException(property(id, "api-key"), String.valueOf(ex.getMessage()),
					"Copy the key again, without quotes, blanks or line ends.");
		}
	}

	private static Map<String, ProviderModel> models(String id, ProviderProperties properties, ProviderPreset preset) {
		Map<String, ProviderModel> models = new LinkedHashMap<>();
		for (Map.Entry<String, Model> entry : properties.models().entrySet()) {
			String name = entry.getKey();
			Model model = entry.getValue();
			ProviderModel known = preset.models().get(name);
			String modelId = (model.id() == null && known != null) ? known.id() : model.id();
			if (!StringUtils.hasText(modelId)) {
				throw new InvalidDeepSeekConfigurationException(property(id, "models." + name + ".id"), "it is not set",
						"Set it to the provider's own id of the model.");
			}
			Boolean thinking = model.thinking();
			if (thinking == null && known != null && known.id().equals(modelId)) {
				thinking = known.thinking();
			}
			models.put(name, ProviderModel.builder(modelId).thinking(thinking).price(price(id, name, model)).build());
		}
		return models;
	}

	private static @Nullable ModelPrice price(String id, String name, Model model) {
		Price price = model.price();
		if (price == null) {
			return null;
		}
		String property = property(id, "models." + name + ".price");
		checkAmount(property + ".input", price.input());
		checkAmount(property + ".cached-input", price.cachedInput());
		checkAmount(property + ".output", price.output());
		if (!StringUtils.hasText(price.currency())) {
			throw new InvalidDeepSeekConfigurationException(property + ".currency", "it is empty",
					"Set it to a code like CNY or USD, or leave the property out.");
		}
		return ModelPrice.builder(price.input(), price.output(), price.currency())
			.cachedInput(price.cachedInput())
			.peak((price.peak() != null) ? peak(property + ".peak", price.peak()) : null)
			.build();
	}

	private static void checkAmount(String property, @Nullable BigDecimal amount) {
		if (amount != null && amount.signum() < 0) {
			throw InvalidDeepSeekConfigurationException.outOfRange(property, amount,
					"Write the price of a million tokens, from 0 on");
		}
	}

	private static PeakHours peak(String property, Peak peak) {
		if (peak.factor() == null || peak.factor().signum() < 0) {
			throw new InvalidDeepSeekConfigurationException(property + ".factor",
					(peak.factor() == null) ? "it is not set" : "it is negative",
					"Set it to what the prices are multiplied by in these hours, like 2.");
		}
		if (peak.zone() == null) {
			throw new InvalidDeepSeekConfigurationException(property + ".zone", "it is not set",
					"Set it to the time zone of the hours, like Asia/Shanghai.");
		}
		List<PeakHours.Hours> hours = new ArrayList<>();
		for (String span : peak.hours()) {
			try {
				hours.add(PeakHours.Hours.parse(span));
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidDeepSeekConfigurationException(property + ".hours", String.valueOf(ex.getMessage()),
						"Write each like 09:00-12:00, in quotes.");
			}
		}
		return new PeakHours(peak.factor(), peak.zone(), peak.days(), hours, peak.except());
	}

	private ProviderTimeouts timeouts(String id, Timeout own) {
		Timeout common = this.properties.timeout();
		checkTimeouts("deepseek.timeout", common);
		checkTimeouts(property(id, "timeout"), own);
		ProviderTimeouts defaults = ProviderTimeouts.DEFAULTS;
		return ProviderTimeouts.builder()
			.connect(first(own.connect(), common.connect(), defaults.connect()))
			.tls(first(own.tls(), common.tls(), defaults.tls()))
			.acquire(first(own.acquire(), common.acquire(), defaults.acquire()))
			.idleBytes(first(own.idleBytes(), common.idleBytes(), defaults.idleBytes()))
			.firstToken((own.firstToken() != null) ? own.firstToken() : common.firstToken())
			.idleTokens(first(own.idleTokens(), common.idleTokens(), defaults.idleTokens()))
			.finishGrace(first(own.finishGrace(), common.finishGrace(), defaults.finishGrace()))
			.total(first(own.total(), common.total(), defaults.total()))
			.build();
	}

	private RoutingSettings routing(String id) {
		ProviderProperties properties = properties(id);
		Retry retry = properties.retry();
		Circuit circuit = properties.circuit();
		Limit limit = properties.limit();
		Retry commonRetry = this.properties.retry();
		Circuit commonCircuit = this.properties.circuit();
		Limit commonLimit = this.properties.limit();
		checkRouting("deepseek", commonRetry, commonCircuit, commonLimit);
		checkRouting("deepseek.providers." + id, retry, circuit, limit);
		RoutingSettings defaults = RoutingSettings.DEFAULTS;
		return RoutingSettings.builder()
			.maxAttempts(first(retry.maxAttempts(), commonRetry.maxAttempts(), defaults.maxAttempts()))
			.extraSends(first(retry.extraSends(), commonRetry.extraSends(), defaults.extraSends()))
			.backoff(first(retry.backoff(), commonRetry.backoff(), defaults.backoff()))
			.maxBackoff(first(retry.maxBackoff(), commonRetry.maxBackoff(), defaults.maxBackoff()))
			.budget(first(retry.budget(), commonRetry.budget(), defaults.budget()))
			.refusalMemory(first(retry.refusalMemory(), commonRetry.refusalMemory(), defaults.refusalMemory()))
			.failureRate(first(circuit.failureRate(), commonCircuit.failureRate(), defaults.failureRate()))
			.window(first(circuit.window(), commonCircuit.window(), defaults.window()))
			.openFor(first(circuit.openFor(), commonCircuit.openFor(), defaults.openFor()))
			.halfOpen(first(circuit.halfOpen(), commonCircuit.halfOpen(), defaults.halfOpen()))
			.maxConcurrent(first(limit.maxConcurrent(), commonLimit.maxConcurrent(), defaults.maxConcurrent()))
			.maxWait(first(limit.maxWait(), commonLimit.maxWait(), defaults.maxWait()))
			.requestsPerMinute(
					first(limit.requestsPerMinute(), commonLimit.requestsPerMinute(), defaults.requestsPerMinute()))
			.tokensPerMinute(first(limit.tokensPerMinute(), commonLimit.tokensPerMinute(), defaults.tokensPerMinute()))
			.build();
	}

	private static void checkRouting(String prefix, Retry retry, Circuit circuit, Limit limit) {
		checkNumber(prefix + ".retry.max-attempts", retry.maxAttempts(), 1, 100);
		checkNumber(prefix + ".retry.extra-sends", retry.extraSends(), 0, 100);
		checkNumber(prefix + ".retry.budget", retry.budget(), 0, 10_000);
		checkTimeout(prefix + ".retry.backoff", retry.backoff());
		checkTimeout(prefix + ".retry.max-backoff", retry.maxBackoff());
		checkRefusalMemory(prefix + ".retry.refusal-memory", retry.refusalMemory());
		checkNumber(prefix + ".circuit.failure-rate", circuit.failureRate(), 1, 100);
		checkNumber(prefix + ".circuit.window", circuit.window(), 1, 10_000);
		checkTimeout(prefix + ".circuit.wait", circuit.openFor());
		checkNumber(prefix + ".circuit.half-open", circuit.halfOpen(), 1, 1000);
		checkNumber(prefix + ".limit.max-concurrent", limit.maxConcurrent(), 1, 1_000_000);
		checkTimeout(prefix + ".limit.max-wait", limit.maxWait());
		checkNumber(prefix + ".limit.requests-per-minute", limit.requestsPerMinute(), 1, 100_000_000);
		Long tokens = limit.tokensPerMinute();
		if (tokens != null && (tokens < 1 || tokens > CallLimits.MAX_TOKENS_PER_MINUTE)) {
			throw InvalidDeepSeekConfigurationException.outOfRange(prefix + ".limit.tokens-per-minute", tokens,
					"Write a number from 1 to " + CallLimits.MAX_TOKENS_PER_MINUTE);
		}
		checkNumber(prefix + ".limit.max-connections", limit.maxConnections(), 1, 1_000_000);
		checkNumber(prefix + ".limit.max-tool-calls", limit.maxToolCalls(), 1, 100_000);
	}

	/**
	 * The most connections to a provider at once. More than one key may use by default,
	 * so that the calls of one key do not take the connections of all others.
	 * @param id the provider's id
	 * @return the number
	 */
	int maxConnections(String id) {
		Limit own = properties(id).limit();
		Limit common = this.properties.limit();
		int maxConcurrent = first(own.maxConcurrent(), common.maxConcurrent(),
				RoutingSettings.DEFAULTS.maxConcurrent());
		return first(own.maxConnections(), common.maxConnections(), 2 * maxConcurrent);
	}

	/**
	 * The most tool calls of one answer.
	 * @param id the provider's id
	 * @return the number
	 */
	int maxToolCalls(String id) {
		return first(properties(id).limit().maxToolCalls(), this.properties.limit().maxToolCalls(),
				ProviderConnections.Settings.DEFAULT_MAX_TOOL_CALLS);
	}

	private static void checkNumber(String property, @Nullable Integer value, int min, int max) {
		if (value != null && (value < min || value > max)) {
			throw new InvalidDeepSeekConfigurationException(property, value + " is out of range",
					"Write a number from " + min + " to " + max + ", or leave the property out.");
		}
	}

	private static <T> T first(@Nullable T own, @Nullable T common, T otherwise) {
		return (own != null) ? own : (common != null) ? common : otherwise;
	}

	private static void checkTimeouts(String prefix, Timeout timeout) {
		if (timeout.total() != null && timeout.total().compareTo(MIN_TOTAL) < 0 && !timeout.total().isNegative()) {
			throw new InvalidDeepSeekConfigurationException(prefix + ".total",
					"no answer is complete within " + DurationText.of(timeout.total()),
					"Write a time from 1s to 24d, like 5m; mind that a number without a unit is in milliseconds.");
		}
		checkTimeout(prefix + ".connect", timeout.connect());
		checkTimeout(prefix + ".tls", timeout.tls());
		checkTimeout(prefix + ".acquire", timeout.acquire());
		checkTimeout(prefix + ".idle-bytes", timeout.idleBytes());
		checkTimeout(prefix + ".first-token", timeout.firstToken());
		checkTimeout(prefix + ".idle-tokens", timeout.idleTokens());
		checkTimeout(prefix + ".finish-grace", timeout.finishGrace());
		checkTimeout(prefix + ".total", timeout.total());
	}

	private static void checkTimeout(String property, @Nullable Duration timeout) {
		if (timeout != null && (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0)) {
			throw new InvalidDeepSeekConfigurationException(property, "a timeout cannot be " + DurationText.of(timeout),
					"Write a time from 1ms to 24d, like 30s or 5m, or leave the property out; no timeout can be switched"
							+ " off.");
		}
	}

	private static void checkRefusalMemory(String property, @Nullable Duration time) {
		if (time != null && (time.isNegative() || time.compareTo(MAX_TIMEOUT) > 0)) {
			throw new InvalidDeepSeekConfigurationException(property, "the time cannot be " + DurationText.of(time),
					"Write a time up to 24d, like 5m, or 0s to ask the model each time.");
		}
	}

	private void warnOfMissingModel(Provider provider) {
		if (!StringUtils.hasText(this.properties.chat().model())
				&& !provider.models().containsKey(RoutingClient.DEFAULT_MODEL)) {
			logger.warn("The default provider '" + provider.id() + "' has no model '" + RoutingClient.DEFAULT_MODEL
					+ "': requests that name no model will fail; set " + property(provider.id(), "models.chat")
					+ " or deepseek.chat.model to the host's id of a model");
		}
	}

	private void warnOfRetiredModels(Provider provider, boolean isDefault) {
		for (ProviderModel model : provider.models().values()) {
			warnIfRetired(provider, model.id());
		}
		String model = this.properties.chat().model();
		if (isDefault && model != null && !provider.models().containsKey(model)) {
			warnIfRetired(provider, model);
		}
	}

	private static void warnIfRetired(Provider provider, String model) {
		String successor = provider.preset().retiredModels().get(model);
		if (successor != null) {
			logger.warn("Model '" + model + "' of provider '" + provider.id()
					+ "' is announced as retired; use the logical name '" + successor + "'");
		}
	}

	/**
	 * Check the proxy of a provider.
	 * @param id the provider's id
	 * @return the proxy, or {@code null} if there is none
	 */
	@Nullable URI proxy(String id) {
		String value = properties(id).proxy();
		if (!StringUtils.hasText(value)) {
			return null;
		}
		try {
			URI proxy = URI.create(value.strip());
			if (List.of("http", "socks5").contains(String.valueOf(proxy.getScheme())) && proxy.getHost() != null
					&& proxy.getPort() > 0 && proxy.getPort() <= MAX_PORT) {
				return proxy;
			}
		}
		catch (IllegalArgumentException ex) {
			// said below, without the value: it may have a password
		}
		throw new InvalidDeepSeekConfigurationException(property(id, "proxy"), "it is not the address of a proxy",
				"Write it like http://proxy.example.com:3128 or socks5://proxy.example.com:1080.");
	}

	private static String property(String id, String name) {
		return "deepseek.providers." + id + "." + name;
	}

}
