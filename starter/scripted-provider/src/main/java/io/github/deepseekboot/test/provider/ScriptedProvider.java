package io.github.deepseekboot.test.provider;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.JsonNode;

/**
 * A provider that answers by a script, in the words of the host that it stands in for,
 * and keeps what it was asked. Thread-safe; a change of the script takes effect on the
 * next call.
 * <p>
 * The counters are of chat completions:
 * {@code received = completed + failed + cancelled + inFlight}.
 */
public final class ScriptedProvider implements ProviderScript, AutoCloseable {

	static final Predicate<ReceivedCall> ANY = (call) -> true;

	private static final int KEPT_REQUESTS = 1000;

	private final Dialect dialect;

	private final String baseUrl;

	private final boolean simulated;

	private final List<ScriptedAnswer> answers = new CopyOnWriteArrayList<>();

	private final Map<ReceivedCall, String> unexpected = Collections.synchronizedMap(new LinkedHashMap<>());

	private volatile @Nullable Cassette cassette;

	private final Deque<ReceivedRequest> requests = new ArrayDeque<>();

	private final Deque<ReceivedCall> calls = new ArrayDeque<>();

	private volatile Set<String> acceptedKeys = Set.of();

	private volatile @Nullable ScriptedServer server;

	private @Nullable VirtualTime virtualTime;

	private boolean skipsPauses;

	private long latest;

	private final AtomicLong received = new AtomicLong();

	private final AtomicLong completed = new AtomicLong();

	private final AtomicLong failed = new AtomicLong();

	private final AtomicLong cancelled = new AtomicLong();

	ScriptedProvider(Dialect dialect, String serverUrl, boolean simulated) {
		this.dialect = dialect;
		this.baseUrl = serverUrl + "/" + dialect.id() + dialect.basePath();
		this.simulated = simulated;
		reset();
	}

	/**
	 * Start a provider on a server of its own.
	 * @param preset the id of the host's preset, which is the provider's id as well; any
	 * that has no shape of its own gets the plain OpenAI one
	 * @return the running provider, to be closed
	 */
	public static ScriptedProvider start(String preset) {
		ScriptedServer server = ScriptedServer.start();
		ScriptedProvider provider = server.addProvider(preset, preset);
		provider.server = server;
		return provider;
	}

	/**
	 * Create a provider that is not reached over HTTP, but through
	 * {@link #exchange(ReceivedRequest, Scheduler)}.
	 * @param preset the id of the host's preset, which is the provider's id as well
	 * @return the provider
	 */
	public static ScriptedProvider inProcess(String preset) {
		return new ScriptedProvider(Dialect.of(preset, preset, false), "http://scripted.invalid", false);
	}

	/**
	 * Return the provider's id.
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

	@Override
	public ScriptedAnswer reply() {
		return add(new ScriptedAnswer(ANY));
	}

	@Override
	public ProviderScript when(Predicate<ReceivedCall> condition) {
		return new ProviderScript() {

			@Override
			public ScriptedAnswer reply() {
				return add(new ScriptedAnswer(condition));
			}

			@Override
			public ProviderScript when(Predicate<ReceivedCall> further) {
				return ScriptedProvider.this.when(condition.and(further));
			}

		};
	}

	private ScriptedAnswer add(ScriptedAnswer answer) {
		this.answers.add(answer);
		return answer;
	}

	/**
	 * Replace the script by one that answers every call the same way.
	 * @param script what each call gets
	 * @throws IllegalArgumentException if the script has an error that this provider
	 * doesn't know
	 */
	public void script(Script script) {
		sequence(script);
	}

	/**
	 * Replace the script by these for a call each, and the last one for all further
	 * calls.
	 * @param scripts the scripts, one at least
	 * @throws IllegalArgumentException if there is none, or one has an error that this
	 * provider doesn't know
	 */
	public void sequence(Script... scripts) {
		if (scripts.length == 0) {
			throw new IllegalArgumentException("'scripts' must not be empty");
		}
		List<ScriptedAnswer> sequence = new ArrayList<>();
		for (int i = 0; i < scripts.length; i++) {
			scripts[i].error(this.dialect.errors());
			sequence.add(new ScriptedAnswer(ANY, scripts[i].toBuilder())
				.times((i < scripts.length - 1) ? 1 : Integer.MAX_VALUE));
		}
		synchronized (this.answers) {
			this.answers.clear();
			this.answers.addAll(sequence);
		}
	}

	/**
	 * Return the script that the next call gets, whatever it asks.
	 * @return the script; one that does nothing if there is no answer left that fits any
	 * call
	 */
	public Script script() {
		synchronized (this.answers) {
			return this.answers.stream()
				.filter((answer) -> answer.isLeft() && answer.isUnconditional())
				.findFirst()
				.map(ScriptedAnswer::script)
				.orElse(Script.EXACT);
		}
	}

	/**
	 * Forget the script and what was received. Calls that are being answered continue.
	 */
	public void reset() {
		synchronized (this.answers) {
			this.answers.clear();
			if (this.simulated) {
				this.answers.add(new ScriptedAnswer(ANY, Script.builder()).always());
			}
		}
		this.unexpected.clear();
		synchronized (this.requests) {
			this.requests.clear();
			this.calls.clear();
			this.latest = 0;
		}
		this.acceptedKeys = Set.of();
		this.cassette = null;
		skipPauses(false);
	}

