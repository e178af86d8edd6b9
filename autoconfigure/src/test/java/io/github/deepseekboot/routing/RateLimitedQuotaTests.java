package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.ProviderQuota.Permit;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RateLimitedQuota} with {@link LocalRateBuckets}.
 */
class RateLimitedQuotaTests {

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final TransportClock clock = TransportClock.of(this.time);

	private final List<Permit> permits = new ArrayList<>();

	private final List<DeepSeekException> failures = new ArrayList<>();

	private boolean broken;

	private ProviderQuota quota(RoutingSettings settings) {
		return new RateLimitedQuota(new LocalProviderQuota((provider) -> settings, this.clock),
				new LocalRateBuckets(this.clock), (provider) -> settings, (request) -> request.messages().size() * 100L,
				this.clock);
	}

	private static PermitRequest request(String account, int messages) {
		ChatRequest.Builder request = ChatRequest.builder();
		for (int i = 0; i < messages; i++) {
			request.user("hi");
		}
		return PermitRequest.builder("a", "chat", request.build()).account(account).build();
	}

	private void acquire(ProviderQuota quota, PermitRequest request) {
		Permit free = quota.tryAcquire(request);
		if (free != null) {
			this.permits.add(free);
			return;
		}
		quota.acquire(request)
			.subscribe(this.permits::add, (failure) -> this.failures.add((DeepSeekException) failure));
	}

