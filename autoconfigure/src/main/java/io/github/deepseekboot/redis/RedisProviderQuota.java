package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.core.script.RedisScript;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.routing.BoundedMap;
import io.github.deepseekboot.routing.PermitQueue;
import io.github.deepseekboot.routing.RoutingSettings;

/**
 * Limits the calls of all instances together. Each instance has a stock of permits, which
 * it leases from Redis for each provider, account and model, a few at a time: a call
 * takes one from the stock and waits for Redis only when the stock is empty. A sorted set
 * has the instances by the end of their leases, a hash has how many permits each holds;
 * one script changes both, by the clock of Redis. What an instance holds when it dies is
 * free again when its lease ends.
 */
public final class RedisProviderQuota extends PermitQueue.Quota implements SmartLifecycle {

	private static final int MAX_STOCKS = 10_000;

	// of a lease, for an empty Redis until all instances have reported what they hold
	private static final int GRACE_PART = 2;

	private static final Duration ASK_AGAIN = Duration.ofMillis(20);

	// what is not used is reported soon, for others may wait for it
	private static final Duration MAX_RENEWAL = Duration.ofMillis(500);

	/*
	 * KEYS: leases, held. ARGV: instance, lease in ms, limit, in use, wanted, waiting,
	 * the limit of one instance while the others are not known, for how many ms they are
	 * not (0 if Redis was not empty). Returns what the instance holds now, how many
	 * instances there are, how many calls wait elsewhere, and 1 if the others are not
	 * known.
	 */
	static final RedisScript<String> LEASE = RedisScript.of("""
			local time = redis.call('TIME')
			local now = time[1] * 1000 + math.floor(time[2] / 1000)
			for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
				redis.call('HDEL', KEYS[2], gone, gone .. ':waiting')
			end
			redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
			local since = redis.call('HGET', KEYS[2], 'since')
			if not since or tonumber(since) > now then
				since = now
				redis.call('HSET', KEYS[2], 'since', now)
			end
			if ARGV[8] == '0' and since ~= '0' then
				since = 0
				redis.call('HSET', KEYS[2], 'since', '0')
			end
			local others, waiting = 0, 0
			local entries = redis.call('HGETALL', KEYS[2])
			for i = 1, #entries, 2 do
				local name = entries[i]
				if name ~= 'since' and name ~= ARGV[1] and name ~= ARGV[1] .. ':waiting' then
					if string.sub(name, -8) == ':waiting' then
						waiting = waiting + tonumber(entries[i + 1])
					else
						others = others + tonumber(entries[i + 1])
					end
				end
			end
			local room = math.max(0, tonumber(ARGV[3]) - others)
			local unknown = 0
			if now - since < tonumber(ARGV[8]) then
				unknown = 1
				room = math.min(room, tonumber(ARGV[7]))
			end
			local held = math.max(tonumber(ARGV[4]), math.min(tonumber(ARGV[5]), room))
			if held == 0 and ARGV[6] == '0' then
				redis.call('ZREM', KEYS[1], ARGV[1])
				redis.call('HDEL', KEYS[2], ARGV[1], ARGV[1] .. ':waiting')
			else
				redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
				redis.call('HSET', KEYS[2], ARGV[1], held, ARGV[1] .. ':waiting', ARGV[6])
			end
			redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
			redis.call('PEXPIRE', KEYS[2], ARGV[2] * 10)
			return held .. ' ' .. redis.call('ZCARD', KEYS[1]) .. ' ' .. waiting .. ' ' .. unknown
			""", String.class);

	private final SharedRedis redis;

	private final SharedSettings settings;

	private final Function<String, RoutingSettings> limits;

	private final String instance = UUID.randomUUID().toString();

	private final BoundedMap<Key, Stock> stocks = new BoundedMap<>(MAX_STOCKS, Stock::close, (stock) -> false);

	private volatile @Nullable Disposable renewals;

	/**
	 * Create a quota.
	 * @param redis the Redis that instances share
	 * @param limits the limits by the provider's id
	 */
	public RedisProviderQuota(SharedRedis redis, Function<String, RoutingSettings> limits) {
		this.redis = redis;
		this.settings = redis.settings();
		this.limits = limits;
		redis.addListener((available) -> this.stocks.values().forEach(Stock::changed));
	}

	@Override
	protected PermitQueue queue(PermitRequest request) {
		return this.stocks.get(new Key(request.provider(), request.account(), request.model()),
				(key) -> new Stock(key, this.limits.apply(key.provider())));
	}

	// in one slot of a cluster
	static List<String> keys(String prefix, String provider, String account, String model) {
		String name = prefix + "permits:{" + provider + "/" + account + "/" + model + "}:";
		return List.of(name + "leases", name + "held");
	}

