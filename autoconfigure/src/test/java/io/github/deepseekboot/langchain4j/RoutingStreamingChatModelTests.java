package io.github.deepseekboot.langchain4j;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.RetriableException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.framework.Host;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link RoutingStreamingChatModel}.
 */
class RoutingStreamingChatModelTests {

	@RegisterExtension
	static final Host host = new Host();

	@Test
	void allKindsOfPieces() {
		host.answers(Host.stream(true, "tool_calls", "{\"reasoning_content\":\"I must \"}",
				"{\"reasoning_content\":\"look.\"}", "{\"content\":\"Let \"}", "{\"content\":\"me see.\"}", """
						{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather",\
						"arguments":"{\\"city\\":"}}]}""", """
						{"tool_calls":[{"index":0,"function":{"arguments":"\\"Bergen\\"}"}}]}""", """
						{"tool_calls":[{"index":1,"id":"c1","type":"function","function":{"name":"time",\
						"arguments":""}}]}"""));
		withModel((model) -> {
			Recorder recorder = new Recorder();
			model.chat("Weather in Bergen?", recorder);
			ChatResponse response = recorder.response();
			assertThat(recorder.events).containsExactly("thinking I must ", "thinking look.", "text Let ",
					"text me see.", "call 0 c1 weather {\"city\":", "call 0 c1 weather \"Bergen\"}",
					"complete 0 c1 weather {\"city\":\"Bergen\"}", "complete 1 call_1 time {}", "response");
			assertThat(response.aiMessage().text()).isEqualTo("Let me see.");
			assertThat(response.aiMessage().thinking()).isEqualTo("I must look.");
			assertThat(response.aiMessage().toolExecutionRequests()).hasSize(2);
			assertThat(response.tokenUsage()).isEqualTo(new RoutingTokenUsage(10, 5, 15, 4, 2));
		});
	}

	@Test
	void typedExceptions() {
		host.answers(Host.error(429));
		withModel((model) -> {
			Recorder recorder = new Recorder();
			model.chat("Hi", recorder);
			assertThat(recorder.future).failsWithin(10, TimeUnit.SECONDS)
				.withThrowableThat()
				.withCauseInstanceOf(RateLimitException.class);
			assertThat(recorder.events).isEmpty();
		});
	}

	@Test
	void aStreamThatBreaks() {
		host.answers(Host.stream(false, "", "{\"content\":\"Hel\"}"));
		withModel((model) -> {
			Recorder recorder = new Recorder();
			model.chat("Hi", recorder);
			assertThat(recorder.future).failsWithin(10, TimeUnit.SECONDS)
				.withThrowableThat()
				.withCauseInstanceOf(RetriableException.class)
				.havingCause()
				.withCauseInstanceOf(StreamInterruptedException.class);
			assertThat(recorder.events).containsExactly("text Hel");
		});
		assertThat(host.requests()).hasSize(1);
	}

	@Test
	void aHandlerThatCannotBeLoadedLearnsOfIt() {
		host.answers(Host.stream(true, "stop", "{\"content\":\"Hel\"}", "{\"content\":\"lo\"}"));
		withModel((model) -> {
			Recorder recorder = new Recorder() {

				@Override
				public void onPartialResponse(String partialResponse) {
					throw new NoClassDefFoundError("simulated");
				}

			};
			model.chat("Hi", recorder);
			assertThat(recorder.future).failsWithin(10, TimeUnit.SECONDS)
				.withThrowableThat()
				.withCauseInstanceOf(NoClassDefFoundError.class);
		});
	}

	@Test
	void theHandleCancelsTheCall() {
		AtomicBoolean cancelled = new AtomicBoolean();
		ChatCompletionClient endless = new ChatCompletionClient() {

			@Override
			public Mono<ChatCompletion> complete(io.github.deepseekboot.chat.ChatRequest request) {
				return Mono.never();
			}

			@Override
			public Flux<ChatDelta> stream(io.github.deepseekboot.chat.ChatRequest request) {
				return Flux
					.<ChatDelta>generate((sink) -> sink
						.next(ChatDelta.of(ChatDelta.Origin.of("endless"), 0, "more", null, null, null, null)))
					.doOnCancel(() -> cancelled.set(true));
			}

		};
		List<PartialResponseContext> contexts = new CopyOnWriteArrayList<>();
		CompletableFuture<Void> third = new CompletableFuture<>();
		RoutingStreamingChatModel.builder(endless)
			.build()
			.chat(ChatRequest.builder().messages(UserMessage.from("Hi")).build(), new StreamingChatResponseHandler() {

				@Override
				public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
					contexts.add(context);
					if (contexts.size() == 3) {
						context.streamingHandle().cancel();
						third.complete(null);
					}
				}

				@Override
				public void onCompleteResponse(ChatResponse completeResponse) {
					third.completeExceptionally(new IllegalStateException("complete"));
				}

				@Override
				public void onError(Throwable error) {
					third.completeExceptionally(error);
				}

			});
		assertThat(third).succeedsWithin(10, TimeUnit.SECONDS);
		assertThat(cancelled).isTrue();
		assertThat(contexts).hasSize(3).allMatch((context) -> context.streamingHandle().isCancelled());
	}

	private static void withModel(Consumer<StreamingChatModel> test) {
		// reasoning is held back where thinking is switched off
		host.application("deepseek.chat.model=reasoner").run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context.getBean(StreamingChatModel.class));
		});
	}

	/**
	 * Writes down what comes.
	 */
	private static class Recorder implements StreamingChatResponseHandler {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final CompletableFuture<ChatResponse> future = new CompletableFuture<>();

		ChatResponse response() {
			return this.future.orTimeout(10, TimeUnit.SECONDS).join();
		}

		@Override
		public void onPartialResponse(String partialResponse) {
			this.events.add("text " + partialResponse);
		}

		@Override
		public void onPartialThinking(PartialThinking thinking) {
			this.events.add("thinking " + thinking.text());
		}

		@Override
		public void onPartialToolCall(PartialToolCall call) {
			this.events
				.add("call " + call.index() + " " + call.id() + " " + call.name() + " " + call.partialArguments());
		}

		@Override
		public void onCompleteToolCall(CompleteToolCall call) {
			this.events.add("complete " + call.index() + " " + call.toolExecutionRequest().id() + " "
					+ call.toolExecutionRequest().name() + " " + call.toolExecutionRequest().arguments());
		}

		@Override
		public void onCompleteResponse(ChatResponse response) {
			this.events.add("response");
			this.future.complete(response);
		}

		@Override
		public void onError(Throwable error) {
			this.future.completeExceptionally(error);
		}

	}

}
