package io.github.deepseekboot.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * One provider of a {@link ProviderSimulator}: what it answers, and what it was asked.
 * Thread-safe; a change takes effect on the next request.
 * <p>
 * The counters are of chat completions:
 * {@code received = completed + failed + cancelled + inFlight}.
 */
public final class SimulatedProvider {

	private static final int KEPT_REQUESTS = 100;

	private final Dialect dialect;

	private final String baseUrl;

	private volatile Scripts scripts = new Scripts(List.of(Script.builder().build()));

	private volatile Set<String> acceptedKeys = Set.of();

	private final AtomicLong received = new AtomicLong();

	private final AtomicLong completed = new AtomicLong();

	private final AtomicLong failed = new AtomicLong();

	private final AtomicLong cancelled = new AtomicLong();

	private final Deque<ReceivedRequest> requests = new ArrayDeque<>();

	SimulatedProvider(Dialect dialect, String serverUrl) {
		this.dialect = dialect;
		this.baseUrl = serverUrl + "/" + dialect.id() + dialect.basePath();
	}

	/**
	 * Return the provider's id, which is the first part of its path.
	 * @return the id
	 */
	public String id() {
		return this.dialect.id();
	}

	/**
	 * Return the base URL, to which a client appends {@code /chat/completions}.
	 * @return the base URL
	 */
	public String baseUrl() {
		return this.baseUrl;
	}

	/**
	 * Answer every request by that script from now on.
	 * @param script the script
	 * @throws IllegalArgumentException if the script has an error that this provider
	 * doesn't know
	 */
	public void script(Script script) {
		sequence(script);
	}

	/**
	 * Answer each chat request by the next of these scripts, and all further ones by the
	 * last.
	 * @param scripts the scripts, one at least
	 * @throws IllegalArgumentException if there is none, or one has an error that this
	 * provider doesn't know
	 */
	public void sequence(Script... scripts) {
		if (scripts.length == 0) {
			throw new IllegalArgumentException("'scripts' must not be empty");
		}
		for (Script script : scripts) {
			script.error(this.dialect.errors());
		}
		this.scripts = new Scripts(List.of(scripts));
	}

	/**
	 * Return the script that the next request gets.
	 * @return the script
	 */
	public Script script() {
		return this.scripts.peek();
	}

	/**
	 * Refuse all API keys but these.
	 * @param keys the accepted keys; none to accept any
	 */
	public void acceptKeys(String... keys) {
		this.acceptedKeys = Set.of(keys);
	}

	/**
	 * Return the provider's usual error of that status.
	 * @param status the HTTP status
	 * @return the error
	 */
	public ProviderError error(int status) {
		return this.dialect.errors().find(status);
	}

	/**
	 * Return one of several errors that the provider has for that status.
	 * @param status the HTTP status
	 * @param variant the variant, see {@link Script.Builder#error(int, String)}
	 * @return the error
	 * @throws IllegalArgumentException if there is no such error
	 */
	public ProviderError error(int status, String variant) {
		return this.dialect.errors().find(status, variant);
	}

	/**
	 * Return how many chat requests have come.
	 * @return the number of chat requests
	 */
	public long received() {
		return this.received.get();
	}

	/**
	 * Return how many answers were sent to their end.
	 * @return the number of whole answers
	 */
	public long completed() {
		return this.completed.get();
	}

	/**
	 * Return how many requests were refused, answered with an error or cut by a fault.
	 * @return the number of failed requests
	 */
	public long failed() {
		return this.failed.get();
	}

	/**
	 * Return how many requests the client left before their end.
	 * @return the number of cancelled requests
	 */
	public long cancelled() {
		return this.cancelled.get();
	}

	/**
	 * Return how many requests are being answered now.
	 * @return the number of open requests
	 */
	public long inFlight() {
		// ends are read first, so that the difference is never negative
		long ended = completed() + failed() + cancelled();
		return received() - ended;
	}

	/**
	 * Return the last requests, to any endpoint, oldest first, 100 at most.
	 * @return the requests
	 */
	public List<ReceivedRequest> requests() {
		synchronized (this.requests) {
			return new ArrayList<>(this.requests);
		}
	}

	Dialect dialect() {
		return this.dialect;
	}

	Script nextScript() {
		return this.scripts.next();
	}

	boolean accepts(@Nullable String key) {
		Set<String> accepted = this.acceptedKeys;
		return key != null && (accepted.isEmpty() || accepted.contains(key));
	}

	void keep(ReceivedRequest request) {
		synchronized (this.requests) {
			if (this.requests.size() == KEPT_REQUESTS) {
				this.requests.removeFirst();
			}
			this.requests.addLast(request);
		}
	}

	void begin() {
		this.received.incrementAndGet();
	}

	void end(Outcome outcome) {
		switch (outcome) {
			case COMPLETED -> this.completed.incrementAndGet();
			case FAILED -> this.failed.incrementAndGet();
			case CANCELLED -> this.cancelled.incrementAndGet();
		}
	}

	/**
	 * Scripts that take turns.
	 */
	private static final class Scripts {

		private final List<Script> scripts;

		private final AtomicInteger next = new AtomicInteger();

		Scripts(List<Script> scripts) {
			this.scripts = scripts;
		}

		Script peek() {
			return this.scripts.get(this.next.get());
		}

		Script next() {
			int last = this.scripts.size() - 1;
			return this.scripts.get(this.next.getAndUpdate((turn) -> Math.min(turn + 1, last)));
		}

	}

}
