package io.github.deepseekboot.tool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.Assert;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.test.provider.ScriptedAnswer;
import io.github.deepseekboot.tool.CallingModel.Api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link ToolLoop}, through the template and over real sockets.
 */
@NullUnmarked
@ExtendWith(OutputCaptureExtension.class)
class ToolLoopTests {

	private static final String ANY = "{\"type\":\"object\"}";

	private static final Tool WEATHER = Tool.of("get_weather", "The weather of a city", WeatherQuery.class,
			(query) -> new Weather(query.city(), 21));

	@ParameterizedTest
	@EnumSource(Api.class)
	void aToolIsRunAndItsResultSent(Api api) {
		try (CallingModel model = new CallingModel(
				CallingModel.calling("I must look.", "Let me see",
						CallingModel.call("c1", "get_weather", "{\"city\": \"Ningbo\"}")),
				CallingModel.saying("It is fine"))) {
			ChatCompletion answer = api.call(model.template().withTools(WEATHER), "Weather in Ningbo?");
			assertThat(answer.content()).isEqualTo("It is fine");
			assertThat(answer.reasoningContent()).isNull();
			assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
			assertThat(answer.usage()).isEqualTo(Usage.builder()
				.promptTokens(20L)
				.completionTokens(10L)
				.totalTokens(30L)
				.cacheHitTokens(8L)
				.cacheMissTokens(12L)
				.reasoningTokens(0L)
				.build());
			assertThat(answer.attempts()).extracting(AttemptReport::number, AttemptReport::error)
				.containsExactly(Tuple.tuple(1, null), Tuple.tuple(1, null));
			ChatMessage called = ChatMessage.builder(MessageRole.ASSISTANT)
				.content("Let me see")
				.reasoningContent("I must look.")
				.toolCalls(List.of(new ToolCall("c1", "get_weather", "{\"city\": \"Ningbo\"}")))
				.build();
			ChatMessage result = ChatMessage.tool("c1", "{\"city\":\"Ningbo\",\"degrees\":21}");
			assertThat(answer.toolMessages()).containsExactly(called, result);
			assertThat(answer.messages()).containsExactly(called, result, answer.message());
			assertThat(model.requests()).hasSize(2);
			assertThat(model.requests().get(0).at("/tools")).isEqualTo(json("""
					[{"type": "function", "function": {"name": "get_weather", "description": "The weather of a city",
					"parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
					"additionalProperties": false}}}]"""));
			assertThat(model.requests().get(1).at("/tools")).isEqualTo(model.requests().get(0).at("/tools"));
			assertThat(model.requests().get(1).at("/messages")).isEqualTo(
					json("""
							[{"role": "user", "content": "Weather in Ningbo?"},
							{"role": "assistant", "content": "Let me see", "reasoning_content": "I must look.", "tool_calls":
							[{"id": "c1", "type": "function", "function": {"name": "get_weather",
							"arguments": "{\\"city\\": \\"Ningbo\\"}"}}]},
							{"role": "tool", "content": "{\\"city\\":\\"Ningbo\\",\\"degrees\\":21}", "tool_call_id": "c1"}]"""));
		}
	}

