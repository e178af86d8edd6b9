package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.core.script.RedisScript;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * Lets instances know of each other's cool-downs that a provider asked for, and of the
 * operator's switch and reset. All are in one hash, which each instance reads twice a
 * second. Circuits, retry budgets and health stay each instance's own, whose networks
 * differ.
 */
public final class RedisRoutingSync implements RoutingListener, SmartLifecycle {

	private static final Log logger = LogFactory.getLog(RedisRoutingSync.class);

	private static final Duration INTERVAL = Duration.ofMillis(500);

	// an operator's switch outlives a restart of all instances, but not a long rest
	private static final Duration KEPT = Duration.ofHours(1);

	private static final int MAX_REFUSED = 100;

	private static final RedisScript<Long> COOL_DOWN = RedisScript.of("""
			local time = redis.call('TIME')
			local till = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
			local known = redis.call('HGET', KEYS[1], 'cool:' .. ARGV[1])
			if not known or tonumber(string.match(known, '^%d+') or '0') < till then
				redis.call('HSET', KEYS[1], 'cool:' .. ARGV[1], string.format('%.0f', till) .. ' ' .. ARGV[2])
				redis.call('PEXPIRE', KEYS[1], math.max(ARGV[3] * 2, ARGV[4]))
			end
			return 1
			""", Long.class);

	private static final RedisScript<Long> SWITCH = RedisScript.of("""
			redis.call('HSET', KEYS[1], 'chain', redis.call('HINCRBY', KEYS[1], 'changes', 1) .. ' ' .. ARGV[1])
			redis.call('PEXPIRE', KEYS[1], ARGV[2])
			return 1
			""", Long.class);

	private static final RedisScript<Long> RESET = RedisScript.of("""
			local entries = redis.call('HKEYS', KEYS[1])
			for _, name in ipairs(entries) do
				if string.sub(name, 1, string.len('cool:' .. ARGV[1] .. '/')) == 'cool:' .. ARGV[1] .. '/' then
					redis.call('HDEL', KEYS[1], name)
				end
			end
			redis.call('HSET', KEYS[1], 'reset:' .. ARGV[1], redis.call('HINCRBY', KEYS[1], 'changes', 1))
			redis.call('PEXPIRE', KEYS[1], ARGV[2])
			return 1
			""", Long.class);

	// what is over is deleted; what is left is sent with the time that it still holds
	@SuppressWarnings("rawtypes")
	private static final RedisScript<List> READ = RedisScript.of("""
			local time = redis.call('TIME')
			local now = time[1] * 1000 + math.floor(time[2] / 1000)
			local entries = redis.call('HGETALL', KEYS[1])
			local result = {}
			for i = 1, #entries, 2 do
				if string.sub(entries[i], 1, 5) == 'cool:' then
					local left = tonumber(string.match(entries[i + 1], '^%d+') or '0') - now
					if left > 0 then
						table.insert(result, entries[i])
						table.insert(result, string.format('%.0f', left) .. (string.match(entries[i + 1], ' .*') or ''))
					else
						redis.call('HDEL', KEYS[1], entries[i])
					end
				else
					table.insert(result, entries[i])
					table.insert(result, entries[i + 1])
				end
			end
			if #result > 0 and redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) / 2 then
				redis.call('PEXPIRE', KEYS[1], ARGV[1])
			end
			return result
			""", List.class);

	private final SharedRedis redis;

	private final Supplier<RoutingClient> router;

	private final List<String> keys;

	// read by one thread at a time
	private final Map<String, String> seen = new HashMap<>();

	// of which the log knows
	private final Set<String> refused = new HashSet<>();

	private boolean first = true;

	// the order as Redis has it, which is not sent again: any thread may publish the
	// event
	private final AtomicReference<@Nullable String> sharedChain = new AtomicReference<>();

	private final ThreadLocal<Boolean> resetting = ThreadLocal.withInitial(() -> false);

	private volatile @Nullable Disposable reading;

	/**
	 * Create the exchange.
	 * @param redis the Redis that instances share
	 * @param router whose states are kept alike; asked for when it starts
	 */
	public RedisRoutingSync(SharedRedis redis, Supplier<RoutingClient> router) {
		this.redis = redis;
		this.router = router;
		this.keys = List.of(redis.settings().keyPrefix() + "routing");
	}

