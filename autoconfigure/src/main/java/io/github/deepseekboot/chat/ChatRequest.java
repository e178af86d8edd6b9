package io.github.deepseekboot.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * * Request for an answer of a model. Immutable; a parameter that is not set is
 * {@code null} (or empty) and is not sent, so the provider's own default holds. Ranges
 * differ between providers and are checked by them; only what no provider takes is
 * refused here.
 */
public final class ChatRequest {

	private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

	private static final Pattern HEADER_VALUE = Pattern.compile("[\\t -~]*");

	// a request's headers go to every provider that is asked: a credential would reach
	// the wrong one
	private static final Set<String> CREDENTIAL_HEADERS = Set.of("authorization", "proxy-authorization", "api-key",
			"x-api-key", "cookie");

	private static final Set<String> OWN_HEADERS = Set.of("accept", "accept-encoding", "connection", "content-encoding",
			"content-length", "content-type", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade");

	private final List<ChatMessage> messages;

	private final @Nullable String model;

	private final @Nullable Double temperature;

	private final @Nullable Double topP;

	private final @Nullable Integer topK;

	private final @Nullable Integer n;

	private final @Nullable Integer maxTokens;

	private final @Nullable Double presencePenalty;

	private final @Nullable Double frequencyPenalty;

	private final @Nullable Boolean logprobs;

	private final @Nullable Integer topLogprobs;

	private final @Nullable ResponseFormat responseFormat;

	private final @Nullable ToolChoice toolChoice;

	private final @Nullable Boolean includeUsage;

	private final @Nullable String user;

	private final @Nullable Boolean thinking;

	private final @Nullable ReasoningEffort reasoningEffort;

	private final @Nullable String provider;

	private final List<String> stop;

	private final Map<String, Integer> logitBias;

	private final List<ToolDefinition> tools;

	private final Map<String, @Nullable Object> extras;

	private final Map<String, String> headers;

	private final Set<String> unset;

	private ChatRequest(Builder builder) {
		Assert.notEmpty(builder.messages, "'messages' must not be empty");
		this.messages = List.copyOf(builder.messages);
		this.model = builder.model;
		this.temperature = builder.temperature;
		this.topP = builder.topP;
		this.topK = builder.topK;
		this.n = builder.n;
		this.maxTokens = builder.maxTokens;
		this.presencePenalty = builder.presencePenalty;
		this.frequencyPenalty = builder.frequencyPenalty;
		this.logprobs = builder.logprobs;
		this.topLogprobs = builder.topLogprobs;
		this.responseFormat = builder.responseFormat;
		this.toolChoice = builder.toolChoice;
		this.includeUsage = builder.includeUsage;
		this.user = builder.user;
		this.thinking = builder.thinking;
		this.reasoningEffort = builder.reasoningEffort;
		this.provider = builder.provider;
		this.stop = List.copyOf(builder.stop);
		this.logitBias = copyOf(builder.logitBias);
		this.tools = List.copyOf(builder.tools);
		this.extras = copyOf(builder.extras);
		this.headers = copyOf(builder.headers);
		this.unset = Set.copyOf(builder.unset);
	}

	// unlike Map.copyOf, in the order of the original and with null values
	private static <V extends @Nullable Object> Map<String, V> copyOf(Map<String, V> map) {
		return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
	}

	/**
	 * Create a request with one user message.
	 * @param prompt the message
	 * @return the request
	 */
	public static ChatRequest of(String prompt) {
		Assert.hasText(prompt, "'prompt' must not be null or blank: there is nothing to answer");
		return builder().user(prompt).build();
	}

	/**
	 * Create a builder for a request.
	 * @return an empty builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Create a builder for a request that differs from this one.
	 * @return a builder with all that this request has
	 */
	public Builder toBuilder() {
		return builder().from(this);
	}

	/**
	 * Return the conversation so far.
	 * @return the messages; never empty
	 */
	public List<ChatMessage> messages() {
		return this.messages;
	}

	/**
	 * Return the model: a logical name that each provider maps to an id of its own
	 * ({@code chat}, {@code reasoner}, any alias under {@code models}), or a native id;
	 * {@code null} for the default.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable String model() {
		return this.model;
	}

	/**
	 * Return the sampling temperature, usually 0 to 2; models that think may ignore it.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Double temperature() {
		return this.temperature;
	}

	/**
	 * Return the share of the probability that tokens are sampled from (nucleus
	 * sampling), above 0 and up to 1.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Double topP() {
		return this.topP;
	}

	/**
	 * Return the number of most likely tokens that are sampled from; not known to every
	 * provider.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Integer topK() {
		return this.topK;
	}

	/**
	 * Return the number of choices to make, from 1; not known to every provider.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Integer n() {
		return this.n;
	}

	/**
	 * Return the maximum number of tokens of the answer, from 1; whether reasoning counts
	 * depends on the provider.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Integer maxTokens() {
		return this.maxTokens;
	}

	/**
	 * Return the presence penalty, from -2 to 2; without effect on DeepSeek since 2026.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Double presencePenalty() {
		return this.presencePenalty;
	}

	/**
	 * Return the frequency penalty, from -2 to 2; without effect on DeepSeek since 2026.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Double frequencyPenalty() {
		return this.frequencyPenalty;
	}

	/**
	 * Return whether to report the log probability of each token.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Boolean logprobs() {
		return this.logprobs;
	}

	/**
	 * Return the number of most likely tokens to report at each position, 0 to 20; needs
	 * {@code logprobs}.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Integer topLogprobs() {
		return this.topLogprobs;
	}

	/**
	 * Return the form of the answer.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable ResponseFormat responseFormat() {
		return this.responseFormat;
	}

	/**
	 * Return whether a tool must be called.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable ToolChoice toolChoice() {
		return this.toolChoice;
	}

	/**
	 * Return whether a stream asks for usage ({@code stream_options.include_usage});
	 * {@code null} asks wherever the provider knows it.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Boolean includeUsage() {
		return this.includeUsage;
	}

	/**
	 * Return an opaque id of the end user, for the provider's abuse control and cache;
	 * never a name or an address.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable String userId() {
		return this.user;
	}

	/**
	 * Return whether to think before answering, translated for each provider. A provider
	 * that cannot switch it and a model that always thinks are asked without it, so that
	 * it does not prevent a failover.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable Boolean thinking() {
		return this.thinking;
	}

	/**
	 * Return the effort to spend on reasoning, translated for each provider; a provider
	 * without such a scale ignores it.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable ReasoningEffort reasoningEffort() {
		return this.reasoningEffort;
	}

	/**
	 * Return the one provider that answers; {@code null} for the configured chain.
	 * @return the value, or {@code null} if it is not set
	 */
	public @Nullable String provider() {
		return this.provider;
	}

	/**
	 * Return the texts at which the answer ends.
	 * @return the texts; empty for none
	 */
	public List<String> stop() {
		return this.stop;
	}

	/**
	 * Return the likelihood adjustments by token id, -100 to 100.
	 * @return the adjustments; empty for none
	 */
	public Map<String, Integer> logitBias() {
		return this.logitBias;
	}

	/**
	 * Return the tools that the model may call.
	 * @return the tools; empty for none
	 */
	public List<ToolDefinition> tools() {
		return this.tools;
	}

	/**
	 * Return the fields sent as they are, under their wire names.
	 * @return the fields; empty for none
	 */
	public Map<String, @Nullable Object> extras() {
		return this.extras;
	}

	/**
	 * Return the HTTP headers sent with this request to each provider that is asked. They
	 * are not a part of {@link #toString()}.
	 * @return the headers by their names; empty for none
	 */
	public Map<String, String> headers() {
		return this.headers;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ChatRequest that && this.messages.equals(that.messages)
				&& Objects.equals(this.model, that.model) && Objects.equals(this.temperature, that.temperature)
				&& Objects.equals(this.topP, that.topP) && Objects.equals(this.topK, that.topK)
				&& Objects.equals(this.n, that.n) && Objects.equals(this.maxTokens, that.maxTokens)
				&& Objects.equals(this.presencePenalty, that.presencePenalty)
				&& Objects.equals(this.frequencyPenalty, that.frequencyPenalty)
				&& Objects.equals(this.logprobs, that.logprobs) && Objects.equals(this.topLogprobs, that.topLogprobs)
				&& Objects.equals(this.responseFormat, that.responseFormat)
				&& Objects.equals(this.toolChoice, that.toolChoice)
				&& Objects.equals(this.includeUsage, that.includeUsage) && Objects.equals(this.user, that.user)
				&& Objects.equals(this.thinking, that.thinking)
				&& Objects.equals(this.reasoningEffort, that.reasoningEffort)
				&& Objects.equals(this.provider, that.provider) && this.stop.equals(that.stop)
				&& this.logitBias.equals(that.logitBias) && this.tools.equals(that.tools)
				&& this.extras.equals(that.extras) && this.headers.equals(that.headers)
				&& this.unset.equals(that.unset);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.messages, this.model, this.temperature, this.topP, this.topK, this.n, this.maxTokens,
				this.presencePenalty, this.frequencyPenalty, this.logprobs, this.topLogprobs, this.responseFormat,
				this.toolChoice, this.includeUsage, this.user, this.thinking, this.reasoningEffort, this.provider,
				this.stop, this.logitBias, this.tools, this.extras, this.headers, this.unset);
	}