	/**
	 * Answer with what is recorded, in place of a script, until the next
	 * {@link #reset()}. What is not recorded is asked of the real host, if the cassette
	 * says so, or else unexpected.
	 * @param cassette the cassette
	 */
	public void replays(Cassette cassette) {
		this.cassette = cassette;
	}

	/**
	 * Skip the pauses of the script, so that a stream of a minute takes no minute. What
	 * never ends, {@link Fault#STALL_AFTER} for example, still does not.
	 * @param skip whether to skip them
	 */
	public synchronized void skipPauses(boolean skip) {
		this.skipsPauses = skip;
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
	 * @return the number of complete answers
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
	 * Return the last requests, to any endpoint, oldest first, 1000 at most.
	 * @return the requests
	 */
	public List<ReceivedRequest> requests() {
		synchronized (this.requests) {
			return new ArrayList<>(this.requests);
		}
	}

	/**
	 * Return the last chat requests, oldest first, 1000 at most. Each attempt of a client
	 * is a call of its own.
	 * @return the calls
	 */
	public List<ReceivedCall> calls() {
		synchronized (this.requests) {
			return new ArrayList<>(this.calls);
		}
	}

	/**
	 * Return the last chat request.
	 * @return the call
	 * @throws IllegalStateException if there was none
	 */
	public ReceivedCall lastCall() {
		synchronized (this.requests) {
			if (this.calls.isEmpty()) {
				throw new IllegalStateException("Provider '%s' was not called".formatted(id()));
			}
			return this.calls.getLast();
		}
	}

	/**
	 * Return the calls that no answer was left for.
	 * @return the calls
	 */
	public List<ReceivedCall> unexpectedCalls() {
		synchronized (this.unexpected) {
			return List.copyOf(this.unexpected.keySet());
		}
	}

	/**
	 * Return how many answers of the script wait for a call.
	 * @return the number of answers, without those that are there for any number of calls
	 */
	public int unused() {
		return (int) this.answers.stream().filter((answer) -> answer.isLeft() && !answer.isAlways()).count();
	}

	/**
	 * Fail if a call was unexpected.
	 * @throws AssertionError if there was such a call; its message says what was asked
	 */
	public void verify() {
		if (!this.unexpected.isEmpty()) {
			StringBuilder text = new StringBuilder("Provider '").append(id())
				.append("' has no answer for what it was asked (answers of its script that are left, for other calls: ")
				.append(unused())
				.append("):");
			this.unexpected.forEach((call, why) -> text.append("\n  ").append(call).append(why));
			throw new AssertionError(text.toString());
		}
	}

	/**
	 * Answer a request without HTTP.
	 * @param request the request to {@code /chat/completions}
	 * @param scheduler whose time the answer uses
	 * @return the response; nothing, ever, if the script has it so
	 */
	public Mono<ScriptedResponse> exchange(ReceivedRequest request, Scheduler scheduler) {
		return Mono.defer(() -> {
			keep(request);
			Exchange exchange = new Exchange(this, "in-process", scheduler, ByteBufAllocator.DEFAULT);
			exchange.begin();
			return exchange.chat(request)
				.map((response) -> response.onBody((body) -> body.doOnCancel(() -> exchange.end(Outcome.CANCELLED))
					.doOnComplete(() -> exchange.end(response.outcome()))))
				.doOnCancel(() -> exchange.end(Outcome.CANCELLED));
		});
	}

	synchronized Scheduler scheduler(Scheduler real) {
		if (!this.skipsPauses) {
			return real;
		}
		if (this.virtualTime == null) {
			this.virtualTime = new VirtualTime();
		}
		return this.virtualTime;
	}

	boolean isSimulated() {
		return this.simulated;
	}

	Dialect dialect() {
		return this.dialect;
	}

	ReceivedCall receive(ReceivedRequest request, JsonNode body) {
		synchronized (this.requests) {
			ReceivedCall call = new ReceivedCall(request, body, ++this.latest);
			addTo(this.calls, call);
			return call;
		}
	}

	@Nullable ScriptedAnswer take(ReceivedCall call) {
		ScriptedAnswer answer = next(call);
		if (answer == null) {
			unexpected(call, "");
			return null;
		}
		return answer.decided(call);
	}

	private @Nullable ScriptedAnswer next(ReceivedCall call) {
		synchronized (this.answers) {
			for (ScriptedAnswer answer : this.answers) {
				if (answer.isLeft() && answer.fits(call)) {
					answer.use();
					return answer;
				}
			}
		}
		return null;
	}

	void unexpected(ReceivedCall call, String why) {
		this.unexpected.put(call, (why.isEmpty()) ? "" : "\n" + why);
	}

	@Nullable Cassette cassette() {
		return this.cassette;
	}

	// of the base URL
	String path() {
		return URI.create(this.baseUrl).getPath();
	}

	boolean accepts(@Nullable String key) {
		Set<String> accepted = this.acceptedKeys;
		return key != null && (accepted.isEmpty() || accepted.contains(key));
	}

	void keep(ReceivedRequest request) {
		synchronized (this.requests) {
			addTo(this.requests, request);
		}
	}

	private static <T> void addTo(Deque<T> kept, T element) {
		if (kept.size() == KEPT_REQUESTS) {
			kept.removeFirst();
		}
		kept.addLast(element);
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

	synchronized void dispose() {
		if (this.virtualTime != null) {
			this.virtualTime.dispose();
		}
	}

	/**
	 * Stop the server, if it is this provider's own.
	 */
	@Override
	public void close() {
		ScriptedServer own = this.server;
		if (own != null) {
			own.close();
		}
		dispose();
	}

}
