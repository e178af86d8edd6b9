package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

import io.github.deepseekboot.hook.ConversationStore;

/**
 * Lets the turns of one conversation follow each other among all instances, by leases
 * that the store keeps. An instance that dies holds a lease until its time is over.
 */
final class TurnLeases {

	private static final Duration POLL = Duration.ofMillis(100);

	private final ConversationStore store;

	private final @Nullable Duration timeToLive;

	private final Duration maxWait;

	private final Scheduler scheduler;

	TurnLeases(ConversationStore store, @Nullable Duration timeToLive, Duration maxWait, Scheduler scheduler) {
		this.store = store;
		this.timeToLive = timeToLive;
		this.maxWait = maxWait;
		this.scheduler = scheduler;
	}

	boolean isEnabled() {
		return this.timeToLive != null;
	}

	/**
	 * Wait for the lease of a conversation.
	 * @param id the conversation's id
	 * @return the lease, which must be ended
	 */
	Mono<Lease> take(String id) {
		Duration timeToLive = this.timeToLive;
		if (timeToLive == null) {
			return Mono.just(Lease.NONE);
		}
		return Mono.defer(() -> {
			String owner = UUID.randomUUID().toString();
			Lease lease = new Lease(Mono.defer(() -> this.store.endLease(id, owner)));
			return this.store.tryLease(id, owner, timeToLive)
				.filter(Boolean::booleanValue)
				.repeatWhenEmpty(Integer.MAX_VALUE, (empty) -> empty.delayElements(POLL, this.scheduler))
				.map((taken) -> lease.renewedBy(renew(id, owner, timeToLive)))
				// the store may grant it although no turn waits any more
				.doOnCancel(() -> lease.end().subscribe())
				.timeout(this.maxWait,
						Mono.error(() -> TurnQueue.busy(id, "a turn of another instance did not end within "
								+ this.maxWait + " (deepseek.conversation.max-wait)")),
						this.scheduler);
		});
	}

	// a renewal that fails is tried again: what follows is at worst a conflict
	private Disposable renew(String id, String owner, Duration timeToLive) {
		return Flux.interval(timeToLive.dividedBy(3), this.scheduler)
			.onBackpressureDrop()
			.concatMap((tick) -> Mono.defer(() -> this.store.tryLease(id, owner, timeToLive)).onErrorComplete(), 1)
			.subscribe();
	}

	/**
	 * The lease of one turn.
	 */
	static final class Lease {

		static final Lease NONE = new Lease(Mono.empty());

		private final Mono<Void> end;

		private final Disposable.Swap renewal = Disposables.swap();

		private final AtomicBoolean ended = new AtomicBoolean();

		Lease(Mono<Void> end) {
			this.end = end;
		}

		// of a lease that has ended, the renewal ends at once
		Lease renewedBy(Disposable renewal) {
			this.renewal.update(renewal);
			return this;
		}

		/**
		 * End the lease. Further calls have no effect.
		 * @return completes when it has ended, or cannot be ended
		 */
		Mono<Void> end() {
			return Mono.defer(() -> {
				if (!this.ended.compareAndSet(false, true)) {
					return Mono.empty();
				}
				this.renewal.dispose();
				return this.end.onErrorComplete();
			});
		}

	}

}
