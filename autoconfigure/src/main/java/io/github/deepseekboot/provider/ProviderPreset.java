package io.github.deepseekboot.provider;

import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * What is known of a host in advance. Presets are data.
 */
public final class ProviderPreset {

	private final String id;

	private final String title;

	private final @Nullable String baseUrl;

	private final String completionsPath;

	private final String modelsPath;

	private final @Nullable String balancePath;

	private final Ping ping;

	private final boolean apiKeyRequired;

	private final @Nullable String apiKeyHeader;

	private final Map<String, ProviderModel> models;

	private final Map<String, String> retiredModels;

	private final ThinkingRule thinking;

	private final ReasoningReplay replay;

	private final List<ErrorRule> errors;

	private final List<String> traceHeaders;

	private final DoneMarker doneMarker;

	private final boolean streamOptions;

	private final String userField;

	private final Set<Feature> unsupported;

	private final StructuredOutput structuredOutput;

	private final @Nullable LocalDate asOf;

	private final String reasoningField;

	private final Set<String> replayedFields;

	private final @Nullable Pattern textModels;

	private final @Nullable Integer maxUserIdBytes;

	private ProviderPreset(Builder builder) {
		Assert.hasText(builder.id, "'id' must not be empty");
		Assert.hasText(builder.title, "'title' must not be empty");
		this.id = builder.id;
		this.title = builder.title;
		this.baseUrl = builder.baseUrl;
		this.completionsPath = builder.completionsPath;
		this.modelsPath = builder.modelsPath;
		this.balancePath = builder.balancePath;
		this.ping = builder.ping;
		this.apiKeyRequired = builder.apiKeyRequired;
		this.apiKeyHeader = builder.apiKeyHeader;
		this.models = Collections.unmodifiableMap(new LinkedHashMap<>(builder.models));
		this.retiredModels = Map.copyOf(builder.retiredModels);
		this.thinking = builder.thinking;
		this.replay = builder.replay;
		this.errors = List.copyOf(builder.errors);
		this.traceHeaders = List.copyOf(builder.traceHeaders);
		this.doneMarker = builder.doneMarker;
		this.streamOptions = builder.streamOptions;
		this.userField = builder.userField;
		this.unsupported = Set.copyOf(builder.unsupported);
		this.structuredOutput = builder.structuredOutput;
		this.textModels = builder.textModels;
		this.maxUserIdBytes = builder.maxUserIdBytes;
		this.replayedFields = Set.copyOf(builder.replayedFields);
		this.reasoningField = builder.reasoningField;
		this.asOf = builder.asOf;
	}

	/**
	 * Create a builder for a preset.
	 * @param id the name
	 * @param title the name
	 * @return a new builder
	 */
	public static Builder builder(String id, String title) {
		return new Builder(id, title);
	}

	/**
	 * Return the preset's name.
	 * @return the name
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Return the host's name in messages.
	 * @return the name
	 */
	public String title() {
		return this.title;
	}

	/**
	 * Return the address below which its paths lie.
	 * @return the address, or {@code null} if it has to be configured
	 */
	public @Nullable String baseUrl() {
		return this.baseUrl;
	}

	/**
	 * Return the path of chat completions below the base URL.
	 * @return the path
	 */
	public String completionsPath() {
		return this.completionsPath;
	}

	/**
	 * Return the path of the list of models below the base URL.
	 * @return the path
	 */
	public String modelsPath() {
		return this.modelsPath;
	}

	/**
	 * Return the path of the account's balance below the base URL.
	 * @return the path, or {@code null} if there is none
	 */
	public @Nullable String balancePath() {
		return this.balancePath;
	}

	/**
	 * Return how the host's health is checked.
	 * @return the way
	 */
	public Ping ping() {
		return this.ping;
	}

	/**
	 * Return whether calls need a key.
	 * @return {@code true} if they do
	 */
	public boolean apiKeyRequired() {
		return this.apiKeyRequired;
	}

