package io.github.deepseekboot.routing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * A quota within this application. Calls wait in the order in which they came.
 */
final class LocalProviderQuota implements ProviderQuota {

	private final Function<String, RoutingSettings> settings;

	private final Scheduler scheduler;

	private final Map<String, Gate> gates = new ConcurrentHashMap<>();

	LocalProviderQuota(Function<String, RoutingSettings> settings, Scheduler scheduler) {
		this.settings = settings;
		this.scheduler = scheduler;
	}

	@Override
	public Mono<Permit> acquire(String provider, String credential) {
		return Mono.defer(() -> this.gates
			.computeIfAbsent(provider + '/' + credential, (key) -> new Gate(provider, this.settings.apply(provider)))
			.acquire());
	}

	private final class Gate {

		private final String provider;

		private final RoutingSettings limits;

		private final Deque<Waiter> waiters = new ArrayDeque<>();

		private int taken;

		Gate(String provider, RoutingSettings limits) {
			this.provider = provider;
			this.limits = limits;
		}

		Mono<Permit> acquire() {
			synchronized (this) {
				if (this.taken < this.limits.maxConcurrent()) {
					this.taken++;
					return Mono.just(new GatePermit(this));
				}
			}
			return Mono.<Permit>create(this::await).doOnDiscard(Permit.class, Permit::release);
		}

		private void await(MonoSink<Permit> sink) {
			Waiter waiter = new Waiter(sink);
			boolean free;
			synchronized (this) {
				free = this.taken < this.limits.maxConcurrent();
				if (free) {
					this.taken++;
				}
				else {
					this.waiters.add(waiter);
				}
			}
			if (free) {
				sink.success(new GatePermit(this));
				return;
			}
			Disposable timer = LocalProviderQuota.this.scheduler.schedule(() -> expire(waiter),
					this.limits.maxWait().toMillis(), TimeUnit.MILLISECONDS);
			sink.onDispose(() -> {
				timer.dispose();
				leave(waiter);
			});
		}

		private synchronized boolean leave(Waiter waiter) {
			return this.waiters.remove(waiter);
		}

		private void expire(Waiter waiter) {
			if (leave(waiter)) {
				waiter.sink.error(DeepSeekException.builder(ErrorKind.LOCAL_LIMIT,
						this.limits.maxConcurrent() + " calls are running, and none ended within "
								+ this.limits.maxWait() + " (deepseek.limit.max-concurrent, deepseek.limit.max-wait)")
					.provider(this.provider)
					.build());
			}
		}

		private void release() {
			Waiter next;
			synchronized (this) {
				next = this.waiters.poll();
				if (next == null) {
					this.taken--;
					return;
				}
			}
			next.sink.success(new GatePermit(this));
		}

	}

	private record Waiter(MonoSink<Permit> sink) {

		@Override
		public boolean equals(Object other) {
			return this == other;
		}

		@Override
		public int hashCode() {
			return System.identityHashCode(this);
		}

	}

	private static final class GatePermit extends AtomicBoolean implements Permit {

		private final transient Gate gate;

		GatePermit(Gate gate) {
			this.gate = gate;
		}

		@Override
		public void release() {
			if (compareAndSet(false, true)) {
				this.gate.release();
			}
		}

	}

}
