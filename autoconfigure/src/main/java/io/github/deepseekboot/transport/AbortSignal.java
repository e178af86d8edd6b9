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
		if (prepare(reason)) {
			deliver();
		}
	}

	/**
	 * Let the call begin nothing more; what it does at that moment is ended by
	 * {@link #deliver()}.
	 * @param reason the error that the call ends with
	 * @return {@code false}, without effect, if the call was ended before
	 */
	public synchronized boolean prepare(DeepSeekException reason) {
		if (this.reason != null) {
			return false;
		}
		this.reason = reason;
		return true;
	}

	/**
	 * End what the call does now, after {@link #prepare}.
	 */
	public void deliver() {
		Runnable listener;
		synchronized (this) {
			listener = (this.reason != null) ? this.listener : null;
			if (listener != null) {
				this.listener = null;
			}
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
			aborted = this.reason != null;
			this.listener = aborted ? null : listener;
		}
		if (aborted) {
			listener.run();
		}
	}

}
