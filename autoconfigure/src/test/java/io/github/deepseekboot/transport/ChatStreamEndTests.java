package io.github.deepseekboot.transport;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.subscriber.TestSubscriber;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.provider.DoneMarker;
import io.github.deepseekboot.provider.Provider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ChatStream}: when an answer is complete, what of it is held back, and
 * where its pieces end.
 */
@NullUnmarked
class ChatStreamEndTests {

	private static final String TOKEN = Streams.content("a");

	private static final String FINISH = choice(0, "{}", "stop");

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final TestPublisher<DataBuffer> body = TestPublisher.create();

	private final LongAdder endsWithoutMarker = new LongAdder();

	private TestSubscriber<ChatDelta> subscriber = TestSubscriber.create();

	private void start(DoneMarker doneMarker, Duration total) {
		Provider provider = TestProviders.builder("deepseek", "http://127.0.0.1:1").doneMarker(doneMarker).build();
		new ChatStream(new ChatExchange(provider,
				TestProviders.attempt(ChatRequest.of("Hello"), Duration.ofSeconds(120), total), ResponseLimits.DEFAULTS,
				TransportClock.of(this.time), this.endsWithoutMarker, (head) -> {
					head.set("request-1", 200, Streams.HEADERS);
					return this.body.flux();
				}))
			.subscribe(this.subscriber);
	}

	private void start() {
		start(null, Duration.ofMinutes(20));
	}

	private void send(String... events) {
		for (String event : events) {
			this.body.next(Streams.buffer(event + "\n\n"));
		}
	}

	private static String choice(int index, String delta, String finishReason) {
		return "data: {\"id\":\"c1\",\"choices\":[{\"index\":" + index + ",\"delta\":" + delta + ",\"finish_reason\":"
				+ ((finishReason != null) ? "\"" + finishReason + "\"" : "null") + "}]}";
	}

	private void assertAlive(Duration later) {
		this.time.advanceTimeBy(later);
		assertThat(this.subscriber.isTerminated()).isFalse();
	}

	private ChatDelta last() {
		assertThat(this.subscriber.isTerminatedComplete()).isTrue();
		List<ChatDelta> deltas = this.subscriber.getReceivedOnNext();
		ChatDelta last = deltas.get(deltas.size() - 1);
		assertThat(last.isLast()).isTrue();
		assertThat(deltas.stream().filter(ChatDelta::isLast)).hasSize(1);
		return last;
	}

