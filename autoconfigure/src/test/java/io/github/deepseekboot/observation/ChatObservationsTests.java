package io.github.deepseekboot.observation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.routing.RoutingClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link ChatObservations}.
 */
class ChatObservationsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final ChatRequest REQUEST = ChatRequest.of("A long question");

	private final ObservedClient observed = new ObservedClient(null);

	private final ObservationRegistry registry = ObservationRegistry.create();

	private final Stopped stopped = new Stopped();

	@BeforeEach
	void listen() {
		this.registry.observationConfig().observationHandler(this.stopped);
	}

	@Test
	void contentIsCutToSize() {
		RoutingClient client = client(new DefaultChatCallObservationConvention(7), 7);
		this.observed.streams("null", "null", "null");
		client.stream(REQUEST).blockLast(PATIENCE);
		assertThat(value(call(), "gen_ai.input.messages")).isEqualTo("user: A");
		assertThat(value(call(), "gen_ai.output.messages")).isEqualTo("tokento");
	}

	@Test
	void thePromptHasTheTextsOfMessagesWithParts() {
		RoutingClient client = client(new DefaultChatCallObservationConvention(100), 100);
		this.observed.streams("null");
		ChatMessage call = ChatMessage.builder(MessageRole.ASSISTANT)
			.toolCalls(List.of(new ToolCall("1", "f", "{}")))
			.build();
		client
			.stream(ChatRequest.builder()
				.message(call)
				.message(ChatMessage.tool("1", "sun"))
				.message(ChatMessage.user(ContentPart.text("What is this?"),
						ContentPart.imageUrl("https://example.com/1.png")))
				.build())
			.onErrorComplete()
			.blockLast(PATIENCE);
		assertThat(value(call(), "gen_ai.input.messages")).isEqualTo("assistant: \ntool: sun\nuser: What is this?\n");
	}

	@Test
	void contentIsLeftOutByDefault() {
		RoutingClient client = client(new DefaultChatCallObservationConvention(0), 0);
		this.observed.streams("null");
		client.stream(REQUEST).blockLast(PATIENCE);
		assertThat(call().getAllKeyValues().toString()).doesNotContain("token")
			.doesNotContain("question")
			.doesNotContain("messages");
		this.observed.answers("application/json", "{\"choices\":[secretAnswer");
		client.complete(REQUEST).onErrorComplete().block(PATIENCE);
		Throwable error = call().getError();
		assertThat(error).isInstanceOf(DeepSeekException.class)
			.hasMessageNotContaining("secretAnswer")
			.hasMessageContaining("MALFORMED_RESPONSE")
			.hasNoCause();
	}

	@Test
	void anOwnConventionNamesTheCall() {
		RoutingClient client = client(new DefaultChatCallObservationConvention(0) {

			@Override
			public String getContextualName(ChatCallContext context) {
				return "our " + context.getCall().request().messages().size();
			}

		}, 0);
		this.observed.answersWithUsage("null");
		client.complete(REQUEST).block(PATIENCE);
		assertThat(call().getContextualName()).isEqualTo("our 1");
	}

	@Test
	void aFailingConventionBreaksNoCall() {
		RoutingClient client = client(new DefaultChatCallObservationConvention(0) {

			@Override
			public String getName() {
				throw new IllegalStateException("not today");
			}

		}, 0);
		this.observed.answersWithUsage("null");
		assertThat(client.complete(REQUEST).block(PATIENCE)).isNotNull();
		this.observed.streams("null");
		assertThat(client.stream(REQUEST).collectList().block(PATIENCE)).isNotEmpty();
	}

	@Test
	void anObservationEndsWhoeverFailsToTakeNoteOfItsError() {
		this.registry.observationConfig().observationHandler(new ObservationHandler<ChatCallContext>() {

			@Override
			public void onError(ChatCallContext context) {
				throw new IllegalStateException("not today");
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return context instanceof ChatCallContext;
			}

		});
		RoutingClient client = client(new DefaultChatCallObservationConvention(0), 0);
		this.observed.answers("application/json", "{\"choices\":[7");
		client.complete(REQUEST).onErrorComplete().block(PATIENCE);
		assertThat(call().getError()).isInstanceOf(DeepSeekException.class);
	}

	@Test
	void callsThatAreNotObservedPassTheirParentOn() {
		this.registry.observationConfig().observationPredicate((name, context) -> !name.equals("deepseek.client.call"));
		Observation parent = Observation.start("parent", this.registry);
		this.observed.observesRequests(this.registry).answersWithUsage("null");
		client(new DefaultChatCallObservationConvention(0), 0).complete(REQUEST)
			.contextWrite((context) -> context.put("micrometer.observation", parent))
			.block(PATIENCE);
		assertThat(this.stopped.contexts).singleElement()
			.satisfies((request) -> assertThat(request.getParentObservation()).isSameAs(parent));
	}

	@Test
	void attemptsThatAreNotObservedPassTheCallOn() {
		this.registry.observationConfig()
			.observationPredicate((name, context) -> !name.equals("deepseek.client.attempt"));
		this.observed.observesRequests(this.registry).answersWithUsage("null");
		client(new DefaultChatCallObservationConvention(0), 0).complete(REQUEST).block(PATIENCE);
		assertThat(this.stopped.contexts).hasSize(2)
			.filteredOn((context) -> !(context instanceof ChatCallContext))
			.singleElement()
			.satisfies((request) -> assertThat(request.getParentObservation()).isNotNull()
				.extracting((view) -> view.getContextView())
				.isSameAs(call()));
	}

	@Test
	void eachCallAndAttemptEndsOnce() {
		RoutingClient client = client(new DefaultChatCallObservationConvention(0), 0);
		this.observed.streams("null", "null", "null");
		client.stream(REQUEST).next().block(PATIENCE);
		this.observed.streams("null", "null", "null");
		client.stream(REQUEST).concatWith(Flux.error(new IllegalStateException("later"))).onErrorComplete().blockLast();
		assertThat(this.stopped.contexts).hasSize(4)
			.extracting((context) -> context.getClass().getSimpleName())
			.containsExactly("ChatAttemptContext", "ChatCallContext", "ChatAttemptContext", "ChatCallContext");
		assertThat(this.stopped.started).isEqualTo(4);
	}

	@Test
	void anAttemptThatEndedBeforeItCouldBeObservedIsNotObserved() {
		ChatObservations observations = new ChatObservations(this.registry, new DefaultChatCallObservationConvention(0),
				new DefaultChatAttemptObservationConvention(), 0);
		List<AttemptStarted> started = new ArrayList<>();
		RoutingClient client = this.observed.create(observations, observations, (event) -> {
			if (event instanceof AttemptStarted attempt) {
				started.add(attempt);
			}
		});
		this.observed.streams("null");
		client.stream(REQUEST)
			.doOnNext((delta) -> observations.onEvent(
					AttemptEnded.of(started.get(0).call(), AttemptReport.builder(1, "deepseek", "m").build(), null)))
			.doOnNext((delta) -> observations.inside(started.get(0), Context.empty()))
			.blockLast(PATIENCE);
		assertThat(this.stopped.contexts).hasSize(2);
		assertThat(this.stopped.started).isEqualTo(2);
	}

	@Test
	void theEndOfACallEndsTheAttemptThatIsStillObserved() {
		ChatObservations observations = new ChatObservations(this.registry, new DefaultChatCallObservationConvention(0),
				new DefaultChatAttemptObservationConvention(), 0);
		// does not hear of the ends of attempts
		RoutingListener deaf = (event) -> {
			if (!(event instanceof AttemptEnded)) {
				observations.onEvent(event);
			}
		};
		this.observed.streams("null");
		this.observed.create(observations, deaf).stream(REQUEST).blockLast(PATIENCE);
		assertThat(this.stopped.contexts).hasSize(2);
	}

	@Test
	void whatHasStartedIsStoppedThoughAnotherHandlerFailsToStart() {
		this.registry.observationConfig().observationHandler(new ObservationHandler<>() {

			@Override
			public void onStart(Observation.Context context) {
				throw new NoClassDefFoundError("not today");
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

		});
		RoutingClient client = client(new DefaultChatCallObservationConvention(0), 0);
		this.observed.streams("null");
		assertThat(client.stream(REQUEST).collectList().block(PATIENCE)).isNotEmpty();
		this.observed.answersWithUsage("null");
		assertThat(client.complete(REQUEST).block(PATIENCE)).isNotNull();
		assertThat(this.stopped.started).isPositive();
		assertThat(this.stopped.contexts).hasSize(this.stopped.started);
	}

	@Test
	void aCallIsStoppedThoughAHandlerFailsToStopItsAttempt() {
		ChatObservations observations = new ChatObservations(this.registry, new DefaultChatCallObservationConvention(0),
				new DefaultChatAttemptObservationConvention(), 0);
		this.registry.observationConfig().observationHandler(new ObservationHandler<ChatAttemptContext>() {

			@Override
			public void onStop(ChatAttemptContext context) {
				throw new NoClassDefFoundError("not today");
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return context instanceof ChatAttemptContext;
			}

		});
		RoutingListener deaf = (event) -> {
			if (!(event instanceof AttemptEnded)) {
				observations.onEvent(event);
			}
		};
		this.observed.streams("null");
		this.observed.create(observations, deaf).stream(REQUEST).blockLast(PATIENCE);
		assertThat(call()).isInstanceOf(ChatCallContext.class);
	}

	@Test
	void handlersAreCalledOutsideOfAnyLock() {
		ChatObservations observations = new ChatObservations(this.registry, new DefaultChatCallObservationConvention(0),
				new DefaultChatAttemptObservationConvention(), 100);
		List<String> held = new CopyOnWriteArrayList<>();
		this.registry.observationConfig().observationHandler(new ObservationHandler<ChatAttemptContext>() {

			@Override
			public void onStart(ChatAttemptContext context) {
				endElsewhere(context, "start");
			}

			@Override
			public void onStop(ChatAttemptContext context) {
				endElsewhere(context, "stop");
			}

			// the call is cancelled while a handler takes its time
			private void endElsewhere(ChatAttemptContext context, String what) {
				AttemptStarted started = context.getAttempt();
				try {
					CompletableFuture
						.runAsync(() -> observations.onEvent(AttemptEnded.of(started.call(),
								AttemptReport.builder(1, "deepseek", "m").build(), null)))
						.get(2, TimeUnit.SECONDS);
				}
				catch (Exception ex) {
					held.add(what);
				}
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return context instanceof ChatAttemptContext;
			}

		});
		this.observed.streams("null");
		this.observed.create(observations, observations).stream(REQUEST).blockLast(PATIENCE);
		assertThat(held).isEmpty();
		assertThat(this.stopped.contexts).extracting((context) -> context.getClass().getSimpleName())
			.containsExactly("ChatAttemptContext", "ChatCallContext");
	}

	private RoutingClient client(ChatCallObservationConvention convention, int maxContent) {
		ChatObservations observations = new ChatObservations(this.registry, convention,
				new DefaultChatAttemptObservationConvention(), maxContent);
		return this.observed.create(observations, observations);
	}

	private Observation.Context call() {
		List<Observation.Context> calls = this.stopped.contexts.stream()
			.filter(ChatCallContext.class::isInstance)
			.toList();
		return calls.get(calls.size() - 1);
	}

	private static @Nullable String value(Observation.Context context, String key) {
		KeyValue value = context.getHighCardinalityKeyValue(key);
		return (value != null) ? value.getValue() : null;
	}

	private static final class Stopped implements ObservationHandler<Observation.Context> {

		private final List<Observation.Context> contexts = new CopyOnWriteArrayList<>();

		private volatile int started;

		@Override
		public void onStart(Observation.Context context) {
			this.started++;
		}

		@Override
		public void onStop(Observation.Context context) {
			this.contexts.add(context);
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
