package io.github.deepseekboot.test.provider;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * The answer that a script has for one call: what is said, how fast, and what goes wrong.
 * It answers one call that it fits, unless {@link #times(int)} or {@link #always()} says
 * otherwise. What it leaves open does not happen: an answer that says nothing is empty.
 */
public final class ScriptedAnswer {

	private static final Duration DEFAULT_KEEP_ALIVE_SPAN = Duration.ofSeconds(1);

	private final Predicate<ReceivedCall> condition;

	private final Script.Builder script;

	private @Nullable BiConsumer<ReceivedCall, ScriptedAnswer> decision;

	private int left = 1;

	ScriptedAnswer(Predicate<ReceivedCall> condition) {
		this(condition, Script.builder().exact());
	}

	ScriptedAnswer(Predicate<ReceivedCall> condition, Script.Builder script) {
		this.condition = condition;
		this.script = script;
	}

	/**
	 * Say that text.
	 * @param text the text
	 * @return this answer
	 */
	public ScriptedAnswer answers(String text) {
		Objects.requireNonNull(text, "'text' must not be null");
		return answers((call) -> text);
	}

	/**
	 * Say what a function makes of the call. It must not block.
	 * @param answerer the function
	 * @return this answer
	 */
	public synchronized ScriptedAnswer answers(Function<ReceivedCall, String> answerer) {
		this.script.answerCall(answerer);
		return this;
	}

	/**
	 * Say a text in these pieces, where by default each event of a stream has a token.
	 * @param pieces the pieces; a character may be cut in two
	 * @return this answer
	 */
	public synchronized ScriptedAnswer answersInPieces(String... pieces) {
		this.script.pieces(List.of(pieces));
		return this;
	}

	/**
	 * Send that body as it is, under status 200, in place of the host's own words. What
	 * goes wrong with the answer does so after it.
	 * @param contentType the content type
	 * @param body the body: JSON, or the events of a stream
	 * @return this answer
	 */
	public synchronized ScriptedAnswer sends(String contentType, String body) {
		this.script.body(new ProviderError(200, contentType, body, Map.of()));
		return this;
	}

	/**
	 * Say an object as JSON, as a typed answer has it.
	 * @param value the object; records, maps and lists will do
	 * @return this answer
	 */
	public ScriptedAnswer answersJson(Object value) {
		return answers(Json.write(value));
	}

	/**
	 * Think that text first.
	 * @param text the text
	 * @return this answer
	 */
	public synchronized ScriptedAnswer thinks(String text) {
		this.script.reasoning(text);
		return this;
	}

	/**
	 * Call a tool. Several calls make one answer with parallel calls.
	 * @param tool the name of the function
	 * @param arguments its arguments: a text as the model writes it, broken JSON
	 * included, or an object to write as JSON
	 * @return this answer
	 */
	public synchronized ScriptedAnswer calls(String tool, Object arguments) {
		this.script.toolCall(tool, (arguments instanceof String text) ? text : Json.write(arguments));
		return this;
	}

	/**
	 * Call a tool under an id of the test's choice.
	 * @param id the id of the call
	 * @param tool the name of the function
	 * @param arguments its arguments: a text as the model writes it, broken JSON
	 * included, or an object to write as JSON
	 * @return this answer
	 */
	public synchronized ScriptedAnswer calls(String id, String tool, Object arguments) {
		this.script.toolCallWithId(id, tool, (arguments instanceof String text) ? text : Json.write(arguments));
		return this;
	}

	/**
	 * Say that it is from that model, in place of the one that was asked for.
	 * @param model the model, as the provider names it
	 * @return this answer
	 */
	public synchronized ScriptedAnswer model(String model) {
		this.script.model(model);
		return this;
	}

	/**
	 * Fail with the host's usual error of that status, in its words. A status that the
	 * host is not known to send comes as a gateway's HTML page.
	 * @param status the HTTP status
	 * @return this answer
	 */
	public synchronized ScriptedAnswer fails(int status) {
		this.script.error(status);
		return this;
	}

	/**
	 * Fail with one of several errors that the host has for that status.
	 * @param status the HTTP status
	 * @param variant the variant, see {@link Script.Builder#error(int, String)}
	 * @return this answer
	 */
	public synchronized ScriptedAnswer fails(int status, String variant) {
		this.script.error(status, variant);
		return this;
	}

	/**
	 * Fail with that error.
	 * @param error the error
	 * @return this answer
	 */
	public synchronized ScriptedAnswer fails(ProviderError error) {
		this.script.error(error);
		return this;
	}

	/**
	 * Let something go wrong.
	 * @param fault the fault
	 * @return this answer
	 */
	public synchronized ScriptedAnswer fails(Fault fault) {
		this.script.fault(fault);
		return this;
	}

	/**
	 * Ask the client to wait before its next call.
	 * @param wait how long, sent as {@code Retry-After} in whole seconds or, if it is not
	 * whole, as {@code Retry-After-Ms}
	 * @return this answer
	 */
	public ScriptedAnswer retryAfter(Duration wait) {
		return (wait.toNanosPart() == 0) ? header("Retry-After", String.valueOf(wait.toSeconds()))
				: header("Retry-After-Ms", String.valueOf(wait.toMillis()));
	}

	/**
	 * Send one more header.
	 * @param name the header's name
	 * @param value the header's value
	 * @return this answer
	 */
	public synchronized ScriptedAnswer header(String name, String value) {
		this.script.header(name, value);
		return this;
	}

	/**
	 * Take that long between two tokens. An answer that is not streamed takes as long as
	 * its stream would.
	 * @param perToken the time between two tokens
	 * @return this answer
	 */
	public synchronized ScriptedAnswer pace(Duration perToken) {
		this.script.chunksPerSecond((perToken.isZero()) ? 0 : 1e9 / perToken.toNanos());
		return this;
	}

	/**
	 * Say nothing for a while before the first token; the status and the headers of a
	 * stream are sent before.
	 * @param wait how long
	 * @return this answer
	 */
	public synchronized ScriptedAnswer stallsBefore(Duration wait) {
		this.script.firstTokenDelay(wait);
		return this;
	}

	/**
	 * Send status and headers, then never a token.
	 * @return this answer
	 */
	public ScriptedAnswer stalls() {
		return fails(Fault.STALL_BEFORE_FIRST_TOKEN);
	}

	/**
	 * Fall silent after a number of tokens.
	 * @param tokens how many tokens come before; an answer that is not streamed stops
	 * half-way
	 * @return this answer
	 */
	public synchronized ScriptedAnswer stallsAfter(int tokens) {
		this.script.fault(Fault.STALL_AFTER, tokens);
		return this;
	}

	/**
	 * Reset the connection after a number of tokens.
	 * @param tokens how many tokens come before; an answer that is not streamed is cut
	 * half-way
	 * @return this answer
	 */
	public synchronized ScriptedAnswer cutsAfter(int tokens) {
		this.script.fault(Fault.CUT_AFTER, tokens);
		return this;
	}

	/**
	 * Show signs of life before the first token: comment lines in a stream, empty lines
	 * before an answer that is not streamed. Without {@link #stallsBefore(Duration)} they
	 * continue for a second.
	 * @param every the time between two
	 * @return this answer
	 */
	public synchronized ScriptedAnswer keepsAlive(Duration every) {
		this.script.keepAlive(every);
		if (this.script.build().firstTokenDelay().isZero()) {
			this.script.firstTokenDelay(DEFAULT_KEEP_ALIVE_SPAN);
		}
		return this;
	}

	/**
	 * End with that finish reason in place of the natural one.
	 * @param reason the finish reason, {@code length} for example
	 * @return this answer
	 */
	public synchronized ScriptedAnswer finishReason(String reason) {
		this.script.finishReason(reason);
		return this;
	}

	/**
	 * Report that usage. Without it the tokens are counted: those of the prompt roughly,
	 * those of the answer as they are sent.
	 * @param promptTokens the tokens of the prompt
	 * @param completionTokens the tokens of the answer
	 * @return this answer
	 */
	public ScriptedAnswer usage(int promptTokens, int completionTokens) {
		return usage(promptTokens, 0, completionTokens, 0);
	}

	/**
	 * Report that usage, with its details as far as the host has them.
	 * @param promptTokens the tokens of the prompt
	 * @param cachedTokens those of the prompt that come from the host's cache
	 * @param completionTokens the tokens of the answer
	 * @param reasoningTokens those of the answer that are reasoning
	 * @return this answer
	 */
	public synchronized ScriptedAnswer usage(int promptTokens, int cachedTokens, int completionTokens,
			int reasoningTokens) {
		this.script.usage(new Usage(promptTokens, cachedTokens, completionTokens, reasoningTokens));
		return this;
	}

	/**
	 * Let a function fill in the answer to each call that this one fits, as a double of a
	 * model has it that calls tools or speaks as it is asked. What was said here before
	 * does not count. The function must not block.
	 * @param decision gets the call, and an empty answer to fill in
	 * @return this answer
	 */
	public synchronized ScriptedAnswer decides(BiConsumer<ReceivedCall, ScriptedAnswer> decision) {
		this.decision = decision;
		return this;
	}

	/**
	 * Answer that many calls in place of one.
	 * @param times how many calls
	 * @return this answer
	 */
	public synchronized ScriptedAnswer times(int times) {
		this.left = times;
		return this;
	}

	/**
	 * Answer all calls that it fits.
	 * @return this answer
	 */
	public ScriptedAnswer always() {
		return times(Integer.MAX_VALUE);
	}

	synchronized boolean isLeft() {
		return this.left > 0;
	}

	synchronized boolean isAlways() {
		return this.left == Integer.MAX_VALUE;
	}

	boolean isUnconditional() {
		return this.condition == ScriptedProvider.ANY;
	}

	boolean fits(ReceivedCall call) {
		return this.condition.test(call);
	}

	synchronized void use() {
		this.left -= (this.left == Integer.MAX_VALUE) ? 0 : 1;
	}

	ScriptedAnswer decided(ReceivedCall call) {
		BiConsumer<ReceivedCall, ScriptedAnswer> decision = decision();
		if (decision == null) {
			return this;
		}
		ScriptedAnswer filled = new ScriptedAnswer(this.condition);
		decision.accept(call, filled);
		return filled;
	}

	private synchronized @Nullable BiConsumer<ReceivedCall, ScriptedAnswer> decision() {
		return this.decision;
	}

	synchronized Script script() {
		return this.script.build();
	}

}
