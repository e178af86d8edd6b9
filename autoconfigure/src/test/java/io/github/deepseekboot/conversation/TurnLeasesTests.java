package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TurnLeases}.
 */
class TurnLeasesTests {

	private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);

	private static final Duration MAX_WAIT = Duration.ofSeconds(5);

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final Store store = new Store();

	private final TurnLeases leases = new TurnLeases(this.store, TIME_TO_LIVE, MAX_WAIT, this.time);

	private final List<String> signals = new ArrayList<>();

	private final List<Throwable> failures = new ArrayList<>();

	private final AtomicReference<TurnLeases.@Nullable Lease> taken = new AtomicReference<>();

	private Disposable take() {
		return take(this.leases);
	}

	private Disposable take(TurnLeases leases) {
		return leases.take("a").subscribe((lease) -> {
			this.taken.set(lease);
			this.signals.add("taken");
		}, (failure) -> {
			this.signals.add("failed");
			this.failures.add(failure);
		});
	}

	@Test
	void aLeaseIsRenewedUntilItsEnd() {
		take();
		assertThat(this.signals).containsExactly("taken");
		this.time.advanceTimeBy(TIME_TO_LIVE.multipliedBy(2));
		assertThat(this.store.tries).isEqualTo(7);
		assertThat(this.store.owner).isNotNull();
		Objects.requireNonNull(this.taken.get()).end().block();
		assertThat(this.store.owner).isNull();
		this.time.advanceTimeBy(TIME_TO_LIVE.multipliedBy(2));
		assertThat(this.store.tries).isEqualTo(7);
	}

	@Test
	void aRenewalThatFailsIsTriedAgain() {
		take();
		this.store.failure = new IllegalStateException("test");
		this.time.advanceTimeBy(TIME_TO_LIVE);
		int tries = this.store.tries;
		this.store.failure = null;
		this.time.advanceTimeBy(TIME_TO_LIVE);
		assertThat(this.store.tries).isEqualTo(tries + 3);
	}

	@Test
	void whoGivesUpWhileTheStoreAnswersLeavesNoLease() {
		this.store.latency = Duration.ofSeconds(1);
		Disposable waiting = take();
		assertThat(this.store.owner).isNotNull();
		waiting.dispose();
		this.time.advanceTimeBy(this.store.latency);
		assertThat(this.store.owner).isNull();
	}

	@Test
	void aWaitThatEndsWhileTheStoreAnswersLeavesNoLease() {
		this.store.latency = MAX_WAIT.plusSeconds(1);
		take();
		this.time.advanceTimeBy(MAX_WAIT);
		assertThat(this.signals).containsExactly("failed");
		this.time.advanceTimeBy(TIME_TO_LIVE);
		assertThat(this.store.owner).isNull();
	}

	@Test
	void aLeaseThatComesWhenTheWaitIsOverIsNotRenewed() {
		this.store.latency = Duration.ofSeconds(1);
		AtomicReference<@Nullable Disposable> waiting = new AtomicReference<>();
		this.store.answering = () -> Objects.requireNonNull(waiting.get()).dispose();
		waiting.set(take());
		this.time.advanceTimeBy(TIME_TO_LIVE.multipliedBy(2));
		assertThat(this.signals).isEmpty();
		assertThat(this.store.tries).isEqualTo(1);
		assertThat(this.store.owner).isNull();
	}

	@Test
	void aTryThatFailsAlthoughItTookEffectLeavesNoLease() {
		this.store.latency = Duration.ofSeconds(1);
		this.store.answering = () -> {
			throw new IllegalStateException("the answer was lost");
		};
		take();
		this.time.advanceTimeBy(this.store.latency);
		assertThat(this.signals).containsExactly("failed");
		assertThat(this.store.owner).isNull();
	}

	@Test
	void aLeaseThatAnotherInstanceHasIsWaitedForAsLongAsTheMessageSays() {
		this.store.owner = "another";
		take();
		this.time.advanceTimeBy(MAX_WAIT);
		assertThat(this.failures).singleElement()
			.asInstanceOf(InstanceOfAssertFactories.type(DeepSeekException.class))
			.satisfies((failure) -> {
				assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
				assertThat(failure)
					.hasMessageContaining("a turn of another instance did not end within 5 s (deepseek.conversation");
			});
		assertThat(this.store.owner).isEqualTo("another");
	}

	@Test
	void aStoppedSchedulerEndsWaitsWithATypedError() {
		Scheduler scheduler = Schedulers.newSingle("stopped");
		TurnLeases stopping = new TurnLeases(this.store, TIME_TO_LIVE, MAX_WAIT, scheduler);
		this.store.owner = "another";
		scheduler.dispose();
		take(stopping);
		assertThat(this.failures).singleElement()
			.asInstanceOf(InstanceOfAssertFactories.type(DeepSeekException.class))
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.CANCELLED));
	}

	@Test
	void aTryThatTakesEffectWhenNobodyWaitsForItLeavesNoLease() {
		this.store.latency = Duration.ofSeconds(1);
		this.store.late = true;
		Disposable waiting = take();
		waiting.dispose();
		this.time.advanceTimeBy(this.store.latency);
		assertThat(this.store.tries).isEqualTo(1);
		assertThat(this.store.owner).isNull();
	}

	@Test
	void aRenewalThatRunsAtTheEndLeavesNoLease() {
		take();
		this.store.latency = Duration.ofSeconds(1);
		this.store.late = true;
		this.time.advanceTimeBy(TIME_TO_LIVE.dividedBy(3));
		assertThat(this.store.tries).isEqualTo(2);
		Objects.requireNonNull(this.taken.get()).end().subscribe(null, null, () -> this.signals.add("ended"));
		this.time.advanceTimeBy(this.store.latency);
		assertThat(this.signals).containsExactly("taken", "ended");
		assertThat(this.store.owner).isNull();
	}

	@Test
	void aRenewalThatNeverEndsHoldsUpTheEndForItsTimeAtMost() {
		take();
		this.store.latency = Duration.ofDays(1);
		this.time.advanceTimeBy(TIME_TO_LIVE.dividedBy(3));
		Objects.requireNonNull(this.taken.get()).end().subscribe(null, null, () -> this.signals.add("ended"));
		this.time.advanceTimeBy(TIME_TO_LIVE);
		assertThat(this.signals).containsExactly("taken", "ended");
		assertThat(this.store.owner).isNull();
	}

	private final class Store implements ConversationStore {

		private Duration latency = Duration.ZERO;

		private Runnable answering = () -> {
		};

		// takes effect at the end of the latency, cancelled or not, as a database may
		private boolean late;

		private @Nullable RuntimeException failure;

		private @Nullable String owner;

		private int tries;

		@Override
		public Mono<StoredConversation> load(String id) {
			return Mono.empty();
		}

		@Override
		public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
			return Mono.just(true);
		}

		@Override
		public Mono<Void> delete(String id) {
			return Mono.empty();
		}

		@Override
		public Mono<Boolean> tryLease(String id, String owner, Duration timeToLive) {
			if (this.failure != null) {
				throw this.failure;
			}
			return Mono.defer(() -> {
				this.tries++;
				if (this.late) {
					TurnLeasesTests.this.time.schedule(() -> this.owner = owner, this.latency.toMillis() - 1,
							TimeUnit.MILLISECONDS);
				}
				else if (this.owner == null || this.owner.equals(owner)) {
					this.owner = owner;
				}
				Mono<Boolean> taken = Mono.just(this.late || owner.equals(this.owner));
				return this.latency.isZero() ? taken
						: Mono.delay(this.latency, TurnLeasesTests.this.time).map((tick) -> {
							this.answering.run();
							return true;
						});
			});
		}

		@Override
		public Mono<Void> endLease(String id, String owner) {
			return Mono.fromRunnable(() -> this.owner = owner.equals(this.owner) ? null : this.owner);
		}

	}

}
