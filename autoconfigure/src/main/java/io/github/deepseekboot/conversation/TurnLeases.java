package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
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
		Assert.state(timeToLive != null, "there are no leases");
		return Mono.defer(() -> {
			Lease lease = new Lease(id, timeToLive);
			return TurnQueue.limit(
					Mono.defer(lease::tryTake)
						.filter(Boolean::booleanValue)
						.repeatWhenEmpty(Integer.MAX_VALUE, (empty) -> empty.delayElements(POLL, this.scheduler))
						.map((taken) -> lease.renewed())
						.doOnError((failure) -> lease.end().subscribe())
						.doOnCancel(() -> lease.end().subscribe()),
					id, "a turn of another instance", this.maxWait, this.scheduler);
		});
	}

	/**
	 * The lease of one turn.
	 */
	final class Lease {

		private final String id;

		private final Duration timeToLive;

		private final String owner = UUID.randomUUID().toString();

		private final Disposable.Swap renewal = Disposables.swap();

		// guarded by this

		private Mono<Boolean> latest = Mono.empty();

		private boolean ended;

		private Lease(String id, Duration timeToLive) {
			this.id = id;
			this.timeToLive = timeToLive;
		}

		// goes on when nobody waits any more: the store may grant the lease all the
		// same, and only after that can it be ended
		private synchronized Mono<Boolean> tryTake() {
			if (this.ended) {
				return Mono.just(false);
			}
			this.latest = TurnLeases.this.store.tryLease(this.id, this.owner, this.timeToLive).cache();
			return this.latest;
		}

		// a renewal that fails is tried again: what follows is at worst a conflict; of a
		// lease that has ended, the renewal ends at once
		private Lease renewed() {
			this.renewal.update(Flux.interval(this.timeToLive.dividedBy(3), TurnLeases.this.scheduler)
				.onBackpressureDrop()
				.concatMap((tick) -> Mono.defer(this::tryTake).onErrorComplete(), 1)
				.subscribe());
			return this;
		}

		/**
		 * End the lease. Further calls have no effect.
		 * @return completes when it has ended, or cannot be ended
		 */
		Mono<Void> end() {
			return Mono.defer(() -> {
				Mono<Boolean> latest;
				synchronized (this) {
					if (this.ended) {
						return Mono.empty();
					}
					this.ended = true;
					latest = this.latest;
				}
				this.renewal.dispose();
				return latest.timeout(this.timeToLive, TurnLeases.this.scheduler)
					.onErrorComplete()
					.then(Mono.defer(() -> TurnLeases.this.store.endLease(this.id, this.owner)))
					.onErrorComplete();
			});
		}

	}

}
