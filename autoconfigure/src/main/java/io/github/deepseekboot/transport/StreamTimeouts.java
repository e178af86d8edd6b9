package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.ProviderTimeouts;

/**
 * The timeouts of one exchange. However many run, there is one task at a time, which
 * sleeps until the first of them could expire. Whoever reads the response reports what
 * happens; the methods may be called from any thread, those that report from one at a
 * time.
 */
final class StreamTimeouts {

	static final String FIRST_TOKEN = "deepseek.timeout.first-token";

	private final TransportClock clock;

	private final ProviderTimeouts limits;

	private final Attempt attempt;

	private final boolean stream;

	private final Listener listener;

	private final long startedAt;

	private volatile boolean bodyBegun;

	private volatile boolean committed;

	// received bytes wait for the subscriber: the idle timeouts are paused
	private volatile boolean busy;

	private volatile long bytesAt;

	private volatile long tokenAt;

	private volatile boolean complete;

	private volatile long completeAt;

	private boolean paused;

	private long pausedAt;

	private @Nullable Disposable task;

	private boolean stopped;

	StreamTimeouts(ChatExchange exchange, boolean stream, Listener listener) {
		this.clock = exchange.clock();
		this.limits = exchange.provider().timeouts();
		this.attempt = exchange.attempt();
		this.stream = stream;
		this.listener = listener;
		this.startedAt = now();
		this.bytesAt = this.startedAt;
		this.tokenAt = this.startedAt;
	}

	/**
	 * Start them, or go on after one that no longer holds.
	 */
	void start() {
		check();
	}

	/**
	 * Stop all of them for good.
	 */
	synchronized void stop() {
		this.stopped = true;
		if (this.task != null) {
			this.task.dispose();
			this.task = null;
		}
	}

	/**
	 * Bytes were received and taken at once.
	 */
	void bytesTaken() {
		this.bytesAt = now();
		this.bodyBegun = true;
	}

	/**
	 * Bytes were received, which {@link #idle} takes into account.
	 */
	void busy() {
		if (!this.busy) {
			this.busy = true;
			this.bodyBegun = true;
		}
	}

	/**
	 * The subscriber does not ask for what is there.
	 */
	void pause() {
		if (!this.paused) {
			this.paused = true;
			this.pausedAt = now();
		}
	}

	/**
	 * The subscriber asks again.
	 */
	void resume() {
		if (this.paused) {
			this.paused = false;
			this.tokenAt += now() - this.pausedAt;
		}
	}

	/**
	 * The first token was received.
	 */
	void commit() {
		this.tokenAt = now();
		this.committed = true;
	}

	/**
	 * All that was received has been taken.
	 * @param token whether a token was among it
	 */
	void idle(boolean token) {
		if (!this.busy) {
			return;
		}
		long now = now();
		this.bytesAt = now;
		if (token) {
			this.tokenAt = now;
		}
		this.busy = false;
	}

	/**
	 * Each choice has its finish reason: what is still to come is waited for only for the
	 * grace.
	 */
	void complete() {
		if (!this.complete) {
			this.completeAt = now();
			this.complete = true;
			check();
		}
	}

	/**
	 * A choice began behind the finish reasons of the others.
	 */
	void incomplete() {
		this.complete = false;
		// the task sleeps for the grace, which may be longer than what is left
		check();
	}

	private long now() {
		return this.clock.nanos().getAsLong();
	}

	private void wake() {
		synchronized (this) {
			// a task that runs is not to be interrupted
			this.task = null;
		}
		check();
	}

	private void check() {
		long now = now();
		long total = this.attempt.remaining().toNanos() - (now - this.startedAt);
		if (this.complete) {
			long grace = this.limits.finishGrace().toNanos() - (now - this.completeAt);
			if (Math.min(grace, total) > 0) {
				sleep(Math.min(grace, total), true);
			}
			else if (!isStopped()) {
				this.listener.graceExpired();
			}
			return;
		}
		long idleBytes = this.limits.idleBytes().toNanos();
		long idleTokens = this.limits.idleTokens().toNanos();
		boolean busy = this.busy;
		long left = total;
		String timeout = "total";
		// the call's, of which earlier attempts took a part
		Duration limit = null;
		if (this.stream && !this.committed) {
			long firstToken = this.attempt.firstToken().toNanos() - (now - this.startedAt);
			if (firstToken < left) {
				left = firstToken;
				timeout = "first-token";
				limit = this.attempt.firstToken();
			}
		}
		if (this.bodyBegun) {
			long idle = busy ? idleBytes : idleBytes - (now - this.bytesAt);
			if (idle < left) {
				left = idle;
				timeout = "idle-bytes";
				limit = this.limits.idleBytes();
			}
		}
		if (this.committed) {
			long idle = busy ? idleTokens : idleTokens - (now - this.tokenAt);
			if (idle < left) {
				left = idle;
				timeout = "idle-tokens";
				limit = this.limits.idleTokens();
			}
		}
		if (left > 0) {
			// the idle timeouts begin with the body and the first token: check by then
			sleep(Math.min(left, this.stream ? Math.min(idleBytes, idleTokens) : idleBytes), false);
		}
		else if (!isStopped()) {
			String property = "deepseek.timeout." + timeout;
			String expired = "the " + timeout + " timeout expired";
			String message = (limit != null) ? expired + " after " + DurationText.of(limit) + " (" + property + ")"
					: expired + " (" + property + ")" + phase(now, busy);
			this.listener.expired(ErrorKind.TIMEOUT, property, message, null);
		}
	}

	private String phase(long now, boolean busy) {
		if (!this.bodyBegun) {
			return " while waiting for the response";
		}
		if (busy) {
			return " while the subscriber had not asked for what was received";
		}
		String bytes = "the latest bytes came " + ago(now - this.bytesAt);
		if (!this.stream) {
			return " while receiving the response: " + bytes;
		}
		return this.committed ? " while waiting for the next token: the latest came " + ago(now - this.tokenAt)
				: " while waiting for the first token: " + bytes;
	}

	private static String ago(long nanos) {
		return Duration.ofNanos(nanos).toSeconds() + " s ago";
	}

	private synchronized boolean isStopped() {
		return this.stopped;
	}

	private void sleep(long nanos, boolean forGrace) {
		try {
			// under the lock: the task may run, and set the next, before it is known here
			synchronized (this) {
				if (this.stopped) {
					return;
				}
				if (this.complete && !forGrace && this.task != null) {
					// the answer became complete meanwhile: keep the task of its grace
					return;
				}
				Disposable before = this.task;
				if (before != null) {
					before.dispose();
				}
				this.task = this.clock.scheduler().schedule(this::wake, nanos, TimeUnit.NANOSECONDS);
			}
		}
		catch (RejectedExecutionException ex) {
			if (this.complete) {
				this.listener.graceExpired();
				return;
			}
			this.listener.expired(ErrorKind.CANCELLED, null, "the scheduler of the timeouts has stopped", ex);
		}
	}

	/**
	 * Ends the exchange.
	 */
	interface Listener {

		/**
		 * The exchange took too long, or its time cannot be kept.
		 * @param kind what that is
		 * @param property the property of the timeout, if it is one
		 * @param message what to say
		 * @param cause why, if there is more to say
		 */
		void expired(ErrorKind kind, @Nullable String property, String message, @Nullable Throwable cause);

		/**
		 * Nothing more is waited for behind the finish reasons.
		 */
		default void graceExpired() {
		}

	}

}