	@Override
	public String toString() {
		return "ChatRequest[model=" + this.model + ", provider=" + this.provider + ", messages=" + this.messages.size()
				+ ", tools=" + this.tools.size() + "]";
	}

	/**
	 * Builder for {@link ChatRequest}.
	 */
	public static final class Builder {

		private final List<ChatMessage> messages = new ArrayList<>();

		private @Nullable String model;

		private @Nullable Double temperature;

		private @Nullable Double topP;

		private @Nullable Integer topK;

		private @Nullable Integer n;

		private @Nullable Integer maxTokens;

		private @Nullable Double presencePenalty;

		private @Nullable Double frequencyPenalty;

		private @Nullable Boolean logprobs;

		private @Nullable Integer topLogprobs;

		private @Nullable ResponseFormat responseFormat;

		private @Nullable ToolChoice toolChoice;

		private @Nullable Boolean includeUsage;

		private @Nullable String user;

		private @Nullable Boolean thinking;

		private @Nullable ReasoningEffort reasoningEffort;

		private @Nullable String provider;

		private List<String> stop = List.of();

		private Map<String, Integer> logitBias = Map.of();

		private List<ToolDefinition> tools = List.of();

		private Map<String, @Nullable Object> extras = Map.of();

		private Map<String, String> headers = Map.of();

