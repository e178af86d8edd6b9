package io.github.deepseekboot.autoconfigure;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
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
 * Configuration properties for chat with DeepSeek models.
 *
 * @param enabled whether the auto-configuration is enabled
 * @param failOnUnknownProperties whether a name under deepseek that nothing reads stops
 * the start; environment variables are not looked at
 * @param provider id of the provider that answers; may be left out if there is only one
 * @param fallback ids of the providers to ask, in this order, after the default one
 * @param chat defaults of every request
 * @param providers the providers by id; an id is made of lower-case letters and digits
 * @param timeout clocks of all providers
 * @param retry how failed attempts are followed by others
 * @param circuit when a provider that fails is passed over
 * @param limit how many calls run at once
 * @param conversation how conversations are kept and sent along
 * @param shared what instances share
 * @param shutdown what becomes of running calls when the application stops
 * @param health how health is found out
 * @param observations meters and traces
 * @param web what users of a web application see
 * @param langchain4j LangChain4j on top of the providers
 */
@ConfigurationProperties("deepseek")
public record DeepSeekProperties(@DefaultValue("true") boolean enabled,
		@DefaultValue("true") boolean failOnUnknownProperties, @Nullable String provider,
		@DefaultValue List<String> fallback, @DefaultValue Chat chat,
		@DefaultValue Map<String, ProviderProperties> providers, @DefaultValue Timeout timeout,
		@DefaultValue Retry retry, @DefaultValue Circuit circuit, @DefaultValue Limit limit,
		@DefaultValue Conversation conversation, @DefaultValue Shared shared, @DefaultValue Shutdown shutdown,
		@DefaultValue Health health, @DefaultValue Observations observations, @DefaultValue Web web,
		@DefaultValue LangChain4j langchain4j) {

	/**
	 * Defaults of every request.
	 *
	 * @param model logical name or native id of the model
	 * @param temperature sampling temperature, usually 0 to 2
	 * @param topP nucleus sampling, above 0 to 1
	 * @param topK how many tokens are sampled from
	 * @param maxTokens the most tokens to answer with
	 * @param presencePenalty penalty of tokens that the text has already, from -2 to 2
	 * @param frequencyPenalty penalty of tokens that the text has often, from -2 to 2
	 * @param stop texts at which an answer ends
	 * @param thinking whether to think before answering, whatever the model's name says
	 * @param reasoningEffort how much to think; switches thinking on
	 * @param userId opaque id of the end user
	 */
	public record Chat(@Nullable String model, @Nullable Double temperature, @Nullable Double topP,
			@Nullable Integer topK, @Nullable Integer maxTokens, @Nullable Double presencePenalty,
			@Nullable Double frequencyPenalty, @DefaultValue List<String> stop, @Nullable Boolean thinking,
			@Nullable ReasoningEffort reasoningEffort, @Nullable String userId) {

	}

	/**
	 * One provider.
	 *
	 * @param preset what is known of the host; by default the preset named like the
	 * provider, else 'openai'
	 * @param baseUrl address below which the host's paths lie, taken as written
	 * @param completionsPath path of chat completions below the base URL
	 * @param apiKey key of the account
	 * @param models models by logical name
	 * @param headers headers sent with every request
	 * @param extra fields sent with every chat request that does not have them, by their
	 * names on the wire; a text that reads as a number, true or false is sent as such,
	 * unless it is in double quotes
	 * @param proxy proxy to go through, as http://host:port or socks5://host:port; a user
	 * and a password may stand before the host
	 * @param ssl keys and certificates
	 * @param doneMarker whether a stream must end with [DONE] also where all of its
	 * choices have finish reasons
	 * @param replayReasoning whether the chain of thought of earlier answers is sent back
	 * @param structuredOutput how a typed answer is asked for
	 * @param timeout clocks of this provider, in place of the common ones
	 * @param retry how failed attempts are followed by others, in place of the common
	 * settings
	 * @param circuit when this provider is passed over, in place of the common settings
	 * @param limit how many calls run at once at this provider, in place of the common
	 * settings
	 * @param health how this provider's health is found out
	 */
	public record ProviderProperties(@Nullable String preset, @Nullable String baseUrl,
			@Nullable String completionsPath, @JsonIgnore @Nullable String apiKey,
			@DefaultValue Map<String, Model> models, @DefaultValue Map<String, String> headers,
			@DefaultValue Map<String, Object> extra, @Nullable String proxy, @DefaultValue Ssl ssl,
			@Nullable DoneMarker doneMarker, @Nullable ReasoningReplay replayReasoning,
			@Nullable StructuredOutput structuredOutput, @DefaultValue Timeout timeout, @DefaultValue Retry retry,
			@DefaultValue Circuit circuit, @DefaultValue Limit limit, @DefaultValue ProviderHealth health) {

		@Override
		public String toString() {
			return "ProviderProperties[preset=" + this.preset + ", baseUrl=" + this.baseUrl + "]";
		}

	}

	/**
	 * What a logical model name stands for at one provider. Where only the id is to be
	 * said, the name's value may be the id itself.
	 *
	 * @param id the provider's own id of the model
	 * @param thinking whether it shall think
	 * @param price what it costs
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
	 * What a model costs.
	 *
	 * @param input price of a million prompt tokens
	 * @param cachedInput price of a million prompt tokens answered from the cache; by
	 * default that of input
	 * @param output price of a million completion tokens
	 * @param currency currency of the prices, an ISO 4217 code
	 * @param peak hours in which it costs more, or less
	 */
	public record Price(@DefaultValue("0") BigDecimal input, @Nullable BigDecimal cachedInput,
			@DefaultValue("0") BigDecimal output, @DefaultValue("CNY") String currency, @Nullable Peak peak) {

	}

	/**
	 * Hours in which a model costs more, or less.
	 *
	 * @param factor what the prices are multiplied by in these hours
	 * @param zone time zone of days, hours and dates
	 * @param days days of the week; by default all
	 * @param hours hours of such a day, such as 09:00-12:00; by default all day
	 * @param except dates on which there are no such hours, such as public holidays
	 */
	public record Peak(@Nullable BigDecimal factor, @Nullable ZoneId zone, @DefaultValue Set<DayOfWeek> days,
			@DefaultValue List<String> hours, @DefaultValue Set<LocalDate> except) {

	}

	/**
	 * Keys and certificates.
	 *
	 * @param bundle name of the SSL bundle to use
	 */
	public record Ssl(@Nullable String bundle) {

	}

	/**
	 * Clocks.
	 *
	 * @param connect time to open a connection
	 * @param tls time to agree on encryption
	 * @param acquire time to get a connection from the pool
	 * @param idleBytes time between two reads of an answer, from its first byte on;
	 * keep-alives count
	 * @param firstToken time from a stream's start to its first token; by default 120s if
	 * another provider can take over, else 10m
	 * @param idleTokens time between two tokens of a stream, after the first; keep-alives
	 * do not count
	 * @param finishGrace how long a stream waits for usage and [DONE] once all of its
	 * choices have finish reasons
	 * @param total time of a whole call
	 */
	public record Timeout(@Nullable Duration connect, @Nullable Duration tls, @Nullable Duration acquire,
			@Nullable Duration idleBytes, @Nullable Duration firstToken, @Nullable Duration idleTokens,
			@Nullable Duration finishGrace, @Nullable Duration total) {

	}

	/**
	 * How failed attempts are followed by others.
	 *
	 * @param maxAttempts the most attempts of a call, at all providers together
	 * @param extraSends how many failed attempts of a call that may have been processed
	 * and billed may be followed by another one
	 * @param backoff wait before the first retry at the same provider; doubled for each
	 * further one, and shortened by chance by up to a half
	 * @param maxBackoff the longest such wait
	 * @param budget how many failures may be followed by a retry at the same provider
	 * while nothing succeeds; each success gives a tenth back
	 */
	public record Retry(@Nullable Integer maxAttempts, @Nullable Integer extraSends, @Nullable Duration backoff,
			@Nullable Duration maxBackoff, @Nullable Integer budget) {

	}

	/**
	 * When a provider that fails is passed over.
	 *
	 * @param failureRate percentage of failures that opens the circuit, 1 to 100
	 * @param window how many of the latest calls are looked at
	 * @param openFor how long an open circuit lets no call through
	 * @param halfOpen how many trial calls it lets through after that
	 */
	public record Circuit(@Nullable Integer failureRate, @Nullable Integer window,
			@Nullable @Name("wait") Duration openFor, @Nullable Integer halfOpen) {

	}

	/**
	 * How many calls run at once.
	 *
	 * @param maxConcurrent the most calls at once of one account to one model
	 * @param maxWait how long a call may wait for its turn
	 * @param maxConnections the most connections to a provider at once, of all keys
	 * together; by default twice max-concurrent
	 * @param maxToolCalls the most tool calls of one answer; an answer with more fails
	 * @param requestsPerMinute the most requests in a minute, of one account to one
	 * model; by default there is no limit
	 * @param tokensPerMinute the most tokens in a minute, of one account to one model,
	 * estimated before a call and settled after it; by default there is no limit
	 */
	public record Limit(@Nullable Integer maxConcurrent, @Nullable Duration maxWait, @Nullable Integer maxConnections,
			@Nullable Integer maxToolCalls, @Nullable Integer requestsPerMinute, @Nullable Long tokensPerMinute) {

	}

	/**
	 * How conversations are kept and sent along.
	 *
	 * @param store where conversations are kept
	 * @param timeToLive how long a conversation in Redis or in a database is kept after
	 * its latest turn; by default for ever
	 * @param turnLease for how long a turn keeps other instances from the conversation,
	 * unless it is extended; by default they do not wait for each other
	 * @param maxTokens the most tokens of a history that are sent along, as estimated
	 * @param maxMessages the most messages of a history that are sent along
	 * @param maxWait how long a turn may wait for the one before
	 * @param maxConversations the most conversations kept in memory
	 * @param maxCharacters the most characters kept in memory, of all conversations
	 * @param jdbc how conversations are kept in a database
	 */
	public record Conversation(@DefaultValue("memory") Store store, @Nullable Duration timeToLive,
			@Nullable Duration turnLease, @DefaultValue("32000") int maxTokens, @Nullable Integer maxMessages,
			@DefaultValue("1m") Duration maxWait, @DefaultValue("1000") int maxConversations,
			@DefaultValue("33554432") long maxCharacters, @DefaultValue Jdbc jdbc) {

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
	 * How conversations are kept in a database.
	 *
	 * @param initializeSchema when the tables are created
	 * @param cleanupInterval time between two sweeps that delete conversations whose time
	 * is over
	 */
	public record Jdbc(@DefaultValue("embedded") InitializeSchema initializeSchema,
			@DefaultValue("10m") Duration cleanupInterval) {

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
	 * What instances share.
	 *
	 * @param enabled whether limits and cool-downs are shared in Redis
	 * @param keyPrefix what all keys in Redis begin with
	 * @param maxWait how long a call waits for Redis, until it counts as gone
	 * @param lease how long the permits of an instance that died are kept from the others
	 * @param whenUnavailable what holds while Redis is gone
	 * @param expectedInstances how many instances divide the limits among them while
	 * Redis is gone
	 */
	public record Shared(@DefaultValue("false") boolean enabled, @DefaultValue("deepseek:") String keyPrefix,
			@DefaultValue("50ms") Duration maxWait, @DefaultValue("10s") Duration lease,
			@DefaultValue("local") WhenUnavailable whenUnavailable, @DefaultValue("2") int expectedInstances) {

	}

	/**
	 * What holds while Redis is gone.
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
	 * What becomes of running calls when the application stops.
	 *
	 * @param drain how long running calls may go on before they are ended with an error
	 */
	public record Shutdown(@DefaultValue("10s") Duration drain) {

	}

	/**
	 * How health is found out.
	 *
	 * @param ttl how long a ping's result, or a real answer, counts
	 * @param timeout how long a ping may take
	 */
	public record Health(@DefaultValue("60s") Duration ttl, @DefaultValue("5s") Duration timeout) {

	}

	/**
	 * How one provider's health is found out.
	 *
	 * @param ping how it is asked whether it is well
	 */
	public record ProviderHealth(@Nullable Ping ping) {

	}

	/**
	 * Meters and traces.
	 *
	 * @param conventions how the meters are called that have a standard name
	 * @param includeContent whether traces show prompts and answers
	 * @param maxContentLength how many characters of a prompt or an answer a trace shows
	 */
	public record Observations(@DefaultValue("deepseek") MeterConventions conventions,
			@DefaultValue("false") boolean includeContent, @DefaultValue("4000") int maxContentLength) {

	}

	/**
	 * LangChain4j on top of the providers.
	 *
	 * @param enabled whether there are chat models of LangChain4j, where it is on the
	 * class path
	 */
	public record LangChain4j(@DefaultValue("true") boolean enabled) {

	}

	/**
	 * What users of a web application see.
	 *
	 * @param problemDetails whether a failed call is answered with problem details, and
	 * with a status by its kind
	 */
	public record Web(@DefaultValue("false") boolean problemDetails) {

	}

	/**
	 * How the meters are called that have a standard name.
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
