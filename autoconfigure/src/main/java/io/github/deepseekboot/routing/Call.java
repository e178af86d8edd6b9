package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.provider.ApiKey;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.routing.FailureRule.Next;
import io.github.deepseekboot.routing.FailureRule.Same;
import io.github.deepseekboot.routing.ProviderQuota.Permit;
import io.github.deepseekboot.routing.RoutingEvent.Outcome;
import io.github.deepseekboot.transport.AbortSignal;
import io.github.deepseekboot.transport.Attempt;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * One call of the application: its attempts, one after the other, until one succeeds, has
 * delivered something, or there is nothing left to try.
 */
final class Call {

	private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(30);

	private final RoutingClient router;

	private final RoutingEvent.CallInfo info;

	private final List<Candidate> candidates;

	private final boolean pinned;

	private final long startedAt;

	private final Duration total;

	private final AbortSignal abort = new AbortSignal();

	private final AtomicBoolean ended = new AtomicBoolean();

	private final RoutingSettings settings;

	// guarded by itself: a cancellation comes from any thread
	private final List<AttemptReport> reports = new ArrayList<>(1);

	private volatile boolean cancelled;

	private volatile @Nullable Turn lastTurn;

	private volatile @Nullable Run lastRun;

	// attempts follow each other, so that these need no lock

	private final List<Candidate> tried = new ArrayList<>(2);

	private final List<Candidate> retriedOnce = new ArrayList<>(0);

	private boolean extraSendUsed;

	private boolean safetyNet;

	private int retries;

	private volatile @Nullable Candidate current;

	private @Nullable DeepSeekException lastFailure;

	/**
	 * Create a call.
	 * @param router the client that routes it
	 * @param info the call as listeners know it
	 * @param candidates who can answer it, in order; not empty
	 * @param startedAt when it was subscribed to, on the clock of nanoseconds
	 */
	Call(RoutingClient router, RoutingEvent.CallInfo info, List<Candidate> candidates, long startedAt) {
		this.router = router;
		this.info = info;
		this.candidates = candidates;
		this.pinned = info.request().provider() != null;
		this.startedAt = startedAt;
		this.total = candidates.get(0).client().provider().timeouts().total();
		this.settings = router.settings(candidates.get(0).provider());
	}

	Mono<ChatCompletion> complete() {
		return completeAt(new Step(first(), Duration.ZERO, false)).doFinally(this::finished);
	}

	Flux<ChatDelta> stream() {
		return streamAt(new Step(first(), Duration.ZERO, false)).doFinally(this::finished);
	}

	private void finished(SignalType signal) {
		if (signal == SignalType.CANCEL) {
			this.cancelled = true;
			Turn turn = this.lastTurn;
			if (turn != null) {
				turn.abandon();
			}
			Run run = this.lastRun;
			if (run != null) {
				run.cancelled();
			}
			end(Outcome.CANCEL, null, null, null, null);
		}
	}

	/**
	 * End the call from outside.
	 * @param reason the error that it ends with
	 */
	void abort(DeepSeekException reason) {
		this.abort.abort(reason);
	}

	private Mono<ChatCompletion> completeAt(Step step) {
		return begin(step).flatMap((begun) -> begun.candidate.client()
			.complete(begun.attempt)
			.contextWrite(begun::context)
			.map(begun::completed)
			.onErrorResume((failure) -> begun.failed(failure).flatMap(this::completeAt)));
	}

	private Flux<ChatDelta> streamAt(Step step) {
		return begin(step).flatMapMany((begun) -> begun.candidate.client()
			.stream(begun.attempt)
			.contextWrite(begun::context)
			.map(begun::delivered)
			.onErrorResume((failure) -> begun.failed(failure).flatMapMany(this::streamAt)));
	}

	// a failure to get a turn is a failed attempt
	private Mono<Run> begin(Step step) {
		this.current = step.candidate();
		if (this.cancelled) {
			return Mono.empty();
		}
		this.lastTurn = null;
		Permit free = null;
		if (step.delay().isZero()) {
			Candidate candidate = step.candidate();
			try {
				free = this.router.quota().tryAcquire(permitRequest(candidate));
			}
			catch (Throwable ex) {
				Exceptions.throwIfJvmFatal(ex);
				return withoutTurn(candidate, ex).flatMap(this::begin);
			}
		}
		return (free != null) ? begin(step, free) : await(step);
	}

