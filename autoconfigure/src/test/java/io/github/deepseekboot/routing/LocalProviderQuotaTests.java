package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota.Permit;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LocalProviderQuota}.
 */
class LocalProviderQuotaTests {

	private static final Duration MAX_WAIT = Duration.ofSeconds(5);

	private static final PermitRequest KEY = request("a", "key", "chat");

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private static PermitRequest request(String provider, String account, String model) {
		return PermitRequest.builder(provider, model, ChatRequest.of("hi")).account(account).build();
	}

	private static LocalProviderQuota quota(int maxConcurrent, Scheduler scheduler) {
		RoutingSettings settings = RoutingSettings.builder().maxConcurrent(maxConcurrent).maxWait(MAX_WAIT).build();
		return new LocalProviderQuota((provider) -> settings, TransportClock.of(scheduler));
	}

	@Test
	void waitIsBoundedAndEndsInATypedError() {
		LocalProviderQuota quota = quota(1, this.time);
		quota.acquire(KEY).subscribe();
		List<Throwable> failures = new ArrayList<>();
		quota.acquire(KEY).subscribe((permit) -> {
			throw new AssertionError("no permit is free");
		}, failures::add);
		this.time.advanceTimeBy(MAX_WAIT.minusMillis(1));
		assertThat(failures).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(failures).singleElement()
			.asInstanceOf(InstanceOfAssertFactories.type(DeepSeekException.class))
			.satisfies((failure) -> {
				assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
				assertThat(failure.getProvider()).isEqualTo("a");
				assertThat(failure).hasMessageContaining("deepseek.limit.max-concurrent");
			});
	}