	private ErrorKind failure() {
		DeepSeekException failure = (DeepSeekException) this.subscriber.expectTerminalError();
		return (failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
				: failure.getKind();
	}

	@Test
	void silenceBehindTheFinishReasonIsTheEndAfterTheGrace() {
		start();
		send(TOKEN, FINISH);
		assertAlive(Duration.ofMillis(1999));
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(last().usage()).isNull();
		assertThat(this.endsWithoutMarker.sum()).isEqualTo(1);
		this.body.assertCancelled();
	}

	@Test
	void heartbeatsBehindTheFinishReasonDoNotPutOffTheEnd() {
		start();
		send(TOKEN, FINISH);
		for (int i = 0; i < 3; i++) {
			assertAlive(Duration.ofMillis(500));
			send(": keep-alive", choice(0, "{}", "stop"));
		}
		this.time.advanceTimeBy(Duration.ofMillis(500));
		last();
	}

	@Test
	void usageAndMarkerWithinTheGraceAreWaitedFor() {
		start();
		send(TOKEN, FINISH);
		assertAlive(Duration.ofMillis(1500));
		send("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}");
		assertAlive(Duration.ofMillis(400));
		send(Streams.done());
		assertThat(last().usage().totalTokens()).isEqualTo(3);
		assertThat(this.endsWithoutMarker.sum()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theConnectionsEndBehindTheFinishReasonIsTheEndAtOnce(boolean abrupt) {
		start();
		send(TOKEN, FINISH);
		if (abrupt) {
			this.body.error(new IOException("reset"));
		}
		else {
			this.body.complete();
		}
		last();
		assertThat(this.endsWithoutMarker.sum()).isEqualTo(1);
	}

	@Test
	void theConnectionsEndWithoutAFinishReasonIsNone() {
		start();
		send(TOKEN);
		this.body.complete();
		assertThat(failure()).isEqualTo(ErrorKind.STREAM_CLOSED);
	}

	@Test
	void theMarkerIsTheEndWithoutAFinishReason() {
		start();
		send(TOKEN, Streams.done());
		last();
	}

	@Test
	void whoInsistsOnTheMarkerGetsNoAnswerWithoutIt() {
		start(DoneMarker.REQUIRED, Duration.ofMinutes(20));
		send(TOKEN, FINISH);
		assertAlive(Duration.ofSeconds(30));
		this.body.complete();
		assertThat(failure()).isEqualTo(ErrorKind.STREAM_CLOSED);
	}

	@Test
	void eachChoiceThatBeganNeedsItsFinishReason() {
		start();
		send(choice(1, "{\"content\":\"b\"}", null), TOKEN, FINISH);
		assertAlive(Duration.ofSeconds(30));
		send(choice(1, "{}", "length"));
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		last();
	}

	@Test
	void oneChoiceWithoutItsFinishReasonIsCut() {
		start();
		send(choice(1, "{\"content\":\"b\"}", null), TOKEN, FINISH);
		this.body.complete();
		assertThat(failure()).isEqualTo(ErrorKind.STREAM_CLOSED);
	}

	@Test
	void choicesMayFollowEachOther() {
		start();
		send(TOKEN, FINISH);
		assertAlive(Duration.ofSeconds(1));
		send(choice(70, "{\"content\":\"b\"}", null));
		assertAlive(Duration.ofSeconds(50));
		send(choice(70, "{}", "stop"));
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		last();
	}

	@Test
	void errorWithinTheGraceFails() {
		start();
		send(TOKEN, FINISH, "data: {\"error\":{\"message\":\"busy\",\"code\":503}}");
		assertThat(failure()).isEqualTo(ErrorKind.OVERLOADED);
	}

	@Test
	void theTotalDoesNotEndACompleteAnswer() {
		start(null, Duration.ofSeconds(1));
		send(TOKEN, FINISH);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		last();
	}

	@Test
	void theGraceIsOverForASubscriberThatComesLater() {
		this.subscriber = TestSubscriber.builder().initialRequest(1).build();
		start();
		send(TOKEN, FINISH);
		assertAlive(Duration.ofSeconds(30));
		this.subscriber.request(1);
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		this.subscriber.request(1);
		last();
	}

	@Test
	void theGraceReleasesTheConnectionOfASubscriberThatPauses() {
		this.subscriber = TestSubscriber.builder().initialRequest(2).build();
		start();
		send(TOKEN, FINISH);
		assertAlive(Duration.ofMillis(1999));
		this.body.assertNotCancelled();
		assertAlive(Duration.ofMillis(1));
		this.body.assertCancelled();
		assertAlive(Duration.ofHours(2));
		this.subscriber.request(1);
		last();
	}

	@Test
	void timeoutsStopWithTheMarkerHoweverSlowTheSubscriber() {
		this.subscriber = TestSubscriber.builder().initialRequest(1).build();
		start();
		send(TOKEN, Streams.done());
		assertAlive(Duration.ofMillis(999));
		this.body.assertNotCancelled();
		assertAlive(Duration.ofMillis(1));
		this.body.assertCancelled();
		assertAlive(Duration.ofHours(2));
		this.subscriber.request(1);
		last();
	}

	@Test
	void timeoutsStopWithTheBodyHoweverSlowTheSubscriber() {
		this.subscriber = TestSubscriber.builder().initialRequest(1).build();
		start();
		send(TOKEN, Streams.content("b"), FINISH, Streams.done());
		this.body.complete();
		assertAlive(Duration.ofHours(2));
		this.subscriber.request(10);
		last();
	}

	@Test
	void aTimeoutIsNotGrantedTwiceForARequest() {
		start();
		send(TOKEN);
		for (int i = 0; i < 59; i++) {
			assertAlive(Duration.ofSeconds(1));
			this.subscriber.request(1);
		}
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(failure()).isEqualTo(ErrorKind.TIMEOUT);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[{}]", "[{},{}]", "[null]", "[{\"index\":0,\"id\":null,\"function\":null}]",
			"[{\"index\":3,\"id\":\"\",\"type\":\"function\",\"function\":{\"name\":null,\"arguments\":\"\"}}]" })
	void anEmptyFragmentOfAToolCallIsNoToken(String toolCalls) {
		start();
		send(choice(0, "{\"tool_calls\":" + toolCalls + "}", null));
		assertThat(this.subscriber.getReceivedOnNext()).isEmpty();
		send(choice(0, "{\"tool_calls\":" + toolCalls + "}", "tool_calls"), Streams.done());
		assertThat(failure()).isEqualTo(ErrorKind.EMPTY_RESPONSE);
	}

	@Test
	void nothingButTokensPutsOffTheIdleTokensTimeout() {
		start();
		send(TOKEN);
		for (int i = 0; i < 3; i++) {
			assertAlive(Duration.ofSeconds(35));
			send(choice(0, "{\"tool_calls\":[{}]}", null));
			send("data: {\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":[{\"token\":\"x\","
					+ "\"logprob\":-1.0}]}}]}");
		}
		assertAlive(Duration.ofSeconds(14));
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.subscriber.expectTerminalError()).hasMessageContaining("idle-tokens");
	}

	@Test
	void theFirstDeltaHasAToken() {
		this.subscriber = TestSubscriber.builder().initialRequest(1).build();
		start();
		send(choice(1, "{}", "stop"), choice(2, "{}", "length"), TOKEN);
		assertThat(this.subscriber.getReceivedOnNext()).singleElement()
			.satisfies((delta) -> assertThat(delta.content()).isEqualTo("a"));
		this.subscriber.request(2);
		assertThat(this.subscriber.getReceivedOnNext()).extracting(ChatDelta::choiceIndex).containsExactly(0, 1, 2);
		assertThat(this.subscriber.getReceivedOnNext()).extracting(ChatDelta::finishReason)
			.containsExactly(null, FinishReason.STOP, FinishReason.LENGTH);
	}

	@Test
	void whatIsHeldBeforeTheFirstTokenIsBounded() {
		start();
		String logprobs = "{\"token\":\"x\",\"logprob\":-0.5},".repeat(1200);
		String chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":["
				+ logprobs.substring(0, logprobs.length() - 1) + "]}}]}";
		for (int i = 0; i < 20 && !this.subscriber.isTerminated(); i++) {
			send(chunk);
		}
		assertThat(failure()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		this.body.assertCancelled();
	}

	@Test
	void finishReasonsWithoutEndAreBounded() {
		start();
		StringBuilder choices = new StringBuilder();
		for (int i = 0; i < 128; i++) {
			choices.append((i > 0) ? "," : "").append("{\"index\":").append(i).append(",\"finish_reason\":\"stop\"}");
		}
		for (int i = 0; i < 1000 && !this.subscriber.isTerminated(); i++) {
			send("data: {\"choices\":[" + choices + "]}");
		}
		assertThat(failure()).isEqualTo(ErrorKind.LOCAL_LIMIT);
	}

	@Test
	void choicesAreBounded() {
		start();
		send(TOKEN);
		for (int i = 0; i < 1000 && !this.subscriber.isTerminated(); i++) {
			send(choice(100_000 + i, "{\"content\":\"x\"}", null));
		}
		assertThat(failure()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		assertThat(this.subscriber.getReceivedOnNext()).hasSizeLessThan(200);
	}

	@Test
	void toolCallsAreBounded() {
		start();
		for (int i = 0; i < 1000 && !this.subscriber.isTerminated(); i++) {
			send(choice(0, "{\"tool_calls\":[{\"index\":" + i + ",\"id\":\"call_" + i
					+ "\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}", null));
		}
		assertThat(failure()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		assertThat(this.subscriber.expectTerminalError()).hasMessageContaining("deepseek.limit.max-tool-calls");
		assertThat(this.subscriber.getReceivedOnNext()).hasSize(128);
	}

	@Test
	void toolCallsOfOneChunkAreBounded() {
		start();
		String call = "{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},";
		send(choice(0, "{\"tool_calls\":[" + call.repeat(128) + call.substring(0, call.length() - 1) + "]}", null));
		assertThat(failure()).isEqualTo(ErrorKind.LOCAL_LIMIT);
	}

	@Test
	void noDeltaEndsInHalfACharacter() {
		start();
		String tool = "{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"%s\"}}]}";
		send(choice(0, "{\"content\":\"a\\ud83d\"}", null), choice(0, "{\"reasoning_content\":\"\\ud83d\"}", null),
				choice(1, "{\"content\":\"\\ude00\"}", null), choice(0, "{\"content\":\"\\ude00b\"}", null),
				choice(0, "{\"reasoning_content\":\"\\ude01\"}", null),
				choice(0, tool.formatted("{\\\"e\\\":\\\"\\ud83d"), null),
				choice(0, "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\ude02\\\"}\"}}]}", null),
				FINISH, choice(1, "{}", "stop"), Streams.done());
		last();
		List<String> content = new ArrayList<>();
		List<String> reasoning = new ArrayList<>();
		StringBuilder arguments = new StringBuilder();
		for (ChatDelta delta : this.subscriber.getReceivedOnNext()) {
			if (delta.choiceIndex() == 0) {
				content.add(delta.content());
				reasoning.add(delta.reasoningContent());
				for (ToolCallDelta call : delta.toolCalls()) {
					assertThat(Character.isHighSurrogate(call.arguments().charAt(call.arguments().length() - 1)))
						.isFalse();
					arguments.append(call.arguments());
				}
			}
		}
		assertThat(content).filteredOn((text) -> text != null).containsExactly("a", "\ud83d\ude00b");
		assertThat(reasoning).filteredOn((text) -> text != null).containsExactly("\ud83d\ude01");
		assertThat(arguments).hasToString("{\"e\":\"\ud83d\ude02\"}");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void halfACharacterThatStaysAloneIsDeliveredAtTheEnd(boolean finishReason) {
		start();
		send(choice(0, "{\"content\":\"a\\ud83d\"}", null));
		if (finishReason) {
			send(FINISH);
		}
		send(Streams.done());
		last();
		StringBuilder text = new StringBuilder();
		this.subscriber.getReceivedOnNext()
			.forEach((delta) -> text.append((delta.content() != null) ? delta.content() : ""));
		assertThat(text).hasToString("a\ud83d");
	}

	@ParameterizedTest
	@ValueSource(strings = { "F4908080", "C080", "EDA080", "FF" })
	void whatIsNotUtf8IsMalformedWhereverItStands(String hex) {
		byte[] sequence = HexFormat.of().parseHex(hex);
		for (String template : List.of("data: {\"choices\":[{\"delta\":{\"content\":\"%\"}}]}",
				"data: {\"x\":\"%\",\"choices\":[{\"delta\":{\"content\":\"b\"}}]}",
				"data: {\"%\":1,\"choices\":[{\"delta\":{\"content\":\"b\"}}]}", Streams.content("%"))) {
			for (boolean learnt : new boolean[] { false, true }) {
				int at = template.indexOf('%');
				Flux<DataBuffer> body = Flux.just(
						Streams.buffer(learnt ? TOKEN + "\n\n" + TOKEN + "\n\n" : ": begin\n\n"),
						Streams.buffer(template.substring(0, at)), Streams.buffer(sequence), Streams
							.buffer(template.substring(at + 1) + "\n\n" + FINISH + "\n\n" + Streams.done() + "\n\n"));
				DeepSeekException failure = Streams.delivery(Streams.of(TestProviders.provider("deepseek"), body))
					.failure();
				assertThat(failure).as(template).isNotNull();
				assertThat((failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
						: failure.getKind())
					.isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			}
		}
	}

}
