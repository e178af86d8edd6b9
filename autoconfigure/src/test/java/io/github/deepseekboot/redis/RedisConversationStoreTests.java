package io.github.deepseekboot.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import redis.embedded.RedisServer;

import io.github.deepseekboot.conversation.ConversationStoreContractTests;
import io.github.deepseekboot.conversation.TurnCodec;
import io.github.deepseekboot.hook.ConversationEncryption;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link RedisConversationStore} with real servers.
 */
public final class RedisConversationStoreTests {

	private RedisConversationStoreTests() {
	}

	static RedisConversationStore store(LettuceConnectionFactory factory, Duration timeToLive) {
		return new RedisConversationStore(factory, new TurnCodec(ConversationEncryption.NONE), "test:", timeToLive,
				TransportClock.system());
	}

	/**
	 * What all servers have in common.
	 */
	abstract static class ServerTests extends ConversationStoreContractTests.Shared {

		private final LettuceConnectionFactory factory = RedisServers.connect(port());

		private final RedisConversationStore store = RedisConversationStoreTests.store(this.factory, null);

		abstract int port();

		@AfterEach
		void disconnect() {
			this.factory.destroy();
		}

		@Override
		protected ConversationStore store() {
			return this.store;
		}

		@Override
		protected List<String> writerArguments() {
			return List.of(Stores.class.getName(), Integer.toString(port()));
		}

		@Test
		void aConversationIsForgottenAfterItsTime() {
			StringRedisTemplate redis = new StringRedisTemplate(this.factory);
			append(this.id, 0, turn("one"));
			assertThat(redis.getExpire("test:conversation:" + this.id)).isEqualTo(-1);
			RedisConversationStore limited = RedisConversationStoreTests.store(this.factory, Duration.ofSeconds(100));
			limited.append(this.id, load(this.id).version(), turn("two")).block(PATIENCE);
			assertThat(redis.getExpire("test:conversation:" + this.id)).isBetween(90L, 100L);
		}

		@Test
		void aTurnWhoseAnswerIsLostIsStoredOnce() throws IOException {
			try (LosingProxy proxy = new LosingProxy(port())) {
				LettuceConnectionFactory factory = RedisServers.connect(proxy.port());
				RedisConversationStore store = RedisConversationStoreTests.store(factory, null);
				store.load(this.id).block(PATIENCE);
				proxy.lose.set(1);
				Boolean appended = store.append(this.id, 0, turn("one")).block(PATIENCE);
				assertThat(appended).isTrue();
				assertThat(proxy.lose).hasValue(0);
				assertThat(load(this.id).messages()).isEqualTo(turn("one"));
				factory.destroy();
			}
		}

		@Test
		void aTurnWhoseAnswerIsLostIsFoundBehindTheOnesThatFollowed() throws IOException {
			try (LosingProxy proxy = new LosingProxy(port())) {
				LettuceConnectionFactory factory = RedisServers.connect(proxy.port());
				RedisConversationStore store = RedisConversationStoreTests.store(factory, null);
				store.load(this.id).block(PATIENCE);
				proxy.lose.set(1);
				proxy.open = new CountDownLatch(1);
				AtomicReference<Boolean> appended = new AtomicReference<>();
				store.append(this.id, 0, turn("one")).subscribe(appended::set);
				// another instance sees it, and goes on before it is asked for again
				await().atMost(PATIENCE).until(() -> load(this.id).version() != 0);
				assertThat(append(this.id, load(this.id).version(), turn("two"))).isTrue();
				proxy.open.countDown();
				await().atMost(PATIENCE).until(() -> appended.get() != null);
				assertThat(appended).hasValue(true);
				assertThat(load(this.id).messages()).hasSize(4);
				factory.destroy();
			}
		}

	}

	/**
	 * A Redis that comes with the tests.
	 */
	@Nested
	class EmbeddedTests extends ServerTests {

		private static RedisServer server;

		@BeforeAll
		static void start() {
			server = RedisServers.start();
		}

		@AfterAll
		static void stop() throws IOException {
			server.stop();
		}

		@Override
		int port() {
			return RedisServers.port(server);
		}

	}

	/**
	 * A Redis that somebody started.
	 */
	@Nested
	@EnabledIfSystemProperty(named = "redis.port", matches = "\\d+",
			disabledReason = "there is no Redis (-Dredis.port)")
	class RunningTests extends ServerTests {

		@Override
		int port() {
			return Integer.getInteger("redis.port");
		}

	}

	/**
	 * Passes on what is said, and now and then closes the connection in place of an
	 * answer.
	 */
	private static final class LosingProxy implements AutoCloseable {

		final AtomicInteger lose = new AtomicInteger();

		// whether connections are passed on
		volatile CountDownLatch open = new CountDownLatch(0);

		private final ServerSocket server;

		private final int target;

		LosingProxy(int target) throws IOException {
			this.target = target;
			this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
			start(this::accept);
		}

		int port() {
			return this.server.getLocalPort();
		}

		private static void start(Runnable work) {
			Thread thread = new Thread(work, "losing-proxy");
			thread.setDaemon(true);
			thread.start();
		}

		private void accept() {
			try {
				while (true) {
					Socket client = this.server.accept();
					this.open.await();
					Socket redis = new Socket(InetAddress.getLoopbackAddress(), this.target);
					start(() -> copy(client, redis, false));
					start(() -> copy(redis, client, true));
				}
			}
			catch (IOException | InterruptedException ex) {
				// closed
			}
		}

		private void copy(Socket from, Socket to, boolean answers) {
			try (from; to) {
				InputStream in = from.getInputStream();
				OutputStream out = to.getOutputStream();
				byte[] buffer = new byte[8192];
				for (int read = in.read(buffer); read != -1; read = in.read(buffer)) {
					if (answers && this.lose.getAndUpdate((n) -> Math.max(0, n - 1)) > 0) {
						return;
					}
					out.write(buffer, 0, read);
					out.flush();
				}
			}
			catch (IOException ex) {
				// closed
			}
		}

		@Override
		public void close() throws IOException {
			this.server.close();
		}

	}

	/**
	 * Make a store; called by {@code TurnWriter}, too.
	 */
	public static final class Stores {

		private Stores() {
		}

		public static ConversationStore store(String port) {
			return RedisConversationStoreTests.store(RedisServers.connect(Integer.parseInt(port)), null);
		}

	}

}
