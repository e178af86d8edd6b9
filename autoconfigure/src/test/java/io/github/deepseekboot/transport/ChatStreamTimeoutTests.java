package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferWrapper;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolDefinition;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the timeouts of {@link ChatStream}, in virtual time: idle bytes 60 s, first
 * token 120 s, idle tokens 120 s, total 20 min.
 */
@NullUnmarked
class ChatStreamTimeoutTests {

	private static final String KEEP_ALIVE = ": keep-alive\n\n";

	private static final String ROLE = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";

	private static final String TOKEN = Streams.content("a") + "\n\n";

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final TestPublisher<DataBuffer> body = TestPublisher.create();

	private final Recorder recorder = new Recorder();

	@Test
	void silenceBeforeTheHeadEndsWithTheFirstTokenTimeout() {
		start(Long.MAX_VALUE);
		assertAlive(Duration.ofSeconds(119));
		assertExpired(Duration.ofSeconds(1), "first-token");
		this.body.assertCancelled();
	}

	@Test
	void aFirstTokenThatIsBeingReadAsItsTimeoutExpiresIsInTime() {
		start(Long.MAX_VALUE);
		this.body.next(new DataBufferWrapper(Streams.buffer(TOKEN)) {

			@Override
			public DataBuffer read(byte[] destination, int offset, int length) {
				ChatStreamTimeoutTests.this.time.advanceTimeBy(Duration.ofSeconds(120));
				return super.read(destination, offset, length);
			}

		});
		assertAlive(Duration.ofSeconds(59));
		assertInterrupted(Duration.ofSeconds(1), "idle-bytes", "a");
	}

	@Test
	void keepAlivesDoNotStopTheFirstTokenTimeout() {
		start(Long.MAX_VALUE);
		for (int i = 0; i < 4; i++) {
			assertAlive(Duration.ofSeconds(29));
			send(KEEP_ALIVE);
			send(ROLE);
		}
		assertAlive(Duration.ofSeconds(3));
		assertExpired(Duration.ofSeconds(1), "first-token");
	}

	@Test
	void silenceBehindTheFirstByteEndsWithTheIdleBytesTimeout() {
		start(Long.MAX_VALUE);
		assertAlive(Duration.ofSeconds(50));
		send(KEEP_ALIVE);
		assertAlive(Duration.ofSeconds(59));
		assertExpired(Duration.ofSeconds(1), "idle-bytes");
	}

	@Test
	void silenceBehindTheFirstTokenIsAnInterruption() {
		start(Long.MAX_VALUE);
		send(TOKEN);
		assertAlive(Duration.ofSeconds(59));
		assertInterrupted(Duration.ofSeconds(1), "idle-bytes", "a");
	}

	@Test
	void keepAlivesRearmTheIdleBytesTimeoutButNotTheIdleTokensTimeout() {
		start(Long.MAX_VALUE);
		send(TOKEN);
		for (int i = 0; i < 3; i++) {
			assertAlive(Duration.ofSeconds(35));
			send(KEEP_ALIVE);
		}
		assertAlive(Duration.ofSeconds(14));
		assertInterrupted(Duration.ofSeconds(1), "idle-tokens", "a");
	}

	@Test
	void endlessTokensEndWithTheTotalTimeout() {
		start(Long.MAX_VALUE);
		for (int i = 0; i < 23; i++) {
			send(TOKEN);
			assertAlive(Duration.ofSeconds(50));
		}
		send(TOKEN);
		assertAlive(Duration.ofSeconds(49));
		assertInterrupted(Duration.ofSeconds(1), "total", "a".repeat(24));
	}

	@Test
	void oneByteASecondEndsWithTheFirstTokenTimeout() {
		start(Long.MAX_VALUE);
		for (int i = 0; i < 119; i++) {
			send(TOKEN.substring(i % 4, i % 4 + 1));
			assertAlive(Duration.ofSeconds(1));
		}
		assertExpired(Duration.ofSeconds(1), "first-token");
	}

	@Test
	void markupOfToolCallsIsMadeOfTokens() {
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.tools(List.of(ToolDefinition.of("now", null, null)))
			.build();
		start(Long.MAX_VALUE, Duration.ofMinutes(20), request);
		for (int i = 0; i < 10; i++) {
			assertAlive(Duration.ofSeconds(50));
			send(Streams.content((i == 0) ? "<｜DSML｜tool_calls>" : " ") + "\n\n");
		}
		for (int i = 0; i < 3; i++) {
			assertAlive(Duration.ofSeconds(35));
			send(KEEP_ALIVE);
		}
		assertAlive(Duration.ofSeconds(14));
		assertExpired(Duration.ofSeconds(1), "idle-tokens");
		assertThat(this.recorder.deltas).isEmpty();
	}

	@Test
	void firstTokenTimeoutStopsAtTheFirstTokenThoughNobodyAskedForIt() {
		start(0);
		assertAlive(Duration.ofSeconds(100));
		send(TOKEN);
		assertAlive(Duration.ofMinutes(10));
		this.recorder.request(1);
		assertThat(this.recorder.deltas).hasSize(1);
	}

	@Test
	void pausedSubscriberDoesNotFireTheIdleTimeouts() {
		start(1);
		send(TOKEN + TOKEN + TOKEN);
		assertAlive(Duration.ofMinutes(10));
		this.recorder.request(1);
		assertAlive(Duration.ofMinutes(5));
		this.recorder.request(1);
		assertThat(this.recorder.deltas).hasSize(3);
		assertAlive(Duration.ofSeconds(59));
		assertInterrupted(Duration.ofSeconds(1), "idle-bytes", "aaa");
	}

