package io.github.deepseekboot.provider;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.hook.ApiKey;

/**
 * One configured provider.
 */
public final class Provider {

	private final String id;

	private final ProviderPreset preset;

	private final String baseUrl;

	private final URI completionsUri;

	private final @Nullable ApiKey apiKey;

	private final Map<String, ProviderModel> models;

	private final Map<String, String> headers;

	private final Map<String, Object> extra;

	private final ProviderTimeouts timeouts;

	private final DoneMarker doneMarker;

	private final Ping ping;

	private final Dialect dialect;

	private Provider(Builder builder) {
		this.id = builder.id;
		this.preset = builder.preset;
		String baseUrl = (builder.baseUrl != null) ? builder.baseUrl : builder.preset.baseUrl();
		Assert.state(baseUrl != null, () -> "provider '" + builder.id + "' has no base URL");
		this.baseUrl = StringUtils.trimTrailingCharacter(checkUrl(baseUrl), '/');
		String path = (builder.completionsPath != null) ? builder.completionsPath : builder.preset.completionsPath();
		this.completionsUri = URI.create(this.baseUrl + (path.startsWith("/") ? path : "/" + path));
		this.apiKey = builder.apiKey;
		this.models = new LinkedHashMap<>(builder.preset.models());
		this.models.putAll(builder.models);
		this.headers = Map.copyOf(builder.headers);
		this.extra = new LinkedHashMap<>(builder.extra);
		this.timeouts = builder.timeouts;
		this.doneMarker = (builder.doneMarker != null) ? builder.doneMarker : builder.preset.doneMarker();
		this.ping = (builder.ping != null) ? builder.ping : builder.preset.ping();
		this.dialect = new Dialect(builder.preset, (builder.replay != null) ? builder.replay : builder.preset.replay(),
				(builder.structuredOutput != null) ? builder.structuredOutput : builder.preset.structuredOutput());
	}

	/**
	 * Check that an address may be used as a base URL.
	 * @param baseUrl the address
	 * @return the address
	 * @throws IllegalArgumentException if it is not {@code http:} or {@code https:}, has
	 * no host, or has user-info, a query or a fragment; the message does not repeat it
	 */
	public static String checkUrl(String baseUrl) {
		URI uri;
		try {
			uri = URI.create(baseUrl);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("it is not a URL");
		}
		String scheme = uri.getScheme();
		Assert.isTrue("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme),
				"it must begin with http:// or https://");
		Assert.isTrue(uri.getRawUserInfo() == null,
				"it must not contain user-info; use the api-key or the headers property");
		Assert.isTrue(StringUtils.hasText(uri.getHost()), "it has no host");
		Assert.isTrue(uri.getRawQuery() == null && uri.getRawFragment() == null,
				"it must not have a query or a fragment");
		return baseUrl;
	}

	/**
	 * Start to describe a provider.
	 * @param id the provider's id
	 * @param preset what is known of its host
	 * @return a builder
	 */
	public static Builder builder(String id, ProviderPreset preset) {
		return new Builder(id, preset);
	}

	/**
	 * The id under which it is configured.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

	/**
	 * What is known of its host.
	 * @return the preset
	 */
	public ProviderPreset preset() {
		return this.preset;
	}

	/**
	 * The address below which its paths lie.
	 * @return the address, without a slash at its end
	 */
	public String baseUrl() {
		return this.baseUrl;
	}

	/**
	 * The address of chat completions.
	 * @return the address
	 */
	public URI completionsUri() {
		return this.completionsUri;
	}

	/**
	 * The configured key.
	 * @return the key, or {@code null} if there is none
	 */
	public @Nullable ApiKey apiKey() {
		return this.apiKey;
	}

	/**
	 * The logical models.
	 * @return the models by their logical names
	 */
	public Map<String, ProviderModel> models() {
		return this.models;
	}

	/**
	 * What a model costs. A model that is asked for by its own id has the price of the
	 * logical model of that id.
	 * @param model the model that answered
	 * @return the price, or {@code null} for none
	 */
	public @Nullable ModelPrice price(ProviderModel model) {
		if (model.price() != null || this.models.containsValue(model)) {
			return model.price();
		}
		for (ProviderModel priced : this.models.values()) {
			if (priced.price() != null && priced.id().equals(model.id())) {
				return priced.price();
			}
		}
		return null;
	}

	/**
	 * Headers sent with every request.
	 * @return the headers
	 */
	public Map<String, String> headers() {
		return this.headers;
	}

