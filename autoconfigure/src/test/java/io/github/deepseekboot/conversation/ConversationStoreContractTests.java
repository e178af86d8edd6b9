package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What any {@link ConversationStore} must do.
 */
public abstract class ConversationStoreContractTests {

	protected static final Duration PATIENCE = Duration.ofSeconds(30);

	protected final String id = "id-" + UUID.randomUUID();

	/**
	 * Return the store to test.
	 * @return the same store each time
	 */
	protected abstract ConversationStore store();

	protected static List<ChatMessage> turn(String question) {
		return List.of(ChatMessage.user(question), ChatMessage.assistant("re: " + question));
	}

	protected StoredConversation load(String id) {
		return store().load(id).defaultIfEmpty(StoredConversation.EMPTY).blockOptional(PATIENCE).orElseThrow();
	}

	protected boolean append(String id, long version, List<ChatMessage> turn) {
		return store().append(id, version, turn).blockOptional(PATIENCE).orElseThrow();
	}

	@Test
	void whatIsNotKnownIsEmpty() {
		assertThat(load(this.id)).isEqualTo(StoredConversation.EMPTY);
		store().delete(this.id).block(PATIENCE);
		assertThat(load(this.id)).isEqualTo(StoredConversation.EMPTY);
	}

	@Test
	void turnsAreKeptInTheirOrder() {
		List<ChatMessage> expected = new ArrayList<>();
		long version = 0;
		for (int i = 0; i < 12; i++) {
			assertThat(append(this.id, version, turn("q" + i))).isTrue();
			expected.addAll(turn("q" + i));
			StoredConversation stored = load(this.id);
			assertThat(stored.version()).isNotEqualTo(version);
			assertThat(stored.messages()).isEqualTo(expected);
			version = stored.version();
		}
	}

	@Test
	void messagesAreKeptWithAllThatTheyHave() {
		List<ChatMessage> turn = List.of(ChatMessage.system("be kind"),
				ChatMessage.user(ContentPart.text("look"), ContentPart.imageUrl("https://example.com/a.png")),
				ChatMessage.builder(MessageRole.ASSISTANT)
					.content("")
					.reasoningContent("first")
					.toolCalls(List.of(new ToolCall("1", "f", "{\"a\": \"é\"}"), new ToolCall(null, "g", "")))
					.build(),
				ChatMessage.tool("1", "{}"),
				ChatMessage.builder(MessageRole.USER).name("Ann").content("中文 \uD83D\uDE00 ' \" \\ \n").build(),
				ChatMessage.builder(MessageRole.ASSISTANT).content("\uD83D cut").reasoningContent("so").build(),
				ChatMessage.user("a \u0000 in the middle"), ChatMessage.builder(MessageRole.ASSISTANT).build());
		assertThat(append(this.id, 0, turn)).isTrue();
		assertThat(load(this.id).messages()).isEqualTo(turn);
	}

	@Test
	void aTurnOfAnotherVersionIsRefused() {
		append(this.id, 0, turn("one"));
		long version = load(this.id).version();
		assertThat(append(this.id, 0, turn("late"))).isFalse();
		assertThat(append(this.id, version, turn("two"))).isTrue();
		assertThat(append(this.id, version, turn("late"))).isFalse();
		assertThat(load(this.id).messages()).extracting(ChatMessage::content)
			.containsExactly("one", "re: one", "two", "re: two");
	}

	@Test
	void ofManyTurnsAtOnceOneIsStored() throws Exception {
		for (int round = 0; round < 5; round++) {
			long version = load(this.id).version();
			List<Callable<Boolean>> appends = new ArrayList<>();
			CountDownLatch go = new CountDownLatch(1);
			for (int i = 0; i < 8; i++) {
				String question = round + "/" + i;
				appends.add(() -> {
					go.await();
					return append(this.id, version, turn(question));
				});
			}
			ExecutorService executor = Executors.newFixedThreadPool(8);
			List<Future<Boolean>> results = new ArrayList<>();
			appends.forEach((append) -> results.add(executor.submit(append)));
			go.countDown();
			int stored = 0;
			for (Future<Boolean> result : results) {
				stored += result.get() ? 1 : 0;
			}
			executor.shutdown();
			assertThat(stored).isEqualTo(1);
			assertThat(load(this.id).messages()).hasSize(2 * (round + 1));
		}
	}

	@Test
	void aDeletedConversationBeginsAnewAndTakesNoTurnOfTheOldOne() {
		append(this.id, 0, turn("one"));
		long old = load(this.id).version();
		store().delete(this.id).block(PATIENCE);
		assertThat(load(this.id)).isEqualTo(StoredConversation.EMPTY);
		append(this.id, 0, turn("new"));
		assertThat(append(this.id, old, turn("late"))).isFalse();
		assertThat(load(this.id).messages()).isEqualTo(turn("new"));
	}

	@Test
	void aTurnOfAConversationThatWasForgottenMeanwhileBeginsAnew() {
		append(this.id, 0, turn("one"));
		long version = load(this.id).version();
		store().delete(this.id).block(PATIENCE);
		assertThat(append(this.id, version, turn("two"))).isTrue();
		assertThat(load(this.id).messages()).isEqualTo(turn("two"));
		assertThat(append(this.id, load(this.id).version(), turn("three"))).isTrue();
		assertThat(load(this.id).messages()).hasSize(4);
	}

