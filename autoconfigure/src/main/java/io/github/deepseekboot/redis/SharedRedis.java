package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.transport.TransportClock;

/**
 * The Redis that instances share, and whether it is there. A command that fails or takes
 * too long makes it count as gone, until a probe says that it is back: calls wait for a
 * Redis that is gone, or slow, no more than once.
 */
public final class SharedRedis implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(SharedRedis.class);

	/**
	 * The phase in which this and what uses it starts.
	 */
	static final int PHASE = 1;

	private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

	// a connection is made with the first probe
	private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

	// Writes, since a replica or a Redis without memory is of no use. Returns its time in
	// microseconds and the age of its data in milliseconds: since the start, at most, as
	// what it loaded then may lack the latest.
	private static final RedisScript<String> PROBE = RedisScript.of("""
			local time = redis.call('TIME')
			local now = time[1] * 1000 + math.floor(time[2] / 1000)
			redis.call('SET', KEYS[1], string.format('%.0f', now), 'NX')
			local since = tonumber(redis.call('GET', KEYS[1]) or now)
			if not since or since > now then
				redis.call('SET', KEYS[1], string.format('%.0f', now))
				since = now
			end
			local age = now - since
			local info = redis.pcall('INFO', 'server')
			local uptime = type(info) == 'string' and string.match(info, 'uptime_in_seconds:(%d+)')
			if uptime then
				age = math.min(age, uptime * 1000)
			end
			return time[1] .. string.format('%06d', time[2]) .. ' ' .. string.format('%.0f', age)
			""", String.class);

	private final ReactiveStringRedisTemplate redis;

	private final SharedSettings settings;

	private final TransportClock clock;

	private final AtomicReference<State> state = new AtomicReference<>(State.CONNECTING);

	private final AtomicLong commands = new AtomicLong();

	private final AtomicLong offsetNanos = new AtomicLong();

	private final List<Consumer<Boolean>> listeners = new CopyOnWriteArrayList<>();

	private volatile @Nullable Disposable probes;

	private volatile boolean stopped;

	/**
	 * Create the access to Redis.
	 * @param connectionFactory connects to Redis
	 * @param settings what is shared
	 * @param clock what waits go by
	 */
	public SharedRedis(ReactiveRedisConnectionFactory connectionFactory, SharedSettings settings,
			TransportClock clock) {
		this.redis = new ReactiveStringRedisTemplate(connectionFactory);
		this.settings = settings;
		this.clock = clock;
	}

	/**
	 * Return whether Redis is there.
	 * @return {@code false} from a failure until a probe succeeds
	 */
	public boolean isAvailable() {
		return this.state.get() == State.AVAILABLE;
	}

	/**
	 * Return how many commands were sent to Redis.
	 * @return the number
	 */
	public long commands() {
		return this.commands.get();
	}

	SharedSettings settings() {
		return this.settings;
	}

	TransportClock clock() {
		return this.clock;
	}

	/**
	 * Return the time of Redis, which instances whose clocks differ agree on.
	 * @return nanoseconds since the epoch
	 */
	long timeNanos() {
		return this.clock.nanos().getAsLong() + this.offsetNanos.get();
	}

	void addListener(Consumer<Boolean> listener) {
		this.listeners.add(listener);
	}

	/**
	 * Run a script. Redis counts as gone if it fails or takes too long.
	 * @param <T> the type of the result
	 * @param script the script
	 * @param keys its keys
	 * @param arguments its arguments
	 * @return the result; an error if Redis is gone
	 */
	<T> Mono<T> execute(RedisScript<T> script, List<String> keys, List<String> arguments) {
		return run(script, keys, arguments, this.settings.maxWait());
	}

	/**
	 * Ask for how long Redis has its data.
	 * @return how long ago it was empty; an error if Redis is gone
	 */
	Mono<Duration> age() {
		return run(PROBE, probeKeys(), List.of(), this.settings.maxWait())
			.map((answer) -> Duration.ofMillis(Long.parseLong(answer.substring(answer.indexOf(' ') + 1))));
	}

	private List<String> probeKeys() {
		return List.of(this.settings.keyPrefix() + "since");
	}

	private <T> Mono<T> run(RedisScript<T> script, List<String> keys, List<String> arguments, Duration timeout) {
		return Mono.defer(() -> {
			this.commands.incrementAndGet();
			return this.redis.execute(script, keys, arguments).next();
		}).timeout(timeout, this.clock.scheduler()).doOnError(this::failed);
	}

	void failed(Throwable failure) {
		// the first probe may fail before it is known as running
		if (this.state.getAndSet(State.GONE) != State.GONE && !this.stopped) {
			logger.warn("Redis is not available, so that limits and cool-downs are not shared (deepseek.shared."
					+ "when-unavailable=" + this.settings.whenUnavailable() + ") until it is back: " + failure);
			this.listeners.forEach((listener) -> listener.accept(false));
		}
	}

	private Mono<String> probe() {
		long before = this.clock.nanos().getAsLong();
		return run(PROBE, probeKeys(), List.of(),
				(this.state.get() == State.AVAILABLE) ? this.settings.maxWait() : PROBE_TIMEOUT)
			.doOnNext((answer) -> {
				long micros = Long.parseLong(answer.substring(0, answer.indexOf(' ')));
				long after = this.clock.nanos().getAsLong();
				this.offsetNanos.set(TimeUnit.MICROSECONDS.toNanos(micros) - before - (after - before) / 2);
				if (after - before > this.settings.maxWait().toNanos() && this.state.get() != State.CONNECTING) {
					// it answers, but too slowly to be waited for
					return;
				}
				State was = this.state.getAndSet(State.AVAILABLE);
				if (was != State.AVAILABLE) {
					if (was == State.GONE) {
						logger.info("Redis is back: limits and cool-downs are shared again");
					}
					this.listeners.forEach((listener) -> listener.accept(true));
				}
			})
			.onErrorComplete();
	}

	@Override
	public void start() {
		this.stopped = false;
		this.probes = Flux.interval(Duration.ZERO, PROBE_INTERVAL, this.clock.scheduler())
			.onBackpressureDrop()
			.concatMap((tick) -> (isAvailable() && tick % 10 != 0) ? Mono.<String>empty() : probe(), 1)
			.subscribe();
	}

	@Override
	public void stop() {
		this.stopped = true;
		Disposable probes = this.probes;
		if (probes != null) {
			probes.dispose();
		}
		this.probes = null;
	}

	@Override
	public int getPhase() {
		// after the connections, before what receives requests
		return PHASE;
	}

	@Override
	public boolean isRunning() {
		return this.probes != null;
	}

	private enum State {

		CONNECTING, AVAILABLE, GONE

	}

}