		private Set<String> unset = Set.of();

		private Builder() {
		}

		/**
		 * Take over all that a request has set: its messages are added, its parameters
		 * replace those set here before, those it has {@linkplain #unset unset} are left
		 * to the provider, and what it leaves open stays as it is.
		 * @param request the request
		 * @return this builder
		 */
		public Builder from(ChatRequest request) {
			Assert.notNull(request, "'request' must not be null");
			request.unset.forEach(this::unset);
			this.messages.addAll(request.messages);
			this.model = (request.model != null) ? request.model : this.model;
			this.temperature = (request.temperature != null) ? request.temperature : this.temperature;
			this.topP = (request.topP != null) ? request.topP : this.topP;
			this.topK = (request.topK != null) ? request.topK : this.topK;
			this.n = (request.n != null) ? request.n : this.n;
			this.maxTokens = (request.maxTokens != null) ? request.maxTokens : this.maxTokens;
			this.presencePenalty = (request.presencePenalty != null) ? request.presencePenalty : this.presencePenalty;
			this.frequencyPenalty = (request.frequencyPenalty != null) ? request.frequencyPenalty
					: this.frequencyPenalty;
			this.logprobs = (request.logprobs != null) ? request.logprobs : this.logprobs;
			this.topLogprobs = (request.topLogprobs != null) ? request.topLogprobs : this.topLogprobs;
			this.responseFormat = (request.responseFormat != null) ? request.responseFormat : this.responseFormat;
			this.toolChoice = (request.toolChoice != null) ? request.toolChoice : this.toolChoice;
			this.includeUsage = (request.includeUsage != null) ? request.includeUsage : this.includeUsage;
			this.user = (request.user != null) ? request.user : this.user;
			this.thinking = (request.thinking != null) ? request.thinking : this.thinking;
			this.reasoningEffort = (request.reasoningEffort != null) ? request.reasoningEffort : this.reasoningEffort;
			this.provider = (request.provider != null) ? request.provider : this.provider;
			this.stop = !request.stop.isEmpty() ? request.stop : this.stop;
			this.logitBias = !request.logitBias.isEmpty() ? request.logitBias : this.logitBias;
			this.tools = !request.tools.isEmpty() ? request.tools : this.tools;
			request.extras.forEach(this::extra);
			request.headers.forEach(this::header);
			return this;
		}

