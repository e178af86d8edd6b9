package io.github.deepseekboot.autoconfigure;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.provider.DoneMarker;
import io.github.deepseekboot.provider.Ping;
import io.github.deepseekboot.provider.ReasoningReplay;
import io.github.deepseekboot.provider.StructuredOutput;

/**
 * Configuration properties for chat with DeepSeek models. A group of which no property is
 * set is not bound, which would take a large part of a start, but has the defaults.
 *
 * @param enabled Whether to enable the auto-configuration.
 * @param failOnUnknownProperties Whether to fail at startup if a property under
 * 'deepseek' is unknown. Environment variables are not checked.
 * @param provider Id of the default provider. Optional if there is only one.
 * @param fallback Ids of the providers to fail over to, in this order.
 * @param chat Defaults of every request.
 * @param providers Providers by id. An id consists of lower-case letters and digits.
 * @param timeout Timeouts of all providers.
 * @param retry Retries of failed attempts.
 * @param circuit Circuits, which stop calls to a failing provider.
 * @param limit Limits of concurrent calls, connections and rates.
 * @param conversation Conversations: storage and what is sent of a history.
 * @param shared State that instances share.
 * @param shutdown Graceful shutdown of running calls.
 * @param health Health checks.
 * @param observations Meters and traces.
 * @param web Responses of a web application.
 * @param langchain4j LangChain4j on top of the providers.
 */
