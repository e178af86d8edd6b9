package io.github.deepseekboot.jdbc;

import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongFunction;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.conversation.TurnCodec;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * Keeps conversations in a database. A turn is one row, which is written once and never
 * changed; a row for each conversation has its version, so that of two instances that
 * answered the same state one stores its turn. The database is asked on threads that may
 * block, in transactions of its own, and by its own clock.
 */
public final class JdbcConversationStore implements ConversationStore {

	private static final long NEVER = Long.MAX_VALUE;

	private static final int MAX_ID = 255;

	private static final int SWEPT_AT_ONCE = 1000;

	// a version that is a whole number in any language
	private static final long MAX_FIRST_VERSION = 1L << 52;

	private final JdbcTemplate jdbc;

	private final TransactionTemplate transaction;

	private final TurnCodec codec;

	private final @Nullable Duration timeToLive;

	private final Retry again;

	private volatile @Nullable Boolean timesWithoutZone;

	/**
	 * Create a store.
	 * @param dataSource the database, which has the tables of {@code schema-*.sql} in
	 * this package
	 * @param codec writes and reads turns
	 * @param timeToLive how long a conversation is kept after its latest turn, positive;
	 * {@code null} for ever
	 * @param scheduler wakes up what is tried again
	 */
	public JdbcConversationStore(DataSource dataSource, TurnCodec codec, @Nullable Duration timeToLive,
			Scheduler scheduler) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		Assert.notNull(codec, "'codec' must not be null");
		this.jdbc = new JdbcTemplate(dataSource);
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		this.transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		this.codec = codec;
		this.timeToLive = timeToLive;
		this.again = Retry.backoff(3, Duration.ofMillis(100))
			.filter(JdbcConversationStore::isTransient)
			.scheduler(scheduler);
	}

	@Override
	public Mono<StoredConversation> load(String id) {
		return blocking(() -> {
			List<ChatMessage> messages = new ArrayList<>();
			long[] version = new long[1];
			this.jdbc.query("""
					SELECT VERSION, PAYLOAD FROM DEEPSEEK_CONVERSATION_TURN
					WHERE CONVERSATION_ID = ? ORDER BY VERSION""", (row) -> {
				version[0] = row.getLong(1);
				messages.addAll(this.codec.read(id, row.getString(2)));
			}, checked(id));
			return new StoredConversation(version[0], messages);
		});
	}

	@Override
	public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
		return Mono.defer(() -> {
			String turnId = UUID.randomUUID().toString();
			return blocking(() -> {
				String payload = this.codec.write(id, turn);
				return transact((now) -> append(checked(id), version, turnId, payload, now));
			}).retryWhen(this.again);
		});
	}

	private boolean append(String id, long version, String turnId, String payload, long now) {
		// a commit whose answer was lost: asked again, it is found
		if (count("SELECT COUNT(*) FROM DEEPSEEK_CONVERSATION_TURN WHERE CONVERSATION_ID = ? AND TURN_ID = ?", id,
				turnId) > 0) {
			return true;
		}
		long expiry = (this.timeToLive != null) ? now + this.timeToLive.toMillis() : NEVER;
		long next = version + 1;
		try {
			if (this.jdbc.update("""
					UPDATE DEEPSEEK_CONVERSATION SET VERSION = ?, EXPIRY_TIME = ?
					WHERE CONVERSATION_ID = ? AND VERSION = ?""", next, expiry, id, version) == 0) {
				// a conversation that is deleted and starts again has other versions, so
				// that a turn of the old one does not fit into it
				next = ThreadLocalRandom.current().nextLong(1, MAX_FIRST_VERSION);
				this.jdbc.update("""
						INSERT INTO DEEPSEEK_CONVERSATION (CONVERSATION_ID, VERSION, EXPIRY_TIME)
						VALUES (?, ?, ?)""", id, next, expiry);
			}
			this.jdbc.update("""
					INSERT INTO DEEPSEEK_CONVERSATION_TURN (CONVERSATION_ID, VERSION, TURN_ID, PAYLOAD)
					VALUES (?, ?, ?, ?)""", id, next, turnId, payload);
			return true;
		}
		catch (DuplicateKeyException ex) {
			return false;
		}
	}

	@Override
	public Mono<Void> delete(String id) {
		return blocking(
				() -> this.jdbc.update("DELETE FROM DEEPSEEK_CONVERSATION WHERE CONVERSATION_ID = ?", checked(id)))
			.then();
	}

	@Override
	public Mono<Boolean> tryLease(String id, String owner, Duration timeToLive) {
		return blocking(() -> transact((now) -> {
			long expiry = now + timeToLive.toMillis();
			if (this.jdbc.update("""
					UPDATE DEEPSEEK_CONVERSATION_LEASE SET LEASE_OWNER = ?, EXPIRY_TIME = ?
					WHERE CONVERSATION_ID = ? AND (LEASE_OWNER = ? OR EXPIRY_TIME < ?)""", owner, expiry, checked(id),
					owner, now) > 0) {
				return true;
			}
			try {
				this.jdbc.update("""
						INSERT INTO DEEPSEEK_CONVERSATION_LEASE (CONVERSATION_ID, LEASE_OWNER, EXPIRY_TIME)
						VALUES (?, ?, ?)""", id, owner, expiry);
				return true;
			}
			catch (DuplicateKeyException ex) {
				return false;
			}
		}));
	}

	@Override
	public Mono<Void> endLease(String id, String owner) {
		return blocking(() -> this.jdbc.update(
				"DELETE FROM DEEPSEEK_CONVERSATION_LEASE WHERE CONVERSATION_ID = ? AND LEASE_OWNER = ?", checked(id),
				owner))
			.then();
	}

	/**
	 * Delete conversations that are expired, and leases that were not ended. May run in
	 * several instances at once.
	 * @return how many conversations were deleted
	 */
	public Mono<Integer> sweep() {
		return blocking(() -> {
			long now = now();
			this.jdbc.update("DELETE FROM DEEPSEEK_CONVERSATION_LEASE WHERE EXPIRY_TIME < ?", now);
			JdbcTemplate limited = new JdbcTemplate(dataSource());
			limited.setMaxRows(SWEPT_AT_ONCE);
			int swept = 0;
			List<String> ids;
			do {
				ids = limited.queryForList("SELECT CONVERSATION_ID FROM DEEPSEEK_CONVERSATION WHERE EXPIRY_TIME < ?",
						String.class, now);
				for (String id : ids) {
					// one that goes on meanwhile stays
					swept += this.jdbc.update(
							"DELETE FROM DEEPSEEK_CONVERSATION WHERE CONVERSATION_ID = ? AND EXPIRY_TIME < ?", id, now);
				}
			}
			while (ids.size() == SWEPT_AT_ONCE);
			return swept;
		});
	}

	private DataSource dataSource() {
		DataSource dataSource = this.jdbc.getDataSource();
		Assert.state(dataSource != null, "there is no data source");
		return dataSource;
	}

	private <T> Mono<T> blocking(Callable<T> work) {
		return Mono.fromCallable(() -> {
			try {
				return work.call();
			}
			catch (LinkageError | VirtualMachineError ex) {
				// Reactor gives up on these errors, and the turn would never end
				throw new IllegalStateException("the database failed: " + ex, ex);
			}
		}).subscribeOn(Schedulers.boundedElastic());
	}

	private boolean transact(LongFunction<Boolean> work) {
		return Boolean.TRUE.equals(this.transaction.execute((status) -> {
			boolean done = work.apply(now());
			if (!done) {
				// a database may refuse a commit after a duplicate key
				status.setRollbackOnly();
			}
			return done;
		}));
	}

	// instances whose clocks differ agree on the database's
	private long now() {
		if (hasTimesWithoutZone()) {
			// the driver would take the zone of this JVM for that of the server
			Long millis = this.jdbc.queryForObject(
					"SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000", Long.class);
			Assert.state(millis != null, "the database has no time");
			return millis;
		}
		Timestamp now = this.jdbc.queryForObject("SELECT CURRENT_TIMESTAMP", Timestamp.class);
		Assert.state(now != null, "the database has no time");
		return now.getTime();
	}

	private boolean hasTimesWithoutZone() {
		Boolean known = this.timesWithoutZone;
		if (known == null) {
			known = this.jdbc.execute((ConnectionCallback<Boolean>) (connection) -> {
				String product = connection.getMetaData().getDatabaseProductName();
				return product.equals("MySQL") || product.equals("MariaDB");
			});
			this.timesWithoutZone = known;
		}
		return Boolean.TRUE.equals(known);
	}

	private int count(String sql, Object... arguments) {
		Integer count = this.jdbc.queryForObject(sql, Integer.class, arguments);
		return (count != null) ? count : 0;
	}

	private static String checked(String id) {
		Assert.isTrue(id.length() <= MAX_ID && id.equals(id.strip()), () -> "the id of a conversation in a database "
				+ "must have at most " + MAX_ID + " characters and no blanks at its ends");
		return id;
	}

	private static boolean isTransient(Throwable failure) {
		return failure instanceof DataAccessException || failure instanceof TransactionException;
	}

}
