package io.github.deepseekboot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.test.StepVerifier;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ReasoningEffort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link ChatCompletionTemplate}.
 */
class ChatCompletionTemplateTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final ChatCompletion ANSWER = ChatCompletion.builder("host")
		.id("1")
		.model("m")
		.choices(List
			.of(ChatCompletion.Choice.builder(ChatMessage.assistant("Hello")).finishReason(FinishReason.STOP).build()))
		.build();

	private static final ChatDelta DELTA = ChatDelta.of(ChatDelta.Origin.builder("host").build(), 0, "Hello", null,
			null, null, null);

	private final RecordingClient client = new RecordingClient();

	private final ChatCompletionTemplate template = new ChatCompletionTemplate(this.client);

	@Test
	void waitsForTheAnswer() {
		assertThat(this.template.complete("Hi")).isSameAs(ANSWER);
		assertThat(this.template.complete(ChatRequest.of("Hi"))).isSameAs(ANSWER);
		assertThat(this.client.requests).hasSize(2)
			.allSatisfy((request) -> assertThat(request.messages()).containsExactly(ChatMessage.user("Hi")));
	}

	@Test
	void answersLater() {
		StepVerifier.create(this.template.completeAsync("Hi")).expectNext(ANSWER).expectComplete().verify(PATIENCE);
		StepVerifier.create(this.template.completeAsync(ChatRequest.of("Hi")))
			.expectNext(ANSWER)
			.expectComplete()
			.verify(PATIENCE);
		assertThat(this.client.requests).hasSize(2);
	}

	@Test
	void streams() {
		StepVerifier.create(this.template.stream("Hi")).expectNext(DELTA).expectComplete().verify(PATIENCE);
		StepVerifier.create(this.template.stream(ChatRequest.of("Hi")))
			.expectNext(DELTA)
			.expectComplete()
			.verify(PATIENCE);
		assertThat(this.client.requests).hasSize(2);
	}

	@Test
	void handsTheRequestOnAsItIs() {
		ChatRequest request = ChatRequest.builder()
			.system("Be brief")
			.user("Hi")
			.model("reasoner")
			.temperature(0.1)
			.topP(0.2)
			.maxTokens(3)
			.stop("END")
			.thinking(true)
			.reasoningEffort(ReasoningEffort.LOW)
			.provider("host")
			.userId("u")
			.extra("top_k", null)
			.build();
		this.template.complete(request);
		assertThat(this.client.requests).singleElement().usingRecursiveComparison().isEqualTo(request);
	}

	@Test
	void putsDefaultsUnderTheRequest() {
		ChatCompletionTemplate template = new ChatCompletionTemplate(this.client,
				(defaults) -> defaults.model("reasoner")
					.temperature(0.7)
					.maxTokens(100)
					.stop("END")
					.extra("a", 1)
					.extra("b", 1));
		template.stream(ChatRequest.builder().user("Hi").temperature(0.1).stop("STOP").extra("b", 2).build())
			.blockLast(PATIENCE);
		assertThat(this.client.requests).singleElement().satisfies((request) -> {
			assertThat(request.model()).isEqualTo("reasoner");
			assertThat(request.temperature()).isEqualTo(0.1);
			assertThat(request.maxTokens()).isEqualTo(100);
			assertThat(request.stop()).containsExactly("STOP");
			assertThat(request.extras()).containsEntry("a", 1).containsEntry("b", 2);
		});
	}

	@Test
	void aDefaultDoesNotSwitchOffTheThinkingThatAnEffortAsksFor() {
		ChatCompletionTemplate template = new ChatCompletionTemplate(this.client,
				(defaults) -> defaults.thinking(false));
		template.complete("Hi");
		template.complete(ChatRequest.builder().user("Hi").reasoningEffort(ReasoningEffort.HIGH).build());
		template
			.complete(ChatRequest.builder().user("Hi").thinking(false).reasoningEffort(ReasoningEffort.HIGH).build());
		assertThat(this.client.requests).extracting(ChatRequest::thinking).containsExactly(false, null, false);
	}

	@Test
	void pinsToAProvider() {
		ChatCompletionTemplate template = new ChatCompletionTemplate(this.client,
				(defaults) -> defaults.model("reasoner"));
		ChatCompletionTemplate pinned = template.withProvider("there");
		pinned.complete("Hi");
		pinned.withProvider("elsewhere").complete("Hi");
		pinned.completeAsync(ChatRequest.builder().user("Hi").provider("here").build()).block(PATIENCE);
		template.complete("Hi");
		assertThat(this.client.requests).extracting(ChatRequest::provider)
			.containsExactly("there", "elsewhere", "there", null);
		assertThat(this.client.requests).extracting(ChatRequest::model).containsOnly("reasoner");
	}

	@Test
	void customizesEachCallInOrder() {
		List<String> seen = new ArrayList<>();
		ChatCompletionTemplate template = ChatCompletionTemplate.builder(this.client)
			.defaults((defaults) -> defaults.model("reasoner"))
			.customizers(List.of((request) -> {
				seen.add("first " + request.model() + " " + request.provider());
				return request.toBuilder().model("chat").build();
			}, (request) -> {
				seen.add("second " + request.model());
				return request.toBuilder().header("X-Call", Integer.toString(seen.size())).build();
			}))
			.build();
		Flux<ChatDelta> stream = template.withProvider("there").stream("Hi");
		assertThat(seen).isEmpty();
		stream.blockLast(PATIENCE);
		stream.blockLast(PATIENCE);
		assertThat(template.complete("Hi")).isSameAs(ANSWER);
		assertThat(seen).containsExactly("first reasoner there", "second chat", "first reasoner there", "second chat",
				"first reasoner null", "second chat");
		assertThat(this.client.requests).extracting((request) -> request.headers().get("X-Call"))
			.containsExactly("2", "4", "6");
	}

	@Test
	void aCustomizersFailureIsTheCalls() {
		IllegalStateException failure = new IllegalStateException("no tenant");
		ChatCompletionTemplate template = ChatCompletionTemplate.builder(this.client).customizers(List.of((request) -> {
			throw failure;
		})).build();
		StepVerifier.create(template.completeAsync("Hi"))
			.expectErrorSatisfies((error) -> assertThat(error).isSameAs(failure))
			.verify(PATIENCE);
		assertThatIllegalStateException().isThrownBy(() -> template.complete("Hi")).isSameAs(failure);
		assertThat(this.client.requests).isEmpty();
	}

	@Test
	void refusesToWaitOnAParallelThread() {
		StepVerifier.create(Mono.fromCallable(() -> this.template.complete("Hi")).subscribeOn(Schedulers.parallel()))
			.expectErrorSatisfies(ChatCompletionTemplateTests::assertRefusesToWait)
			.verify(PATIENCE);
		assertThat(this.client.requests).isEmpty();
	}

	@Test
	void refusesToWaitOnAnEventLoop() {
		AtomicReference<Throwable> ofServer = new AtomicReference<>();
		DisposableServer server = HttpServer.create().port(0).handle((request, response) -> {
			try {
				this.template.complete("Hi");
			}
			catch (IllegalStateException ex) {
				ofServer.set(ex);
			}
			return response.sendString(Mono.just("done"));
		}).bindNow();
		try {
			Mono<ChatCompletion> ofClient = HttpClient.create()
				.get()
				.uri("http://localhost:" + server.port())
				.responseContent()
				.aggregate()
				.asString()
				.map((body) -> this.template.complete(body));
			StepVerifier.create(ofClient)
				.expectErrorSatisfies(ChatCompletionTemplateTests::assertRefusesToWait)
				.verify(PATIENCE);
			assertRefusesToWait(Objects.requireNonNull(ofServer.get()));
			assertThat(this.client.requests).isEmpty();
		}
		finally {
			server.disposeNow();
		}
	}

	private static void assertRefusesToWait(Throwable failure) {
		assertThat(failure).isInstanceOf(IllegalStateException.class)
			.hasMessageMatching("complete\\(\\) waits for the answer and must not be called on the event-loop thread"
					+ " '.+'; use completeAsync\\(\\) or stream\\(\\), or call it on Schedulers.boundedElastic\\(\\)");
	}

	@Test
	void waitsOnAnElasticThread() {
		StepVerifier
			.create(Mono.fromCallable(() -> this.template.complete("Hi")).subscribeOn(Schedulers.boundedElastic()))
			.expectNext(ANSWER)
			.expectComplete()
			.verify(PATIENCE);
	}

	@Test
	void failuresComeThroughUnchanged() {
		DeepSeekException failure = new DeepSeekException(ErrorKind.RATE_LIMITED, "slow down");
		this.client.answer = Mono.error(failure);
		this.client.deltas = Flux.just(DELTA).concatWith(Flux.error(failure));
		assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> this.template.complete("Hi"))
			.isSameAs(failure);
		StepVerifier.create(this.template.completeAsync("Hi"))
			.expectErrorSatisfies((error) -> assertThat(error).isSameAs(failure))
			.verify(PATIENCE);
		StepVerifier.create(this.template.stream("Hi"))
			.expectNext(DELTA)
			.expectErrorSatisfies((error) -> assertThat(error).isSameAs(failure))
			.verify(PATIENCE);
	}

	@Test
	void anInterruptedWaitEndsTheCall() throws InterruptedException {
		AtomicReference<Throwable> failure = new AtomicReference<>();
		AtomicReference<Boolean> interrupted = new AtomicReference<>();
		AtomicReference<Boolean> cancelled = new AtomicReference<>(false);
		this.client.answer = Mono.<ChatCompletion>never().doOnCancel(() -> cancelled.set(true));
		Thread thread = new Thread(() -> {
			try {
				this.template.complete("Hi");
			}
			catch (RuntimeException ex) {
				failure.set(ex);
				interrupted.set(Thread.currentThread().isInterrupted());
			}
		});
		thread.start();
		thread.interrupt();
		thread.join(PATIENCE.toMillis());
		assertThat(failure.get()).isInstanceOfSatisfying(DeepSeekException.class,
				(ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.CANCELLED));
		assertThat(interrupted).hasValue(true);
		assertThat(cancelled).hasValue(true);
	}

	@Test
	void aClientThatDoesNotAnswerIsReported() {
		this.client.answer = Mono.empty();
		assertThatIllegalStateException().isThrownBy(() -> this.template.complete("Hi"))
			.withMessage("the client completed without an answer");
	}

	@Test
	void refusesAnEmptyProvider() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.template.withProvider(" "))
			.withMessage("'provider' must not be empty");
	}

	static class RecordingClient implements ChatCompletionClient {

		final List<ChatRequest> requests = new ArrayList<>();

		Mono<ChatCompletion> answer = Mono.just(ANSWER);

		Flux<ChatDelta> deltas = Flux.just(DELTA);

		@Override
		public Mono<ChatCompletion> complete(ChatRequest request) {
			this.requests.add(request);
			return this.answer;
		}

		@Override
		public Flux<ChatDelta> stream(ChatRequest request) {
			this.requests.add(request);
			return this.deltas;
		}

	}

}
