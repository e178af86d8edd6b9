package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.routing.HostileServer.Treatment;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many calls at once at a server that treats each in another bad way, while subscribers
 * cancel and dawdle: each call ends as it must, and nothing is left of any.
 */
class HostileLoadTests {

	private static final int AT_ONCE = 100;

	private final List<Treatment> treatments = Arrays.stream(Treatment.values())
		.filter((treatment) -> treatment.name().matches(System.getProperty("hostile.treatments", ".*")))
		.toList();

	private final AtomicLong marks = new AtomicLong();

	private final AtomicInteger permits = new AtomicInteger();

	private final AtomicInteger attempts = new AtomicInteger();

	private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

	private final Map<String, LongAdder> ends = new TreeMap<>();

	@Test
	void eachCallEndsAsItsTreatmentCallsFor() throws Exception {
		Duration duration = Duration.ofSeconds(Long.getLong("hostile.seconds", 8));
		RoutingSettings settings = RoutingSettings.builder()
			.backoff(Duration.ofMillis(1))
			.maxBackoff(Duration.ofMillis(5))
			.budget(1_000_000)
			.maxConcurrent(AT_ONCE * 3 / 4)
			.maxWait(Duration.ofSeconds(30))
			.build();
		try (LeakWatch leaks = new LeakWatch();
				HostileServer server = HostileServer.start();
				RoutingFixture fixture = new RoutingFixture().recordNothing()
					.settings(settings)
					.quota(counting(new LocalProviderQuota((provider) -> settings, TransportClock.system())))
					.timeouts(RoutingFixture.timeouts(5000, 20_000, 20_000))
					.listener((event) -> this.attempts
						.addAndGet((event instanceof AttemptStarted) ? 1 : (event instanceof AttemptEnded) ? -1 : 0))
					.provider("a", server.port())) {
			long end = System.nanoTime() + duration.toNanos();
			Flux.<Integer>generate((sink) -> {
				if (System.nanoTime() < end && this.wrong.size() < 100) {
					sink.next(0);
				}
				else {
					sink.complete();
				}
			}).flatMap((ignored) -> call(fixture, server), AT_ONCE).blockLast(duration.plusSeconds(60));
			System.out.println("hostile: " + this.marks + " calls, reconnects "
					+ fixture.providerClient("a").reconnects() + ", " + this.ends);
			assertThat(this.wrong).isEmpty();
			RoutingFixture.await("all attempts have ended", () -> this.attempts.get() == 0);
			assertThat(this.permits).hasValue(0);
			assertThat(fixture.status("a").inFlight()).isZero();
			fixture.close();
			RoutingFixture.await("the server saw every close", () -> server.openConnections() == 0);
			leaks.assertNoLeaks();
		}
	}

	private ProviderQuota counting(ProviderQuota quota) {
		return new ProviderQuota() {

			@Override
			public Mono<Permit> acquire(PermitRequest request) {
				return quota.acquire(request).map((permit) -> count(permit));
			}

			@Override
			public @Nullable Permit tryAcquire(PermitRequest request) {
				Permit permit = quota.tryAcquire(request);
				return (permit != null) ? count(permit) : null;
			}

		};
	}

	private ProviderQuota.Permit count(ProviderQuota.Permit permit) {
		this.permits.incrementAndGet();
		return () -> {
			this.permits.decrementAndGet();
			permit.release();
		};
	}