	@Override
	public void onEvent(RoutingEvent event) {
		String kept = Long.toString(KEPT.toMillis());
		if (event instanceof RoutingEvent.CoolDownStarted coolDown && coolDown.asked() && coolDown.model() == null) {
			send(COOL_DOWN, coolDown.provider() + '/' + coolDown.credential(), coolDown.reason().name(),
					Long.toString(coolDown.duration().toMillis()), kept);
		}
		else if (event instanceof RoutingEvent.ChainChanged changed) {
			String chain = String.join(",", changed.chain().providers());
			if (!chain.equals(this.sharedChain.getAndSet(chain))) {
				send(SWITCH, chain, kept);
			}
		}
		else if (event instanceof RoutingEvent.ProviderReset reset && !this.resetting.get()) {
			send(RESET, reset.provider(), kept);
		}
	}

	private void send(RedisScript<Long> script, String... arguments) {
		this.redis.execute(script, this.keys, List.of(arguments)).subscribe(null, (failure) -> {
			// Redis is gone: each instance finds out by itself
		});
	}

	private Mono<Void> read() {
		if (!this.redis.isAvailable()) {
			return Mono.empty();
		}
		return this.redis.execute(READ, this.keys, List.of(Long.toString(KEPT.toMillis())))
			.doOnNext(this::apply)
			.onErrorComplete()
			.then();
	}

	private void apply(List<?> entries) {
		Map<String, String> read = new HashMap<>();
		for (int i = 0; i + 1 < entries.size(); i += 2) {
			read.put(String.valueOf(entries.get(i)), String.valueOf(entries.get(i + 1)));
		}
		List<String> names = new ArrayList<>(read.keySet());
		// a reset comes before the cool-downs that followed it
		names.sort((a, b) -> Boolean.compare(a.startsWith("cool:"), b.startsWith("cool:")));
		names.forEach((name) -> apply(name, read.get(name)));
		this.first = false;
	}

	// one that this instance cannot apply, as of a newer version, does not stop the
	// others
	private void apply(String name, @Nullable String value) {
		try {
			if (value != null) {
				takeOver(name, value);
			}
		}
		catch (RuntimeException ex) {
			if (this.refused.size() < MAX_REFUSED && this.refused.add(name)) {
				logger.warn("An update of another instance could not be applied: " + name, ex);
			}
		}
	}

	private void takeOver(String name, String value) {
		if (name.startsWith("cool:")) {
			coolDown(name.substring("cool:".length()), value);
			return;
		}
		if (value.equals(this.seen.put(name, value))) {
			return;
		}
		if (name.equals("chain")) {
			switchTo(value.substring(value.indexOf(' ') + 1));
		}
		// what was reset before this instance came says nothing of it
		else if (name.startsWith("reset:") && !this.first) {
			reset(name.substring("reset:".length()));
		}
	}

	private void coolDown(String key, String value) {
		int slash = key.lastIndexOf('/');
		int blank = value.indexOf(' ');
		String provider = key.substring(0, slash);
		RoutingClient router = this.router.get();
		if (router.clients().stream().noneMatch((client) -> client.provider().id().equals(provider))) {
			return;
		}
		router.states()
			.coolDown(provider, key.substring(slash + 1), ErrorKind.valueOf(value.substring(blank + 1)),
					Duration.ofMillis(Long.parseLong(value.substring(0, blank))));
	}

	private void reset(String provider) {
		this.resetting.set(true);
		try {
			this.router.get().states().reset(provider);
		}
		finally {
			this.resetting.remove();
		}
	}

	private void switchTo(String shared) {
		this.sharedChain.set(shared);
		List<String> chain = List.of(shared.split(","));
		RoutingClient router = this.router.get();
		if (chain.equals(router.providerSwitch().chain().providers())) {
			return;
		}
		try {
			router.providerSwitch().reorder(chain);
		}
		catch (IllegalArgumentException ex) {
			// an instance with other providers
			logger.warn("Another instance switched to providers that this one does not have: " + chain);
		}
	}

	@Override
	public void start() {
		this.reading = Flux.interval(INTERVAL, this.redis.clock().scheduler())
			.onBackpressureDrop()
			.concatMap((tick) -> read(), 1)
			.subscribe();
	}

	@Override
	public void stop() {
		Disposable reading = this.reading;
		if (reading != null) {
			reading.dispose();
		}
		this.reading = null;
	}

	@Override
	public int getPhase() {
		// after the connections, before what receives requests
		return SharedRedis.PHASE;
	}

	@Override
	public boolean isRunning() {
		return this.reading != null;
	}

}
