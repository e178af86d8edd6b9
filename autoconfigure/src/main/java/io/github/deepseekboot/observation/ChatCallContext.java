package io.github.deepseekboot.observation;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;

/**
 * What is observed of a call.
 */
public class ChatCallContext extends SenderContext<Object> {

	/**
	 * Key in the context of a parent observation: where it is set, the parent reports the
	 * usage of the call, and the call leaves it out, so that who adds up the tokens of
	 * spans counts them once.
	 */
	public static final String USAGE_REPORTED = "deepseek.usage.reported";

	private final CallInfo call;

	private @Nullable CallEnded ended;

	private @Nullable String completion;

	ChatCallContext(CallInfo call) {
		// nothing is sent here: the observation of the HTTP client carries the headers
		super((carrier, key, value) -> {
		}, Kind.CLIENT);
		setCarrier(this);
		this.call = call;
	}

	/**
	 * The call.
	 * @return the call
	 */
	public CallInfo getCall() {
		return this.call;
	}

	/**
	 * How the call ended.
	 * @return the end, or {@code null} while it runs
	 */
	public @Nullable CallEnded getEnded() {
		return this.ended;
	}

	void setEnded(CallEnded ended) {
		this.ended = ended;
	}

	/**
	 * The answer's text, where content is included.
	 * @return the text, cut to a size, or {@code null}
	 */
	public @Nullable String getCompletion() {
		return this.completion;
	}

	void setCompletion(@Nullable String completion) {
		this.completion = completion;
	}

}
