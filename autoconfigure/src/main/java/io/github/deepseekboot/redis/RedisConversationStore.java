package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.conversation.TurnCodec;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Keeps conversations in Redis: a hash for each, with the turns by their number and the
 * version. A turn is added by one script, and no part of it is there without the others.
 */
public final class RedisConversationStore implements ConversationStore {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final long MAX_FIRST_VERSION = 1L << 52;

	private static final String VERSION = "version";

	private static final String TURN = "turn:";

	// a turn whose answer was lost is found when it is asked again, whatever followed it
	private static final RedisScript<Long> APPEND = RedisScript.of("""
			local version = redis.call('HGET', KEYS[1], 'version')
			if redis.call('HEXISTS', KEYS[1], 'id:' .. ARGV[3]) == 1 then
				return 1
			end
			if version and version ~= ARGV[1] then
				return 0
			end
			local number = redis.call('HINCRBY', KEYS[1], 'turns', 1)
			redis.call('HSET', KEYS[1], 'turn:' .. number, ARGV[4], 'id:' .. ARGV[3], number,
				'version', version and ARGV[2] or ARGV[5])
			if ARGV[6] ~= '' then
				redis.call('PEXPIRE', KEYS[1], ARGV[6])
			end
			return 1
			""", Long.class);

	private static final RedisScript<Long> LEASE = RedisScript.of("""
			local owner = redis.call('GET', KEYS[1])
			if owner and owner ~= ARGV[1] then
				return 0
			end
			redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
			return 1
			""", Long.class);

	private static final RedisScript<Long> END_LEASE = RedisScript.of("""
			if redis.call('GET', KEYS[1]) == ARGV[1] then
				return redis.call('DEL', KEYS[1])
			end
			return 0
			""", Long.class);

	private final ReactiveStringRedisTemplate redis;

	private final TurnCodec codec;

	private final String prefix;

	private final @Nullable Duration timeToLive;

	private final TransportClock clock;

	/**
	 * Create a store.
	 * @param connectionFactory connects to Redis
	 * @param codec writes and reads turns
	 * @param prefix what all keys begin with
	 * @param timeToLive how long a conversation is kept after its latest turn, positive;
	 * {@code null} for ever
	 * @param clock the time that waits go by
	 */
	public RedisConversationStore(ReactiveRedisConnectionFactory connectionFactory, TurnCodec codec, String prefix,
			@Nullable Duration timeToLive, TransportClock clock) {
		Assert.notNull(connectionFactory, "'connectionFactory' must not be null");
		Assert.notNull(codec, "'codec' must not be null");
		Assert.notNull(prefix, "'prefix' must not be null");
		this.redis = new ReactiveStringRedisTemplate(connectionFactory);
		this.codec = codec;
		this.prefix = prefix;
		this.timeToLive = timeToLive;
		this.clock = clock;
	}

	@Override
	public Mono<StoredConversation> load(String id) {
		return this.redis.<String, String>opsForHash()
			.entries(key(id))
			.collectMap(Map.Entry::getKey, Map.Entry::getValue)
			.timeout(TIMEOUT, this.clock.scheduler())
			.publishOn(Schedulers.boundedElastic())
			.map((entries) -> read(id, entries));
	}

	private StoredConversation read(String id, Map<String, String> entries) {
		String version = entries.get(VERSION);
		if (version == null) {
			return StoredConversation.EMPTY;
		}
		List<ChatMessage> messages = new ArrayList<>();
		String turn = entries.get(TURN + 1);
		for (int number = 2; turn != null; number++) {
			messages.addAll(this.codec.read(id, turn));
			turn = entries.get(TURN + number);
		}
		return new StoredConversation(Long.parseLong(version), messages);
	}

	@Override
	public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
		return Mono.defer(() -> {
			String turnId = UUID.randomUUID().toString();
			String first = Long.toString(ThreadLocalRandom.current().nextLong(1, MAX_FIRST_VERSION));
			return Mono.fromCallable(() -> this.codec.write(id, turn))
				.subscribeOn(Schedulers.boundedElastic())
				.flatMap((payload) -> run(APPEND, key(id),
						List.of(Long.toString(version), Long.toString(version + 1), turnId, payload, first,
								(this.timeToLive != null) ? Long.toString(this.timeToLive.toMillis()) : ""))
					.retryWhen(Retry.backoff(3, Duration.ofMillis(100)).scheduler(this.clock.scheduler())));
		});
	}

	@Override
	public Mono<Void> delete(String id) {
		return this.redis.delete(key(id)).timeout(TIMEOUT, this.clock.scheduler()).then();
	}

	@Override
	public Mono<Boolean> tryLease(String id, String owner, Duration timeToLive) {
		return run(LEASE, leaseKey(id), List.of(owner, Long.toString(timeToLive.toMillis())));
	}

	@Override
	public Mono<Void> endLease(String id, String owner) {
		return run(END_LEASE, leaseKey(id), List.of(owner)).then();
	}

	private Mono<Boolean> run(RedisScript<Long> script, String key, List<String> arguments) {
		return this.redis.execute(script, List.of(key), arguments)
			.next()
			.timeout(TIMEOUT, this.clock.scheduler())
			.map((result) -> result == 1);
	}

	private String key(String id) {
		return this.prefix + "conversation:" + id;
	}

	private String leaseKey(String id) {
		return this.prefix + "lease:" + id;
	}

}