		/**
		 * Add a system message.
		 * @param content the instructions
		 * @return this builder
		 */
		public Builder system(String content) {
			Assert.notNull(content, "'content' of a system message must not be null");
			return message(ChatMessage.system(content));
		}

		/**
		 * Add a user message.
		 * @param content the text
		 * @return this builder
		 */
		public Builder user(String content) {
			Assert.hasText(content,
					"'content' of a user message must not be null or blank: there is nothing to answer");
			return message(ChatMessage.user(content));
		}

		/**
		 * Add a message.
		 * @param message the message, such as {@link ChatCompletion#message()} of the
		 * last answer
		 * @return this builder
		 */
		public Builder message(ChatMessage message) {
			Assert.notNull(message, "'message' must not be null");
			this.messages.add(message);
			return this;
		}

		/**
		 * Add messages.
		 * @param messages the messages in their order
		 * @return this builder
		 */
		public Builder messages(List<ChatMessage> messages) {
			this.messages.addAll(Elements.of(messages, "messages"));
			return this;
		}

		/**
		 * Replace the messages that were added before.
		 * @param messages the messages in their order
		 * @return this builder
		 */
		public Builder replaceMessages(List<ChatMessage> messages) {
			Elements.of(messages, "messages");
			this.messages.clear();
			return messages(messages);
		}