	@Test
	void requestsAreLimitedByTheMinute() {
		ProviderQuota quota = quota(RoutingSettings.builder().requestsPerMinute(60).build());
		for (int i = 0; i < 17; i++) {
			acquire(quota, request("one", 1));
		}
		assertThat(this.permits).as("a quarter at once").hasSize(15);
		this.time.advanceTimeBy(Duration.ofMillis(999));
		assertThat(this.permits).hasSize(15);
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(this.permits).hasSize(16);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.permits).hasSize(17);
		acquire(quota, request("two", 1));
		assertThat(this.permits).as("another account").hasSize(18);
	}

	@Test
	void inAnyMinuteThereAreAtMostAQuarterMore() {
		ProviderQuota quota = quota(RoutingSettings.builder().requestsPerMinute(60).build());
		for (int i = 0; i < 600; i++) {
			acquire(quota, request("one", 1));
			this.time.advanceTimeBy(Duration.ofMillis(100));
		}
		assertThat(this.permits.size()).isBetween(70, 75);
		assertThat(this.failures).isNotEmpty().allSatisfy((failure) -> {
			assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
			assertThat(failure).hasMessageContaining("deepseek.limit.requests-per-minute");
			assertThat(failure.getRetryAfter()).isGreaterThan(Duration.ofSeconds(5));
		});
	}

	@Test
	void whatIsRefusedIsNotCounted() {
		ProviderQuota quota = quota(
				RoutingSettings.builder().requestsPerMinute(60).maxWait(Duration.ofMillis(1)).build());
		for (int i = 0; i < 100; i++) {
			acquire(quota, request("one", 1));
		}
		assertThat(this.permits).hasSize(15);
		assertThat(this.failures).hasSize(85);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		acquire(quota, request("one", 1));
		assertThat(this.permits).hasSize(16);
	}

	@Test
	void aCallThatHasToAskForItsRateAsksOnce() {
		RoutingSettings settings = RoutingSettings.builder().requestsPerMinute(60).tokensPerMinute(6000).build();
		List<CompletableFuture<Long>> asked = new ArrayList<>();
		List<String> givenBack = new ArrayList<>();
		RateBuckets remote = new RateBuckets() {

			@Override
			public CompletionStage<Long> take(String bucket, long perMinute, long amount) {
				asked.add(new CompletableFuture<>());
				return asked.get(asked.size() - 1);
			}

			@Override
			public void giveBack(String bucket, long perMinute, long amount) {
				givenBack.add(bucket);
			}

		};
		ProviderQuota quota = new RateLimitedQuota(new LocalProviderQuota((provider) -> settings, this.clock), remote,
				(provider) -> settings, (request) -> 100, this.clock);
		acquire(quota, request("one", 1));
		assertThat(asked).as("its requests and its tokens").hasSize(2);
		// half of the wait passes before it is known
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		asked.forEach((answer) -> answer.complete(Duration.ofSeconds(4).toNanos()));
		this.time.advanceTimeBy(Duration.ofMillis(1999));
		assertThat(this.permits).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(this.permits).hasSize(1);
		assertThat(asked).hasSize(2);
		assertThat(givenBack).isEmpty();
		// one that does not wait after all leaves what it took to the next
		assertThat(quota.tryAcquire(request("one", 1))).isNull();
		acquire(quota, request("one", 1));
		assertThat(asked).hasSize(4);
	}

	@Test
	void whatAQuotaThatThrowsRefusedIsNotCounted() {
		RoutingSettings settings = RoutingSettings.builder().requestsPerMinute(60).build();
		ProviderQuota local = new LocalProviderQuota((provider) -> settings, this.clock);
		ProviderQuota permits = new ProviderQuota() {

			@Override
			public Mono<Permit> acquire(PermitRequest request) {
				return local.acquire(request);
			}

			@Override
			public @Nullable Permit tryAcquire(PermitRequest request) {
				if (RateLimitedQuotaTests.this.broken) {
					throw new IllegalStateException("gone");
				}
				return local.tryAcquire(request);
			}

		};
		ProviderQuota quota = new RateLimitedQuota(permits, new LocalRateBuckets(this.clock), (provider) -> settings,
				(request) -> 1, this.clock);
		this.broken = true;
		for (int i = 0; i < 15; i++) {
			assertThatIllegalStateException().isThrownBy(() -> quota.tryAcquire(request("one", 1)));
		}
		this.broken = false;
		assertThat(quota.tryAcquire(request("one", 1))).isNotNull();
	}

	@Test
	void tokensAreSettledAfterTheCall() {
		ProviderQuota quota = quota(RoutingSettings.builder().tokensPerMinute(4000).build());
		// a thousand at once, of which the call is estimated to need nine hundred
		acquire(quota, request("one", 9));
		this.permits.get(0).used(Usage.builder().promptTokens(50L).completionTokens(50L).totalTokens(100L).build());
		this.permits.get(0).release();
		acquire(quota, request("one", 9));
		assertThat(this.permits).as("what was not used is there").hasSize(2);
		this.permits.get(1).used(Usage.builder().promptTokens(500L).completionTokens(700L).totalTokens(1200L).build());
		acquire(quota, request("one", 1));
		assertThat(this.permits).as("what was used beyond the estimate is owed").hasSize(2);
		// 100 + 1200 + 100 of 1000 were used, so that 400 are missing
		this.time.advanceTimeBy(Duration.ofMillis(5999));
		assertThat(this.failures).hasSize(1);
		assertThat(this.failures.get(0).getRetryAfter()).isEqualTo(Duration.ofSeconds(6));
	}

	@Test
	void aRequestLargerThanTheBucketIsLetThroughAndOwed() {
		ProviderQuota quota = quota(RoutingSettings.builder().tokensPerMinute(4000).build());
		acquire(quota, request("one", 30));
		assertThat(this.permits).hasSize(1);
		this.permits.get(0).used(Usage.builder().totalTokens(3000L).build());
		this.permits.get(0).release();
		acquire(quota, request("one", 1));
		assertThat(this.failures).singleElement()
			.satisfies((failure) -> assertThat(failure.getRetryAfter()).isEqualTo(Duration.ofMillis(31_500)));
	}

	@Test
	void withoutRatesTheOtherQuotaIsAskedAlone() {
		ProviderQuota quota = quota(RoutingSettings.builder().maxConcurrent(1).build());
		acquire(quota, request("one", 1));
		acquire(quota, request("one", 1));
		assertThat(this.permits).hasSize(1);
		this.permits.get(0).release();
		assertThat(this.permits).hasSize(2);
	}

	@Test
	void aWaitThatIsCancelledGivesBackWhatItTook() {
		ProviderQuota quota = quota(RoutingSettings.builder().requestsPerMinute(60).build());
		for (int i = 0; i < 15; i++) {
			acquire(quota, request("one", 1));
		}
		quota.acquire(request("one", 1)).subscribe().dispose();
		acquire(quota, request("one", 1));
		assertThat(this.permits).hasSize(15);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.permits).as("does not wait behind the one that left").hasSize(16);
	}

	@Test
	void aQuotaThatCompletesWithoutAPermitGivesBackWhatWasTaken() {
		RoutingSettings settings = RoutingSettings.builder().requestsPerMinute(60).build();
		ProviderQuota local = new LocalProviderQuota((provider) -> settings, this.clock);
		ProviderQuota quota = new RateLimitedQuota((request) -> this.broken ? Mono.empty() : local.acquire(request),
				new LocalRateBuckets(this.clock), (provider) -> settings, (request) -> 1, this.clock);
		this.broken = true;
		for (int i = 0; i < 15; i++) {
			acquire(quota, request("one", 1));
		}
		this.broken = false;
		acquire(quota, request("one", 1));
		assertThat(this.permits).hasSize(1);
	}

	@Test
	void aPermitThatComesAfterTheWaitWasGivenUpIsReleased() {
		List<CoreSubscriber<? super Permit>> waiting = new ArrayList<>();
		AtomicInteger released = new AtomicInteger();
		// a quota that does not notice a cancellation, or too late
		Mono<Permit> deaf = new Mono<>() {

			@Override
			public void subscribe(CoreSubscriber<? super Permit> actual) {
				waiting.add(actual);
				actual.onSubscribe(Operators.emptySubscription());
			}

		};
		RoutingSettings settings = RoutingSettings.builder().requestsPerMinute(60).build();
		ProviderQuota quota = new RateLimitedQuota((request) -> deaf, new LocalRateBuckets(this.clock),
				(provider) -> settings, (request) -> 1, this.clock);
		for (int i = 0; i < 15; i++) {
			quota.acquire(request("one", 1)).subscribe(this.permits::add).dispose();
			waiting.get(i).onNext((Permit) released::incrementAndGet);
			waiting.get(i).onComplete();
		}
		assertThat(this.permits).isEmpty();
		assertThat(released).hasValue(15);
		quota.acquire(request("one", 1)).subscribe(this.permits::add);
		waiting.get(15).onNext((Permit) released::incrementAndGet);
		assertThat(this.permits).as("nothing was sent, so nothing is owed").hasSize(1);
	}

	@Test
	void aPermitThatIsInUseSurvivesALateCancellation() {
		AtomicInteger released = new AtomicInteger();
		RoutingSettings settings = RoutingSettings.builder().requestsPerMinute(60).build();
		ProviderQuota quota = new RateLimitedQuota(
				(request) -> Mono.just((Permit) released::incrementAndGet).concatWith(Mono.never()).next(),
				new LocalRateBuckets(this.clock), (provider) -> settings, (request) -> 1, this.clock);
		// cancels what is above it before it hands on the permit
		quota.acquire(request("one", 1)).flux().next().subscribe(this.permits::add);
		assertThat(this.permits).hasSize(1);
		assertThat(released).hasValue(0);
	}

	@ParameterizedTest
	@ValueSource(longs = { -1, Long.MIN_VALUE })
	void aTotalThatCannotBeTrueIsNotSettled(long total) {
		ProviderQuota quota = quota(RoutingSettings.builder().tokensPerMinute(4000).build());
		acquire(quota, request("one", 9));
		this.permits.get(0).used(Usage.builder().totalTokens(total).build());
		acquire(quota, request("one", 1));
		assertThat(this.permits).as("nine hundred of a thousand were taken").hasSize(2);
		acquire(quota, request("one", 1));
		assertThat(this.permits).as("and nothing was given back").hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(longs = { 4001, 10_000_000_000L, Long.MAX_VALUE })
	void aCallOwesAtMostWhatFlowsInInAMinute(long total) {
		ProviderQuota quota = quota(
				RoutingSettings.builder().tokensPerMinute(4000).maxWait(Duration.ofMinutes(1)).build());
		acquire(quota, request("one", 9));
		this.permits.get(0).used(Usage.builder().totalTokens(total).build());
		acquire(quota, request("one", 1));
		this.time.advanceTimeBy(Duration.ofMillis(46_499));
		assertThat(this.permits).as("4100 of 1000 were used").hasSize(1);
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(this.permits).hasSize(2);
	}

	@Test
	void aStoppedSchedulerEndsAWaitWithATypedError() {
		ProviderQuota quota = quota(RoutingSettings.builder().requestsPerMinute(60).build());
		for (int i = 0; i < 15; i++) {
			acquire(quota, request("one", 1));
		}
		this.time.dispose();
		acquire(quota, request("one", 1));
		assertThat(this.failures).singleElement()
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.CANCELLED));
	}

}
