package io.github.deepseekboot.transport;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.DeepSeekException;

/**
 * Ends a call from outside, with an error: what the call does at that moment, an exchange
 * or a wait, listens. One listener at a time.
 */
public final class AbortSignal {

	private volatile @Nullable DeepSeekException reason;

	private @Nullable Runnable listener;

	/**
	 * End the call; without effect if it was ended before.
	 * @param reason the error that the call ends with
	 */
	public void abort(DeepSeekException reason) {
		Runnable listener;
		synchronized (this) {
			if (this.reason != null) {
				return;
			}
			this.reason = reason;
			listener = this.listener;
		}
		if (listener != null) {
			listener.run();
		}
	}

	/**
	 * Why the call was ended.
	 * @return the error, or {@code null} if it continues
	 */
	public @Nullable DeepSeekException reason() {
		return this.reason;
	}

	/**
	 * Emits the reason when the call is ended; otherwise never signals. A reason rather
	 * than an error, since one that meets a cancellation is dropped without a word.
	 * @return a signal for {@code firstWithSignal}
	 */
	public Mono<DeepSeekException> asMono() {
		return Mono.create((sink) -> listen(() -> sink.success(reason())));
	}

	/**
	 * Take the place of the listener; called at once if the call was ended before.
	 * @param listener called when the call is ended
	 */
	void listen(Runnable listener) {
		boolean aborted;
		synchronized (this) {
			this.listener = listener;
			aborted = this.reason != null;
		}
		if (aborted) {
			listener.run();
		}
	}

}
