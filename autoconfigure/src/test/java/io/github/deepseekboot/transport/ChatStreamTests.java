package io.github.deepseekboot.transport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.codec.WireJson;
import io.github.deepseekboot.provider.DoneMarker;
import io.github.deepseekboot.provider.Provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ChatStream}: what it makes of a body, and how it keeps to the rules of
 * reactive streams. Its timeouts have tests of their own.
 */
@NullUnmarked
class ChatStreamTests {

	private static final String ROLE = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\","
			+ "\"reasoning_content\":\"\"},\"finish_reason\":null}]}";

	private final Provider provider = TestProviders.provider("deepseek");

	@Test
	void nothingIsDeliveredBeforeTheFirstToken() {
		TestPublisher<DataBuffer> body = TestPublisher.create();
		StepVerifier.create(Streams.of(this.provider, body.flux()))
			.then(() -> body.next(Streams.buffer(": keep-alive\n\n" + ROLE + "\n\n")))
			.then(() -> body.next(
					Streams.buffer("data: {\"choices\":[{\"delta\":{\"content\":null},\"finish_reason\":null}]}\n\n")))
			.expectNoEvent(Duration.ofMillis(50))
			.then(() -> body.error(new IOException("reset")))
			.expectErrorSatisfies(
					(failure) -> assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.STREAM_CLOSED))
			.verify(TestProviders.SOON);
	}

	@Test
	void failureBehindTheFirstTokenReportsWhatWasDelivered() {
		Streams.Delivery delivery = deliver(ROLE, reasoning("Hm, "), reasoning("so"), Streams.content("Hel"),
				Streams.content("lo"));
		StreamInterruptedException failure = (StreamInterruptedException) delivery.failure();
		assertThat(failure.getKind()).isEqualTo(ErrorKind.STREAM_INTERRUPTED);
		assertThat(failure.getCauseKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
		assertThat(failure.getPartialContent()).isEqualTo("Hello");
		assertThat(failure.getPartialReasoningContent()).isEqualTo("Hm, so");
		assertThat(failure.getRequestId()).isEqualTo("request-1");
		assertThat(failure.getStatus()).isEqualTo(200);
		assertThat(failure.getProvider()).isEqualTo("deepseek");
	}

	@Test
	void failureInTheMidstOfToolCallsReportsThemAsFarAsTheyCame() {
		Streams.Delivery delivery = deliver(ROLE, Streams.content("Let me look"),
				toolCall("{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}}"),
				toolCall("{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}"),
				toolCall("{\"index\":0,\"function\":{\"arguments\":\"\\\"A\\\"}\"}}"),
				toolCall("{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":\"get_time\",\"arguments\":\"{\\\"zo\"}}"));
		StreamInterruptedException failure = (StreamInterruptedException) delivery.failure();
		assertThat(failure.getCauseKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
		assertThat(failure.getPartialContent()).isEqualTo("Let me look");
		assertThat(failure.getPartialToolCalls()).containsExactly(new ToolCall("c1", "get_weather", "{\"city\":\"A\"}"),
				new ToolCall("c2", "get_time", "{\"zo"));
		assertThat(failure.getPartialToolCalls()).extracting(ToolCall::isComplete).containsExactly(true, false);
	}

	@Test
	void failureWithoutToolCallsReportsNone() {
		Streams.Delivery delivery = deliver(ROLE, Streams.content("Hel"));
		assertThat(((StreamInterruptedException) delivery.failure()).getPartialToolCalls()).isEmpty();
	}

	private static String toolCall(String fragment) {
		return "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" + fragment
				+ "]},\"finish_reason\":null}]}";
	}

	@Test
	void theMarkerTwiceMeansOneEnd() {
		Streams.Delivery delivery = deliver(Streams.content("a"), Streams.stop(), Streams.done(), Streams.done());
		assertThat(delivery.isComplete()).isTrue();
		assertThat(delivery.deltas().stream().filter(ChatDelta::isLast)).hasSize(1);
	}

	@Test
	void dataBehindTheMarkerIsIgnored() {
		Streams.Delivery delivery = deliver(Streams.content("a"), Streams.done(), Streams.content("b"),
				"data: {broken");
		assertThat(delivery.isComplete()).isTrue();
		assertThat(delivery.content()).isEqualTo("a");
	}

	@Test
	void markerAtTheVeryEndNeedsNoLineEnd() {
		Streams.Delivery delivery = Streams.delivery(Streams.of(this.provider,
				Flux.just(Streams.buffer(Streams.content("a") + "\n\n" + Streams.stop() + "\n\ndata: [DONE]"))));
		assertThat(delivery.isComplete()).isTrue();
	}

	@Test
	void markerRightBehindTheLastChunkNeedsNoLineEnd() {
		Provider strict = TestProviders.builder("deepseek", "http://127.0.0.1:1")
			.doneMarker(DoneMarker.REQUIRED)
			.build();
		for (String last : List.of(Streams.stop(), Streams.content("b"),
				"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}")) {
			Streams.Delivery delivery = Streams.delivery(Streams.of(strict,
					Flux.just(Streams.buffer(Streams.content("a") + "\n\n" + last + "\ndata: [DONE]"))));
			assertThat(delivery.isComplete()).as(last).isTrue();
		}
	}

	@Test
	void nothingIsLostOfABufferThatCompletesALongFirstLine() {
		String text = "a".repeat(70_000);
		String lines = Streams.content(text).substring(6) + "\n" + Streams.content("b").substring(6) + "\n"
				+ Streams.stop().substring(6) + "\n";
		byte[] body = lines.getBytes(StandardCharsets.UTF_8);
		ChatStream stream = new ChatStream(new ChatExchange(this.provider, TestProviders.attempt(),
				ResponseLimits.DEFAULTS, TransportClock.system(), new LongAdder(), (head) -> {
					head.set("request-1", 200, new HttpHeaders());
					return Streams.pieces(body, 60_000, body.length);
				}));
		Streams.Delivery delivery = Streams.delivery(stream);
		assertThat(delivery.isComplete()).isTrue();
		assertThat(delivery.content()).isEqualTo(text + "b");
	}

	@Test
	void eachChoiceHasTagsOfItsOwn() {
		Streams.Delivery delivery = Streams.delivery(Streams.of(TestProviders.provider("groq"),
				Streams.events(choice(1, "<th"), choice(0, "Hello"), choice(1, "ink>Hm.</think>Hi"), choice(0, "!"),
						choice(2, "<think>So.</think>Ho"), Streams.done()),
				ResponseLimits.DEFAULTS, TransportClock.system(),
				TestProviders.attempt(ChatRequest.builder().user("Hello").extra("n", 3).build())));
		assertThat(delivery.isComplete()).isTrue();
		assertThat(textOf(delivery, 0, ChatDelta::content)).isEqualTo("Hello!");
		assertThat(textOf(delivery, 1, ChatDelta::reasoningContent)).isEqualTo("Hm.");
		assertThat(textOf(delivery, 1, ChatDelta::content)).isEqualTo("Hi");
		assertThat(textOf(delivery, 2, ChatDelta::reasoningContent)).isEqualTo("So.");
		assertThat(textOf(delivery, 2, ChatDelta::content)).isEqualTo("Ho");
	}

	private static String choice(int index, String text) {
		return "data: {\"choices\":[{\"index\":" + index + ",\"delta\":{\"content\":\"" + text + "\"}}]}";
	}

	private static String textOf(Streams.Delivery delivery, int index, Function<ChatDelta, String> text) {
		return delivery.deltas()
			.stream()
			.filter((delta) -> delta.choiceIndex() == index)
			.map(text)
			.filter(Objects::nonNull)
			.collect(Collectors.joining());
	}

	@Test
	void choicesBesideAWordForTheEndAreRead() {
		Streams.Delivery delivery = deliver(Streams.content("a"),
				"data: {\"error\":\"done\",\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}");
		assertThat(delivery.isComplete()).isTrue();
		assertThat(delivery.content()).isEqualTo("ab");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"error\":{\"message\":\"slow down\",\"code\":429}} | RATE_LIMITED",
			"{\"error\":{\"message\":\"Insufficient Balance\",\"code\":\"invalid_request_error\"}} | OUT_OF_CREDIT",
			"{\"error\":{\"message\":\"who knows\"}} | SERVER_ERROR",
			"{\"error\":\"This model's maximum context length is 7 tokens\"} | CONTEXT_LENGTH",
			"{\"code\":503,\"message\":\"busy\",\"data\":null} | OVERLOADED", "\"oops\" | SERVER_ERROR" })
	void errorInTheStreamIsMapped(String error, ErrorKind kind) {
		Streams.Delivery first = deliver(ROLE, "event: error\ndata: " + error, Streams.done());
		assertThat(first.deltas()).isEmpty();
		assertThat(first.failure().getKind()).isEqualTo(kind);
		Streams.Delivery late = deliver(Streams.content("a"), "data: " + error, Streams.done());
		assertThat(late.content()).isEqualTo("a");
		StreamInterruptedException failure = (StreamInterruptedException) late.failure();
		assertThat(failure.getCauseKind()).isEqualTo(kind);
		assertThat(failure.getPartialContent()).isEqualTo("a");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{broken", "{\"choices\":[{\"delta\":{\"content\":\"b\"", "<html>", "17", "{} {}" })
	void brokenJsonIsMalformed(String data) {
		assertThat(deliver("data: " + data).failure().getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
		Streams.Delivery late = deliver(Streams.content("a"), "data: " + data, Streams.content("c"), Streams.done());
		assertThat(late.content()).isEqualTo("a");
		assertThat(((StreamInterruptedException) late.failure()).getCauseKind())
			.isEqualTo(ErrorKind.MALFORMED_RESPONSE);
	}

	@Test
	void tooDeepOrTooLongJsonIsMalformed() {
		for (String value : List.of("[".repeat(501) + "]".repeat(501), "1".repeat(10_000))) {
			Streams.Delivery delivery = deliver("data: {\"created\":" + value + "}", Streams.content("a"),
					Streams.done());
			assertThat(delivery.failure().getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			assertThat(delivery.failure().getMessage()).hasSizeLessThan(500);
		}
	}

	@Test
	void eventOverTheLimitFailsAndEndsTheExchange() {
		TestPublisher<DataBuffer> body = TestPublisher.create();
		ResponseLimits limits = new ResponseLimits(1000, 1000);
		StepVerifier
			.create(Streams.of(this.provider, body.flux(), limits, TransportClock.system(), TestProviders.attempt()))
			.then(() -> body.next(Streams.buffer(Streams.content("a") + "\n\n")))
			.assertNext((delta) -> assertThat(delta.content()).isEqualTo("a"))
			.then(() -> body.next(Streams.buffer(Streams.content("b".repeat(1000)) + "\n\n")))
			.expectErrorSatisfies((failure) -> assertThat(((StreamInterruptedException) failure).getCauseKind())
				.isEqualTo(ErrorKind.LOCAL_LIMIT))
			.verify(TestProviders.SOON);
		body.assertCancelled();
	}

	@Test
	void anEventMayHaveOneMebibyteByDefault() {
		int envelope = Streams.content("").length() - "data: ".length();
		String fits = "x".repeat((1 << 20) - envelope);
		assertThat(deliver(Streams.content(fits), Streams.done()).content()).isEqualTo(fits);
		assertThat(deliver(Streams.content(fits + "x"), Streams.done()).failure().getKind())
			.isEqualTo(ErrorKind.LOCAL_LIMIT);
	}

	@Test
	void unknownFieldsAndValuesDoNoHarm() {
		Streams.Delivery delivery = deliver(
				"data: {\"new\":{\"x\":[1]},\"choices\":[{\"index\":0,\"delta\":{\"role\":\"oracle\",\"content\":\"a\",\"new\":1},"
						+ "\"finish_reason\":\"paused_for_tea\"}],\"service_tier\":\"x\"}",
				Streams.done());
		assertThat(delivery.isComplete()).isTrue();
		assertThat(completion(delivery).finishReason()).isEqualTo(new FinishReason("paused_for_tea"));
	}

	@Test
	void chunkWithoutChoicesBringsUsageOnly() {
		Streams.Delivery delivery = deliver(Streams.content("a"),
				"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}",
				Streams.done());
		assertThat(delivery.deltas()).hasSize(2);
		assertThat(delivery.deltas().get(1).usage().totalTokens()).isEqualTo(3);
	}

	@Test
	void missingUsageIsUnknown() {
		Streams.Delivery delivery = deliver(Streams.content("a"), Streams.done());
		assertThat(delivery.isComplete()).isTrue();
		assertThat(delivery.deltas().get(1).usage()).isNull();
	}

	@Test
	void usageOnEveryChunkIsReportedOnce() {
		String[] events = IntStream.rangeClosed(1, 5)
			.mapToObj((n) -> Streams.content("a")
				.replace("\"choices\"", "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":" + n + "},\"choices\""))
			.toArray(String[]::new);
		Streams.Delivery delivery = deliver(
				Stream.concat(Arrays.stream(events), Stream.of(Streams.done())).toArray(String[]::new));
		assertThat(delivery.deltas()).filteredOn((delta) -> delta.usage() != null)
			.singleElement()
			.satisfies((last) -> assertThat(last.isLast()).isTrue())
			.satisfies((last) -> assertThat(last.usage().completionTokens()).isEqualTo(5));
	}

	@Test
	void answerWithoutTokensIsEmpty() {
		assertThat(deliver(ROLE, Streams.stop(), Streams.done()).failure().getKind())
			.isEqualTo(ErrorKind.EMPTY_RESPONSE);
		assertThat(deliver(Streams.done()).failure().getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE);
		assertThat(deliver().failure().getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE);
		assertThat(deliver("", "\n", "\r\n").failure().getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE);
		assertThat(deliver(": keep-alive").failure().getKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
	}

	@ParameterizedTest
	@MethodSource("jsonFormats")
	void blanksAloneAreNoAnswerInJsonMode(ResponseFormat format) {
		Attempt attempt = TestProviders.attempt(ChatRequest.builder().user("JSON").responseFormat(format).build());
		String[] blanks = { ROLE, Streams.content(" "), Streams.content("\\n\\n"), Streams.content("\\t"),
				Streams.stop(), Streams.done() };
		StepVerifier
			.create(Streams.of(this.provider, Streams.events(blanks), ResponseLimits.DEFAULTS, TransportClock.system(),
					attempt))
			.expectErrorSatisfies((failure) -> assertThat(((DeepSeekException) failure).getKind())
				.isEqualTo(ErrorKind.EMPTY_RESPONSE))
			.verify(TestProviders.SOON);
	}

	@ParameterizedTest
	@MethodSource("jsonFormats")
	void blanksWithinAnAnswerInJsonModeAreKept(ResponseFormat format) {
		Attempt attempt = TestProviders.attempt(ChatRequest.builder().user("JSON").responseFormat(format).build());
		String[] events = { ROLE, Streams.content(" "), Streams.content("{"), Streams.content(" "),
				Streams.content("}"), Streams.stop(), Streams.done() };
		StepVerifier
			.create(Streams
				.of(this.provider, Streams.events(events), ResponseLimits.DEFAULTS, TransportClock.system(), attempt)
				.collect(ChatCompletion.collector())
				.map(ChatCompletion::content))
			.expectNext("{ }")
			.expectComplete()
			.verify(TestProviders.SOON);
	}

	@Test
	void blanksAloneAreAnAnswerOutsideOfJsonMode() {
		Streams.Delivery delivery = deliver(ROLE, Streams.content(" "), Streams.stop(), Streams.done());
		assertThat(completion(delivery).content()).isEqualTo(" ");
	}

	static Stream<ResponseFormat> jsonFormats() {
		return Stream.of(ResponseFormat.JSON_OBJECT, ResponseFormat.jsonSchema("a", Map.of(), true),
				ResponseFormat.schema("a", Map.of(), true));
	}

	@ParameterizedTest
	@CsvSource({ "insufficient_system_resource,OVERLOADED", "aborted,OVERLOADED", "content_filter,CONTENT_FILTERED",
			"tool_calls,EMPTY_RESPONSE", "length," })
	void answerWithoutTokensGoesByItsFinishReason(String finishReason, ErrorKind kind) {
		Streams.Delivery delivery = deliver(ROLE, Streams.stop().replace("\"stop\"", "\"" + finishReason + "\""),
				Streams.done());
		if (kind == null) {
			assertThat(delivery.isComplete()).isTrue();
			assertThat(completion(delivery).finishReason()).hasToString(finishReason);
			return;
		}
		assertThat(delivery.failure().getKind()).isEqualTo(kind);
		Streams.Delivery late = deliver(Streams.content("a"),
				Streams.stop().replace("\"stop\"", "\"" + finishReason + "\""), Streams.done());
		if (kind == ErrorKind.OVERLOADED) {
			assertThat(late.failure()).isInstanceOfSatisfying(StreamInterruptedException.class, (interrupted) -> {
				assertThat(interrupted.getCauseKind()).isEqualTo(kind);
				assertThat(interrupted.getPartialContent()).isEqualTo("a");
			});
			return;
		}
		assertThat(late.isComplete()).as("after a token").isTrue();
	}

	@Test
	void toolCallsAreAssembledByIndex() {
		ChatCompletion completion = completion(deliver(tool("{\"index\":2,\"id\":\"c\",\"function\":{\"name\":\"h\"}}"),
				tool("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\"\"}},"
						+ "{\"index\":2,\"function\":{\"arguments\":\"{}\"}}"),
				tool("{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}"),
				tool("{\"index\":0,\"id\":null,\"function\":{\"name\":null,\"arguments\":\":1}\"}}"), Streams.done()));
		assertThat(completion.toolCalls()).containsExactly(new ToolCall("a", "f", "{\"x\":1}"),
				new ToolCall("b", "g", "{}"), new ToolCall("c", "h", "{}"));
		assertThat(completion.toolCalls()).allMatch(ToolCall::isComplete);
	}

	@Test
	void toolCallWithoutIdOrNameIsToleratedButIncomplete() {
		ChatCompletion completion = completion(deliver(tool("{\"index\":0,\"function\":{\"arguments\":\"{}\"}}"),
				tool("{\"index\":1,\"id\":\"c\"}"), Streams.done()));
		assertThat(completion.toolCalls()).containsExactly(new ToolCall(null, "", "{}"), new ToolCall("c", "", ""));
		assertThat(completion.toolCalls()).noneMatch(ToolCall::isComplete);
	}

	@Test
	void argumentsSplitAnywhereAreExact() {
		String arguments = "{\"text\":\"a\\\"b\\\\c \\u00e4 \uD83D\uDE00\",\"n\":[1,2]}";
		for (int split = 0; split <= arguments.length(); split++) {
			ChatCompletion completion = completion(deliver(tool(fragment(arguments.substring(0, split))),
					tool(fragment(arguments.substring(split))), Streams.done()));
			assertThat(completion.toolCalls()).as("split at %d", split)
				.containsExactly(new ToolCall("a", "f", arguments));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "{\"a\":", "[1]", "null", "\"text\"", "{} {}", "{'a':1}", "{\"a\":1}x" })
	void argumentsThatAreNoJsonObjectAreKeptAndFlagged(String arguments) {
		ChatCompletion completion = completion(deliver(tool(fragment(arguments)), Streams.done()));
		assertThat(completion.toolCalls()).containsExactly(new ToolCall("a", "f", arguments));
		assertThat(completion.toolCalls().get(0).isComplete()).isFalse();
	}

	@Test
	void hugeIndexesCostNoMemory() {
		ChatCompletion completion = completion(deliver(
				"data: {\"choices\":[{\"index\":2147483647,\"delta\":{\"content\":\"a\","
						+ "\"tool_calls\":[{\"index\":2147483647,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}",
				Streams.done()));
		assertThat(completion.choices()).singleElement().satisfies((choice) -> {
			assertThat(choice.index()).isEqualTo(Integer.MAX_VALUE);
			assertThat(choice.message().toolCalls()).containsExactly(new ToolCall("a", "f", "{}"));
		});
		assertThat(deliver("data: {\"choices\":[{\"index\":2147483648,\"delta\":{\"content\":\"a\"}}]}").failure()
			.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
	}

	@Test
	void emptyReasoningOfAToolTurnIsKept() {
		ChatCompletion completion = completion(deliver(ROLE, tool(fragment("{}")),
				Streams.stop().replace("\"stop\"", "\"tool_calls\""), Streams.done()));
		assertThat(completion.reasoningContent()).isEmpty();
	}

	@Test
	void demandIsNeverOverrun() {
		StepVerifier
			.create(Streams.of(this.provider,
					Streams.events(Streams.content("a"), Streams.content("b"), Streams.stop(), Streams.done())), 0)
			.expectSubscription()
			.thenRequest(1)
			.assertNext((delta) -> assertThat(delta.content()).isEqualTo("a"))
			.expectNoEvent(Duration.ofMillis(20))
			.thenRequest(1)
			.assertNext((delta) -> assertThat(delta.content()).isEqualTo("b"))
			.thenRequest(1)
			.assertNext((delta) -> assertThat(delta.finishReason()).isEqualTo(FinishReason.STOP))
			.expectNoEvent(Duration.ofMillis(20))
			.thenRequest(1)
			.assertNext((delta) -> assertThat(delta.isLast()).isTrue())
			.expectComplete()
			.verify(TestProviders.SOON);
	}

	@Test
	void manyDeltasInOneBufferWaitForDemand() {
		String buffer = IntStream.range(0, 100)
			.mapToObj((n) -> Streams.content("t" + n) + "\n\n")
			.reduce("", String::concat) + Streams.done() + "\n\n";
		List<String> seen = new ArrayList<>();
		new OneByOne(seen).run(Streams.of(this.provider, Flux.just(Streams.buffer(buffer))));
		assertThat(seen).hasSize(101).startsWith("t0", "t1").endsWith("t99", "last");
	}

	@Test
	void sourceIsAskedForAFewBuffersAtATime() {
		List<Long> requests = new ArrayList<>();
		Flux<DataBuffer> body = Flux.range(0, 1000)
			.map((n) -> Streams.buffer(Streams.content("a") + "\n\n"))
			.doOnRequest(requests::add);
		StepVerifier.create(Streams.of(this.provider, body), 3)
			.expectNextCount(3)
			.thenCancel()
			.verify(TestProviders.SOON);
		assertThat(requests).containsExactly(16L);
	}

	@Test
	void cancellingReleasesEveryBuffer() {
		List<NettyDataBuffer> buffers = new ArrayList<>();
		TestPublisher<DataBuffer> body = TestPublisher.create();
		StepVerifier.create(Streams.of(this.provider, body.flux()), 0).expectSubscription().then(() -> {
			for (int i = 0; i < 10; i++) {
				body.next(pooled(Streams.content("a") + "\n\n" + Streams.content("b"), buffers));
			}
		}).thenRequest(1).expectNextCount(1).thenCancel().verify(TestProviders.SOON);
		body.assertCancelled();
		assertThat(buffers).hasSize(10).allSatisfy(ChatStreamTests::assertReleased);
	}

	@Test
	void failingReleasesEveryBuffer() {
		List<NettyDataBuffer> buffers = new ArrayList<>();
		Flux<DataBuffer> body = Flux
			.just(Streams.content("a") + "\n\n", "data: {broken\n\n", "data: x\n\n", "data: y\n\n")
			.map((text) -> pooled(text, buffers));
		StepVerifier.create(Streams.of(this.provider, body))
			.expectNextCount(1)
			.expectError()
			.verify(TestProviders.SOON);
		assertThat(buffers).isNotEmpty().allSatisfy(ChatStreamTests::assertReleased);
	}

	@Test
	void completingReleasesEveryBuffer() {
		List<NettyDataBuffer> buffers = new ArrayList<>();
		Flux<DataBuffer> body = Flux
			.just(Streams.content("a") + "\n\n", "data: [DONE]\n\ndata: more\n\n", "data: x\n\n", "", "data: y\n\n")
			.map((text) -> pooled(text, buffers));
		StepVerifier.create(Streams.of(this.provider, body))
			.expectNextCount(2)
			.expectComplete()
			.verify(TestProviders.SOON);
		assertThat(buffers).hasSize(5).allSatisfy(ChatStreamTests::assertReleased);
	}

	@Test
	void buffersThatArriveBehindACancellationAreReleased() {
		List<NettyDataBuffer> buffers = new ArrayList<>();
		TestPublisher<DataBuffer> body = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
		StepVerifier.create(Streams.of(this.provider, body.flux()))
			.then(() -> body.next(pooled(Streams.content("a") + "\n\n", buffers)))
			.expectNextCount(1)
			.thenCancel()
			.verify(TestProviders.SOON);
		Streams.of(this.provider, body.flux()).subscribe(new CancelOnFirst(buffers, body));
		assertThat(buffers).isNotEmpty().allSatisfy(ChatStreamTests::assertReleased);
	}

	@Test
	void subscriberMayCancelWithinOnNext() {
		Flux<DataBuffer> body = Streams.events(Streams.content("a"), Streams.content("b"), Streams.done());
		StepVerifier.create(Streams.of(this.provider, body).take(1))
			.expectNextCount(1)
			.expectComplete()
			.verify(TestProviders.SOON);
	}

	@Test
	void contextReachesTheExchange() {
		List<Object> seen = new ArrayList<>();
		Flux<DataBuffer> body = Flux.deferContextual((context) -> {
			seen.add(context.get("trace"));
			return Streams.events(Streams.content("a"), Streams.done());
		});
		StepVerifier.create(Streams.of(this.provider, body).contextWrite(Context.of("trace", "t1")))
			.expectNextCount(2)
			.expectComplete()
			.verify(TestProviders.SOON);
		assertThat(seen).containsExactly("t1");
	}

	@Test
	void eachSubscriptionIsACallOfItsOwn() {
		List<String> calls = new ArrayList<>();
		Flux<DataBuffer> body = Flux.defer(() -> {
			calls.add("call");
			return Streams.events(Streams.content("a"), Streams.done());
		});
		ChatStream stream = Streams.of(this.provider, body);
		assertThat(calls).isEmpty();
		assertThat(Streams.delivery(stream).isSameAs(Streams.delivery(stream))).isTrue();
		assertThat(calls).hasSize(2);
	}

	@Test
	void failureToBeginIsSignalledNotThrown() {
		ChatStream stream = new ChatStream(new ChatExchange(this.provider, TestProviders.attempt(),
				ResponseLimits.DEFAULTS, TransportClock.system(), new LongAdder(), (head) -> {
					throw new IllegalStateException("cannot begin");
				}));
		StepVerifier.create(stream)
			.expectErrorSatisfies((failure) -> assertThat(failure).isInstanceOf(DeepSeekException.class))
			.verify(TestProviders.SOON);
	}

	@Test
	void bugWhileReadingEndsTheStreamInsteadOfHangingIt() {
		DataBuffer unreadable = mock(DataBuffer.class);
		given(unreadable.readableByteCount()).willThrow(new IllegalStateException("a bug"));
		StepVerifier.create(Streams.of(this.provider, Flux.just(unreadable)))
			.expectErrorSatisfies((failure) -> assertThat(((DeepSeekException) failure).getKind())
				.isEqualTo(ErrorKind.MALFORMED_RESPONSE))
			.verify(TestProviders.SOON);
	}

	private Streams.Delivery deliver(String... events) {
		return Streams.delivery(Streams.of(this.provider, Streams.events(events)));
	}

	private static ChatCompletion completion(Streams.Delivery delivery) {
		assertThat(delivery.failure()).isNull();
		return delivery.deltas().stream().collect(ChatCompletion.collector());
	}

	private static String reasoning(String text) {
		return "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"" + text + "\"}}]}";
	}

	private static String tool(String calls) {
		return "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" + calls + "]}}]}";
	}

	private static String fragment(String arguments) {
		String json = WireJson.MAPPER
			.writeValueAsString(Map.of("index", 0, "id", "a", "function", Map.of("name", "f", "arguments", arguments)));
		// half a surrogate pair has no UTF-8 form, but an escaped one
		return json.chars()
			.mapToObj((character) -> (character < 128) ? Character.toString(character)
					: String.format("\\u%04x", character))
			.collect(Collectors.joining());
	}

	private static NettyDataBuffer pooled(String text, List<NettyDataBuffer> buffers) {
		NettyDataBufferFactory factory = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);
		NettyDataBuffer buffer = factory.allocateBuffer(text.length() + 1);
		buffer.write(text.getBytes(StandardCharsets.UTF_8));
		buffers.add(buffer);
		return buffer;
	}

	private static void assertReleased(NettyDataBuffer buffer) {
		assertThat(buffer.getNativeBuffer().refCnt()).isZero();
	}

	/**
	 * Asks for the next delta only when it has the one before.
	 */
	private static final class OneByOne extends BaseSubscriber<ChatDelta> {

		private final List<String> seen;

		OneByOne(List<String> seen) {
			this.seen = seen;
		}

		void run(Flux<ChatDelta> stream) {
			stream.subscribe(this);
		}

		@Override
		protected void hookOnSubscribe(Subscription subscription) {
			request(1);
		}

		@Override
		protected void hookOnNext(ChatDelta delta) {
			this.seen.add(delta.isLast() ? "last" : delta.content());
			request(1);
		}

	}

	/**
	 * Cancels at the first delta, while more buffers are under way.
	 */
	private static final class CancelOnFirst extends BaseSubscriber<ChatDelta> {

		private final List<NettyDataBuffer> buffers;

		private final TestPublisher<DataBuffer> body;

		CancelOnFirst(List<NettyDataBuffer> buffers, TestPublisher<DataBuffer> body) {
			this.buffers = buffers;
			this.body = body;
		}

		@Override
		protected void hookOnSubscribe(Subscription subscription) {
			request(1);
			this.body.next(pooled(Streams.content("a") + "\n\n" + Streams.content("b") + "\n\n", this.buffers));
			this.body.next(pooled(Streams.content("a") + "\n\n", this.buffers));
		}

		@Override
		protected void hookOnNext(ChatDelta delta) {
			cancel();
			this.body.next(pooled(Streams.content("a") + "\n\n", this.buffers));
		}

	}

}