	@Test
	void permitsAreGivenInOrderAndNobodyJumpsTheQueue() {
		LocalProviderQuota quota = quota(1, this.time);
		List<Permit> permits = new ArrayList<>();
		List<Integer> order = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			int number = i;
			quota.acquire(KEY).subscribe((permit) -> {
				order.add(number);
				permits.add(permit);
			});
		}
		for (int i = 0; i < 5; i++) {
			permits.get(i).release();
		}
		assertThat(order).containsExactly(0, 1, 2, 3, 4);
	}

	@Test
	void aFreePermitIsTakenAtOnceAndCounts() {
		LocalProviderQuota quota = quota(2, this.time);
		Permit first = quota.tryAcquire(KEY);
		assertThat(first).isNotNull();
		assertThat(quota.tryAcquire(KEY)).isNotNull();
		assertThat(quota.tryAcquire(KEY)).isNull();
		assertThat(quota.tryAcquire(request("a", "other", "chat"))).isNotNull();
		List<Permit> waiting = new ArrayList<>();
		quota.acquire(KEY).subscribe(waiting::add);
		assertThat(waiting).isEmpty();
		first.release();
		first.release();
		// who waited comes first
		assertThat(quota.tryAcquire(KEY)).isNull();
		this.time.advanceTime();
		assertThat(waiting).hasSize(1);
		waiting.get(0).release();
		assertThat(quota.tryAcquire(KEY)).isNotNull();
	}

	@Test
	void accountsModelsAndProvidersDoNotShareAQueue() {
		LocalProviderQuota quota = quota(1, this.time);
		AtomicInteger granted = new AtomicInteger();
		quota.acquire(request("a", "one", "chat")).subscribe((permit) -> granted.incrementAndGet());
		quota.acquire(request("a", "two", "chat")).subscribe((permit) -> granted.incrementAndGet());
		quota.acquire(request("b", "one", "chat")).subscribe((permit) -> granted.incrementAndGet());
		assertThat(granted).hasValue(3);
		quota.acquire(request("b", "one", "reasoner")).subscribe((permit) -> granted.incrementAndGet());
		assertThat(granted).hasValue(4);
		quota.acquire(request("b", "one", "chat")).subscribe((permit) -> granted.incrementAndGet());
		assertThat(granted).hasValue(4);
	}

	@Test
	void releasingTwiceFreesOnePermitOnly() {
		LocalProviderQuota quota = quota(1, this.time);
		List<Permit> permits = new ArrayList<>();
		quota.acquire(KEY).subscribe(permits::add);
		quota.acquire(KEY).subscribe(permits::add);
		quota.acquire(KEY).subscribe(permits::add);
		permits.get(0).release();
		permits.get(0).release();
		assertThat(permits).hasSize(2);
	}

	@Test
	void cancellingTheWaitGivesThePlaceInTheQueueUp() {
		LocalProviderQuota quota = quota(1, this.time);
		List<Permit> permits = new ArrayList<>();
		quota.acquire(KEY).subscribe(permits::add);
		Disposable waiting = quota.acquire(KEY).subscribe((permit) -> {
			throw new AssertionError("was cancelled");
		});
		quota.acquire(KEY).subscribe(permits::add);
		waiting.dispose();
		permits.get(0).release();
		assertThat(permits).hasSize(2);
	}

	@Test
	void aPermitThatNobodyAskedForYetComesBackOnCancel() {
		LocalProviderQuota quota = quota(1, this.time);
		StepVerifier.create(quota.acquire(KEY), 0).thenCancel().verify(Duration.ofSeconds(5));
		AtomicInteger granted = new AtomicInteger();
		quota.acquire(KEY).subscribe((permit) -> granted.incrementAndGet());
		assertThat(granted).hasValue(1);
	}

	@Test
	void aStoppedSchedulerEndsWaitsWithATypedError() {
		Scheduler scheduler = Schedulers.newSingle("stopped");
		LocalProviderQuota quota = quota(1, scheduler);
		List<Permit> first = new ArrayList<>();
		List<Throwable> failures = new ArrayList<>();
		quota.acquire(KEY).subscribe(first::add);
		for (int i = 0; i < 3; i++) {
			quota.acquire(KEY).subscribe((permit) -> {
				throw new AssertionError("nobody runs what would follow");
			}, failures::add);
		}
		scheduler.dispose();
		quota.acquire(KEY).subscribe((permit) -> {
			throw new AssertionError("no permit is free");
		}, failures::add);
		assertThat(failures).hasSize(1);
		first.get(0).release();
		assertThat(failures).hasSize(4)
			.allSatisfy(
					(failure) -> assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.CANCELLED));
		// the permit is not lost
		assertThat(quota.tryAcquire(KEY)).isNotNull();
	}

	@Test
	void manyThatWaitForCallsThatFailAtOnceDoNotNest() {
		LocalProviderQuota quota = quota(1, Schedulers.parallel());
		List<Permit> first = new ArrayList<>();
		quota.acquire(KEY).subscribe(first::add);
		CountDownLatch done = new CountDownLatch(20_000);
		for (int i = 0; i < 20_000; i++) {
			quota.acquire(KEY).subscribe((permit) -> {
				permit.release();
				done.countDown();
			});
		}
		first.get(0).release();
		assertThat(awaitLatch(done)).isTrue();
	}

	@Test
	void noPermitIsLostWhenCancellationsRaceWithReleases() throws Exception {
		LocalProviderQuota quota = quota(4, Schedulers.parallel());
		AtomicInteger holders = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(16);
		ExecutorService cancellers = Executors.newFixedThreadPool(4);
		CountDownLatch done = new CountDownLatch(16);
		for (int t = 0; t < 16; t++) {
			threads.execute(() -> {
				for (int i = 0; i < 5000; i++) {
					Disposable call = quota.acquire(KEY).subscribe((permit) -> {
						most.accumulateAndGet(holders.incrementAndGet(), Math::max);
						holders.decrementAndGet();
						permit.release();
					});
					if (ThreadLocalRandom.current().nextBoolean()) {
						cancellers.execute(call::dispose);
					}
				}
				done.countDown();
			});
		}
		assertThat(awaitLatch(done)).isTrue();
		threads.shutdown();
		cancellers.shutdown();
		assertThat(cancellers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(most.get()).isLessThanOrEqualTo(4);
		// all four permits are there again
		CountDownLatch again = new CountDownLatch(4);
		for (int i = 0; i < 4; i++) {
			quota.acquire(KEY).subscribe((permit) -> again.countDown());
		}
		assertThat(awaitLatch(again)).isTrue();
	}

	private static boolean awaitLatch(CountDownLatch latch) {
		try {
			return latch.await(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

}
