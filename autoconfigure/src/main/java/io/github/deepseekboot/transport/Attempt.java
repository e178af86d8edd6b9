package io.github.deepseekboot.transport;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.provider.ProviderModel;

/**
 * One attempt at one provider.
 *
 * @param request what to ask
 * @param model the model that the provider shall use
 * @param apiKey the key to use; {@code null} for none
 * @param number the attempt's number in its call, from 1
 * @param firstToken how long a stream may take to its first token
 * @param remaining how long the attempt may take in all: what is left of the call's total
 * @param abort ends the attempt from outside
 * @param reported takes the tokens that a stream had reported when it was cancelled
 * @param received called, perhaps several times, when nothing of a stream is left to
 * receive while its subscriber has still to request a part of it
 */
public record Attempt(ChatRequest request, ProviderModel model, @Nullable ApiKey apiKey, int number,
		Duration firstToken, Duration remaining, AbortSignal abort, ReportedUsage reported, Runnable received) {

	private static final Runnable NOTHING = () -> {
	};

	/**
	 * An attempt that may be ended from outside.
	 * @param request what to ask
	 * @param model the model that the provider shall use
	 * @param apiKey the key to use; {@code null} for none
	 * @param number the attempt's number in its call, from 1
	 * @param firstToken how long a stream may take to its first token
	 * @param remaining how long the attempt may take in all
	 * @param abort ends the attempt from outside
	 * @param received called when nothing of a stream is left to receive, though its
	 * subscriber has still to request a part of it
	 */
	public Attempt(ChatRequest request, ProviderModel model, @Nullable ApiKey apiKey, int number, Duration firstToken,
			Duration remaining, AbortSignal abort, Runnable received) {
		this(request, model, apiKey, number, firstToken, remaining, abort, new ReportedUsage(), received);
	}

	/**
	 * An attempt that may be ended from outside.
	 * @param request what to ask
	 * @param model the model that the provider shall use
	 * @param apiKey the key to use; {@code null} for none
	 * @param number the attempt's number in its call, from 1
	 * @param firstToken how long a stream may take to its first token
	 * @param remaining how long the attempt may take in all
	 * @param abort ends the attempt from outside
	 */
	public Attempt(ChatRequest request, ProviderModel model, @Nullable ApiKey apiKey, int number, Duration firstToken,
			Duration remaining, AbortSignal abort) {
		this(request, model, apiKey, number, firstToken, remaining, abort, NOTHING);
	}

	/**
	 * An attempt that only its timeouts and its subscriber end.
	 * @param request what to ask
	 * @param model the model that the provider shall use
	 * @param apiKey the key to use; {@code null} for none
	 * @param number the attempt's number in its call, from 1
	 * @param firstToken how long a stream may take to its first token
	 * @param remaining how long the attempt may take in all
	 */
	public Attempt(ChatRequest request, ProviderModel model, @Nullable ApiKey apiKey, int number, Duration firstToken,
			Duration remaining) {
		this(request, model, apiKey, number, firstToken, remaining, new AbortSignal());
	}

	/**
	 * The same attempt when a part of its time is over.
	 * @param elapsed how much
	 * @return an attempt with what is left of the times
	 */
	Attempt after(Duration elapsed) {
		return new Attempt(this.request, this.model, this.apiKey, this.number, left(this.firstToken, elapsed),
				left(this.remaining, elapsed), this.abort, this.reported, this.received);
	}

	private static Duration left(Duration whole, Duration elapsed) {
		return (whole.compareTo(elapsed) > 0) ? whole.minus(elapsed) : Duration.ZERO;
	}

}
