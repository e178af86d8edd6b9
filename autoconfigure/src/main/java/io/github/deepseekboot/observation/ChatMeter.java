package io.github.deepseekboot.observation;

import java.util.List;

/**
 * The meters, named in one place; docs/metrics.md is made from this.
 */
public enum ChatMeter {

	/**
	 * Duration of calls.
	 */
	OPERATION_DURATION("deepseek.client.operation.duration", Kind.TIMER, "Duration of a call, all attempts included",
			"provider", "model", "response.model", "operation", "stream", "outcome", "error.type"),

	/**
	 * Tokens of calls.
	 */
	TOKEN_USAGE("deepseek.client.token.usage", Kind.SUMMARY,
			"Tokens of a call as the provider counted them; calls without a report are left out", "provider", "model",
			"type"),

	/**
	 * Time to the first token.
	 */
	TIME_TO_FIRST_TOKEN("deepseek.client.time.to.first.token", Kind.TIMER,
			"From the start of a streaming call to its first content, reasoning or tool call", "provider", "model"),

	/**
	 * Errors.
	 */
	ERRORS("deepseek.client.errors", Kind.COUNTER,
			"Failed attempts, including those that a retry or a failover made up for", "provider", "model", "status",
			"code", "error.type"),

	/**
	 * Tokens in detail.
	 */
	TOKENS_DETAIL("deepseek.client.tokens.detail", Kind.COUNTER,
			"Prompt tokens by cache hit and miss, and completion tokens that were reasoning", "provider", "model",
			"kind"),

	/**
	 * Attempts.
	 */
	ATTEMPTS("deepseek.client.attempts", Kind.COUNTER, "Attempts at providers", "provider", "outcome", "error.type"),

	/**
	 * Failovers.
	 */
	FAILOVERS("deepseek.client.failovers", Kind.COUNTER, "Calls that failed over to another provider", "from", "to",
			"reason"),

	/**
	 * Sends that may be billed twice.
	 */
	EXTRA_SENDS("deepseek.client.extra.sends", Kind.COUNTER,
			"Calls sent again after a failure that may have been billed", "provider", "reason"),

	/**
	 * Active streams.
	 */
	STREAMS_ACTIVE("deepseek.client.streams.active", Kind.GAUGE, "Streams that are open", "provider"),

	/**
	 * Reconnects.
	 */
	RECONNECTS("deepseek.client.reconnects", Kind.COUNTER,
			"Connections from the pool that turned out to be closed before a request was sent, and were replaced",
			"provider"),

	/**
	 * Ends without marker.
	 */
	ENDS_WITHOUT_MARKER("deepseek.client.streams.unmarked", Kind.COUNTER,
			"Streams that were complete by their finish reasons but ended without [DONE], and perhaps without usage",
			"provider"),

	/**
	 * Provider state.
	 */
	PROVIDER_STATE("deepseek.provider.state", Kind.GAUGE,
			"1 if calls go to the provider, 0.5 while its circuit is half-open, 0 during a cool-down or while the"
					+ " circuit is open",
			"provider"),

	/**
	 * Cost.
	 */
	COST("deepseek.client.cost", Kind.COUNTER, "Cost of calls at the configured prices", "provider", "model",
			"currency");

	private final String meterName;

	private final Kind kind;

	private final String description;

	private final List<String> tags;

	ChatMeter(String meterName, Kind kind, String description, String... tags) {
		this.meterName = meterName;
		this.kind = kind;
		this.description = description;
		this.tags = List.of(tags);
	}

	/**
	 * The meter's name.
	 * @return the name, in Micrometer's spelling
	 */
	public String meterName() {
		return this.meterName;
	}

	/**
	 * The meter's kind.
	 * @return the kind
	 */
	public Kind kind() {
		return this.kind;
	}

	/**
	 * What it measures.
	 * @return one sentence, without a full stop
	 */
	public String description() {
		return this.description;
	}

	/**
	 * The keys of its tags: the same on every path.
	 * @return the keys
	 */
	public List<String> tags() {
		return this.tags;
	}

	/**
	 * The kinds of meters.
	 */
	public enum Kind {

		/**
		 * A timer with a histogram.
		 */
		TIMER,

		/**
		 * A distribution summary with a histogram.
		 */
		SUMMARY,

		/**
		 * A counter.
		 */
		COUNTER,

		/**
		 * A gauge.
		 */
		GAUGE

	}

}