	/**
	 * Fields sent with every chat request that does not have them.
	 * @return the fields by their wire names
	 */
	public Map<String, Object> extra() {
		return this.extra;
	}

	/**
	 * The timeouts.
	 * @return the timeouts
	 */
	public ProviderTimeouts timeouts() {
		return this.timeouts;
	}

	/**
	 * Whether a stream must end with {@code [DONE]}.
	 * @return the rule
	 */
	public DoneMarker doneMarker() {
		return this.doneMarker;
	}

	/**
	 * How its health is checked.
	 * @return the kind of ping
	 */
	public Ping ping() {
		return this.ping;
	}

	/**
	 * What is peculiar to its wire.
	 * @return the dialect
	 */
	public Dialect dialect() {
		return this.dialect;
	}

	@Override
	public String toString() {
		return "Provider[" + this.id + ", " + this.baseUrl + "]";
	}

	/**
	 * Describes a provider.
	 */
	public static final class Builder {

		private final String id;

		private final ProviderPreset preset;

		private @Nullable String baseUrl;

		private @Nullable String completionsPath;

		private @Nullable ApiKey apiKey;

		private Map<String, ProviderModel> models = Map.of();

		private Map<String, String> headers = Map.of();

		private Map<String, Object> extra = Map.of();

		private ProviderTimeouts timeouts = ProviderTimeouts.DEFAULTS;

		private @Nullable DoneMarker doneMarker;

		private @Nullable StructuredOutput structuredOutput;

		private @Nullable ReasoningReplay replay;

		private @Nullable Ping ping;

		private Builder(String id, ProviderPreset preset) {
			Assert.hasText(id, "'id' must not be empty");
			this.id = id;
			this.preset = preset;
		}

		/**
		 * The address below which its paths lie.
		 * @param baseUrl the address; {@code null} for the preset's
		 * @return this builder
		 */
		public Builder baseUrl(@Nullable String baseUrl) {
			this.baseUrl = baseUrl;
			return this;
		}

		/**
		 * The path of chat completions below the base URL.
		 * @param completionsPath the path; {@code null} for the preset's
		 * @return this builder
		 */
		public Builder completionsPath(@Nullable String completionsPath) {
			this.completionsPath = completionsPath;
			return this;
		}

		/**
		 * The key.
		 * @param apiKey the key
		 * @return this builder
		 */
		public Builder apiKey(@Nullable ApiKey apiKey) {
			this.apiKey = apiKey;
			return this;
		}

		/**
		 * Logical models in addition to, or in place of, the preset's.
		 * @param models the models by their logical names
		 * @return this builder
		 */
		public Builder models(Map<String, ProviderModel> models) {
			this.models = models;
			return this;
		}

		/**
		 * Headers sent with every request.
		 * @param headers the headers
		 * @return this builder
		 */
		public Builder headers(Map<String, String> headers) {
			this.headers = headers;
			return this;
		}

		/**
		 * Fields sent with every chat request that does not have them.
		 * @param extra the fields by their wire names
		 * @return this builder
		 */
		public Builder extra(Map<String, Object> extra) {
			this.extra = extra;
			return this;
		}

		/**
		 * The timeouts.
		 * @param timeouts the timeouts
		 * @return this builder
		 */
		public Builder timeouts(ProviderTimeouts timeouts) {
			this.timeouts = timeouts;
			return this;
		}

		/**
		 * Whether a stream must end with {@code [DONE]}.
		 * @param doneMarker the rule; {@code null} for the preset's
		 * @return this builder
		 */
		public Builder doneMarker(@Nullable DoneMarker doneMarker) {
			this.doneMarker = doneMarker;
			return this;
		}

		/**
		 * Whether reasoning is sent back.
		 * @param replay the rule; {@code null} for the preset's
		 * @return this builder
		 */
		public Builder replay(@Nullable ReasoningReplay replay) {
			this.replay = replay;
			return this;
		}

		/**
		 * How answers that follow a schema are asked for.
		 * @param structuredOutput the way; {@code null} for the preset's
		 * @return this builder
		 */
		public Builder structuredOutput(@Nullable StructuredOutput structuredOutput) {
			this.structuredOutput = structuredOutput;
			return this;
		}

		/**
		 * How its health is checked.
		 * @param ping the kind of ping; {@code null} for the preset's
		 * @return this builder
		 */
		public Builder ping(@Nullable Ping ping) {
			this.ping = ping;
			return this;
		}

		/**
		 * Make the provider.
		 * @return the provider
		 */
		public Provider build() {
			return new Provider(this);
		}

	}

}