	@Test
	void idsAreExact() {
		List<String> ids = List.of(this.id, this.id.toUpperCase(Locale.ROOT), this.id + ":turn", this.id + "*",
				this.id + " é", this.id + "%");
		ids.forEach((id) -> append(id, 0, turn(id)));
		assertThat(ids).allSatisfy((id) -> assertThat(load(id).messages()).isEqualTo(turn(id)));
		store().delete(this.id).block(PATIENCE);
		assertThat(load(this.id + "*").messages()).hasSize(2);
	}

	@Test
	void mayBeCalledOnAnEventLoop() {
		ConversationStore store = store();
		Boolean appended = Mono.defer(() -> store.load(this.id).defaultIfEmpty(StoredConversation.EMPTY))
			.flatMap((stored) -> store.append(this.id, stored.version(), turn("one")))
			.delayUntil(
					(done) -> store.tryLease(this.id, "me", Duration.ofSeconds(1)).then(store.endLease(this.id, "me")))
			.subscribeOn(Schedulers.parallel())
			.block(PATIENCE);
		assertThat(appended).isTrue();
	}

	@Test
	void turnsOfTwoInstancesAreNeitherTornNorLost() throws Exception {
		int threads = 8;
		int turns = 10;
		List<Conversation> instances = List.of(conversation(), conversation());
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		List<Future<Integer>> futures = new ArrayList<>();
		for (int thread = 0; thread < threads; thread++) {
			Conversation conversation = instances.get(thread % 2);
			String name = "thread-" + thread;
			futures.add(executor.submit(() -> TurnWriter.write(conversation, name, turns)));
		}
		for (Future<Integer> future : futures) {
			future.get();
		}
		executor.shutdown();
		TurnWriter.assertComplete(load(this.id).messages(), threads * turns);
	}

	private Conversation conversation() {
		return Conversations.builder()
			.store(store())
			.maxWait(Duration.ofMinutes(2))
			.build()
			.conversation(this.id, new FakeClient());
	}

	/**
	 * What a store that instances share must do besides.
	 */
	public abstract static class Shared extends ConversationStoreContractTests {

		/**
		 * Return the arguments with which {@link TurnWriter} reaches the same store.
		 * @return the arguments
		 */
		protected abstract List<String> writerArguments();

		private boolean tryLease(String owner, Duration timeToLive) {
			return store().tryLease(this.id, owner, timeToLive).blockOptional(PATIENCE).orElseThrow();
		}

		@Test
		void aLeaseIsForOne() throws Exception {
			String me = UUID.randomUUID().toString();
			String other = UUID.randomUUID().toString();
			assertThat(tryLease(me, Duration.ofMinutes(1))).isTrue();
			assertThat(tryLease(other, Duration.ofMinutes(1))).isFalse();
			assertThat(tryLease(me, Duration.ofMinutes(1))).as("extended").isTrue();
			store().endLease(this.id, other).block(PATIENCE);
			assertThat(tryLease(other, Duration.ofMinutes(1))).isFalse();
			store().endLease(this.id, me).block(PATIENCE);
			assertThat(tryLease(other, Duration.ofMillis(50))).isTrue();
			// an instance that died
			long deadline = System.nanoTime() + PATIENCE.toNanos();
			boolean taken = tryLease(me, Duration.ofMinutes(1));
			while (!taken && System.nanoTime() < deadline) {
				taken = tryLease(me, Duration.ofMinutes(1));
			}
			assertThat(taken).isTrue();
		}

		@Test
		void withLeasesTheSecondInstanceWaitsInPlaceOfPaying() {
			FakeClient client = new FakeClient().slowly(Duration.ofMillis(300));
			List<Conversation> instances = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				instances.add(Conversations.builder()
					.store(store())
					.turnLease(Duration.ofSeconds(5))
					.build()
					.conversation(this.id, client));
			}
			Mono.zip(instances.get(0).completeAsync("one"), instances.get(1).stream("two").collectList())
				.block(PATIENCE);
			assertThat(client.requests).hasSize(2);
			TurnWriter.assertComplete(load(this.id).messages(), 2);
		}

		@Test
		void turnsOfTwoJvmsAreNeitherTornNorLost() throws Exception {
			int threads = 8;
			int turns = 25;
			List<Process> jvms = new ArrayList<>();
			for (int jvm = 0; jvm < 2; jvm++) {
				List<String> command = new ArrayList<>(
						List.of(System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1", "-cp",
								System.getProperty("java.class.path"), TurnWriter.class.getName(), this.id,
								"jvm-" + jvm, Integer.toString(threads), Integer.toString(turns)));
				command.addAll(writerArguments());
				jvms.add(new ProcessBuilder(command).redirectErrorStream(true)
					.redirectOutput(ProcessBuilder.Redirect.INHERIT)
					.start());
			}
			for (Process jvm : jvms) {
				assertThat(jvm.waitFor(4, TimeUnit.MINUTES)).isTrue();
				assertThat(jvm.exitValue()).isZero();
			}
			TurnWriter.assertComplete(load(this.id).messages(), 2 * threads * turns);
		}

	}

}
