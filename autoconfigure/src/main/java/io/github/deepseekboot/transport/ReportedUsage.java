package io.github.deepseekboot.transport;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.Usage;

/**
 * Usage that a stream had reported when it was cancelled. It is known at once, unless
 * another thread reads what has arrived at that moment: then that thread sets it when it
 * is done. Thread-safe.
 */
public final class ReportedUsage {

	private boolean awaited;

	private @Nullable Usage usage;

	private @Nullable Consumer<@Nullable Usage> consumer;

	/**
	 * Let {@link #whenKnown} wait for {@link #complete}, which must follow.
	 */
	synchronized void await() {
		this.awaited = true;
	}

	/**
	 * Set what was reported.
	 * @param usage the usage, or {@code null} for none
	 */
	void complete(@Nullable Usage usage) {
		Consumer<@Nullable Usage> consumer;
		synchronized (this) {
			this.usage = usage;
			this.awaited = false;
			consumer = this.consumer;
			this.consumer = null;
		}
		if (consumer != null) {
			consumer.accept(usage);
		}
	}

	/**
	 * Return what is known.
	 * @return the usage, or {@code null} for none so far
	 */
	public synchronized @Nullable Usage get() {
		return this.usage;
	}

	/**
	 * Call back with what was reported, after the stream was cancelled.
	 * @param consumer called once, now or by the thread that reads the stream, with the
	 * usage or {@code null} for none
	 */
	public void whenKnown(Consumer<@Nullable Usage> consumer) {
		Usage known;
		synchronized (this) {
			if (this.awaited) {
				this.consumer = consumer;
				return;
			}
			known = this.usage;
		}
		consumer.accept(known);
	}

}