	/**
	 * Return the request header for the key as it is.
	 * @return the name of the header, or {@code null} for {@code Authorization: Bearer}
	 */
	public @Nullable String apiKeyHeader() {
		return this.apiKeyHeader;
	}

	/**
	 * Return the logical models.
	 * @return the models by their logical names
	 */
	public Map<String, ProviderModel> models() {
		return this.models;
	}

	/**
	 * Return the models announced as retired.
	 * @return their successors by their ids
	 */
	public Map<String, String> retiredModels() {
		return this.retiredModels;
	}

	/**
	 * Return how the host is asked to think.
	 * @return the rule
	 */
	public ThinkingRule thinking() {
		return this.thinking;
	}

	/**
	 * Return whether the host takes back reasoning.
	 * @return the rule
	 */
	public ReasoningReplay replay() {
		return this.replay;
	}

	/**
	 * Return what its errors mean, before the rules that hold for all.
	 * @return the rules in their order
	 */
	public List<ErrorRule> errors() {
		return this.errors;
	}

	/**
	 * Return the response headers with its id of the request.
	 * @return the names of the headers, the best first
	 */
	public List<String> traceHeaders() {
		return this.traceHeaders;
	}

	/**
	 * Return whether its streams end with {@code [DONE]}.
	 * @return the rule
	 */
	public DoneMarker doneMarker() {
		return this.doneMarker;
	}

	/**
	 * Return whether it knows {@code stream_options}.
	 * @return {@code true} if it does
	 */
	public boolean streamOptions() {
		return this.streamOptions;
	}

	/**
	 * Return the request field for the end user's id.
	 * @return the name of the field
	 */
	public String userField() {
		return this.userField;
	}

	/**
	 * The day when it was last compared with what is known of its host.
	 * @return the day, or {@code null} if that is not known
	 */
	public @Nullable LocalDate asOf() {
		return this.asOf;
	}

	/**
	 * The field of a message in which the reasoning is sent back.
	 * @return the field's name on the wire
	 */
	public String reasoningField() {
		return this.reasoningField;
	}

	/**
	 * The further fields of its answers and their tool calls that the host wants back.
	 * @return the names of the fields on the wire
	 */
	public Set<String> replayedFields() {
		return this.replayedFields;
	}

	/**
	 * The models that take no images, although others of the host do.
	 * @return a pattern of their ids, or {@code null} for none
	 */
	public @Nullable Pattern textModels() {
		return this.textModels;
	}

	/**
	 * Return how long the id of an end user may be.
	 * @return the number of bytes in UTF-8, or {@code null} for no limit that is known
	 */
	public @Nullable Integer maxUserIdBytes() {
		return this.maxUserIdBytes;
	}

	/**
	 * Return what requests to it must not ask for.
	 * @return the features; empty for none
	 */
	public Set<Feature> unsupported() {
		return this.unsupported;
	}

