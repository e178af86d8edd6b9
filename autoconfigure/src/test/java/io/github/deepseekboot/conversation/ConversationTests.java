package io.github.deepseekboot.conversation;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.core.ParameterizedTypeReference;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.TypedCompletion;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link Conversation}.
 */
class ConversationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final FakeClient client = new FakeClient();

	private final Conversations conversations = conversations(new InMemoryConversationStore(), Duration.ofSeconds(10));

	private static Conversations conversations(ConversationStore store, Duration maxWait) {
		return Conversations.builder().store(store).maxWait(maxWait).build();
	}

	@Test
	void aStreamThatEndsWithoutAnAnswerIsAnEmptyResponse() {
		ConversationClient silent = new ConversationClient() {

			@Override
			public Mono<ChatCompletion> complete(ChatRequest request) {
				return Mono.empty();
			}

			@Override
			public Flux<ChatDelta> stream(ChatRequest request) {
				return Flux.just(ChatDelta.last(ChatDelta.Origin.builder("own").build(), null, List.of()));
			}

			@Override
			public <T> Mono<TypedCompletion<T>> completeTyped(ChatRequest request, Type type) {
				return Mono.empty();
			}

			@Override
			public <T> Flux<T> streamList(ChatRequest request, Type item, Consumer<ChatCompletion> answer) {
				return Flux.empty();
			}

			@Override
			public <T> T await(Mono<T> answer) {
				throw new UnsupportedOperationException("nothing waits here");
			}

		};
		Conversation conversation = this.conversations.conversation("id", silent);
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> conversation.stream("hi").blockLast(Duration.ofSeconds(10)))
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE));
	}

	private Conversation conversation() {
		return conversation(this.conversations);
	}

	private Conversation conversation(Conversations conversations) {
		return conversations.conversation("id", this.client);
	}

	private static List<String> contents(Conversation conversation) {
		List<ChatMessage> messages = conversation.messagesAsync().block(PATIENCE);
		assertThat(messages).isNotNull();
		return messages.stream().map((message) -> String.valueOf(message.content())).toList();
	}

	@Test
	void remembersWhatWasSaid() {
		Conversation conversation = conversation();
		assertThat(conversation.complete("one").content()).isEqualTo("re: one");
		conversation().completeAsync("two").block(PATIENCE);
		conversation().stream("three").blockLast(PATIENCE);
		assertThat(this.client.contents()).containsExactly(List.of("one"), List.of("one", "re: one", "two"),
				List.of("one", "re: one", "two", "re: two", "three"));
		assertThat(contents(conversation)).containsExactly("one", "re: one", "two", "re: two", "three", "re: three");
		List<ChatMessage> messages = conversation.messagesAsync().block(PATIENCE);
		assertThat(messages).last().satisfies((message) -> assertThat(message.reasoningContent()).isEqualTo("thought"));
		conversation.clearAsync().block(PATIENCE);
		assertThat(contents(conversation)).isEmpty();
		assertThat(this.conversations.queue().size()).isZero();
	}

	@Test
	void errorsOfAStoreThatReactorGivesUpOnEndTheTurn() {
		NoClassDefFoundError error = new NoClassDefFoundError("simulated");
		ConversationStore broken = new ConversationStore() {

			@Override
			public Mono<StoredConversation> load(String id) {
				return Mono.empty();
			}

			@Override
			public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
				throw error;
			}

			@Override
			public Mono<Void> delete(String id) {
				throw error;
			}

		};
		this.client.slowly(Duration.ofMillis(1));
		Conversation conversation = conversation(conversations(broken, PATIENCE));
		assertThatExceptionOfType(TurnNotStoredException.class)
			.isThrownBy(() -> conversation.completeAsync("one").block(PATIENCE))
			.satisfies((failure) -> assertThat(failure).hasRootCause(error));
		assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> conversation.clearAsync().block(PATIENCE))
			.withMessageContaining("the store of conversation 'id' failed")
			.withRootCauseExactlyInstanceOf(NoClassDefFoundError.class);
	}

	@Test
	void aStoreThatCannotBeReadFailsLikeEveryCallAndSendsNothing() {
		IllegalStateException down = new IllegalStateException("no connection to the database");
		ConversationStore broken = mock(ConversationStore.class);
		given(broken.load("id")).willReturn(Mono.error(down));
		Conversation conversation = conversation(conversations(broken, PATIENCE));
		for (Publisher<?> turn : List.<Publisher<?>>of(conversation.completeAsync("one"), conversation.stream("one"),
				conversation.messagesAsync())) {
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> Flux.from(turn).blockLast(PATIENCE))
				.withCause(down)
				.satisfies((failure) -> {
					assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
					assertThat(failure.isNeverProcessed()).isTrue();
				});
		}
		assertThat(this.client.requests).isEmpty();
		assertThat(this.conversations.queue().size()).isZero();
	}

	@Test
	void aStoreThatGivesNoLeaseFailsLikeEveryCall() {
		IllegalStateException down = new IllegalStateException("no connection to the database");
		ConversationStore broken = mock(ConversationStore.class);
		given(broken.tryLease(any(), any(), any())).willReturn(Mono.error(down));
		Conversation conversation = conversation(
				Conversations.builder().store(broken).turnLease(Duration.ofSeconds(5)).build());
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> conversation.completeAsync("one").block(PATIENCE))
			.withCause(down);
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> conversation.stream("one").blockLast(PATIENCE))
			.withCause(down);
		assertThat(this.client.requests).isEmpty();
	}

	@Test
	void aStoreOfABrokenClassPathEndsTheTurn() {
		LinkageError missing = new NoClassDefFoundError("test");
		ConversationStore broken = mock(ConversationStore.class, (invocation) -> {
			throw missing;
		});
		for (Duration lease : new Duration[] { null, Duration.ofSeconds(5) }) {
			Conversation conversation = conversation(Conversations.builder().store(broken).turnLease(lease).build());
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> conversation.completeAsync("one").block(PATIENCE))
				.havingRootCause()
				.isSameAs(missing);
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> conversation.stream("one").blockLast(PATIENCE))
				.havingRootCause()
				.isSameAs(missing);
		}
		assertThat(this.client.requests).isEmpty();
	}

	@Test
	void nothingHappensBeforeTheSubscription() {
		Conversation conversation = conversation();
		Mono<ChatCompletion> turn = conversation.completeAsync("one");
		assertThat(this.client.requests).isEmpty();
		turn.block(PATIENCE);
		turn.block(PATIENCE);
		assertThat(contents(conversation)).containsExactly("one", "re: one", "one", "re: one");
	}

	@Test
	void theLatestSystemMessageStaysFirst() {
		Conversation conversation = conversation();
		conversation.complete(ChatRequest.builder().system("be kind").user("one").temperature(0.5).build());
		conversation.complete(ChatRequest.builder().system("be kind").user("two").build());
		conversation.complete("three");
		conversation.complete(ChatRequest.builder().system("be brief").user("four").build());
		assertThat(this.client.contents()).containsExactly(List.of("be kind", "one"),
				List.of("be kind", "one", "re: one", "two"),
				List.of("be kind", "one", "re: one", "two", "re: two", "three"),
				List.of("be brief", "one", "re: one", "two", "re: two", "three", "re: three", "four"));
		assertThat(this.client.requests).extracting(ChatRequest::temperature).containsExactly(0.5, null, null, null);
		assertThat(contents(conversation)).containsOnlyOnce("be kind", "be brief");
	}

	@Test
	void aStreamIsStoredBeforeItsLastDelta() {
		Conversation conversation = conversation();
		List<Integer> stored = new ArrayList<>();
		List<ChatDelta> deltas = conversation.stream("one")
			.doOnNext((delta) -> stored.add(contents(conversation).size()))
			.takeUntil(ChatDelta::isLast)
			.collectList()
			.block(PATIENCE);
		assertThat(stored).containsExactly(0, 0, 0, 2);
		assertThat(deltas).isNotNull();
		assertThat(deltas.stream().collect(ChatCompletion.collector()).content()).isEqualTo("re: one");
		assertThat(this.conversations.queue().size()).isZero();
	}

	@Test
	void aTurnThatFailsOrIsCancelledLeavesNothing() {
		Conversation conversation = conversation();
		conversation.complete("one");
		DeepSeekException broken = new DeepSeekException(ErrorKind.STREAM_INTERRUPTED, "cut");
		this.client.stream = (deltas) -> deltas.take(2).concatWith(Flux.error(broken));
		StepVerifier.create(conversation.stream("two"))
			.expectNextCount(2)
			.expectErrorMatches((ex) -> ex == broken)
			.verify(PATIENCE);
		this.client.stream = (deltas) -> deltas.take(2).concatWith(Flux.never());
		assertThat(conversation.stream("three").take(2).collectList().block(PATIENCE)).hasSize(2);
		this.client.answer = (request) -> Mono.error(broken);
		StepVerifier.create(conversation.completeAsync("four"))
			.expectErrorMatches((ex) -> ex == broken)
			.verify(PATIENCE);
		this.client.answer = (request) -> Mono.never();
		conversation.completeAsync("five").subscribe().dispose();
		assertThat(contents(conversation)).containsExactly("one", "re: one");
		assertThat(this.conversations.queue().size()).isZero();
	}

	@Test
	void concurrentTurnsFollowEachOther() throws Exception {
		int threads = 16;
		int turns = 25;
		this.client.slowly(Duration.ofMillis(1));
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		var answer = this.client.answer;
		this.client.answer = (request) -> Mono.defer(() -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			return answer.apply(request);
		}).doOnTerminate(running::decrementAndGet);
		Conversations conversations = conversations(new InMemoryConversationStore(), Duration.ofMinutes(1));
		CountDownLatch go = new CountDownLatch(1);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		List<Future<?>> futures = new ArrayList<>();
		for (int thread = 0; thread < threads; thread++) {
			int number = thread;
			futures.add(executor.submit(() -> {
				go.await();
				Conversation conversation = conversation(conversations);
				for (int turn = 0; turn < turns; turn++) {
					String prompt = number + "/" + turn;
					if (turn % 2 == 0) {
						conversation.complete(prompt);
					}
					else {
						conversation.stream(prompt).blockLast(PATIENCE);
					}
				}
				return null;
			}));
		}
		go.countDown();
		for (Future<?> future : futures) {
			future.get();
		}
		executor.shutdown();
		List<String> contents = contents(conversation(conversations));
		assertThat(contents).hasSize(2 * threads * turns);
		Set<String> prompts = new HashSet<>();
		for (int i = 0; i < contents.size(); i += 2) {
			assertThat(contents.get(i + 1)).isEqualTo("re: " + contents.get(i));
			prompts.add(contents.get(i));
		}
		assertThat(prompts).hasSize(threads * turns);
		assertThat(most).hasValue(1);
		// each turn saw all that were before it
		this.client.contents()
			.forEach((sent) -> assertThat(contents.subList(contents.indexOf(sent.get(0)), contents.size()))
				.startsWith(sent.toArray(String[]::new)));
		assertThat(conversations.queue().size()).isZero();
	}

	@Test
	void whoHearsOfTheEndMayBeginTheNextTurn() {
		// the end comes on a thread that may wait, as from a store that blocks
		Conversations conversations = conversations(
				new AppendingStore((appended) -> appended.publishOn(Schedulers.boundedElastic())),
				Duration.ofMillis(500));
		Conversation conversation = conversation(conversations);
		assertThat(conversation.completeAsync("one")
			.map((first) -> conversation.complete("two").content())
			.block(PATIENCE)).isEqualTo("re: two");
		assertThat(conversation.stream("three")
			.filter(ChatDelta::isLast)
			.map((last) -> conversation.complete("four").content())
			.blockLast(PATIENCE)).isEqualTo("re: four");
		assertThat(conversations.queue().size()).isZero();
	}

	@Test
	void aStoreThatSaysNothingFailsTheTurn() {
		Conversations conversations = conversations(new AppendingStore((appended) -> appended.then(Mono.empty())),
				PATIENCE);
		StepVerifier.create(conversation(conversations).completeAsync("one"))
			.expectErrorSatisfies((failure) -> assertThat(failure).isInstanceOf(TurnNotStoredException.class)
				.hasRootCauseMessage("the conversation store did not report whether it stored the turn of 'id'"))
			.verify(PATIENCE);
		assertThat(conversations.queue().size()).isZero();
	}

	@Test
	void aWaitIsBounded() {
		Conversations impatient = conversations(new InMemoryConversationStore(), Duration.ofMillis(100));
		this.client.answer = (request) -> Mono.never();
		Conversation conversation = conversation(impatient);
		Disposable first = conversation.completeAsync("one").subscribe();
		StepVerifier.create(conversation.completeAsync("two"))
			.expectErrorSatisfies((failure) -> assertBusy(failure, "the turn before did not end within 100 ms"))
			.verify(PATIENCE);
		StepVerifier.create(impatient.conversation("other", new FakeClient()).completeAsync("two"))
			.expectNextCount(1)
			.expectComplete()
			.verify(PATIENCE);
		Disposable waiting = conversation.stream("three").subscribe();
		waiting.dispose();
		first.dispose();
		assertThat(impatient.queue().size()).isZero();
		assertThat(this.client.requests).hasSize(1);
	}

	@Test
	void aQueueIsBounded() {
		this.client.answer = (request) -> Mono.never();
		Conversation conversation = conversation();
		List<Disposable> waiting = new ArrayList<>();
		for (int i = 0; i < 101; i++) {
			waiting.add(conversation.completeAsync("one").subscribe());
		}
		StepVerifier.create(conversation.completeAsync("two"))
			.expectErrorSatisfies((failure) -> assertBusy(failure, "100 turns are waiting already"))
			.verify(PATIENCE);
		waiting.forEach(Disposable::dispose);
		assertThat(this.conversations.queue().size()).isZero();
	}

	@Test
	void aTurnStoredElsewhereMeanwhileIsNotOverwritten() {
		InMemoryConversationStore shared = new InMemoryConversationStore();
		Conversation here = conversation(conversations(shared, PATIENCE));
		Conversation there = conversation(conversations(shared, PATIENCE));
		here.complete("one");
		var answer = this.client.answer;
		this.client.answer = (request) -> {
			this.client.answer = answer;
			return there.completeAsync("from there").then(answer.apply(request));
		};
		StepVerifier.create(here.completeAsync("from here")).expectErrorSatisfies((failure) -> {
			assertBusy(failure, "another turn was stored while this one was answered");
			// what was paid for is not lost
			TurnNotStoredException conflict = (TurnNotStoredException) failure;
			assertThat(conflict.isConflict()).isTrue();
			assertThat(conflict.getConversationId()).isEqualTo("id");
			assertThat(conflict.getCompletion()).isNotNull();
			assertThat(conflict.getCompletion().content()).isEqualTo("re: from here");
			assertThat(conflict.getTurn()).extracting(ChatMessage::content)
				.containsExactly("from here", "re: from here");
		}).verify(PATIENCE);
		assertThat(contents(here)).containsExactly("one", "re: one", "from there", "re: from there");
		here.complete("again");
		assertThat(contents(there)).hasSize(6);
	}

	private static void assertBusy(Throwable failure, String reason) {
		assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		assertThat(failure).hasMessageContaining("conversation 'id' is busy: " + reason);
	}

	@Test
	void aBrokenStoreFailsTheTurn() {
		IllegalStateException broken = new IllegalStateException("no database");
		ConversationStore store = new AppendingStore((appended) -> {
			throw broken;
		});
		Conversations conversations = conversations(store, PATIENCE);
		StepVerifier.create(conversation(conversations).stream("one"))
			.expectNextCount(3)
			.expectErrorSatisfies((failure) -> {
				assertThat(failure).isInstanceOf(TurnNotStoredException.class).hasCause(broken);
				TurnNotStoredException notStored = (TurnNotStoredException) failure;
				assertThat(notStored.isConflict()).isFalse();
				assertThat(notStored.getCompletion()).isNotNull();
				assertThat(notStored.getCompletion().content()).isEqualTo("re: one");
			})
			.verify(PATIENCE);
		assertThat(conversations.queue().size()).isZero();
	}

	@Test
	void typedAnswersAndListsAreTurns() {
		Conversation conversation = conversation();
		assertThat(conversation.complete("one", String.class)).isEqualTo("re: one");
		assertThat(conversation.completeTyped(ChatRequest.of("two"), new ParameterizedTypeReference<String>() {
		}).completion().provider()).isEqualTo("fake");
		assertThat(conversation.streamList("three", String.class).collectList().block(PATIENCE))
			.containsExactly("re: three", "end");
		assertThat(conversation.messages()).extracting(ChatMessage::content)
			.containsExactly("one", "re: one", "two", "re: two", "three", "re: three");
		conversation.clear();
		assertThat(conversation.messages()).isEmpty();
		assertThat(this.conversations.queue().size()).isZero();
	}

	@Test
	void needsAnId() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.conversations.conversation(" ", this.client))
			.withMessage("'id' must not be empty");
	}

	/**
	 * A store with another end of its writing.
	 */
	private static final class AppendingStore implements ConversationStore {

		private final ConversationStore store = new InMemoryConversationStore();

		private final UnaryOperator<Mono<Boolean>> appending;

		AppendingStore(UnaryOperator<Mono<Boolean>> appending) {
			this.appending = appending;
		}

		@Override
		public Mono<StoredConversation> load(String id) {
			return this.store.load(id);
		}

		@Override
		public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
			return this.appending.apply(this.store.append(id, version, turn));
		}

		@Override
		public Mono<Void> delete(String id) {
			return this.store.delete(id);
		}

	}

}