	private Mono<Void> call(RoutingFixture fixture, HostileServer server) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		Treatment treatment = this.treatments.get(random.nextInt(this.treatments.size()));
		String mark = "m" + this.marks.incrementAndGet() + "-";
		ChatRequest.Builder request = ChatRequest.builder()
			.user("x".repeat((random.nextInt(20) == 0) ? 2_000_000 : 10))
			.header("x-treatment", treatment.name())
			.header("x-mark", mark)
			.provider("a");
		boolean stream = random.nextInt(4) != 0;
		StringBuilder text = new StringBuilder();
		Mono<Void> call;
		if (!stream) {
			call = fixture.client()
				.complete(request.build())
				.doOnNext((answer) -> text.append(answer.content()))
				.then();
		}
		else if (random.nextInt(3) == 0) {
			call = Mono.create((sink) -> {
				Dawdler dawdler = new Dawdler(sink, text);
				sink.onCancel(dawdler);
				fixture.client().stream(request.build()).subscribe(dawdler);
			});
		}
		else {
			call = fixture.client().stream(request.build()).doOnNext((delta) -> add(text, delta)).then();
		}
		long micros = (random.nextInt(3) == 0) ? random.nextLong(100_000) : -1;
		Mono<String> ended = call.then(Mono.fromSupplier(() -> answered(treatment, mark, text)))
			.onErrorResume((failure) -> Mono.just(failed(server, treatment, mark, stream, text, failure)));
		if (micros >= 0) {
			ended = ended.timeout(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros)), Mono.just("cancelled"),
					Schedulers.parallel());
		}
		return ended.doOnNext((how) -> count(treatment + "=" + how)).then();
	}

	private void count(String end) {
		synchronized (this.ends) {
			this.ends.computeIfAbsent(end, (key) -> new LongAdder()).increment();
		}
	}

	private String answered(Treatment treatment, String mark, StringBuilder text) {
		if (!treatment.mayBeAnswered() || !HostileServer.text(mark).contentEquals(text)) {
			this.wrong.add(treatment + " of " + mark + " was answered with '" + text + "'");
		}
		return "answered";
	}

	private String failed(HostileServer server, Treatment treatment, String mark, boolean stream, StringBuilder text,
			Throwable failure) {
		if (!(failure instanceof DeepSeekException known)) {
			this.wrong.add(treatment + " of " + mark + " failed with " + failure);
			return "unknown";
		}
		ErrorKind kind = known.getKind();
		String how = kind + "";
		if (failure instanceof StreamInterruptedException broken) {
			how += "(" + broken.getCauseKind() + ")";
			if (!broken.getPartialContent().contentEquals(text) || !HostileServer.text(mark).startsWith(text.toString())
					|| text.isEmpty() || !stream) {
				this.wrong.add(treatment + " of " + mark + " broke after '" + text + "'");
			}
		}
		else if (!text.isEmpty()) {
			this.wrong.add(treatment + " of " + mark + " failed after '" + text + "'");
		}
		// a connection that the server closes behind an answer may be taken before
		// that is known, and so may that of the repetition
		boolean closed = kind == ErrorKind.STREAM_CLOSED && known.getStatus() == null;
		if (!treatment.errors().contains(kind) && !closed) {
			this.wrong
				.add(treatment + " of " + mark + (stream ? " streamed" : "") + " failed with " + known + " caused by "
						+ known.getCause() + " after " + known.getAttempts() + "; the server was " + server.seen(mark));
		}
		return how;
	}

	private static void add(StringBuilder text, ChatDelta delta) {
		text.append((delta.content() != null) ? delta.content() : "");
	}

	/**
	 * Requests one delta after the other, sometimes late.
	 */
	private static final class Dawdler extends BaseSubscriber<ChatDelta> implements Disposable {

		private final MonoSink<Void> sink;

		private final StringBuilder text;

		Dawdler(MonoSink<Void> sink, StringBuilder text) {
			this.sink = sink;
			this.text = text;
		}

		@Override
		protected void hookOnSubscribe(Subscription subscription) {
			request(1);
		}

		@Override
		protected void hookOnNext(ChatDelta delta) {
			add(this.text, delta);
			int wait = ThreadLocalRandom.current().nextInt(20);
			if (wait > 16) {
				Schedulers.parallel().schedule(() -> request(1), wait, TimeUnit.MILLISECONDS);
			}
			else {
				request(1);
			}
		}

		@Override
		protected void hookOnError(Throwable failure) {
			this.sink.error(failure);
		}

		@Override
		protected void hookOnComplete() {
			this.sink.success();
		}

	}

}