	@Test
	void theStreamContinuesThroughTheRounds() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling("Hm", "One moment", CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
				CallingModel.calling(CallingModel.call("c2", "get_weather", "{\"city\":\"B\"}")),
				CallingModel.saying("All is fine"))) {
			List<ChatDelta> deltas = model.template()
				.withTools(WEATHER)
				.stream("?")
				.collectList()
				.block(CallingModel.PATIENCE);
			assertThat(deltas.stream()
				.filter((delta) -> delta.content() != null)
				.map((delta) -> delta.round() + " " + delta.content()))
				.containsExactly("1 One", "1  moment", "3 All", "3  is", "3  fine");
			assertThat(deltas.stream()
				.filter((delta) -> delta.finishReason() != null)
				.map((delta) -> delta.round() + " " + delta.finishReason()))
				.containsExactly("1 tool_calls", "2 tool_calls", "3 stop");
			assertThat(deltas.stream()
				.flatMap((delta) -> delta.toolCalls()
					.stream()
					.map((fragment) -> delta.round() + " " + Optional.ofNullable(fragment.name()).orElse("")
							+ fragment.arguments())))
				.containsExactly("1 get_weather", "1 {\"city\"", "1 :\"A\"}", "2 get_weather", "2 {\"city\"",
						"2 :\"B\"}");
			assertThat(deltas).isSortedAccordingTo(Comparator.comparingInt(ChatDelta::round));
			ChatDelta last = deltas.get(deltas.size() - 1);
			assertThat(deltas).filteredOn(ChatDelta::isLast).containsExactly(last);
			assertThat(deltas).filteredOn((delta) -> delta.usage() != null).containsExactly(last);
			assertThat(last.round()).isEqualTo(3);
			assertThat(last.usage()).isEqualTo(Usage.builder()
				.promptTokens(30L)
				.completionTokens(15L)
				.totalTokens(45L)
				.cacheHitTokens(12L)
				.cacheMissTokens(18L)
				.reasoningTokens(0L)
				.build());
			assertThat(last.attempts()).hasSize(3);
			assertThat(last.toolMessages()).hasSize(4);
			assertThat(last.requestId()).isEqualTo("trace");
		}
	}

	@Test
	void fragmentsAreDeliveredAsTheyCome() {
		// the rest never comes
		try (CallingModel model = new CallingModel(
				(answer) -> answer.calls("c1", "get_weather", "{\"city\": \"A very long name\"}").stallsAfter(1))) {
			ChatDelta first = model.template().withTools(WEATHER).stream("?").blockFirst(CallingModel.PATIENCE);
			assertThat(first.toolCalls()).extracting(ToolCallDelta::name).containsExactly("get_weather");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void roundsAreLimited(Api api) {
		AtomicInteger run = new AtomicInteger();
		Tool tool = Tool.of("again", "Once more", run::incrementAndGet);
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("c1", "again", "{}")))) {
			ChatCompletionOperations chat = model.template()
				.withTools(List.of(tool), ToolOptions.builder().maxRounds(3).build());
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> api.call(chat, "?"))
				.withMessageContaining("the model still calls tools (again) in round 3, the last that"
						+ " ToolOptions.maxRounds allows; nothing of it was run")
				.satisfies((ex) -> {
					assertThat(ex.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
					assertThat(ex.getAttempts()).hasSize(3);
					assertThat(ex.getProvider()).isEqualTo("deepseek");
				});
			assertThat(run).hasValue(2);
			assertThat(model.requests()).hasSize(3);
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void callsOfARoundRunAtOnceAndAreAnsweredInOrder(Api api) {
		CountDownLatch allRun = new CountDownLatch(4);
		List<CountDownLatch> done = List.of(new CountDownLatch(1), new CountDownLatch(1), new CountDownLatch(1),
				new CountDownLatch(1));
		Tool tool = Tool.of("meet", "Waits for the others", ANY, (arguments) -> {
			int number = arguments.path("n").asInt();
			allRun.countDown();
			Assert.state(allRun.await(CallingModel.PATIENCE.toSeconds(), TimeUnit.SECONDS), "the others do not run");
			// the last one is done first
			Assert.state(number == 3 || done.get(number + 1).await(CallingModel.PATIENCE.toSeconds(), TimeUnit.SECONDS),
					"stuck");
			done.get(number).countDown();
			return "met " + number;
		});
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "meet", "{\"n\":0}"),
				CallingModel.call("b", "meet", "{\"n\":1}"), CallingModel.call("c", "meet", "{\"n\":2}"),
				CallingModel.call("d", "meet", "{\"n\":3}")), CallingModel.saying("All met"))) {
			ChatCompletionOperations chat = model.template()
				.withTools(List.of(tool), ToolOptions.builder().onFailure(ToolFailureHandler.raise()).build());
			assertThat(api.call(chat, "?").content()).isEqualTo("All met");
			assertThat(texts(model.requests().get(1).path("messages"), "tool")).containsExactly("a met 0", "b met 1",
					"c met 2", "d met 3");
		}
	}

	@Test
	void concurrencyIsLimited() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		CountDownLatch two = new CountDownLatch(2);
		Tool tool = Tool.of("count", "Counts", () -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			two.countDown();
			Assert.state(two.await(CallingModel.PATIENCE.toSeconds(), TimeUnit.SECONDS), "alone");
			running.decrementAndGet();
			return null;
		});
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "count", ""),
				CallingModel.call("b", "count", "{}"), CallingModel.call("c", "count", "{}"),
				CallingModel.call("d", "count", "{}"), CallingModel.call("e", "count", "{}")),
				CallingModel.saying("Counted"))) {
			model.template().withTools(List.of(tool), ToolOptions.builder().concurrency(2).build()).complete("?");
			assertThat(most).hasValue(2);
			assertThat(texts(model.requests().get(1).path("messages"), "tool")).containsExactly("a null", "b null",
					"c null", "d null", "e null");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void toolsNeverRunOnAnEventLoop(Api api) {
		List<String> threads = new CopyOnWriteArrayList<>();
		List<Boolean> nonBlocking = new CopyOnWriteArrayList<>();
		ToolFunction<JsonNode> function = (arguments) -> {
			threads.add(Thread.currentThread().getName());
			nonBlocking.add(Schedulers.isInNonBlockingThread());
			return arguments.path("later").asBoolean() ? Mono.just("later") : "now";
		};
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("a", "t", "{}"),
						CallingModel.call("b", "t", "{\"later\":true}")),
				CallingModel.calling(CallingModel.call("c", "t", "{}")), CallingModel.saying("Done"))) {
			ChatCompletionOperations chat = model.template().withTools(Tool.of("t", "T", ANY, function));
			// started on a thread that must not block either, where the API allows it
			Mono<ChatCompletion> call = (api == Api.BLOCKING) ? Mono.fromCallable(() -> chat.complete("?"))
					: api.later(chat, "?").subscribeOn(Schedulers.parallel());
			assertThat(call.block(CallingModel.PATIENCE).content()).isEqualTo("Done");
			assertThat(threads).hasSize(3).allMatch((thread) -> thread.startsWith("boundedElastic"));
			assertThat(nonBlocking).containsOnly(false);
		}
	}

	@Test
	void toolsRunWhereTheOptionsSay() {
		List<String> threads = new CopyOnWriteArrayList<>();
		Scheduler own = Schedulers.newBoundedElastic(2, 10, "own-tools", 60, true);
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "t", "{}")),
				CallingModel.saying("Done"))) {
			Tool tool = Tool.of("t", "T", () -> threads.add(Thread.currentThread().getName()));
			model.template().withTools(List.of(tool), ToolOptions.builder().scheduler(own).build()).complete("?");
			assertThat(threads).singleElement().asString().startsWith("own-tools");
		}
		finally {
			own.dispose();
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void resultsMayComeLater(Api api) {
		Tool mono = Tool.of("mono", "M", () -> Mono.just(new Weather("A", 1)));
		Tool empty = Tool.of("empty", "E", Mono::empty);
		Tool flux = Tool.of("flux", "F", () -> Flux.just("a", "b"));
		Tool future = Tool.of("future", "F", () -> CompletableFuture.supplyAsync(() -> "done"));
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("1", "mono", "{}"), CallingModel.call("2", "empty", "{}"),
						CallingModel.call("3", "flux", "{}"), CallingModel.call("4", "future", "{}")),
				CallingModel.saying("Done"))) {
			assertThat(api.call(model.template().withTools(mono, empty, flux, future), "?").content())
				.isEqualTo("Done");
			assertThat(texts(model.requests().get(1).path("messages"), "tool"))
				.containsExactly("1 {\"city\":\"A\",\"degrees\":1}", "2 null", "3 [\"a\",\"b\"]", "4 done");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void aCancellationReachesTheTools(Api api, CapturedOutput output) throws Exception {
		CountDownLatch running = new CountDownLatch(3);
		CountDownLatch ended = new CountDownLatch(3);
		CompletableFuture<String> promise = new CompletableFuture<>();
		AtomicReference<Throwable> interruption = new AtomicReference<>();
		Tool blocking = Tool.of("blocking", "B", () -> {
			running.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interruption.set(ex);
				ended.countDown();
				throw ex;
			}
			return "never";
		});
		Tool reactive = Tool.of("reactive", "R",
				() -> Mono.never().doOnSubscribe((subscription) -> running.countDown()).doOnCancel(ended::countDown));
		Tool later = Tool.of("later", "L", () -> {
			running.countDown();
			promise.whenComplete((value, failure) -> ended.countDown());
			return promise;
		});
		AtomicInteger failures = new AtomicInteger();
		Scheduler own = Schedulers.newBoundedElastic(3, 10, "own-tools", 60, true);
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "blocking", "{}"),
				CallingModel.call("b", "reactive", "{}"), CallingModel.call("c", "later", "{}")),
				CallingModel.saying("Never said"))) {
			ChatCompletionOperations chat = model.template()
				.withTools(List.of(blocking, reactive, later),
						ToolOptions.builder().scheduler(own).onFailure((call, failure) -> {
							failures.incrementAndGet();
							return "failed";
						}).build());
			Runnable cancellation = start(api, chat);
			assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
			cancellation.run();
			assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
			own.disposeGracefully().block(CallingModel.PATIENCE);
			assertThat(promise).isCancelled();
			assertThat(interruption.get()).isInstanceOf(InterruptedException.class);
			assertThat(model.requests()).hasSize(1);
			assertThat(failures).hasValue(0);
			assertThat(output).doesNotContain("WARN").doesNotContain("onErrorDropped");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void argumentsCutByLengthAreNeverExecuted(Api api) {
		AtomicInteger run = new AtomicInteger();
		Tool tool = Tool.of("write", "Writes", ANY, (arguments) -> run.incrementAndGet());
		for (String arguments : List.of("{\"text\": \"half a", "", "{\"text\": \"whole\"}")) {
			try (CallingModel model = new CallingModel(
					CallingModel.ending("length", CallingModel.call("a", "write", "{\"text\":\"whole\"}"),
							CallingModel.call("b", "write", arguments)),
					CallingModel.saying("Never said"))) {
				assertThatExceptionOfType(DeepSeekException.class)
					.isThrownBy(() -> api.call(model.template().withTools(tool), "?"))
					.withMessageContaining(
							"the answer ended early (length) while it called write, write, so nothing was"
									+ " run; allow more tokens (maxTokens)")
					.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE));
				assertThat(model.requests()).hasSize(1);
			}
		}
		assertThat(run).hasValue(0);
	}

	@ParameterizedTest
	@CsvSource({ "content_filter, CONTENT_FILTERED", "insufficient_system_resource, OVERLOADED",
			"aborted, OVERLOADED" })
	void whatEndedEarlyIsNeverExecuted(String reason, ErrorKind kind) {
		AtomicInteger run = new AtomicInteger();
		Tool tool = Tool.of("write", "Writes", ANY, (arguments) -> run.incrementAndGet());
		try (CallingModel model = new CallingModel(CallingModel.ending(reason, CallingModel.call("a", "write", "{}")),
				CallingModel.saying("Never said"))) {
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> Api.FLUX.call(model.template().withTools(tool), "?"))
				.withMessageContaining(reason)
				.satisfies((ex) -> assertThat((ex instanceof StreamInterruptedException interrupted)
						? interrupted.getCauseKind() : ex.getKind())
					.isEqualTo(kind));
			assertThat(run).hasValue(0);
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void anErrorOfTheJvmEndsTheToolAndNotTheCall(Api api) {
		Tool missing = Tool.of("missing", "Fails", () -> {
			throw new NoClassDefFoundError("gone");
		});
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("1", "missing", "{}")),
				CallingModel.saying("Sorry"))) {
			assertThat(api.call(model.template().withTools(missing), "?").content()).isEqualTo("Sorry");
			assertThat(texts(model.requests().get(1).path("messages"), "tool"))
				.containsExactly("1 Error: the tool failed: java.lang.NoClassDefFoundError: gone");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void failuresAreSentToTheModel(Api api, CapturedOutput output) {
		Tool failing = Tool.of("fail", "Fails", () -> {
			throw new IOException("no such city");
		});
		Tool speechless = Tool.of("speechless", "Fails", () -> {
			throw new IllegalStateException();
		});
		Tool later = Tool.of("later", "Fails", () -> Mono.error(new IOException("later")));
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("1", "fail", "{}"),
				CallingModel.call("2", "get_weather", "{\"city\": [1]}"),
				CallingModel.call("3", "get_weather", "{\"city\""), CallingModel.call("4", "get_weather", "[1]"),
				CallingModel.call("5", "unheard\nof", "{}"), CallingModel.call("6", "", "{}"),
				CallingModel.call("7", "speechless", "{}"), CallingModel.call("8", "later", "{}")),
				CallingModel.saying("Sorry"))) {
			ChatCompletionOperations chat = model.template().withTools(failing, speechless, later, WEATHER);
			assertThat(api.call(chat, "?").content()).isEqualTo("Sorry");
			List<String> sent = texts(model.requests().get(1).path("messages"), "tool");
			assertThat(sent).hasSize(8);
			assertThat(sent.get(0)).isEqualTo("1 Error: no such city");
			assertThat(sent.get(1)).startsWith("2 Error: the arguments do not fit the tool 'get_weather': Cannot");
			assertThat(sent.get(2))
				.isEqualTo("3 Error: the arguments for the tool 'get_weather' are not a JSON object: {\"city\"");
			assertThat(sent.get(3))
				.isEqualTo("4 Error: the arguments for the tool 'get_weather' are not a JSON object: [1]");
			assertThat(sent.get(4))
				.isEqualTo("5 Error: there is no tool 'unheard of'; there are [fail, speechless, later, get_weather]");
			assertThat(sent.get(5)).startsWith("6 Error: there is no tool ''");
			assertThat(sent.get(6)).isEqualTo("7 Error: IllegalStateException");
			assertThat(sent.get(7)).isEqualTo("8 Error: later");
			// what hosts would choke on is not sent back
			assertThat(model.requests().get(1).at("/messages/1/tool_calls"))
				.extracting((call) -> call.at("/function/arguments").asString())
				.containsExactly("{}", "{\"city\": [1]}", "{}", "{}", "{}", "{}", "{}", "{}");
			assertThat(model.requests().get(1).at("/messages/1/tool_calls/5/function/name").asString())
				.isEqualTo("unnamed");
			assertThat(output).contains("The tool 'fail' failed; the model is informed")
				.contains("java.io.IOException: no such city")
				.doesNotContain("unheard\nof");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void failuresAreRaisedByChoice(Api api) throws InterruptedException {
		IllegalStateException failure = new IllegalStateException("the door is locked");
		IOException checked = new IOException("checked");
		AtomicReference<Exception> thrown = new AtomicReference<>(failure);
		CountDownLatch cancelled = new CountDownLatch(1);
		CountDownLatch waiting = new CountDownLatch(1);
		Tool failing = Tool.of("fail", "Fails", () -> {
			Assert.state(waiting.await(CallingModel.PATIENCE.toSeconds(), TimeUnit.SECONDS), "alone");
			throw thrown.get();
		});
		Tool sibling = Tool.of("wait", "Waits",
				() -> Mono.never()
					.doOnSubscribe((subscription) -> waiting.countDown())
					.doOnCancel(cancelled::countDown));
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("1", "fail", "{}"), CallingModel.call("2", "wait", "{}")))) {
			ChatCompletionOperations chat = model.template()
				.withTools(List.of(failing, sibling, WEATHER),
						ToolOptions.builder().onFailure(ToolFailureHandler.raise()).build());
			assertThatThrownBy(() -> api.call(chat, "?")).isSameAs(failure);
			assertThat(cancelled.await(20, TimeUnit.SECONDS)).as("the other call is cancelled").isTrue();
			assertThat(model.requests()).hasSize(1);
			thrown.set(checked);
			assertThatThrownBy(() -> api.call(chat, "?")).hasCause(checked);
		}
		for (ToolCall call : List.of(CallingModel.call("1", "unknown", "{}"),
				CallingModel.call("1", "get_weather", "{\"city\":[]}"), CallingModel.call("1", "get_weather", "{"))) {
			try (CallingModel model = new CallingModel(CallingModel.calling(call))) {
				ChatCompletionOperations chat = model.template()
					.withTools(List.of(WEATHER), ToolOptions.builder().onFailure(ToolFailureHandler.raise()).build());
				DeepSeekException mistake = catchThrowableOfType(DeepSeekException.class, () -> api.call(chat, "?"));
				assertThat(mistake.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			}
		}
	}

	@Test
	void failuresAreHandledAsTheApplicationLikes() {
		Tool failing = Tool.of("fail", "Fails", ANY, (arguments) -> {
			throw arguments.path("grave").asBoolean() ? new IllegalStateException("grave") : new IOException("light");
		});
		ToolFailureHandler handler = (call, failure) -> {
			if (failure instanceof IOException) {
				return call.id() + " may be tried again";
			}
			throw failure;
		};
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("c1", "fail", "{}")),
				CallingModel.calling(CallingModel.call("c2", "fail", "{\"grave\":true}")))) {
			assertThatThrownBy(() -> model.template()
				.withTools(List.of(failing), ToolOptions.builder().onFailure(handler).build())
				.complete("?")).isInstanceOf(IllegalStateException.class).hasMessage("grave");
			assertThat(texts(model.requests().get(1).path("messages"), "tool"))
				.containsExactly("c1 c1 may be tried again");
		}
	}

	@Test
	void aHandlerThatSaysNothingIsReported() {
		Tool failing = Tool.of("fail", "Fails", () -> {
			throw new IOException("broken");
		});
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("c1", "fail", "{}")))) {
			ChatCompletionOperations chat = model.template()
				.withTools(List.of(failing), ToolOptions.builder().onFailure((call, failure) -> null).build());
			assertThatThrownBy(() -> chat.complete("?"))
				.hasMessage("a failure handler must return a text for the model, or throw");
			assertThat(model.requests()).hasSize(1);
		}
	}

	@Test
	void aForcedChoiceHoldsForTheFirstRoundOnly() {
		for (ToolChoice forced : List.of(ToolChoice.REQUIRED, ToolChoice.function("get_weather"))) {
			try (CallingModel model = new CallingModel(
					CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
					CallingModel.calling(CallingModel.call("c2", "get_weather", "{\"city\":\"B\"}")),
					CallingModel.saying("Fine"))) {
				ChatRequest request = ChatRequest.builder().user("?").toolChoice(forced).thinking(false).build();
				assertThat(model.template().withTools(WEATHER).complete(request).content()).isEqualTo("Fine");
				assertThat(model.requests()).extracting((body) -> body.path("tool_choice"))
					.containsExactly(json((forced.function() != null)
							? "{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}" : "\"required\""),
							json("\"auto\""), json("\"auto\""));
			}
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void noToolIsRunWhereTheRequestForbidsIt(Api api) {
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")))) {
			ChatRequest request = ChatRequest.builder().user("?").toolChoice(ToolChoice.NONE).build();
			assertThat(api.call(model.template().withTools(WEATHER), request).toolCalls()).hasSize(1);
			assertThat(model.requests()).hasSize(1);
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void aForcedChoiceWhileThinkingIsRefusedBeforeSending(Api api) {
		try (CallingModel model = new CallingModel(CallingModel.saying("Never said"))) {
			ChatRequest request = ChatRequest.builder()
				.user("?")
				.toolChoice(ToolChoice.REQUIRED)
				.thinking(true)
				.build();
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> api.call(model.template().withTools(WEATHER), request))
				.withMessageContaining("a forced tool choice is refused while thinking is on; use ToolChoice.AUTO or"
						+ " thinking(false)")
				.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.UNSUPPORTED));
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(
					() -> api.call(model.template(), request.toBuilder().tools(List.of(WEATHER.definition())).build()))
				.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.UNSUPPORTED));
			assertThat(model.requests()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void callsOfToolsThatTheRequestBringsAreForTheCaller(Api api) {
		AtomicInteger run = new AtomicInteger();
		Tool own = Tool.of("own", "O", run::incrementAndGet);
		ToolDefinition callers = ToolDefinition.of("ask_user", "Asks the user", Map.of("type", "object"));
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("c1", "own", "{}")),
				CallingModel.calling(CallingModel.call("c2", "own", "{}"),
						CallingModel.call("c3", "ask_user", "{}")))) {
			ChatRequest request = ChatRequest.builder().user("?").tools(List.of(callers)).build();
			ChatCompletion answer = api.call(model.template().withTools(own), request);
			assertThat(answer.toolCalls()).extracting(ToolCall::name).containsExactly("own", "ask_user");
			assertThat(answer.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
			assertThat(answer.usage().totalTokens()).isEqualTo(30);
			assertThat(answer.toolMessages()).hasSize(2);
			assertThat(run).hasValue(1);
			assertThat(model.requests().get(1).at("/tools")).extracting((tool) -> tool.at("/function/name").asString())
				.containsExactly("own", "ask_user");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void callsAreHandedToTheCallerWithoutTheLoop(Api api) {
		try (CallingModel model = new CallingModel(
				CallingModel.calling("Hm", null, CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")))) {
			ChatRequest request = ChatRequest.builder()
				.user("?")
				.tools(List.of(WEATHER.definition(), Tool.of("now", "N", () -> 1).strict().definition()))
				.build();
			ChatCompletion answer = api.call(model.template(), request);
			assertThat(answer.toolCalls()).containsExactly(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}"));
			assertThat(answer.messages()).containsExactly(answer.message());
			assertThat(model.requests().get(0).at("/tools/1/function"))
				.isEqualTo(json("{\"name\":\"now\",\"description\":\"N\",\"strict\":true}"));
		}
	}

	@Test
	void aDefinitionOnTheRequestReplacesThatOfTheTool() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
				CallingModel.saying("Fine"))) {
			ToolDefinition definition = ToolDefinition.of("get_weather", "Only for German cities",
					Map.of("type", "object"));
			ChatRequest request = ChatRequest.builder().user("?").tools(List.of(definition)).build();
			assertThat(model.template().withTools(WEATHER).complete(request).content()).isEqualTo("Fine");
			assertThat(model.requests().get(0).at("/tools")).hasSize(1);
			assertThat(model.requests().get(0).at("/tools/0/function/description").asString())
				.isEqualTo("Only for German cities");
		}
	}

	@Test
	void toolsAddUp() {
		Tool now = Tool.of("now", "The time", () -> "noon");
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("c1", "now", "{}"),
				CallingModel.call("c2", "get_weather", "{\"city\":\"A\"}")), CallingModel.saying("Fine"))) {
			ChatCompletionOperations chat = model.template().withTools(WEATHER).withProvider("deepseek").withTools(now);
			assertThat(chat.complete("?").content()).isEqualTo("Fine");
			assertThat(texts(model.requests().get(1).path("messages"), "tool")).containsExactly("c1 noon",
					"c2 {\"city\":\"A\",\"degrees\":21}");
			assertThatIllegalArgumentException().isThrownBy(() -> chat.withTools(WEATHER))
				.withMessage("there are two tools of the name 'get_weather'");
			assertThatIllegalArgumentException().isThrownBy(() -> chat.withTools())
				.withMessage("'tools' must not be empty");
		}
	}

	@Test
	void aTypedAnswerMayNeedTools() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
				CallingModel.saying("{\"city\":\"A\",\"degrees\":21}"))) {
			assertThat(model.template().withTools(WEATHER).complete(ChatRequest.of("?"), Weather.class))
				.isEqualTo(new Weather("A", 21));
			assertThat(model.requests()).hasSize(2)
				.allSatisfy((request) -> assertThat(request.at("/response_format/type").asString())
					.isEqualTo("json_object"));
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void severalChoicesAreRefused(Api api) {
		try (CallingModel model = new CallingModel(CallingModel.saying("Never said"))) {
			ChatRequest request = ChatRequest.builder().user("?").n(2).build();
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> api.call(model.template().withTools(WEATHER), request))
				.withMessageContaining("leave out n")
				.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST));
			assertThat(model.requests()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void idsThatAreEmptyOrRepeatedAreMadeUp(Api api) {
		try (CallingModel model = new CallingModel("openai",
				CallingModel.calling(CallingModel.call("", "get_weather", "{\"city\":\"A\"}"),
						CallingModel.call("x", "get_weather", "{\"city\":\"B\"}"),
						CallingModel.call("x", "get_weather", "{\"city\":\"C\"}")),
				CallingModel.calling(CallingModel.call("", "get_weather", "{\"city\":\"D\"}")),
				CallingModel.saying("Fine"))) {
			assertThat(api.call(model.template().withTools(WEATHER), "?").content()).isEqualTo("Fine");
			JsonNode messages = model.requests().get(2).path("messages");
			assertThat(messages.get(1).path("tool_calls")).extracting((call) -> call.path("id").asString())
				.containsExactly("call_1_0", "x", "call_1_2");
			assertThat(texts(messages, "tool")).containsExactly("call_1_0 {\"city\":\"A\",\"degrees\":21}",
					"x {\"city\":\"B\",\"degrees\":21}", "call_1_2 {\"city\":\"C\",\"degrees\":21}",
					"call_2_0 {\"city\":\"D\",\"degrees\":21}");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void madeUpIdsDifferFromThoseOfTheHost(Api api) {
		try (CallingModel model = new CallingModel("openai",
				CallingModel.calling(CallingModel.call("call_1_1", "get_weather", "{\"city\":\"A\"}"),
						CallingModel.call("call_1_1", "get_weather", "{\"city\":\"B\"}")),
				CallingModel.saying("Fine"))) {
			ChatCompletion answer = api.call(model.template().withTools(WEATHER), "?");
			assertThat(answer.toolMessages().get(0).toolCalls()).extracting(ToolCall::id)
				.containsExactly("call_1_1", "call_1_2");
			assertThat(texts(model.requests().get(1).path("messages"), "tool")).containsExactly(
					"call_1_1 {\"city\":\"A\",\"degrees\":21}", "call_1_2 {\"city\":\"B\",\"degrees\":21}");
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void idsThatAreLeftOutAreMadeUp(Api api) {
		String calls = "[{\"index\":0,\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"A\\\"}\"}},"
				+ "{\"index\":1,\"id\":null,\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"B\\\"}\"}}]";
		String choice = "{\"index\":0,\"%s\":{\"role\":\"assistant\",\"tool_calls\":" + calls
				+ "},\"finish_reason\":\"tool_calls\"}";
		try (CallingModel model = new CallingModel("openai", (answer) -> answer.decides((call, decided) -> {
			if (call.isStream()) {
				decided.sends("text/event-stream", CallingModel.event(choice.formatted("delta")) + "data: [DONE]\n\n");
			}
			else {
				decided.sends("application/json", "{\"choices\":[" + choice.formatted("message") + "]}");
			}
		}), CallingModel.saying("Fine"))) {
			assertThat(api.call(model.template().withTools(WEATHER), "?").content()).isEqualTo("Fine");
			JsonNode messages = model.requests().get(1).path("messages");
			assertThat(messages.get(1).path("tool_calls")).extracting((call) -> call.path("id").asString())
				.containsExactly("call_1_0", "call_1_1");
			assertThat(texts(messages, "tool")).containsExactly("call_1_0 {\"city\":\"A\",\"degrees\":21}",
					"call_1_1 {\"city\":\"B\",\"degrees\":21}");
		}
	}

	@Test
	void errorsThatReactorGivesUpOnDoNotKeepTheCallFromItsEnd() {
		for (Error error : List.of(new OutOfMemoryError("simulated"), new InternalError("simulated"),
				new NoClassDefFoundError("simulated"))) {
			try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "t", "{}")),
					CallingModel.saying("Fine"))) {
				Tool throwing = Tool.of("t", "T", ANY, (arguments) -> {
					throw error;
				});
				assertThat(
						model.template().withTools(throwing).completeAsync("?").block(CallingModel.PATIENCE).content())
					.isEqualTo("Fine");
				assertThat(texts(model.requests().get(1).path("messages"), "tool").get(0)).contains(error.toString());
			}
			try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "t", "{}")),
					CallingModel.saying("Fine"))) {
				Tool unwritable = Tool.of("t", "T", ANY, (arguments) -> Mono.just(new Unwritable(error)));
				assertThat(model.template()
					.withTools(unwritable)
					.completeAsync("?")
					.block(CallingModel.PATIENCE)
					.content()).isEqualTo("Fine");
			}
			try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("a", "none", "{}")))) {
				ToolOptions options = ToolOptions.builder().onFailure((call, failure) -> {
					throw error;
				}).build();
				Mono<ChatCompletion> answer = model.template().withTools(List.of(WEATHER), options).completeAsync("?");
				assertThatThrownBy(() -> answer.block(CallingModel.PATIENCE)).isInstanceOf(IllegalStateException.class)
					.hasMessageContaining("the failure handler failed: " + error)
					.hasCause(error);
			}
		}
	}

	@Test
	void nullFilledFragmentsAreUnderstood() {
		String stream = CallingModel
			.delta("{\"role\":\"assistant\",\"content\":\"\",\"reasoning_content\":null,\"tool_calls\":null}")
				+ CallingModel.delta(
						"{\"role\":null,\"content\":null,\"tool_calls\":[{\"id\":null,\"index\":1,\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}}]}")
				+ CallingModel.delta(
						"{\"role\":null,\"content\":null,\"tool_calls\":[{\"id\":\"s1\",\"index\":0,\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":null}}]}")
				+ CallingModel.delta(
						"{\"tool_calls\":[{\"id\":null,\"index\":0,\"type\":null,\"function\":{\"name\":null,\"arguments\":\"{\\\"city\\\": \"}},{\"id\":null,\"index\":1,\"function\":{\"name\":null,\"arguments\":\"{\\\"city\\\":\\\"B\\\"}\"}}]}")
				+ CallingModel.delta(
						"{\"tool_calls\":[{\"id\":null,\"index\":0,\"function\":{\"name\":null,\"arguments\":\"\\\"A\\\"}\"}}],\"role\":null}")
				+ CallingModel.event(
						"{\"index\":0,\"delta\":{\"reasoning_content\":null},\"finish_reason\":\"tool_calls\",\"matched_stop\":null}")
				+ "data: [DONE]\n\n";
		try (CallingModel model = new CallingModel("openai", CallingModel.body("text/event-stream", stream.getBytes()),
				CallingModel.saying("Fine"))) {
			assertThat(Api.FLUX.call(model.template().withTools(WEATHER), "?").content()).isEqualTo("Fine");
			assertThat(texts(model.requests().get(1).path("messages"), "tool"))
				.containsExactly("s1 {\"city\":\"A\",\"degrees\":21}", "call_1_1 {\"city\":\"B\",\"degrees\":21}");
			assertThat(model.requests().get(1).at("/messages/1/tool_calls/1/id").asString()).isEqualTo("call_1_1");
		}
	}

	@Test
	void callsBesideTheChoicesAreUnderstood() {
		String body = "{\"id\":\"1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"tool_calls\"}],\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"A\\\"}\"}}]}";
		try (CallingModel model = new CallingModel("siliconflow",
				CallingModel.body("application/json", body.getBytes()), CallingModel.saying("Fine"))) {
			assertThat(model.template().withTools(WEATHER).complete("?").content()).isEqualTo("Fine");
			assertThat(texts(model.requests().get(1).path("messages"), "tool"))
				.containsExactly("t1 {\"city\":\"A\",\"degrees\":21}");
		}
	}

	@Test
	void aStreamThatBreaksInALaterRoundReportsWhatCame() {
		Consumer<ScriptedAnswer> broken = (answer) -> answer.answersInPieces("It is", " fine").cutsAfter(1);
		try (CallingModel model = new CallingModel(
				CallingModel.calling("Hm", "Let me see", CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
				broken)) {
			List<ChatDelta> deltas = new ArrayList<>();
			StreamInterruptedException failure = catchThrowableOfType(StreamInterruptedException.class,
					() -> model.template()
						.withTools(WEATHER)
						.stream("?")
						.doOnNext(deltas::add)
						.blockLast(CallingModel.PATIENCE));
			assertThat(failure.getPartialContent()).isEqualTo("It is");
			assertThat(failure.getProvider()).isEqualTo("deepseek");
			assertThat(failure.getAttempts()).extracting(AttemptReport::error)
				.containsExactly(null, ErrorKind.STREAM_INTERRUPTED);
			assertThat(deltas).noneMatch(ChatDelta::isLast);
			assertThat(deltas.get(deltas.size() - 1).round()).isEqualTo(2);
		}
	}

	@Test
	void callsOfAStreamThatBreaksAreReportedAndNeverRun() {
		String events = CallingModel
			.delta("{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":"
					+ "{\"name\":\"note\",\"arguments\":\"{\\\"text\\\":\\\"a\\\"}\"}}]}")
				+ CallingModel.delta("{\"tool_calls\":[{\"index\":1,\"id\":\"c2\",\"function\":"
						+ "{\"name\":\"note\",\"arguments\":\"{\\\"te\"}}]}");
		AtomicInteger runs = new AtomicInteger();
		Tool note = Tool.of("note", "Takes a note", ANY, (input) -> runs.incrementAndGet());
		try (CallingModel model = new CallingModel(
				CallingModel.body("text/event-stream", events.getBytes(StandardCharsets.UTF_8)))) {
			StreamInterruptedException failure = catchThrowableOfType(StreamInterruptedException.class,
					() -> model.template().withTools(note).stream("?").blockLast(CallingModel.PATIENCE));
			assertThat(failure.getPartialToolCalls()).containsExactly(
					CallingModel.call("c1", "note", "{\"text\":\"a\"}"), CallingModel.call("c2", "note", "{\"te"));
			assertThat(runs).hasValue(0);
			assertThat(model.requests()).hasSize(1);
		}
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void aRefusalInALaterRoundReportsTheAttemptsOfAll(Api api) {
		Consumer<ScriptedAnswer> refusal = (answer) -> answer.fails(402);
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")), refusal)) {
			DeepSeekException failure = catchThrowableOfType(DeepSeekException.class,
					() -> api.call(model.template().withTools(WEATHER), "?"));
			assertThat(failure.getAttempts()).extracting(AttemptReport::error)
				.containsExactly(null, ErrorKind.OUT_OF_CREDIT);
			assertThat(failure.getStatus()).isEqualTo(402);
			assertThat(failure).hasMessageContaining("attempts: 1 deepseek answered, 1 deepseek OUT_OF_CREDIT 402");
			if (api == Api.FLUX) {
				// deltas of the first round were delivered
				assertThat(failure.getKind()).isEqualTo(ErrorKind.STREAM_INTERRUPTED);
				assertThat(((StreamInterruptedException) failure).getCauseKind()).isEqualTo(ErrorKind.OUT_OF_CREDIT);
				assertThat(failure.getReason())
					.isEqualTo("the stream broke at the start of round 2, after tools were run: Insufficient Balance");
			}
			else {
				assertThat(failure.getKind()).isEqualTo(ErrorKind.OUT_OF_CREDIT);
			}
		}
	}

	@Test
	void nothingHappensBeforeASubscriptionAndEachIsACallOfItsOwn() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
				CallingModel.saying("Fine"),
				CallingModel.calling(CallingModel.call("c2", "get_weather", "{\"city\":\"B\"}")),
				CallingModel.saying("Fine again"))) {
			Flux<ChatDelta> call = model.template().withTools(WEATHER).stream("?");
			assertThat(model.requests()).isEmpty();
			assertThat(call.collect(ChatCompletion.collector()).block(CallingModel.PATIENCE).content())
				.isEqualTo("Fine");
			ChatCompletion second = call.collect(ChatCompletion.collector()).block(CallingModel.PATIENCE);
			assertThat(second.content()).isEqualTo("Fine again");
			assertThat(second.toolMessages()).hasSize(2);
			assertThat(model.requests().get(2).path("messages")).hasSize(1);
		}
	}

	@Test
	void theSubscriberSetsThePace() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling("Hm", "One moment", CallingModel.call("c1", "get_weather", "{\"city\":\"A\"}")),
				CallingModel.saying("It is fine"))) {
			StepVerifier
				.create(model.template()
					.withTools(WEATHER)
					.stream("?")
					.map((delta) -> delta.round() + Optional.ofNullable(delta.content()).orElse("")), 0)
				.thenRequest(2)
				.expectNext("1", "1One")
				.thenRequest(1)
				.expectNext("1 moment")
				.thenRequest(4)
				.expectNext("1", "1", "1", "1")
				.thenRequest(1)
				.expectNext("2It")
				.thenRequest(100)
				.expectNext("2 is", "2 fine", "2", "2")
				.expectComplete()
				.verify(CallingModel.PATIENCE);
		}
	}

	/**
	 * Start a call that is waited for elsewhere.
	 * @return cancels it
	 */
	private static Runnable start(Api api, ChatCompletionOperations chat) {
		if (api != Api.BLOCKING) {
			return api.later(chat, "?").subscribe()::dispose;
		}
		Thread waiting = new Thread(
				() -> assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> chat.complete("?")));
		waiting.start();
		return waiting::interrupt;
	}

	private static JsonNode json(String json) {
		return CallingModel.JSON.readTree(json);
	}

	/**
	 * What was said by a role, behind the id of the call.
	 */
	private static List<String> texts(JsonNode messages, String role) {
		return messages.valueStream()
			.filter((message) -> message.path("role").asString().equals(role))
			.map((message) -> message.path("tool_call_id").asString() + " " + message.path("content").asString())
			.toList();
	}

	record WeatherQuery(String city) {

	}

	record Weather(String city, int degrees) {

	}

	private record Unwritable(@JsonIgnore Error error) {

		@JsonProperty
		String text() {
			throw this.error;
		}

	}

}