	@Override
	public void start() {
		Duration interval = this.settings.lease().dividedBy(4);
		this.renewals = Flux
			.interval((interval.compareTo(MAX_RENEWAL) < 0) ? interval : MAX_RENEWAL, this.redis.clock().scheduler())
			.onBackpressureDrop()
			.subscribe((tick) -> this.stocks.values().forEach(Stock::renew));
	}

	@Override
	public void stop() {
		Disposable renewals = this.renewals;
		if (renewals != null) {
			renewals.dispose();
			this.stocks.values().forEach(Stock::giveBack);
		}
		this.renewals = null;
	}

	@Override
	public int getPhase() {
		// after the connections, before what receives requests
		return SharedRedis.PHASE;
	}

	@Override
	public boolean isRunning() {
		return this.renewals != null;
	}

	private record Key(String provider, String account, String model) {

	}

	/**
	 * The permits of one account and model that this instance has.
	 */
	private final class Stock extends PermitQueue {

		private final Key key;

		private final RoutingSettings limits;

		private final List<String> redisKeys;

		private int held;

		// in nanoseconds of the clock; this JVM may have stood still for longer
		private long heldUntil;

		private int instances = 1;

		private int waitingElsewhere;

		private boolean asking;

		private long askedAt;

		private boolean askAgain;

		private boolean scheduled;

		// since the last renewal
		private boolean used;

		// Redis knows nothing of the others, because it was empty or nobody called
		private boolean othersUnknown;

		// which it does not because nobody called
		private boolean nobodyCalled;

		Stock(Key key, RoutingSettings limits) {
			super(key.provider(), RedisProviderQuota.this.redis.clock().scheduler());
			this.key = key;
			this.limits = limits;
			this.redisKeys = keys(RedisProviderQuota.this.settings.keyPrefix(), key.provider(), key.account(),
					key.model());
		}

		@Override
		protected boolean isForgettable() {
			return this.held == 0 && !this.asking;
		}

		@Override
		protected int allowed() {
			if (RedisProviderQuota.this.redis.isAvailable()) {
				// a permit that came back goes to others, once this instance has its part
				if (RedisProviderQuota.this.redis.clock().nanos().getAsLong() - this.heldUntil >= 0) {
					return 0;
				}
				return (this.waitingElsewhere > 0) ? Math.min(this.held, fairPart()) : this.held;
			}
			return switch (RedisProviderQuota.this.settings.whenUnavailable()) {
				case LOCAL -> Math.max(1, this.limits.maxConcurrent()
						/ Math.max(RedisProviderQuota.this.settings.expectedInstances(), this.instances));
				case OPEN -> Integer.MAX_VALUE;
				case CLOSED -> 0;
			};
		}

		private int fairPart() {
			return Math.max(1, this.limits.maxConcurrent() / Math.max(1, this.instances));
		}

		// before the stock is empty
		private boolean isRunningLow() {
			return this.held - inUse() < batch() / 2 && this.held < this.limits.maxConcurrent()
					&& this.waitingElsewhere == 0;
		}

		@Override
		protected @Nullable DeepSeekException refusal() {
			return isRefusing() ? unavailable() : null;
		}

		private boolean isRefusing() {
			return !RedisProviderQuota.this.redis.isAvailable()
					&& RedisProviderQuota.this.settings.whenUnavailable() == SharedSettings.WhenUnavailable.CLOSED;
		}

		// outside of the lock: a failure of Redis may end other calls
		@Override
		protected void asked(boolean waits) {
			boolean ask;
			synchronized (this) {
				this.used = true;
				// however many calls come to wait, one task asks for all of them
				ask = (waits || isRunningLow()) && !this.scheduled;
			}
			if (ask) {
				ask();
			}
		}

		@Override
		protected void released() {
			boolean spare;
			synchronized (this) {
				this.used = true;
				spare = this.held - inUse() > ((this.waitingElsewhere > 0) ? 0 : 2 * batch());
			}
			if (spare) {
				ask();
			}
		}

		// Redis must have the time to answer, however impatient the calls are
		@Override
		protected Duration maxWait() {
			Duration redis = RedisProviderQuota.this.settings.maxWait();
			return (this.limits.maxWait().compareTo(redis) < 0) ? redis : this.limits.maxWait();
		}

		// of a limit that several share, a small part
		private int batch() {
			return Math.max(1, Math.min(16, this.limits.maxConcurrent() / (8 * Math.max(1, this.instances))));
		}

		synchronized boolean isIdle() {
			return inUse() == 0 && this.held == 0 && waiting() == 0;
		}

		/**
		 * No call is expected any more.
		 */
		void giveBack() {
			synchronized (this) {
				this.used = false;
			}
			renew();
		}