	@Test
	void subscriberThatTookAllThereWasWaitsForTheProvider() {
		start(1);
		send(TOKEN);
		assertAlive(Duration.ofSeconds(59));
		assertInterrupted(Duration.ofSeconds(1), "idle-bytes", "a");
	}

	@Test
	void askingForMoreDoesNotRearmTheIdleTimeouts() {
		start(1);
		send(TOKEN);
		for (int i = 0; i < 5; i++) {
			assertAlive(Duration.ofSeconds(11));
			this.recorder.request(1);
		}
		assertInterrupted(Duration.ofSeconds(5), "idle-bytes", "a");
	}

	@Test
	void subscriberThatIsSlowWithinOnNextDoesNotFireTheIdleTimeouts() {
		this.recorder.onDelta = () -> this.time.advanceTimeBy(Duration.ofMinutes(3));
		start(Long.MAX_VALUE);
		send(TOKEN);
		assertThat(this.recorder.failure).isNull();
		send(TOKEN);
		assertThat(this.recorder.deltas).hasSize(2);
		assertAlive(Duration.ofSeconds(59));
		assertInterrupted(Duration.ofSeconds(1), "idle-bytes", "aa");
	}

	@Test
	void totalTimeoutRunsWhileTheSubscriberPauses() {
		start(1);
		send(TOKEN + Streams.content("b") + "\n\n");
		assertAlive(Duration.ofMinutes(19));
		assertInterrupted(Duration.ofMinutes(1), "total", "a");
	}

	@Test
	void failureBeforeTheFirstDeliveryIsNoInterruption() {
		start(0);
		send(TOKEN);
		assertAlive(Duration.ofMinutes(19));
		assertExpired(Duration.ofMinutes(1), "total");
	}

	@Test
	void nothingIsLeftOfATotalThatRanOutBefore() {
		start(Long.MAX_VALUE, Duration.ZERO);
		assertExpired(Duration.ZERO, "total");
		this.body.assertCancelled();
	}

	@Test
	void timeoutsStopWithTheStream() {
		start(Long.MAX_VALUE);
		send(TOKEN + Streams.done() + "\n\n");
		this.body.complete();
		assertThat(this.recorder.completed).isTrue();
		this.time.advanceTimeBy(Duration.ofHours(1));
		assertThat(this.recorder.failure).isNull();
	}

	@Test
	void bodyThatContinuesBehindTheMarkerIsLeftAloneForASecond() {
		start(Long.MAX_VALUE);
		send(TOKEN + Streams.done() + "\n\n");
		assertThat(this.recorder.completed).isTrue();
		this.time.advanceTimeBy(Duration.ofMillis(999));
		this.body.assertNotCancelled();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		this.body.assertCancelled();
	}

	@Test
	void cancellingAtTheLastDeltaLeavesTheConnectionUsable() {
		this.recorder.cancelAtLast = true;
		start(Long.MAX_VALUE);
		send(TOKEN + Streams.done() + "\n\n");
		this.body.assertNotCancelled();
		this.body.complete();
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		this.body.assertNotCancelled();
		assertThat(this.recorder.completed).isFalse();
	}

	private void start(long demand) {
		start(demand, Duration.ofMinutes(20));
	}

	private void start(long demand, Duration remaining) {
		start(demand, remaining, ChatRequest.of("Hello"));
	}

	private void start(long demand, Duration remaining, ChatRequest request) {
		this.recorder.demand = demand;
		Streams
			.of(TestProviders.provider("deepseek"), this.body.flux(), ResponseLimits.DEFAULTS,
					TransportClock.of(this.time), TestProviders.attempt(request, Duration.ofSeconds(120), remaining))
			.subscribe(this.recorder);
	}

	private void send(String text) {
		this.body.next(Streams.buffer(text));
	}

	private void assertAlive(Duration later) {
		this.time.advanceTimeBy(later);
		assertThat(this.recorder.failure).isNull();
		this.body.assertNotCancelled();
	}

	private void assertExpired(Duration later, String timeout) {
		this.time.advanceTimeBy(later);
		assertThat(this.recorder.failure).isNotNull();
		assertThat(this.recorder.failure.getKind()).isEqualTo(ErrorKind.TIMEOUT);
		assertThat(this.recorder.failure).hasMessageContaining("the " + timeout + " timeout expired")
			.hasMessageContaining("deepseek.timeout." + timeout);
		this.body.assertCancelled();
	}

	private void assertInterrupted(Duration later, String timeout, String partialContent) {
		this.time.advanceTimeBy(later);
		assertThat(this.recorder.failure).isInstanceOf(StreamInterruptedException.class)
			.hasMessageContaining("the " + timeout + " timeout expired");
		StreamInterruptedException failure = (StreamInterruptedException) this.recorder.failure;
		assertThat(failure.getCauseKind()).isEqualTo(ErrorKind.TIMEOUT);
		assertThat(failure.getPartialContent()).isEqualTo(partialContent);
		this.body.assertCancelled();
	}

	/**
	 * Asks for as much as a test says.
	 */
	private static final class Recorder extends BaseSubscriber<ChatDelta> {

		private final List<ChatDelta> deltas = new ArrayList<>();

		private long demand;

		private boolean cancelAtLast;

		private Runnable onDelta = () -> {
		};

		private DeepSeekException failure;

		private boolean completed;

		@Override
		protected void hookOnSubscribe(Subscription subscription) {
			if (this.demand > 0) {
				request(this.demand);
			}
		}

		@Override
		protected void hookOnNext(ChatDelta delta) {
			this.deltas.add(delta);
			this.onDelta.run();
			if (delta.isLast() && this.cancelAtLast) {
				cancel();
			}
		}

		@Override
		protected void hookOnComplete() {
			this.completed = true;
		}

		@Override
		protected void hookOnError(Throwable failure) {
			this.failure = (DeepSeekException) failure;
		}

	}

}