		/**
		 * Set the model: a logical name that each provider maps to an id of its own
		 * ({@code chat}, {@code reasoner}, any alias under {@code models}), or a native
		 * id; {@code null} for the default.
		 * @param model the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder model(@Nullable String model) {
			Assert.isTrue(model == null || !model.isBlank(), "'model' must not be blank");
			this.model = model;
			return this;
		}

		/**
		 * Set the sampling temperature, usually 0 to 2; models that think may ignore it.
		 * @param temperature the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder temperature(@Nullable Double temperature) {
			Assert.isTrue(temperature == null || temperature >= 0 && Double.isFinite(temperature),
					"'temperature' must not be negative");
			this.temperature = temperature;
			return this;
		}

		/**
		 * Set the share of the probability that tokens are sampled from (nucleus
		 * sampling), above 0 and up to 1.
		 * @param topP the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder topP(@Nullable Double topP) {
			Assert.isTrue(topP == null || topP >= 0 && topP <= 1, "'topP' must be from 0 to 1");
			this.topP = topP;
			return this;
		}

		/**
		 * Set the number of most likely tokens that are sampled from; not known to every
		 * provider.
		 * @param topK the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder topK(@Nullable Integer topK) {
			this.topK = topK;
			return this;
		}

		/**
		 * Set the number of choices to make, from 1; not known to every provider.
		 * @param n the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder n(@Nullable Integer n) {
			Assert.isTrue(n == null || n > 0, "'n' must be at least 1");
			this.n = n;
			return this;
		}

		/**
		 * Set the maximum number of tokens of the answer, from 1; whether reasoning
		 * counts depends on the provider.
		 * @param maxTokens the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder maxTokens(@Nullable Integer maxTokens) {
			Assert.isTrue(maxTokens == null || maxTokens > 0, "'maxTokens' must be at least 1");
			this.maxTokens = maxTokens;
			return this;
		}

		/**
		 * Set the presence penalty, from -2 to 2; without effect on DeepSeek since 2026.
		 * @param presencePenalty the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder presencePenalty(@Nullable Double presencePenalty) {
			Assert.isTrue(presencePenalty == null || Double.isFinite(presencePenalty),
					"'presencePenalty' must be finite");
			this.presencePenalty = presencePenalty;
			return this;
		}

		/**
		 * Set the frequency penalty, from -2 to 2; without effect on DeepSeek since 2026.
		 * @param frequencyPenalty the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder frequencyPenalty(@Nullable Double frequencyPenalty) {
			Assert.isTrue(frequencyPenalty == null || Double.isFinite(frequencyPenalty),
					"'frequencyPenalty' must be finite");
			this.frequencyPenalty = frequencyPenalty;
			return this;
		}

		/**
		 * Set whether to report the log probability of each token.
		 * @param logprobs the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder logprobs(@Nullable Boolean logprobs) {
			this.logprobs = logprobs;
			return this;
		}

		/**
		 * Set the number of most likely tokens to report at each position, 0 to 20; needs
		 * {@code logprobs}.
		 * @param topLogprobs the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder topLogprobs(@Nullable Integer topLogprobs) {
			Assert.isTrue(topLogprobs == null || topLogprobs >= 0, "'topLogprobs' must not be negative");
			this.topLogprobs = topLogprobs;
			return this;
		}

		/**
		 * Set the form of the answer.
		 * @param responseFormat the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder responseFormat(@Nullable ResponseFormat responseFormat) {
			this.responseFormat = responseFormat;
			return this;
		}

		/**
		 * Set whether a tool must be called.
		 * @param toolChoice the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder toolChoice(@Nullable ToolChoice toolChoice) {
			this.toolChoice = toolChoice;
			return this;
		}

		/**
		 * Set whether a stream asks for usage ({@code stream_options.include_usage});
		 * {@code null} asks wherever the provider knows it.
		 * @param includeUsage the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder includeUsage(@Nullable Boolean includeUsage) {
			this.includeUsage = includeUsage;
			return this;
		}

		/**
		 * Set an opaque id of the end user, for the provider's abuse control and cache;
		 * never a name or an address. DeepSeek takes at most 512 bytes in UTF-8; a longer
		 * one is refused before sending.
		 * @param user the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder userId(@Nullable String user) {
			this.user = user;
			return this;
		}

		/**
		 * Set whether to think before answering, translated for each provider; a provider
		 * that cannot switch it ignores this.
		 * @param thinking the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder thinking(@Nullable Boolean thinking) {
			this.thinking = thinking;
			return this;
		}

		/**
		 * Set the effort to spend on reasoning, translated for each provider; a provider
		 * without such a scale ignores it.
		 * @param reasoningEffort the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder reasoningEffort(@Nullable ReasoningEffort reasoningEffort) {
			this.reasoningEffort = reasoningEffort;
			return this;
		}

		/**
		 * Set the one provider that answers; {@code null} for the configured chain.
		 * @param provider the value; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder provider(@Nullable String provider) {
			Assert.isTrue(provider == null || !provider.isBlank(), "'provider' must not be blank");
			this.provider = provider;
			return this;
		}

		/**
		 * Set the texts at which the answer ends.
		 * @param stop the texts; providers take 4 to 16
		 * @return this builder
		 */
		public Builder stop(String... stop) {
			Assert.notNull(stop, "'stop' must not be null");
			return stop(Arrays.asList(stop));
		}

		/**
		 * Set the texts at which the answer ends.
		 * @param stop the texts; providers take 4 to 16
		 * @return this builder
		 */
		public Builder stop(List<String> stop) {
			this.stop = Elements.of(stop, "stop");
			return this;
		}

		/**
		 * Set the likelihood adjustments by token id; not known to every provider.
		 * @param logitBias the adjustments, -100 to 100
		 * @return this builder
		 */
		public Builder logitBias(Map<String, Integer> logitBias) {
			this.logitBias = Elements.of(logitBias, "logitBias");
			return this;
		}

		/**
		 * Add a tool that the model may call.
		 * @param tool the tool
		 * @return this builder
		 */
		public Builder tool(ToolDefinition tool) {
			Assert.notNull(tool, "'tool' must not be null");
			this.tools = new ArrayList<>(this.tools);
			this.tools.add(tool);
			return this;
		}

		/**
		 * Add tools that the model may call.
		 * @param tools the tools in their order
		 * @return this builder
		 */
		public Builder tools(List<ToolDefinition> tools) {
			Elements.of(tools, "tools").forEach(this::tool);
			return this;
		}

		/**
		 * Replace the tools that were added before.
		 * @param tools the tools in their order; empty for none
		 * @return this builder
		 */
		public Builder replaceTools(List<ToolDefinition> tools) {
			this.tools = List.of();
			return tools(tools);
		}

