package io.github.deepseekboot.routing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
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

	private static final int MAX_GATES = 10_000;

	private final Function<String, RoutingSettings> settings;

	private final Scheduler scheduler;

	private final Map<String, Gate> gates = new ConcurrentHashMap<>();

	LocalProviderQuota(Function<String, RoutingSettings> settings, Scheduler scheduler) {
		this.settings = settings;
		this.scheduler = scheduler;
	}

	@Override
	public Mono<Permit> acquire(String provider, String credential) {
		return Mono.defer(() -> gate(provider, credential).acquire());
	}

	@Override
	public @Nullable Permit tryAcquire(String provider, String credential) {
		return gate(provider, credential).tryAcquire();
	}

	private Gate gate(String provider, String credential) {
		String key = provider + '/' + credential;
		Gate gate = this.gates.get(key);
		if (gate != null) {
			return gate;
		}
		if (this.gates.size() >= MAX_GATES) {
			// a call that comes to one of them right now may run beside a full new one
			this.gates.values().removeIf(Gate::isIdle);
		}
		return this.gates.computeIfAbsent(key, (missing) -> new Gate(provider, this.settings.apply(provider)));
	}

	int gates() {
		return this.gates.size();
	}

	private final class Gate {

		private final String provider;

		private final RoutingSettings limits;

		private final Deque<WaitingTurn> waiting = new ArrayDeque<>();

		private int taken;

		Gate(String provider, RoutingSettings limits) {
			this.provider = provider;
			this.limits = limits;
		}

		Mono<Permit> acquire() {
			return Mono.create((sink) -> {
				WaitingTurn turn = new WaitingTurn(this, sink);
				// a cancellation may come before, while and after the turn is given: it
				// always gives it back
				sink.onCancel(turn::release);
				if (enter(turn)) {
					sink.success(turn);
					return;
				}
				Disposable timer = LocalProviderQuota.this.scheduler.schedule(() -> expire(turn),
						this.limits.maxWait().toMillis(), TimeUnit.MILLISECONDS);
				sink.onDispose(timer);
			});
		}

		synchronized @Nullable Permit tryAcquire() {
			// while calls wait, no turn is free
			if (this.taken == this.limits.maxConcurrent()) {
				return null;
			}
			this.taken++;
			Turn turn = new Turn(this);
			turn.state = TurnState.GIVEN;
			return turn;
		}

		private synchronized boolean isIdle() {
			return this.taken == 0 && this.waiting.isEmpty();
		}

		private synchronized boolean enter(WaitingTurn turn) {
			if (turn.state == TurnState.OVER) {
				return false;
			}
			if (this.taken == this.limits.maxConcurrent()) {
				this.waiting.add(turn);
				return false;
			}
			this.taken++;
			turn.state = TurnState.GIVEN;
			return true;
		}

		private void leave(Turn turn) {
			WaitingTurn next = null;
			synchronized (this) {
				TurnState before = turn.state;
				turn.state = TurnState.OVER;
				if (before == TurnState.WAITING) {
					this.waiting.remove(turn);
				}
				else if (before == TurnState.GIVEN) {
					next = this.waiting.poll();
					if (next != null) {
						next.state = TurnState.GIVEN;
					}
					else {
						this.taken--;
					}
				}
			}
			if (next != null) {
				// not on this stack: the next call may end at once and give its turn on
				LocalProviderQuota.this.scheduler.schedule(next::give);
			}
		}

		private void expire(WaitingTurn turn) {
			synchronized (this) {
				if (turn.state != TurnState.WAITING) {
					return;
				}
				turn.state = TurnState.OVER;
				this.waiting.remove(turn);
			}
			turn.refuse(DeepSeekException
				.builder(ErrorKind.LOCAL_LIMIT,
						this.limits.maxConcurrent() + " calls are running, and none ended within "
								+ this.limits.maxWait() + " (deepseek.limit.max-concurrent, deepseek.limit.max-wait)")
				.provider(this.provider)
				.build());
		}

	}

	private enum TurnState {

		WAITING, GIVEN, OVER

	}

	/**
	 * A turn, taken or waited for. Its state is guarded by the gate.
	 */
	private static class Turn implements Permit {

		private final Gate gate;

		TurnState state = TurnState.WAITING;

		Turn(Gate gate) {
			this.gate = gate;
		}

		@Override
		public void release() {
			this.gate.leave(this);
		}

	}

	/**
	 * A place in the queue, and later the permit.
	 */
	private static final class WaitingTurn extends Turn {

		private final MonoSink<Permit> sink;

		WaitingTurn(Gate gate, MonoSink<Permit> sink) {
			super(gate);
			this.sink = sink;
		}

		void give() {
			this.sink.success(this);
		}

		void refuse(DeepSeekException reason) {
			this.sink.error(reason);
		}

	}

}