	// waits, for a back-off and for a turn
	private Mono<Run> await(Step step) {
		Turn turn = new Turn();
		this.lastTurn = turn;
		if (this.cancelled) {
			return Mono.empty();
		}
		Mono<Permit> wait = Mono.defer(() -> acquire(step.candidate(), turn));
		Mono<Permit> delayed = step.delay().isZero() ? wait
				: Mono.delay(step.delay(), this.router.clock().scheduler()).then(wait);
		// the abort first: it has one listener, and what follows the wait takes its place
		return Mono.firstWithSignal(this.abort.asMono(), delayed)
			.onErrorMap(NoTurnException::new)
			.flatMap((permit) -> begin(step, permit))
			.onErrorResume(NoTurnException.class, (noTurn) -> {
				turn.abandon();
				DeepSeekException abortReason = this.abort.reason();
				if (abortReason != null) {
					return Mono.error(failedFor(abortReason));
				}
				return withoutTurn(step.candidate(), noTurn.reason).flatMap(this::begin);
			});
	}

	private Mono<Permit> acquire(Candidate candidate, Turn turn) {
		// what follows may drop a permit that comes too late, so the turn keeps it
		return this.router.quota()
			.acquire(permitRequest(candidate))
			.doOnNext(turn::granted)
			.switchIfEmpty(Mono.error(() -> new IllegalStateException("the quota completed without a permit")))
			.timeout(left(),
					Mono.error(() -> new DeepSeekException(ErrorKind.TIMEOUT,
							"the total clock ran out during the wait for a turn (deepseek.timeout.total)")),
					this.router.clock().scheduler());
	}

	private PermitRequest permitRequest(Candidate candidate) {
		ApiKey apiKey = candidate.apiKey();
		return new PermitRequest(candidate.provider(), (apiKey != null) ? apiKey.account() : "", candidate.model().id(),
				this.info.request());
	}

	private Mono<Step> withoutTurn(Candidate candidate, Throwable reason) {
		DeepSeekException failure = (reason instanceof DeepSeekException known) ? known
				: DeepSeekException.builder(ErrorKind.LOCAL_LIMIT, "the quota failed: " + reason)
					.provider(candidate.provider())
					.cause(reason)
					.build();
		Run run = new Run(candidate, () -> {
		}, null);
		this.lastRun = run;
		return run.failedLocally(failure);
	}

	private Mono<Run> begin(Step step, Permit permit) {
		Candidate candidate = step.candidate();
		ProviderState state = candidate.state();
		if (this.cancelled) {
			permit.release();
			return Mono.empty();
		}
		if (this.router.isAborting()) {
			permit.release();
			return Mono.error(failedFor(RoutingClient.aborted()));
		}
		// a retry has waited for the cool-down as long as it was asked to
		ProviderState.Permission permission = state.tryBegin(candidate.model().id(), step.retry());
		if (permission != null || this.pinned || this.safetyNet) {
			Run run = new Run(candidate, permit, permission);
			this.lastRun = run;
			if (this.cancelled) {
				run.cancelled();
			}
			return Mono.just(run);
		}
		// the provider became unusable while this call waited for its turn
		permit.release();
		this.tried.add(candidate);
		Candidate next = nextUsable();
		if (next != null) {
			return begin(new Step(next, Duration.ZERO, false));
		}
		if (this.lastFailure != null) {
			return Mono.error(failedFor(this.lastFailure));
		}
		return begin(new Step(safetyNet(), Duration.ZERO, false));
	}

	// the first usable provider of the chain; if none is, the one that will be soonest,
	// once
	private Candidate first() {
		if (this.pinned) {
			return this.candidates.get(0);
		}
		Candidate usable = nextUsable();
		if (usable != null) {
			return usable;
		}
		return safetyNet();
	}

	private Candidate safetyNet() {
		this.safetyNet = true;
		return this.candidates.stream()
			.min(Comparator.comparingLong((candidate) -> candidate.state().unusableFor(candidate.model().id())))
			.orElseThrow();
	}

	private @Nullable Candidate nextUsable() {
		for (Candidate candidate : this.candidates) {
			if (!this.tried.contains(candidate) && candidate.state().isUsable(candidate.model().id())) {
				return candidate;
			}
		}
		return null;
	}

	private Duration left() {
		return this.total.minusNanos(this.router.now() - this.startedAt);
	}

	private boolean canFailOver() {
		return !this.safetyNet && !this.extraSendUsed && attempts() + 1 < this.settings.maxAttempts()
				&& nextUsable() != null;
	}