		/**
		 * Leave a parameter to the provider, even if the template or
		 * {@code deepseek.chat} has a default of it.
		 * @param parameter the name of the parameter, as the method of this builder is
		 * called: {@code "temperature"}
		 * @return this builder
		 * @throws IllegalArgumentException if there is no such parameter
		 */
		public Builder unset(String parameter) {
			Assert.notNull(parameter, "'parameter' must not be null");
			clear(parameter);
			this.unset = new TreeSet<>(this.unset);
			this.unset.add(parameter);
			return this;
		}

		private void clear(String parameter) {
			switch (parameter) {
				case "model" -> this.model = null;
				case "temperature" -> this.temperature = null;
				case "topP" -> this.topP = null;
				case "topK" -> this.topK = null;
				case "n" -> this.n = null;
				case "maxTokens" -> this.maxTokens = null;
				case "presencePenalty" -> this.presencePenalty = null;
				case "frequencyPenalty" -> this.frequencyPenalty = null;
				case "logprobs" -> this.logprobs = null;
				case "topLogprobs" -> this.topLogprobs = null;
				case "responseFormat" -> this.responseFormat = null;
				case "toolChoice" -> this.toolChoice = null;
				case "includeUsage" -> this.includeUsage = null;
				case "userId" -> this.user = null;
				case "thinking" -> this.thinking = null;
				case "reasoningEffort" -> this.reasoningEffort = null;
				case "provider" -> this.provider = null;
				case "stop" -> this.stop = List.of();
				case "logitBias" -> this.logitBias = Map.of();
				case "tools" -> this.tools = List.of();
				case "extras" -> this.extras = Map.of();
				case "headers" -> this.headers = Map.of();
				default -> throw new IllegalArgumentException("there is no parameter '" + parameter + "'");
			}
		}

		/**
		 * Add a field that this class does not know, sent as it is. A name that stands
		 * for a parameter of this class wins over that parameter.
		 * @param name the field's name on the wire
		 * @param value what Jackson can write: strings, numbers, booleans, lists, maps,
		 * {@code null}
		 * @return this builder
		 */
		public Builder extra(String name, @Nullable Object value) {
			Assert.hasText(name, "'name' must not be empty");
			this.extras = this.extras.isEmpty() ? new LinkedHashMap<>() : this.extras;
			this.extras.put(name, value);
			return this;
		}

		/**
		 * Add an HTTP header, in place of the one that
		 * {@code deepseek.providers.*.headers} may have under this name. It goes to every
		 * provider that is asked, after a failover too, so that it must not be a
		 * credential: those come from the {@code api-key} property or an
		 * {@code ApiKeyResolver}.
		 * @param name the header's name, in any case
		 * @param value its value, in ASCII characters
		 * @return this builder
		 * @throws IllegalArgumentException if there cannot be such a header, or if it is
		 * one that carries a credential or that the exchange itself sets; the message
		 * does not repeat the value
		 */
		public Builder header(String name, String value) {
			Assert.isTrue(name != null && HEADER_NAME.matcher(name).matches(),
					"a header's name must consist of letters, digits and dashes");
			Assert.isTrue(value != null && HEADER_VALUE.matcher(value).matches(), () -> "the value of header '" + name
					+ "' must consist of ASCII characters and must not have line ends");
			String lowerCase = name.toLowerCase(Locale.ROOT);
			Assert.isTrue(!CREDENTIAL_HEADERS.contains(lowerCase), () -> "header '" + name
					+ "' would carry a credential to every provider that is asked; use the api-key property or an"
					+ " ApiKeyResolver");
			Assert.isTrue(!OWN_HEADERS.contains(lowerCase),
					() -> "header '" + name + "' is set by the exchange itself");
			this.headers = this.headers.isEmpty() ? new LinkedHashMap<>() : this.headers;
			this.headers.keySet().removeIf((existing) -> existing.equalsIgnoreCase(name));
			this.headers.put(name, value);
			return this;
		}

		/**
		 * Build the request.
		 * @return the request
		 */
		public ChatRequest build() {
			return new ChatRequest(this);
		}

	}

}