	/**
	 * Return how it is asked for an answer that follows a schema.
	 * @return the way
	 */
	public StructuredOutput structuredOutput() {
		return this.structuredOutput;
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder(this.id, this.title);
		builder.baseUrl = this.baseUrl;
		builder.completionsPath = this.completionsPath;
		builder.modelsPath = this.modelsPath;
		builder.balancePath = this.balancePath;
		builder.ping = this.ping;
		builder.apiKeyRequired = this.apiKeyRequired;
		builder.apiKeyHeader = this.apiKeyHeader;
		builder.models = this.models;
		builder.retiredModels = this.retiredModels;
		builder.thinking = this.thinking;
		builder.replay = this.replay;
		builder.errors = this.errors;
		builder.traceHeaders = this.traceHeaders;
		builder.doneMarker = this.doneMarker;
		builder.streamOptions = this.streamOptions;
		builder.userField = this.userField;
		builder.unsupported = this.unsupported;
		builder.structuredOutput = this.structuredOutput;
		builder.asOf = this.asOf;
		builder.reasoningField = this.reasoningField;
		builder.replayedFields = this.replayedFields;
		builder.textModels = this.textModels;
		builder.maxUserIdBytes = this.maxUserIdBytes;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ProviderPreset that && this.id.equals(that.id) && this.title.equals(that.title)
				&& Objects.equals(this.baseUrl, that.baseUrl) && this.completionsPath.equals(that.completionsPath)
				&& this.modelsPath.equals(that.modelsPath) && Objects.equals(this.balancePath, that.balancePath)
				&& this.ping.equals(that.ping) && this.apiKeyRequired == that.apiKeyRequired
				&& Objects.equals(this.apiKeyHeader, that.apiKeyHeader) && this.models.equals(that.models)
				&& this.retiredModels.equals(that.retiredModels) && this.thinking.equals(that.thinking)
				&& this.replay.equals(that.replay) && this.errors.equals(that.errors)
				&& this.traceHeaders.equals(that.traceHeaders) && this.doneMarker.equals(that.doneMarker)
				&& this.streamOptions == that.streamOptions && this.userField.equals(that.userField)
				&& this.unsupported.equals(that.unsupported) && this.structuredOutput.equals(that.structuredOutput)
				&& Objects.equals(this.asOf, that.asOf) && this.reasoningField.equals(that.reasoningField)
				&& this.replayedFields.equals(that.replayedFields) && Objects.equals(this.textModels, that.textModels)
				&& Objects.equals(this.maxUserIdBytes, that.maxUserIdBytes);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.id, this.title, this.baseUrl, this.completionsPath, this.modelsPath, this.balancePath,
				this.ping, this.apiKeyRequired, this.apiKeyHeader, this.models, this.retiredModels, this.thinking,
				this.replay, this.errors, this.traceHeaders, this.doneMarker, this.streamOptions, this.userField,
				this.unsupported, this.structuredOutput, this.asOf, this.reasoningField, this.replayedFields,
				this.textModels, this.maxUserIdBytes);
	}

	@Override
	public String toString() {
		return "ProviderPreset[id=" + this.id + ", title=" + this.title + ", baseUrl=" + this.baseUrl
				+ ", completionsPath=" + this.completionsPath + ", modelsPath=" + this.modelsPath + ", balancePath="
				+ this.balancePath + ", ping=" + this.ping + ", apiKeyRequired=" + this.apiKeyRequired
				+ ", apiKeyHeader=" + this.apiKeyHeader + ", models=" + this.models + ", retiredModels="
				+ this.retiredModels + ", thinking=" + this.thinking + ", replay=" + this.replay + ", errors="
				+ this.errors + ", traceHeaders=" + this.traceHeaders + ", doneMarker=" + this.doneMarker
				+ ", streamOptions=" + this.streamOptions + ", userField=" + this.userField + ", unsupported="
				+ this.unsupported + ", structuredOutput=" + this.structuredOutput + ", asOf=" + this.asOf
				+ ", reasoningField=" + this.reasoningField + ", replayedFields=" + this.replayedFields
				+ ", textModels=" + this.textModels + ", maxUserIdBytes=" + this.maxUserIdBytes + "]";
	}

	/**
	 * Builder for {@link ProviderPreset}.
	 */
	public static final class Builder {

		private String id;

		private String title;

		private @Nullable String baseUrl;

		private String completionsPath = "/chat/completions";

		private String modelsPath = "/models";

		private @Nullable String balancePath;

		private Ping ping = Ping.MODELS;

		private boolean apiKeyRequired = false;

		private @Nullable String apiKeyHeader;

		private Map<String, ProviderModel> models = Map.of();

		private Map<String, String> retiredModels = Map.of();

		private ThinkingRule thinking = ThinkingRule.NONE;

		private ReasoningReplay replay = ReasoningReplay.NEVER;

		private List<ErrorRule> errors = List.of();

		private List<String> traceHeaders = List.of("x-request-id");

		private DoneMarker doneMarker = DoneMarker.OPTIONAL;

		private boolean streamOptions = true;

		private String userField = "user";

		private Set<Feature> unsupported = Set.of();

		private StructuredOutput structuredOutput = StructuredOutput.JSON_OBJECT;

		private @Nullable LocalDate asOf;

		private String reasoningField = "reasoning_content";

		private Set<String> replayedFields = Set.of();

		private @Nullable Pattern textModels;

		private @Nullable Integer maxUserIdBytes;

		private Builder(String id, String title) {
			this.id = id;
			this.title = title;
		}

		/**
		 * Set the preset's name.
		 * @param id the name
		 * @return this builder
		 */
		public Builder id(String id) {
			this.id = id;
			return this;
		}

		/**
		 * Set the host's name in messages.
		 * @param title the name
		 * @return this builder
		 */
		public Builder title(String title) {
			this.title = title;
			return this;
		}

		/**
		 * Set the address below which its paths lie.
		 * @param baseUrl the address; {@code null} if it has to be configured
		 * @return this builder
		 */
		public Builder baseUrl(@Nullable String baseUrl) {
			this.baseUrl = baseUrl;
			return this;
		}

		/**
		 * Set the path of chat completions below the base URL.
		 * @param completionsPath the path
		 * @return this builder
		 */
		public Builder completionsPath(String completionsPath) {
			this.completionsPath = completionsPath;
			return this;
		}

		/**
		 * Set the path of the list of models below the base URL.
		 * @param modelsPath the path
		 * @return this builder
		 */
		public Builder modelsPath(String modelsPath) {
			this.modelsPath = modelsPath;
			return this;
		}

		/**
		 * Set the path of the account's balance below the base URL.
		 * @param balancePath the path; {@code null} if there is none
		 * @return this builder
		 */
		public Builder balancePath(@Nullable String balancePath) {
			this.balancePath = balancePath;
			return this;
		}

		/**
		 * Set how the host's health is checked.
		 * @param ping the way
		 * @return this builder
		 */
		public Builder ping(Ping ping) {
			this.ping = ping;
			return this;
		}

		/**
		 * Set whether calls need a key.
		 * @param apiKeyRequired {@code true} if they do
		 * @return this builder
		 */
		public Builder apiKeyRequired(boolean apiKeyRequired) {
			this.apiKeyRequired = apiKeyRequired;
			return this;
		}

		/**
		 * Set the request header for the key as it is.
		 * @param apiKeyHeader the name of the header; {@code null} for
		 * {@code Authorization: Bearer}
		 * @return this builder
		 */
		public Builder apiKeyHeader(@Nullable String apiKeyHeader) {
			this.apiKeyHeader = apiKeyHeader;
			return this;
		}

		/**
		 * Set the logical models.
		 * @param models the models by their logical names
		 * @return this builder
		 */
		public Builder models(Map<String, ProviderModel> models) {
			this.models = models;
			return this;
		}

		/**
		 * Set the models announced as retired.
		 * @param retiredModels their successors by their ids
		 * @return this builder
		 */
		public Builder retiredModels(Map<String, String> retiredModels) {
			this.retiredModels = retiredModels;
			return this;
		}

		/**
		 * Set how the host is asked to think.
		 * @param thinking the rule
		 * @return this builder
		 */
		public Builder thinking(ThinkingRule thinking) {
			this.thinking = thinking;
			return this;
		}

		/**
		 * Set whether the host takes back reasoning.
		 * @param replay the rule
		 * @return this builder
		 */
		public Builder replay(ReasoningReplay replay) {
			this.replay = replay;
			return this;
		}

		/**
		 * Set what its errors mean, before the rules that hold for all.
		 * @param errors the rules in their order
		 * @return this builder
		 */
		public Builder errors(List<ErrorRule> errors) {
			this.errors = errors;
			return this;
		}

		/**
		 * Set the response headers with its id of the request.
		 * @param traceHeaders the names of the headers, the best first;
		 * {@code x-request-id} by default
		 * @return this builder
		 */
		public Builder traceHeaders(List<String> traceHeaders) {
			this.traceHeaders = traceHeaders;
			return this;
		}

		/**
		 * Set whether its streams must end with {@code [DONE]}; optional by default.
		 * @param doneMarker the rule
		 * @return this builder
		 */
		public Builder doneMarker(DoneMarker doneMarker) {
			this.doneMarker = doneMarker;
			return this;
		}

		/**
		 * Set whether it knows {@code stream_options}.
		 * @param streamOptions {@code true}, the default, if it does
		 * @return this builder
		 */
		public Builder streamOptions(boolean streamOptions) {
			this.streamOptions = streamOptions;
			return this;
		}

		/**
		 * Set the request field for the end user's id.
		 * @param userField the name of the field
		 * @return this builder
		 */
		public Builder userField(String userField) {
			this.userField = userField;
			return this;
		}

		/**
		 * Set what requests to it must not ask for.
		 * @param unsupported the features; empty for none
		 * @return this builder
		 */
		public Builder unsupported(Set<Feature> unsupported) {
			this.unsupported = unsupported;
			return this;
		}

		/**
		 * Set how it is asked for an answer that follows a schema.
		 * @param structuredOutput the way
		 * @return this builder
		 */
		public Builder structuredOutput(StructuredOutput structuredOutput) {
			this.structuredOutput = structuredOutput;
			return this;
		}

		/**
		 * Set the day when it was last compared with what is known of its host.
		 * @param asOf the day
		 * @return this builder
		 */
		public Builder asOf(@Nullable LocalDate asOf) {
			this.asOf = asOf;
			return this;
		}

		/**
		 * Set the field of a message in which the reasoning is sent back.
		 * @param reasoningField the name; by default {@code reasoning_content}
		 * @return this builder
		 */
		public Builder reasoningField(String reasoningField) {
			this.reasoningField = reasoningField;
			return this;
		}

		/**
		 * Set the further fields of answers and their tool calls that the host wants
		 * back.
		 * @param replayedFields the names of the fields on the wire
		 * @return this builder
		 */
		public Builder replayedFields(Set<String> replayedFields) {
			this.replayedFields = replayedFields;
			return this;
		}

		/**
		 * Set the models that take no images.
		 * @param textModels a pattern of their ids
		 * @return this builder
		 */
		public Builder textModels(@Nullable Pattern textModels) {
			this.textModels = textModels;
			return this;
		}

		/**
		 * Set how long the id of an end user may be.
		 * @param maxUserIdBytes the number of bytes in UTF-8; {@code null} for no limit
		 * @return this builder
		 */
		public Builder maxUserIdBytes(@Nullable Integer maxUserIdBytes) {
			this.maxUserIdBytes = maxUserIdBytes;
			return this;
		}

		/**
		 * Build the ProviderPreset.
		 * @return a new ProviderPreset
		 */
		public ProviderPreset build() {
			return new ProviderPreset(this);
		}

	}

	/**
	 * What some providers cannot do.
	 */
	public enum Feature {

		/**
		 * Answers that follow a JSON Schema ({@code response_format}).
		 */
		JSON_SCHEMA,

		/**
		 * A forced tool call while thinking is on.
		 */
		FORCED_TOOL_WHILE_THINKING,

		/**
		 * Log probabilities ({@code logprobs}, {@code top_logprobs}).
		 */
		LOGPROBS,

		/**
		 * Likelihood adjustments of tokens ({@code logit_bias}).
		 */
		LOGIT_BIAS,

		/**
		 * More than one choice ({@code n}).
		 */
		SEVERAL_CHOICES,

		/**
		 * The name of who wrote a message ({@code messages[].name}).
		 */
		MESSAGE_NAMES,

		/**
		 * Images in messages.
		 */
		IMAGES

	}

}