	// what follows a failure: another attempt, or the failure itself
	private Mono<Step> next(Candidate failed, DeepSeekException failure) {
		this.lastFailure = failure;
		FailureRule rule = FailureRule.of(failure.getKind());
		Duration left = left();
		if (this.safetyNet || this.abort.reason() != null || attempts() >= this.settings.maxAttempts()
				|| left.isNegative() || left.isZero()) {
			return Mono.error(failedFor(failure));
		}
		boolean sameAllowed = failed.state().hasRetryBudget() && (this.pinned || failed.state().isCircuitReady());
		if (rule.same() == Same.ONCE && sameAllowed && !this.retriedOnce.contains(failed)) {
			this.retriedOnce.add(failed);
			return retry(failed, failure, backoff(), false);
		}
		Candidate next = (rule.next() == Next.NO || isOverOwnCap(failure)) ? null : nextUsable();
		if (next != null && (rule.next() == Next.YES || !this.extraSendUsed)) {
			boolean extraSend = rule.next() == Next.EXTRA_SEND;
			this.extraSendUsed |= extraSend;
			this.router.publish(
					RoutingEvent.FailedOver.builder(this.info, failed.provider(), next.provider(), failure.getKind())
						.maybeBilledTwice(extraSend)
						.build());
			return Mono.just(new Step(next, Duration.ZERO, false));
		}
		if (next == null && sameAllowed && rule.same() == Same.EXTRA_SEND && !this.extraSendUsed) {
			this.extraSendUsed = true;
			return retry(failed, failure, backoff(), true);
		}
		if (next == null && sameAllowed && rule.same() == Same.WHEN_LAST) {
			Duration backoff = backoff();
			Duration asked = failure.getRetryAfter();
			Duration wait = (asked != null && asked.compareTo(backoff) > 0) ? asked : backoff;
			if (wait.compareTo(MAX_RETRY_AFTER) <= 0) {
				return retry(failed, failure, wait, false);
			}
		}
		return Mono.error(failedFor(failure));
	}

	private static boolean isOverOwnCap(DeepSeekException failure) {
		// a status says that there was an answer: it was too large, and the next one's
		// would be, too
		return failure.getKind() == ErrorKind.LOCAL_LIMIT && failure.getStatus() != null;
	}

	private Mono<Step> retry(Candidate candidate, DeepSeekException failure, Duration wait, boolean extraSend) {
		if (wait.compareTo(left()) >= 0) {
			return Mono.error(failedFor(failure));
		}
		this.retries++;
		this.router.publish(RoutingEvent.Retried.builder(this.info, candidate.provider(), failure.getKind())
			.delay(wait)
			.maybeBilledTwice(extraSend)
			.build());
		return Mono.just(new Step(candidate, wait, true));
	}

	private Duration backoff() {
		long full = this.settings.backoff().toMillis() << Math.min(this.retries, 16);
		long capped = Math.min(full, this.settings.maxBackoff().toMillis());
		return Duration.ofMillis(capped - ThreadLocalRandom.current().nextLong(capped / 2 + 1));
	}

	private List<AttemptReport> reports() {
		synchronized (this.reports) {
			return List.copyOf(this.reports);
		}
	}

	private int attempts() {
		synchronized (this.reports) {
			return this.reports.size();
		}
	}

	private DeepSeekException failedFor(DeepSeekException failure) {
		DeepSeekException complete = failure.withAttempts(reports());
		end(Outcome.ERROR, null, null, null, complete);
		return complete;
	}

	private void end(Outcome outcome, @Nullable String responseModel, @Nullable Usage usage,
			@Nullable ChatCompletion completion, @Nullable DeepSeekException failure) {
		if (!this.ended.compareAndSet(false, true)) {
			return;
		}
		this.router.ended(this);
		Candidate current = this.current;
		this.router.publish(RoutingEvent.CallEnded.builder(this.info, outcome)
			.provider((current != null) ? current.provider() : null)
			.model((current != null) ? current.model().id() : null)
			.responseModel(responseModel)
			.usage(usage)
			.completion(completion)
			.failure(failure)
			.attempts(reports())
			.elapsed(Duration.ofNanos(this.router.now() - this.startedAt))
			.build());
	}

	/**
	 * A provider that can answer the request.
	 *
	 * @param client asks it
	 * @param model its model for the request
	 * @param apiKey the key to use
	 * @param state what is known of it
	 */
	record Candidate(ProviderClient client, ProviderModel model, @Nullable ApiKey apiKey, ProviderState state) {

		String provider() {
			return this.client.provider().id();
		}

	}

	private record Step(Candidate candidate, Duration delay, boolean retry) {

	}

	private static final class NoTurnException extends RuntimeException {

		private final Throwable reason;

		NoTurnException(Throwable reason) {
			super(reason);
			this.reason = reason;
		}

	}

	/**
	 * The wait for a turn. Whoever ends the wait too early gives back the permit that
	 * comes nevertheless.
	 */
	private static final class Turn {

		private volatile boolean abandoned;

		private volatile @Nullable Permit permit;

		void granted(Permit permit) {
			this.permit = permit;
			if (this.abandoned) {
				permit.release();
			}
		}

		void abandon() {
			this.abandoned = true;
			Permit permit = this.permit;
			if (permit != null) {
				permit.release();
			}
		}

	}

	/**
	 * One attempt while it runs.
	 */
	private final class Run {

		private final Candidate candidate;

		private final Permit permit;

		private final ProviderState.@Nullable Permission permission;

