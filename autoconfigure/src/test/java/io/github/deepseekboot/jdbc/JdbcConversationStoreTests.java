package io.github.deepseekboot.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.conversation.ConversationStoreContractTests;
import io.github.deepseekboot.conversation.TurnCodec;
import io.github.deepseekboot.hook.ConversationEncryption;
import io.github.deepseekboot.hook.ConversationStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link JdbcConversationStore} with real databases.
 */
public final class JdbcConversationStoreTests {

	private JdbcConversationStoreTests() {
	}

	static JdbcConversationStore store(DataSource dataSource) {
		return new JdbcConversationStore(dataSource, new TurnCodec(ConversationEncryption.NONE), null,
				Schedulers.parallel());
	}

	private static void createSchema(DataSource dataSource, String platform) {
		// twice: what is there already stays
		for (int i = 0; i < 2; i++) {
			new ResourceDatabasePopulator(
					new ClassPathResource("schema-" + platform + ".sql", JdbcConversationStore.class))
				.execute(dataSource);
		}
	}

	/**
	 * What all databases have in common.
	 */
	abstract static class DatabaseTests extends ConversationStoreContractTests.Shared {

		abstract String url();

		DataSource dataSource() {
			return new DriverManagerDataSource(url());
		}

		private final JdbcConversationStore store = JdbcConversationStoreTests.store(new NonBlocking(dataSource()));

		@Override
		protected ConversationStore store() {
			return this.store;
		}

		@Override
		protected List<String> writerArguments() {
			return List.of(Stores.class.getName(), url());
		}

		@Test
		void aCommitWhoseAnswerIsLostStoresOnce() {
			for (int lost = 1; lost <= 2; lost++) {
				AtomicInteger failures = new AtomicInteger(lost);
				JdbcConversationStore store = JdbcConversationStoreTests
					.store(new LosingCommits(dataSource(), failures));
				Boolean appended = store.append(this.id, load(this.id).version(), turn("q" + lost)).block(PATIENCE);
				assertThat(appended).isTrue();
				assertThat(failures).hasValue(0);
				assertThat(load(this.id).messages()).hasSize(2 * lost);
			}
		}

		@Test
		void conversationsWhoseTimeIsOverAreSweptByWhoeverComes() {
			JdbcTemplate jdbc = new JdbcTemplate(dataSource());
			JdbcConversationStore limited = new JdbcConversationStore(dataSource(),
					new TurnCodec(ConversationEncryption.NONE), Duration.ofHours(1), Schedulers.parallel());
			limited.append(this.id, 0, turn("one")).block(PATIENCE);
			append(this.id + "-for-ever", 0, turn("one"));
			limited.append(this.id + "-fresh", 0, turn("one")).block(PATIENCE);
			limited.tryLease(this.id, UUID.randomUUID().toString(), Duration.ofMinutes(1)).block(PATIENCE);
			for (String table : List.of("DEEPSEEK_CONVERSATION", "DEEPSEEK_CONVERSATION_LEASE")) {
				jdbc.update("UPDATE " + table + " SET EXPIRY_TIME = 1000 WHERE CONVERSATION_ID = ?", this.id);
			}
			Integer swept = limited.sweep()
				.zipWith(JdbcConversationStoreTests.store(dataSource()).sweep(), Integer::sum)
				.block(PATIENCE);
			assertThat(swept).isEqualTo(1);
			assertThat(load(this.id).messages()).isEmpty();
			assertThat(load(this.id + "-for-ever").messages()).hasSize(2);
			assertThat(load(this.id + "-fresh").messages()).hasSize(2);
			assertThat(
					jdbc.queryForList("SELECT 1 FROM DEEPSEEK_CONVERSATION_LEASE WHERE CONVERSATION_ID = ?", this.id))
				.isEmpty();
		}

