package io.github.deepseekboot.routing;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Limits the calls of this application: for each provider, account and model apart. Calls
 * wait in the order in which they came.
 */
final class LocalProviderQuota implements ProviderQuota {

	private static final int MAX_GATES = 10_000;

	private final Function<String, RoutingSettings> settings;

	private final TransportClock clock;

	private final BoundedMap<GateKey, Gate> gates = new BoundedMap<>(MAX_GATES, Gate::close, (gate) -> false);

	LocalProviderQuota(Function<String, RoutingSettings> settings, TransportClock clock) {
		this.settings = settings;
		this.clock = clock;
	}

	@Override
	public Mono<Permit> acquire(PermitRequest request) {
		return Mono.create((sink) -> {
			Waiter waiter = new Waiter(sink);
			// a cancellation may come before, while and after the permit is given: it
			// always gives it back
			sink.onCancel(waiter::release);
			Gate gate = gate(request);
			while (!gate.enter(waiter)) {
				gate = gate(request);
			}
		});
	}

	@Override
	public @Nullable Permit tryAcquire(PermitRequest request) {
		LocalPermit permit = new LocalPermit();
		Gate gate = gate(request);
		while (!gate.takeIfFree(permit)) {
			gate = gate(request);
		}
		return (permit.state == PermitState.GIVEN) ? permit : null;
	}

	private Gate gate(PermitRequest request) {
		return this.gates.get(new GateKey(request.provider(), request.account(), request.model()),
				(key) -> new Gate(key.provider(), this.settings.apply(key.provider())));
	}

	int gates() {
		return this.gates.size();
	}

	private record GateKey(String provider, String account, String model) {

	}

	private final class Gate {

		private final String provider;

		private final RoutingSettings limits;

		// a set: a waiter in the middle that gives up is found at once
		private final Set<Waiter> waiting = new LinkedHashSet<>();

		private int taken;

		private boolean closed;

		Gate(String provider, RoutingSettings limits) {
			this.provider = provider;
			this.limits = limits;
		}

		/**
		 * Close the gate if it is unused.
		 * @return {@code true} if the gate lets no call through from now on
		 */
		synchronized boolean close() {
			this.closed = this.taken == 0 && this.waiting.isEmpty();
			return this.closed;
		}

		/**
		 * Take a permit unless all are taken, in which case the permit is left as it is.
		 * While calls wait, none is free.
		 * @param permit the permit
		 * @return {@code false} if the gate was closed meanwhile
		 */
		synchronized boolean takeIfFree(LocalPermit permit) {
			if (this.closed) {
				return false;
			}
			permit.gate = this;
			if (permit.abandoned) {
				permit.state = PermitState.OVER;
			}
			else if (this.taken < this.limits.maxConcurrent()) {
				this.taken++;
				permit.state = PermitState.GIVEN;
			}
			return true;
		}

		/**
		 * Take a permit or a place in the queue.
		 * @param waiter who waits
		 * @return {@code false} if the gate was closed meanwhile
		 */
		boolean enter(Waiter waiter) {
			synchronized (this) {
				if (!takeIfFree(waiter)) {
					return false;
				}
				if (waiter.state == PermitState.WAITING) {
					this.waiting.add(waiter);
				}
			}
			if (waiter.state != PermitState.WAITING) {
				waiter.sink.success(waiter);
				return true;
			}
			try {
				waiter.sink.onDispose(LocalProviderQuota.this.clock.scheduler()
					.schedule(() -> refuse(waiter, tooLong()), this.limits.maxWait().toMillis(),
							TimeUnit.MILLISECONDS));
			}
			catch (RejectedExecutionException ex) {
				refuse(waiter, stopped());
			}
			return true;
		}

		private void leave(LocalPermit permit) {
			Waiter next = null;
			synchronized (this) {
				PermitState before = permit.state;
				permit.state = PermitState.OVER;
				if (before == PermitState.WAITING && permit instanceof Waiter waiter) {
					this.waiting.remove(waiter);
				}
				else if (before == PermitState.GIVEN) {
					next = next();
				}
			}
			if (next == null) {
				return;
			}
			try {
				// not on this stack: the next call may end at once and give its permit on
				LocalProviderQuota.this.clock.scheduler().schedule(next::give);
			}
			catch (RejectedExecutionException ex) {
				stop(next);
			}
		}

		// the permit goes to whoever waits longest, or is free
		private @Nullable Waiter next() {
			Iterator<Waiter> waiters = this.waiting.iterator();
			if (!waiters.hasNext()) {
				this.taken--;
				return null;
			}
			Waiter next = waiters.next();
			waiters.remove();
			next.state = PermitState.GIVEN;
			return next;
		}

		// the others would not be woken either
		private void stop(Waiter next) {
			List<Waiter> stopped = new ArrayList<>();
			synchronized (this) {
				if (next.state == PermitState.GIVEN) {
					next.state = PermitState.OVER;
					this.taken--;
					stopped.add(next);
				}
				stopped.addAll(this.waiting);
				this.waiting.clear();
				stopped.forEach((waiter) -> waiter.state = PermitState.OVER);
			}
			stopped.forEach((waiter) -> waiter.sink.error(stopped()));
		}

		private void refuse(Waiter waiter, DeepSeekException reason) {
			synchronized (this) {
				if (waiter.state != PermitState.WAITING) {
					return;
				}
				waiter.state = PermitState.OVER;
				this.waiting.remove(waiter);
			}
			waiter.sink.error(reason);
		}

		private DeepSeekException tooLong() {
			return DeepSeekException
				.builder(ErrorKind.LOCAL_LIMIT,
						this.limits.maxConcurrent() + " calls are running, and none ended within "
								+ this.limits.maxWait() + " (deepseek.limit.max-concurrent, deepseek.limit.max-wait)")
				.provider(this.provider)
				.build();
		}

		private DeepSeekException stopped() {
			return DeepSeekException
				.builder(ErrorKind.CANCELLED, "the scheduler stopped while the call waited for a permit")
				.provider(this.provider)
				.build();
		}

	}

	private enum PermitState {

		WAITING, GIVEN, OVER

	}

	/**
	 * A permit. Its state is guarded by the gate.
	 */
	private static class LocalPermit implements Permit {

		volatile @Nullable Gate gate;

		// released before it came to a gate
		volatile boolean abandoned;

		volatile PermitState state = PermitState.WAITING;

		@Override
		public void release() {
			this.abandoned = true;
			Gate gate = this.gate;
			if (gate != null) {
				gate.leave(this);
			}
		}

	}

	/**
	 * A place in the queue, and later the permit.
	 */
	private static final class Waiter extends LocalPermit {

		private final MonoSink<Permit> sink;

		Waiter(MonoSink<Permit> sink) {
			this.sink = sink;
		}

		void give() {
			this.sink.success(this);
		}

	}

}
