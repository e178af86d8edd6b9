package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.FailedOver;
import io.github.deepseekboot.hook.RoutingEvent.Retried;
import io.github.deepseekboot.routing.SimulatedProvider.Mood;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Five hundred streams at once, over providers that fail one after the other: every
 * answer comes once and complete, or ends in the error that the rules call for. Runs for
 * {@code soak.seconds}.
 */
class SoakTests {

	private static final int STREAMS = 500;

	// slow enough for two cores under the paranoid leak detector
	private static final Duration PACE = Duration.ofMillis(400);

	private static final Duration TURN = Duration.ofSeconds(1);

	// about as long as an answer
	private static final Duration SPREAD = Duration.ofSeconds(4);

	private static final List<Mood> MOODS = List.of(Mood.REFUSING, Mood.LIMITING, Mood.STALLING, Mood.CUTTING_BEFORE,
			Mood.CUTTING_AFTER);

	// what may be left when three providers are tried, at least two of which are healthy
	private static final Set<ErrorKind> ALLOWED = Set.of(ErrorKind.STREAM_INTERRUPTED, ErrorKind.STREAM_CLOSED,
			ErrorKind.TIMEOUT, ErrorKind.RATE_LIMITED);

	private static final Set<ErrorKind> AMBIGUOUS = Set.of(ErrorKind.STREAM_CLOSED, ErrorKind.TIMEOUT);

	private final AtomicLong marks = new AtomicLong();

	private final LongAdder complete = new LongAdder();

	private final LongAdder interrupted = new LongAdder();

	private final LongAdder failovers = new LongAdder();

	private final LongAdder retries = new LongAdder();

	private final Map<ErrorKind, AtomicInteger> errors = new ConcurrentHashMap<>();

	private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

	@Test
	void everyAnswerComesOnceAndCompleteOrEndsInItsError() throws Exception {
		Duration duration = Duration.ofSeconds(Long.getLong("soak.seconds", 20));
		RoutingSettings settings = RoutingSettings.builder()
			.maxAttempts(6)
			.backoff(Duration.ofMillis(5))
			.maxBackoff(Duration.ofMillis(50))
			.budget(10)
			.failureRate(50)
			.window(20)
			.openFor(Duration.ofMillis(300))
			.halfOpen(1)
			.maxConcurrent(STREAMS)
			.maxWait(Duration.ofSeconds(5))
			.build();
		try (LeakWatch leaks = new LeakWatch();
				ScriptedServer server = ScriptedServer.start();
				RoutingFixture fixture = new RoutingFixture().recordNothing()
					.settings(settings)
					.timeouts(RoutingFixture.timeouts(5000, 20_000, 60_000))
					.listener(this::count)) {
			List<SimulatedProvider> providers = Stream.of("a", "b", "c")
				.map((id) -> new SimulatedProvider(server, id, PACE))
				.toList();
			providers.forEach((provider) -> fixture.provider(provider.id(), provider.baseUrl()));
			long end = System.nanoTime() + duration.toNanos();
			// one after the other has a bad day
			Disposable weather = Flux.interval(TURN, Schedulers.parallel()).subscribe((turn) -> {
				int bad = (int) (turn % 3);
				for (int i = 0; i < 3; i++) {
					providers.get(i).mood((i == bad) ? MOODS.get((int) (turn / 3 % MOODS.size())) : Mood.FINE);
				}
			});
			Flux.<Integer>generate((sink) -> {
				if (System.nanoTime() < end) {
					sink.next(0);
				}
				else {
					sink.complete();
				}
			}).flatMap((ignored) -> call(fixture), STREAMS).blockLast(duration.plusSeconds(60));
			weather.dispose();
			int threads = LeakWatch.liveThreads();
			System.out.printf(
					"soak: %d s, %d calls, %d complete, %d interrupted, other errors %s, %d failovers, %d retries, "
							+ "%d connections made, %d requests, %d threads%n",
					duration.toSeconds(), this.marks.get(), this.complete.sum(), this.interrupted.sum(), this.errors,
					this.failovers.sum(), this.retries.sum(), server.acceptedConnections(),
					providers.stream().mapToLong(SimulatedProvider::requests).sum(), threads);
			assertThat(this.wrong).isEmpty();
			assertThat(this.errors.keySet()).isSubsetOf(ALLOWED);
			long errors = this.errors.values().stream().mapToLong(AtomicInteger::get).sum();
			assertThat(this.complete.sum() + this.interrupted.sum() + errors).isEqualTo(this.marks.get());
			assertThat(this.complete.sum()).isGreaterThan(this.marks.get() / 2);
			assertThat(this.failovers.sum()).as("there was something to survive").isPositive();
			assertThat(this.interrupted.sum()).isPositive();
			for (String id : List.of("a", "b", "c")) {
				assertThat(fixture.status(id).inFlight()).isZero();
			}
			fixture.close();
			RoutingFixture.await("the server saw every close", () -> server.openConnections() == 0);
			leaks.assertNoLeaks();
			assertThat(leaks.newThreads()).as("threads of event loops and schedulers only").isLessThan(40);
		}
	}

	private void count(RoutingEvent event) {
		if (event instanceof FailedOver) {
			this.failovers.increment();
		}
		else if (event instanceof Retried) {
			this.retries.increment();
		}
	}

	private Mono<Void> call(RoutingFixture fixture) {
		long number = this.marks.incrementAndGet();
		String mark = "mark-" + number;
		// else all calls begin in the same moments, and sleep through some of the weather
		Duration wait = (number < STREAMS) ? SPREAD.multipliedBy(number).dividedBy(STREAMS) : Duration.ZERO;
		String expected = SimulatedProvider.text(mark);
		StringBuilder text = new StringBuilder();
		AtomicInteger lasts = new AtomicInteger();
		return fixture.client().stream(ChatRequest.of(mark)).delaySubscription(wait).doOnNext((delta) -> {
			text.append((delta.content() != null) ? delta.content() : "");
			if (delta.isLast()) {
				lasts.incrementAndGet();
			}
		}).then().doOnSuccess((nothing) -> {
			this.complete.increment();
			if (!expected.contentEquals(text) || lasts.get() != 1) {
				this.wrong.add("completed with '" + text + "'");
			}
		}).onErrorResume((failure) -> {
			failed(failure, mark, expected, text);
			return Mono.empty();
		});
	}

	private void failed(Throwable failure, String mark, String expected, StringBuilder text) {
		if (failure instanceof StreamInterruptedException broken) {
			this.interrupted.increment();
			if (!expected.startsWith(broken.getPartialContent()) || broken.getPartialContent().isEmpty()
					|| !broken.getPartialContent().contentEquals(text)) {
				this.wrong.add("interrupted with '" + broken.getPartialContent() + "' after '" + text + "'");
			}
		}
		else if (failure instanceof DeepSeekException known) {
			this.errors.computeIfAbsent(known.getKind(), (kind) -> new AtomicInteger()).incrementAndGet();
			if (!text.isEmpty()) {
				this.wrong.add("delivered '" + text + "' and then failed with " + known);
			}
			List<ErrorKind> attempts = known.getAttempts().stream().map(AttemptReport::error).toList();
			if (attempts.isEmpty() || attempts.get(attempts.size() - 1) != known.getKind()
					|| attempts.stream().filter(AMBIGUOUS::contains).count() > 2) {
				this.wrong.add("failed with " + known + " after " + attempts);
			}
		}
		else {
			this.wrong.add(mark + " failed with " + failure);
		}
	}

}