		private final Attempt attempt;

		private final int number;

		private final long begunAt;

		private final AtomicBoolean over = new AtomicBoolean();

		private final RoutingEvent.AttemptStarted started;

		private boolean committed;

		private boolean firstToken;

		/**
		 * Start an attempt.
		 * @param candidate who is asked
		 * @param permit the turn
		 * @param permission the circuit's permission; {@code null} for a pinned call and
		 * the safety net, which may go ahead without
		 */
		Run(Candidate candidate, Permit permit, ProviderState.@Nullable Permission permission) {
			Call call = Call.this;
			this.candidate = candidate;
			this.permit = permit;
			this.permission = permission;
			this.number = attempts() + 1;
			this.begunAt = call.router.now();
			call.tried.add(candidate);
			Duration firstToken = candidate.client().provider().timeouts().firstToken(canFailOver());
			this.attempt = new Attempt(call.info.request(), candidate.model(), candidate.apiKey(), this.number,
					firstToken, left(), call.abort);
			candidate.state().started();
			this.started = RoutingEvent.AttemptStarted
				.builder(call.info, this.number, candidate.provider(), candidate.model().id())
				.build();
			call.router.publish(this.started);
		}

		Context context(Context context) {
			return Call.this.router.decorator().inside(this.started, context);
		}

		ChatCompletion completed(ChatCompletion completion) {
			succeed();
			used(completion.usage());
			over(report(null, null, completion.requestId()));
			ChatCompletion complete = completion.toBuilder().attempts(reports()).build();
			end(Outcome.SUCCESS, complete.model(), complete.usage(), complete, null);
			return complete;
		}

		ChatDelta delivered(ChatDelta delta) {
			if (!this.committed) {
				this.committed = true;
				succeed();
			}
			if (!this.firstToken && hasToken(delta)) {
				this.firstToken = true;
				Call.this.router.publish(RoutingEvent.FirstToken
					.builder(Call.this.info, this.candidate.provider(), this.candidate.model().id())
					.sinceStart(Duration.ofNanos(Call.this.router.now() - Call.this.startedAt))
					.build());
			}
			if (!delta.isLast()) {
				return delta;
			}
			used(delta.usage());
			over(report(null, null, delta.requestId()));
			end(Outcome.SUCCESS, delta.model(), delta.usage(), null, null);
			return ChatDelta.last(delta.origin(), delta.usage(), reports());
		}

		private static boolean hasToken(ChatDelta delta) {
			return delta.content() != null || delta.reasoningContent() != null || !delta.toolCalls().isEmpty();
		}

		Mono<Step> failed(Throwable thrown) {
			DeepSeekException failure = (thrown instanceof DeepSeekException known) ? known
					: DeepSeekException
						.builder(ErrorKind.MALFORMED_RESPONSE, "the attempt failed unexpectedly: " + thrown)
						.provider(this.candidate.provider())
						.cause(thrown)
						.build();
			AttemptReport report = report(failure.getKind(), failure, failure.getRequestId());
			if (!over(report)) {
				return Mono.error(failedFor(failure));
			}
			this.candidate.state().failed(failure, report, this.candidate.model().id(), elapsed(), this.permission);
			return this.committed ? Mono.error(failedFor(failure)) : next(this.candidate, failure);
		}

		// no turn: says nothing of the provider
		Mono<Step> failedLocally(DeepSeekException failure) {
			return over(report(failure.getKind(), failure, null)) ? next(this.candidate, failure)
					: Mono.error(failedFor(failure));
		}

		void cancelled() {
			if (over(report(ErrorKind.CANCELLED, null, null))) {
				this.candidate.state().withoutVerdict(this.permission);
			}
		}

		private void used(@Nullable Usage usage) {
			if (usage != null) {
				this.permit.used(usage);
			}
		}

		private void succeed() {
			this.candidate.state().succeeded(elapsed(), this.permission);
		}

		private long elapsed() {
			return Call.this.router.now() - this.begunAt;
		}

		private AttemptReport report(@Nullable ErrorKind error, @Nullable DeepSeekException failure,
				@Nullable String requestId) {
			return AttemptReport.builder(this.number, this.candidate.provider(), this.candidate.model().id())
				.error(error)
				.status((failure != null) ? failure.getStatus() : null)
				.code((failure != null) ? failure.getCode() : null)
				.requestId(requestId)
				.elapsed(Duration.ofNanos(elapsed()))
				.build();
		}

		private boolean over(AttemptReport report) {
			if (!this.over.compareAndSet(false, true)) {
				return false;
			}
			this.permit.release();
			this.candidate.state().ended();
			synchronized (Call.this.reports) {
				Call.this.reports.add(report);
			}
			Call.this.router.publish(RoutingEvent.AttemptEnded.builder(Call.this.info, report).build());
			return true;
		}

	}

}