@ConfigurationProperties("deepseek")
public record DeepSeekProperties(@DefaultValue("true") boolean enabled,
		@DefaultValue("true") boolean failOnUnknownProperties, @Nullable String provider,
		@DefaultValue List<String> fallback, Chat chat, @DefaultValue Map<String, ProviderProperties> providers,
		Timeout timeout, Retry retry, Circuit circuit, Limit limit, Conversation conversation, Shared shared,
		Shutdown shutdown, Health health, Observations observations, Web web, LangChain4j langchain4j) {

	/**
	 * Put the defaults in place of groups that are not bound.
	 */
	public DeepSeekProperties {
		chat = Objects.requireNonNullElse(chat, Chat.DEFAULTS);
		timeout = Objects.requireNonNullElse(timeout, Timeout.DEFAULTS);
		retry = Objects.requireNonNullElse(retry, Retry.DEFAULTS);
		circuit = Objects.requireNonNullElse(circuit, Circuit.DEFAULTS);
		limit = Objects.requireNonNullElse(limit, Limit.DEFAULTS);
		conversation = Objects.requireNonNullElse(conversation, Conversation.DEFAULTS);
		shared = Objects.requireNonNullElse(shared, Shared.DEFAULTS);
		shutdown = Objects.requireNonNullElse(shutdown, Shutdown.DEFAULTS);
		health = Objects.requireNonNullElse(health, Health.DEFAULTS);
		observations = Objects.requireNonNullElse(observations, Observations.DEFAULTS);
		web = Objects.requireNonNullElse(web, Web.DEFAULTS);
		langchain4j = Objects.requireNonNullElse(langchain4j, LangChain4j.DEFAULTS);
	}

	/**
	 * Defaults of every request.
	 *
	 * @param model Logical name, or provider's id, of the model.
	 * @param temperature Sampling temperature, usually between 0 and 2.
	 * @param topP Nucleus sampling: share of the probability that tokens are sampled
	 * from, above 0 and up to 1.
	 * @param topK Number of most likely tokens that are sampled from.
	 * @param maxTokens Maximum number of tokens of an answer.
	 * @param presencePenalty Penalty for tokens that occur in the text already, between
	 * -2 and 2.
	 * @param frequencyPenalty Penalty for tokens by how often they occur in the text,
	 * between -2 and 2.
	 * @param stop Texts at which an answer ends.
	 * @param thinking Whether to think before answering. By default, as the model is
	 * configured.
	 * @param reasoningEffort How much to think. Enables thinking.
	 * @param userId Opaque id of the end user.
	 */
	public record Chat(@Nullable String model, @Nullable Double temperature, @Nullable Double topP,
			@Nullable Integer topK, @Nullable Integer maxTokens, @Nullable Double presencePenalty,
			@Nullable Double frequencyPenalty, @DefaultValue List<String> stop, @Nullable Boolean thinking,
			@Nullable ReasoningEffort reasoningEffort, @Nullable String userId) {

		static final Chat DEFAULTS = new Chat(null, null, null, null, null, null, null, List.of(), null, null, null);

	}

	/**
	 * Provider of chat completions.
	 *
	 * @param preset Preset that describes the host. By default, the preset with the id of
	 * the provider if there is one, else 'openai'.
	 * @param baseUrl Base URL of the host's API, used as written.
	 * @param completionsPath Path of chat completions below the base URL.
	 * @param apiKey API key of the account.
	 * @param models Models by logical name.
	 * @param headers Headers to send with every request.
	 * @param extra Fields to add to the body of every chat request that does not have
	 * them, by their JSON names. A text that reads as a number, true or false is sent as
	 * such unless it is in double quotes.
	 * @param proxy Proxy to connect through, as http://host:port or socks5://host:port.
	 * May have a user and a password before the host.
	 * @param ssl Keys and certificates.
	 * @param doneMarker Whether a stream must end with [DONE] even if all of its choices
	 * have finish reasons.
	 * @param replayReasoning Whether to send back the reasoning of earlier answers.
	 * @param structuredOutput How to ask for a typed answer.
	 * @param timeout Timeouts of this provider, in place of the common ones.
	 * @param retry Retries of failed attempts, in place of the common settings.
	 * @param circuit Circuits of this provider, in place of the common settings.
	 * @param limit Limits of this provider, in place of the common settings.
	 * @param health Health check of this provider.
	 */
	public record ProviderProperties(@Nullable String preset, @Nullable String baseUrl,
			@Nullable String completionsPath, @JsonIgnore @Nullable String apiKey,
			@DefaultValue Map<String, Model> models, @DefaultValue Map<String, String> headers,
			@DefaultValue Map<String, Object> extra, @Nullable String proxy, Ssl ssl, @Nullable DoneMarker doneMarker,
			@Nullable ReasoningReplay replayReasoning, @Nullable StructuredOutput structuredOutput, Timeout timeout,
			Retry retry, Circuit circuit, Limit limit, ProviderHealth health) {

		/**
		 * Put the defaults in place of groups that are not bound.
		 */
		public ProviderProperties {
			ssl = Objects.requireNonNullElse(ssl, Ssl.DEFAULTS);
			timeout = Objects.requireNonNullElse(timeout, Timeout.DEFAULTS);
			retry = Objects.requireNonNullElse(retry, Retry.DEFAULTS);
			circuit = Objects.requireNonNullElse(circuit, Circuit.DEFAULTS);
			limit = Objects.requireNonNullElse(limit, Limit.DEFAULTS);
			health = Objects.requireNonNullElse(health, ProviderHealth.DEFAULTS);
		}

		@Override
		public String toString() {
			return "ProviderProperties[preset=" + this.preset + ", baseUrl=" + this.baseUrl + "]";
		}

	}

	/**
	 * Model of a provider that a logical name stands for. Where only the id is given, the
	 * value may be the id itself.
	 *
	 * @param id the provider's own id of the model
	 * @param thinking Whether the model should think.
	 * @param price Price of the model.
	 */
	public record Model(@Nullable String id, @Nullable Boolean thinking, @Nullable Price price) {

		/**
		 * The shorthand.
		 * @param id the provider's own id of the model
		 * @return a model of that id
		 */
		public static Model of(String id) {
			return new Model(id, null, null);
		}

	}

	/**
	 * Price of a model.
	 *
	 * @param input Price of a million prompt tokens.
	 * @param cachedInput Price of a million prompt tokens that are read from the cache.
	 * By default, the price of input.
	 * @param output Price of a million completion tokens.
	 * @param currency Currency of the prices, as an ISO 4217 code.
	 * @param peak Hours in which the model costs more, or less.
	 */
	public record Price(@DefaultValue("0") BigDecimal input, @Nullable BigDecimal cachedInput,
			@DefaultValue("0") BigDecimal output, @DefaultValue("CNY") String currency, @Nullable Peak peak) {

	}

	/**
	 * Hours in which a model costs more, or less.
	 *
	 * @param factor Factor by which to multiply the prices in these hours.
	 * @param zone Time zone of days, hours and dates.
	 * @param days Days of the week. By default, every day.
	 * @param hours Hours of such a day, such as 09:00-12:00. By default, all day.
	 * @param except Dates without such hours, such as public holidays.
	 */
	public record Peak(@Nullable BigDecimal factor, @Nullable ZoneId zone, @DefaultValue Set<DayOfWeek> days,
			@DefaultValue List<String> hours, @DefaultValue Set<LocalDate> except) {

	}

	/**
	 * Keys and certificates.
	 *
	 * @param bundle Name of the SSL bundle to use.
	 */
	public record Ssl(@Nullable String bundle) {

		static final Ssl DEFAULTS = new Ssl(null);

	}

	/**
	 * Timeouts.
	 *
	 * @param connect Time to open a connection.
	 * @param tls Time for the TLS handshake.
	 * @param acquire Time to acquire a connection from the pool.
	 * @param idleBytes Time between two reads of an answer, from its first byte on.
	 * Keep-alives count as bytes.
	 * @param firstToken Time from the start of a stream to its first token. By default,
	 * 120s if another provider can take over, else 10m.
	 * @param idleTokens Time between two tokens of a stream, after the first. Keep-alives
	 * do not count as tokens.
	 * @param finishGrace Time to wait for usage and [DONE] when all choices of a stream
	 * have finish reasons.
	 * @param total Time of a complete call, all attempts included.
	 */
	public record Timeout(@Nullable Duration connect, @Nullable Duration tls, @Nullable Duration acquire,
			@Nullable Duration idleBytes, @Nullable Duration firstToken, @Nullable Duration idleTokens,
			@Nullable Duration finishGrace, @Nullable Duration total) {

		static final Timeout DEFAULTS = new Timeout(null, null, null, null, null, null, null, null);

	}

	/**
	 * Retries of failed attempts.
	 *
	 * @param maxAttempts Maximum number of attempts of a call, at all providers together.
	 * @param extraSends Maximum number of failed attempts of a call that may be followed
	 * by another one although the provider may have processed and billed them.
	 * @param backoff Wait before the first retry at the same provider. Doubled for each
	 * further one, and shortened at random by up to a half.
	 * @param maxBackoff Maximum wait before a retry at the same provider.
	 * @param budget Number of failures that may be followed by a retry at the same
	 * provider while nothing succeeds. Each success gives a tenth back.
	 * @param refusalMemory Time for which requests that ask for what a model refused as
	 * unsupported go to other providers first. Zero to ask the model each time.
	 */
	public record Retry(@Nullable Integer maxAttempts, @Nullable Integer extraSends, @Nullable Duration backoff,
			@Nullable Duration maxBackoff, @Nullable Integer budget, @Nullable Duration refusalMemory) {

		static final Retry DEFAULTS = new Retry(null, null, null, null, null, null);

	}

	/**
	 * Circuits, which stop calls to a failing provider.
	 *
	 * @param failureRate Percentage of failures that opens the circuit, between 1 and
	 * 100.
	 * @param window Number of latest calls that count for the failure rate.
	 * @param openFor Time for which an open circuit permits no call.
	 * @param halfOpen Number of trial calls that a half-open circuit permits.
	 */
	public record Circuit(@Nullable Integer failureRate, @Nullable Integer window,
			@Nullable @Name("wait") Duration openFor, @Nullable Integer halfOpen) {

		static final Circuit DEFAULTS = new Circuit(null, null, null, null);

	}

	/**
	 * Limits of concurrent calls, connections and rates.
	 *
	 * @param maxConcurrent Maximum number of concurrent calls of one account to one
	 * model.
	 * @param maxWait Maximum time that a call waits for a permit.
	 * @param maxConnections Maximum number of connections to a provider, of all keys
	 * together. By default, twice max-concurrent.
	 * @param maxToolCalls Maximum number of tool calls of one answer. An answer with more
	 * fails.
	 * @param requestsPerMinute Maximum number of requests per minute of one account to
	 * one model. By default, there is no limit.
	 * @param tokensPerMinute Maximum number of tokens per minute of one account to one
	 * model, estimated before a call and settled after it. By default, there is no limit.
	 */
	public record Limit(@Nullable Integer maxConcurrent, @Nullable Duration maxWait, @Nullable Integer maxConnections,
			@Nullable Integer maxToolCalls, @Nullable Integer requestsPerMinute, @Nullable Long tokensPerMinute) {

		static final Limit DEFAULTS = new Limit(null, null, null, null, null, null);

	}

	/**
	 * Conversations: storage and what is sent of a history.
	 *
	 * @param store Where to keep conversations.
	 * @param timeToLive How long to keep a conversation in Redis or in a database after
	 * its latest turn. By default, it is kept forever.
	 * @param turnLease Time for which a turn locks the conversation for other instances,
	 * unless it is extended. By default, instances do not wait for each other.
	 * @param maxTokens Maximum number of tokens of a history to send, as estimated.
	 * @param maxMessages Maximum number of messages of a history to send.
	 * @param maxWait Maximum time that a turn waits for the one before.
	 * @param maxConversations Maximum number of conversations to keep in memory.
	 * @param maxCharacters Maximum number of characters to keep in memory, of all
	 * conversations.
	 * @param jdbc Conversations in a database.
	 */
	public record Conversation(@DefaultValue("memory") Store store, @Nullable Duration timeToLive,
			@Nullable Duration turnLease, @DefaultValue("32000") int maxTokens, @Nullable Integer maxMessages,
			@DefaultValue("1m") Duration maxWait, @DefaultValue("1000") int maxConversations,
			@DefaultValue("33554432") long maxCharacters, Jdbc jdbc) {

		static final Conversation DEFAULTS = new Conversation(Store.MEMORY, null, null, 32_000, null,
				Duration.ofMinutes(1), 1000, 33_554_432, Jdbc.DEFAULTS);

		/**
		 * Put the defaults in place of a group that is not bound.
		 */
		public Conversation {
			jdbc = Objects.requireNonNullElse(jdbc, Jdbc.DEFAULTS);
		}

	}

	/**
	 * Where conversations are kept.
	 */
	public enum Store {

		/**
		 * In the memory of this instance.
		 */
		MEMORY,

		/**
		 * In Redis, which instances share.
		 */
		REDIS,

		/**
		 * In a database, which instances share.
		 */
		JDBC

	}

	/**
	 * Conversations in a database.
	 *
	 * @param initializeSchema When to create the tables.
	 * @param cleanupInterval Interval at which expired conversations are deleted.
	 */
	public record Jdbc(@DefaultValue("embedded") InitializeSchema initializeSchema,
			@DefaultValue("10m") Duration cleanupInterval) {

		static final Jdbc DEFAULTS = new Jdbc(InitializeSchema.EMBEDDED, Duration.ofMinutes(10));

	}

	/**
	 * When tables are created.
	 */
	public enum InitializeSchema {

		/**
		 * In a database that is embedded in the application.
		 */
		EMBEDDED,

		/**
		 * In any database.
		 */
		ALWAYS,

		/**
		 * Never: the scripts are run by other means.
		 */
		NEVER

	}

	/**
	 * State that instances share.
	 *
	 * @param enabled Whether to share limits and cool-downs in Redis.
	 * @param keyPrefix Prefix of all keys in Redis.
	 * @param maxWait Maximum time that a call waits for Redis before Redis counts as
	 * unavailable.
	 * @param lease Time after which the permits of an instance that died are released.
	 * @param whenUnavailable Which limits apply while Redis is unavailable.
	 * @param expectedInstances Number of instances that divide the limits while Redis is
	 * unavailable.
	 */
	public record Shared(@DefaultValue("false") boolean enabled, @DefaultValue("deepseek:") String keyPrefix,
			@DefaultValue("50ms") Duration maxWait, @DefaultValue("10s") Duration lease,
			@DefaultValue("local") WhenUnavailable whenUnavailable, @DefaultValue("2") int expectedInstances) {

		static final Shared DEFAULTS = new Shared(false, "deepseek:", Duration.ofMillis(50), Duration.ofSeconds(10),
				WhenUnavailable.LOCAL, 2);

	}

	/**
	 * Limits that apply while Redis is unavailable.
	 */
	public enum WhenUnavailable {

		/**
		 * Each instance has its part of the limits.
		 */
		LOCAL,

		/**
		 * There are no limits.
		 */
		OPEN,

		/**
		 * No call begins.
		 */
		CLOSED

	}

	/**
	 * Graceful shutdown of running calls.
	 *
	 * @param drain How long running calls may continue before they are ended with an
	 * error.
	 */
	public record Shutdown(@DefaultValue("10s") Duration drain) {

		static final Shutdown DEFAULTS = new Shutdown(Duration.ofSeconds(10));

	}

	/**
	 * Health checks.
	 *
	 * @param ttl Time for which the result of a health check, or of a real call, is
	 * valid.
	 * @param timeout Timeout of a health check.
	 */
	public record Health(@DefaultValue("60s") Duration ttl, @DefaultValue("5s") Duration timeout) {

		static final Health DEFAULTS = new Health(Duration.ofSeconds(60), Duration.ofSeconds(5));

	}

	/**
	 * Health check of one provider.
	 *
	 * @param ping How to check the health of the provider.
	 */
	public record ProviderHealth(@Nullable Ping ping) {

		static final ProviderHealth DEFAULTS = new ProviderHealth(null);

	}

	/**
	 * Meters and traces.
	 *
	 * @param conventions Names of the meters that have a standard name.
	 * @param includeContent Whether to include prompts and answers in traces.
	 * @param maxContentLength Maximum number of characters of a prompt or an answer in a
	 * trace.
	 */
	public record Observations(@DefaultValue("deepseek") MeterConventions conventions,
			@DefaultValue("false") boolean includeContent, @DefaultValue("4000") int maxContentLength) {

		static final Observations DEFAULTS = new Observations(MeterConventions.DEEPSEEK, false, 4000);

	}

	/**
	 * LangChain4j on top of the providers.
	 *
	 * @param enabled Whether to create chat models of LangChain4j if it is on the class
	 * path.
	 */
	public record LangChain4j(@DefaultValue("true") boolean enabled) {

		static final LangChain4j DEFAULTS = new LangChain4j(true);

	}

	/**
	 * Responses of a web application.
	 *
	 * @param problemDetails Whether to answer failed calls with RFC 9457 problem details
	 * and a status by the kind of error.
	 */
	public record Web(@DefaultValue("false") boolean problemDetails) {

		static final Web DEFAULTS = new Web(false);

	}

	/**
	 * Names of the meters that have a standard name.
	 */
	public enum MeterConventions {

		/**
		 * By names of this library's own.
		 */
		DEEPSEEK,

		/**
		 * By the names of OpenTelemetry's conventions for generative AI.
		 */
		GEN_AI

	}

}