		void renew() {
			if (!isIdle()) {
				ask();
				synchronized (this) {
					this.used = false;
				}
			}
		}

		/**
		 * Redis is gone, or back.
		 */
		void changed() {
			synchronized (this) {
				this.held = 0;
			}
			serve();
			renew();
			if (isRefusing()) {
				refuseAll(unavailable());
			}
		}

		/**
		 * Report what is in use and ask for what is wanted: one request at a time.
		 */
		private void ask() {
			if (!RedisProviderQuota.this.redis.isAvailable()) {
				return;
			}
			List<String> arguments;
			synchronized (this) {
				if (this.asking) {
					this.askAgain = true;
					return;
				}
				this.asking = true;
				this.askAgain = false;
				int waiting = waiting();
				// the next call finds a permit at hand, unless the last one was long ago
				int spare = (this.waitingElsewhere > 0 || (inUse() == 0 && waiting == 0 && !this.used)) ? 0 : batch();
				long wanted = Math.min(this.limits.maxConcurrent(), (long) inUse() + waiting + spare);
				if (this.waitingElsewhere > 0) {
					wanted = Math.min(wanted, Math.max(inUse(), fairPart()));
				}
				// what is given back must not be taken meanwhile
				this.held = (int) Math.min(this.held, wanted);
				this.askedAt = RedisProviderQuota.this.redis.clock().nanos().getAsLong();
				arguments = List.of(RedisProviderQuota.this.instance,
						Long.toString(RedisProviderQuota.this.settings.lease().toMillis()),
						Integer.toString(this.limits.maxConcurrent()), Integer.toString(inUse()), Long.toString(wanted),
						Integer.toString(waiting),
						Long.toString(RedisProviderQuota.this.settings.share(this.limits.maxConcurrent())),
						Long.toString(this.nobodyCalled ? 0 : grace().toMillis()));
				this.nobodyCalled = false;
			}
			RedisProviderQuota.this.redis.execute(LEASE, this.redisKeys, arguments)
				.subscribe(this::answered, (failure) -> unanswered(), this::unanswered);
		}

		private Duration grace() {
			return RedisProviderQuota.this.settings.lease().dividedBy(GRACE_PART);
		}

		private void askForAge() {
			RedisProviderQuota.this.redis.age().subscribe((age) -> {
				synchronized (this) {
					this.nobodyCalled = age.compareTo(grace()) >= 0;
				}
				ask();
			}, (failure) -> {
				// Redis is gone
			});
		}

		private void answered(String answer) {
			String[] numbers = answer.split(" ");
			boolean unknown = numbers[3].equals("1");
			boolean isNew;
			synchronized (this) {
				isNew = unknown && !this.othersUnknown;
				this.othersUnknown = unknown;
				this.held = Integer.parseInt(numbers[0]);
				this.heldUntil = this.askedAt + RedisProviderQuota.this.settings.lease().toNanos();
				this.instances = Integer.parseInt(numbers[1]);
				this.waitingElsewhere = Integer.parseInt(numbers[2]);
			}
			if (isNew) {
				askForAge();
			}
			serve();
		}

		private void unanswered() {
			boolean again;
			boolean wait;
			synchronized (this) {
				if (!this.asking) {
					return;
				}
				this.asking = false;
				// used permits are reported and spare ones returned at once
				again = this.held < inUse() || (this.waitingElsewhere > 0 && waiting() == 0 && this.held > inUse());
				// one task at a time: each that runs asks, and may be followed by one
				wait = !again && !this.scheduled && (this.askAgain || waiting() > 0);
				this.scheduled |= wait;
			}
			serve();
			if (again) {
				ask();
			}
			else if (wait) {
				try {
					RedisProviderQuota.this.redis.clock()
						.scheduler()
						.schedule(this::askLater, ASK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
				}
				catch (RejectedExecutionException ex) {
					// the waits end by themselves
				}
			}
		}

		private void askLater() {
			synchronized (this) {
				this.scheduled = false;
			}
			ask();
		}

		@Override
		protected DeepSeekException tooLong() {
			return failure("deepseek.limit.max-concurrent",
					this.limits.maxConcurrent() + " calls are running in all instances, and none ended within "
							+ DurationText.of(this.limits.maxWait())
							+ " (deepseek.limit.max-concurrent, deepseek.limit.max-wait)");
		}

		private DeepSeekException unavailable() {
			return failure("deepseek.shared.when-unavailable",
					"Redis is not available, and no call begins without it (deepseek.shared.when-unavailable)");
		}

		private DeepSeekException failure(String property, String message) {
			return DeepSeekException.builder(ErrorKind.LOCAL_LIMIT, message)
				.provider(this.key.provider())
				.code(property)
				.build();
		}

	}

}