		@Test
		void instancesInDifferentTimeZonesAgreeOnTheTime() {
			TimeZone before = TimeZone.getDefault();
			String owner = UUID.randomUUID().toString();
			try {
				for (String zone : List.of("UTC", "Asia/Tokyo", "America/New_York")) {
					TimeZone.setDefault(TimeZone.getTimeZone(zone));
					long now = System.currentTimeMillis();
					assertThat(
							this.store.tryLease(this.id + zone, owner, Duration.ofSeconds(1)).blockOptional(PATIENCE))
						.contains(true);
					Long expiry = new JdbcTemplate(dataSource()).queryForObject(
							"SELECT EXPIRY_TIME FROM DEEPSEEK_CONVERSATION_LEASE WHERE CONVERSATION_ID = ?", Long.class,
							this.id + zone);
					assertThat(expiry).as(zone).isBetween(now, now + Duration.ofMinutes(1).toMillis());
				}
			}
			finally {
				TimeZone.setDefault(before);
			}
		}

		@Test
		void idsThatADatabaseWouldChangeAreRefused() {
			for (String id : List.of("x".repeat(256), "a ", "\ta")) {
				assertThatIllegalArgumentException().isThrownBy(() -> load(id))
					.withMessageContaining("at most 255 characters");
			}
		}

	}

	/**
	 * H2, in a server as two JVMs need it.
	 */
	@Nested
	class H2Tests extends DatabaseTests {

		private static Server server;

		private static String url;

		@BeforeAll
		static void start() throws SQLException {
			server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
			url = "jdbc:h2:" + server.getURL() + "/mem:conversations;DB_CLOSE_DELAY=-1";
			createSchema(new DriverManagerDataSource(url), "h2");
		}

		@AfterAll
		static void stop() {
			server.stop();
		}

		@Override
		String url() {
			return url;
		}

	}

	/**
	 * A PostgreSQL that somebody started.
	 */
	@Nested
	@EnabledIfSystemProperty(named = "postgres.url", matches = ".+",
			disabledReason = "there is no PostgreSQL (-Dpostgres.url)")
	class PostgresTests extends DatabaseTests {

		@BeforeAll
		static void createTables() {
			createSchema(new DriverManagerDataSource(System.getProperty("postgres.url")), "postgresql");
		}

		@Override
		String url() {
			return System.getProperty("postgres.url");
		}

	}

	/**
	 * A MariaDB or MySQL that somebody started.
	 */
	@Nested
	@EnabledIfSystemProperty(named = "mysql.url", matches = ".+", disabledReason = "there is no MySQL (-Dmysql.url)")
	class MySqlTests extends DatabaseTests {

		@BeforeAll
		static void createTables() {
			createSchema(new DriverManagerDataSource(System.getProperty("mysql.url")), "mysql");
		}

		@Override
		String url() {
			return System.getProperty("mysql.url");
		}

	}

	/**
	 * Fails where a thread must not block.
	 */
	private static final class NonBlocking extends DelegatingDataSource {

		NonBlocking(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		public Connection getConnection() throws SQLException {
			assertThat(Schedulers.isInNonBlockingThread()).as("on an event loop").isFalse();
			return super.getConnection();
		}

	}

	/**
	 * Commits, and loses the answer.
	 */
	private static final class LosingCommits extends DelegatingDataSource {

		private final AtomicInteger failures;

		LosingCommits(DataSource dataSource, AtomicInteger failures) {
			super(dataSource);
			this.failures = failures;
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(proxy, method, arguments) -> {
						try {
							Object result = method.invoke(connection, arguments);
							if (method.getName().equals("commit")
									&& this.failures.getAndUpdate((n) -> Math.max(0, n - 1)) > 0) {
								throw new SQLTransientConnectionException("the connection was lost");
							}
							return result;
						}
						catch (InvocationTargetException ex) {
							throw ex.getCause();
						}
					});
		}

	}

	/**
	 * Make a store; called by {@code TurnWriter}, too.
	 */
	public static final class Stores {

		private Stores() {
		}

		public static ConversationStore store(String url) {
			return JdbcConversationStoreTests.store(new DriverManagerDataSource(url));
		}

	}

}
