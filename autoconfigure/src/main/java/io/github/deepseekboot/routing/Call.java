package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota.Permit;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.routing.AttemptPlan.Step;
import io.github.deepseekboot.routing.ProviderState.Admission;
import io.github.deepseekboot.routing.ProviderState.Availability;
import io.github.deepseekboot.transport.AbortSignal;
import io.github.deepseekboot.transport.Attempt;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * One call of the application: its attempts, one after the other, as the
 * {@link AttemptPlan} says. What the call holds at any moment is in one place, so that
 * whoever ends it releases all of it, once.
 */
final class Call {

	private static final Holding NOTHING = () -> {
	};

	// the call's own flow starts or ends an attempt and releases what it holds
	private static final Holding BUSY = () -> {
	};

	private static final Holding OVER = () -> {
	};

	private final RoutingClient router;

	private final RoutingEvent.CallInfo info;

	private final List<Candidate> candidates;

	private final List<String> excluded;

	private final AttemptPlan plan;

	private final long startedAt;

	private final long deadline;

	private final AbortSignal abort;

	private final AtomicReference<Holding> holding = new AtomicReference<>(NOTHING);

	private final AtomicBoolean ended = new AtomicBoolean();

	// written by one attempt after the other, read by a cancellation on any thread
	private final List<AttemptReport> reports = new ArrayList<>(1);

	// the provider whose last answer was empty; -1 for none
	private int blankTarget = -1;

	private volatile @Nullable Candidate current;

	private volatile @Nullable RoutingListener subscriber;

	/**
	 * Create a call.
	 * @param router the client that routes it
	 * @param info the call as listeners know it
	 * @param candidates who can answer it, in order; not empty
	 * @param excluded who of the chain cannot, each with the reason
	 * @param startedAt when it was subscribed to, in nanoseconds of the clock
	 * @param abort ends it from outside
	 */
	Call(RoutingClient router, RoutingEvent.CallInfo info, List<Candidate> candidates, List<String> excluded,
			long startedAt, AbortSignal abort) {
		this.router = router;
		this.info = info;
		this.candidates = candidates;
		this.excluded = excluded;
		this.startedAt = startedAt;
		this.abort = abort;
		Candidate first = candidates.get(0);
		this.deadline = startedAt + first.client().provider().timeouts().total().toNanos();
		this.plan = new AttemptPlan(candidates, info.request().provider() != null, router.settings(first.provider()),
				this.deadline, router.clock().nanos(), router.random());
	}

	Mono<ChatCompletion> complete() {
		return CallSubscriber.guard(this, completeAfter(begin(this.plan.first())));
	}

	Flux<ChatDelta> stream() {
		return CallSubscriber.guard(this, streamAfter(begin(this.plan.first())));
	}

	private Mono<ChatCompletion> completeAfter(Mono<RunningAttempt> begin) {
		return begin.flatMap((running) -> running.client()
			.complete(running.attempt)
			.contextWrite(running::context)
			.map(running::completed)
			.onErrorResume((failure) -> completeAfter(running.failed(failure))));
	}

	private Flux<ChatDelta> streamAfter(Mono<RunningAttempt> begin) {
		return begin.flatMapMany((running) -> running.client()
			.stream(running.attempt)
			.contextWrite(running::context)
			.map(running::delivered)
			.onErrorResume((failure) -> streamAfter(running.failed(failure))));
	}

	/**
	 * Take note of a listener that the subscriber has in its context: it gets to know of
	 * the beginning and the end of this call alone.
	 * @param context the subscriber's context
	 */
	void subscribed(ContextView context) {
		RoutingListener listener = context.getOrDefault(RoutingListener.class, null);
		// of a call without an attempt, the end may be over
		if (listener != null && !this.ended.get()) {
			this.subscriber = listener;
			RoutingClient.publish(RoutingEvent.CallStarted.of(this.info), listener);
		}
	}

	/**
	 * The subscriber wants no more.
	 */
	void cancelled() {
		Holding held = this.holding.getAndSet(OVER);
		if (held != OVER && held != BUSY) {
			held.cancel((usage) -> end(Outcome.CANCEL, null, priced(usage), null, null));
		}
	}

	/**
	 * The call came to an end that it had no part in.
	 * @param failure what the subscriber is about to get
	 * @return what it should get
	 */
	Throwable failed(Throwable failure) {
		if (this.ended.get()) {
			return failure;
		}
		this.holding.getAndSet(OVER).release();
		return ended((failure instanceof DeepSeekException known) ? known
				: DeepSeekException.builder(ErrorKind.MALFORMED_RESPONSE, "the call failed unexpectedly: " + failure)
					.cause(failure)
					.build());
	}

	// empty if the call was cancelled
	private Mono<RunningAttempt> begin(Step step) {
		if (step.failure() != null) {
			return Mono.error(ended(step.failure()));
		}
		Candidate candidate = this.candidates.get(step.target());
		this.current = candidate;
		if (!hold(BUSY)) {
			return gone();
		}
		if (step.delay() > 0) {
			return await(step);
		}
		Permit free;
		try {
			free = this.router.quota().tryAcquire(permitRequest(candidate));
		}
		catch (Throwable ex) {
			return withoutPermit(step, new QuotaException(ex));
		}
		return (free != null) ? start(step, new HeldPermit(free)) : await(step);
	}

	// waits, for the provider and for a permit
	private Mono<RunningAttempt> await(Step step) {
		Waiting waiting = new Waiting();
		if (!hold(waiting)) {
			return gone();
		}
		Mono<HeldPermit> wait = Mono.defer(() -> acquire(this.candidates.get(step.target()), waiting));
		Mono<HeldPermit> delayed = (step.delay() == 0) ? wait
				: Mono.delay(Duration.ofNanos(step.delay()), this.router.clock().scheduler()).then(wait);
		// the abort first: it has one listener, and what follows the wait takes its place
		return Mono.firstWithSignal(this.abort.asMono().flatMap(Mono::<HeldPermit>error), delayed)
			.map(Waited::granted)
			.onErrorResume((failure) -> {
				waiting.release();
				return Mono.just(Waited.failed(failure));
			})
			.flatMap((waited) -> hold(BUSY) ? waited.then(this, step) : gone());
	}

	private Mono<HeldPermit> acquire(Candidate candidate, Waiting waiting) {
		Mono<Permit> permit;
		try {
			permit = this.router.quota().acquire(permitRequest(candidate));
		}
		catch (Throwable ex) {
			return Mono.error(new QuotaException(ex));
		}
		if (permit == null) {
			return Mono.error(new QuotaException(new NullPointerException("acquire returned null")));
		}
		Mono<HeldPermit> expired = Mono.error(() -> DeepSeekException
			.builder(ErrorKind.TIMEOUT, "the total timeout ended the wait for a permit (deepseek.timeout.total)")
			.provider(candidate.provider())
			.code("deepseek.timeout.total")
			.neverProcessed(true)
			.build());
		// what follows may drop a permit that comes too late: so it is kept first
		return permit.onErrorMap(QuotaException::new)
			.map(waiting::granted)
			.switchIfEmpty(
					Mono.error(() -> new QuotaException(new IllegalStateException("it completed without a permit"))))
			// an attempt without any time would be counted against the provider
			.flatMap((held) -> (left() > 0) ? Mono.just(held) : expired)
			.timeout(Duration.ofNanos(Math.max(0, left())), expired, this.router.clock().scheduler());
	}

	private PermitRequest permitRequest(Candidate candidate) {
		ApiKey apiKey = candidate.apiKey();
		return PermitRequest.builder(candidate.provider(), candidate.model().id(), this.info.request())
			.account((apiKey != null) ? apiKey.account() : "")
			.build();
	}

	// says nothing of the provider
	private Mono<RunningAttempt> withoutPermit(Step step, Throwable thrown) {
		DeepSeekException aborted = this.abort.reason();
		if (aborted != null) {
			return Mono.error(ended(aborted));
		}
		if (thrown instanceof RejectedExecutionException) {
			return Mono.error(ended(DeepSeekException
				.builder(ErrorKind.CANCELLED, "the scheduler stopped while the call waited for its next attempt")
				.neverProcessed(true)
				.cause(thrown)
				.build()));
		}
		RunningAttempt attempt = new RunningAttempt(step, null, null);
		return begin(attempt.failedWithoutPermit(quotaFailure(this.candidates.get(step.target()), thrown)));
	}

	private DeepSeekException quotaFailure(Candidate candidate, Throwable thrown) {
		Throwable reason = (thrown instanceof QuotaException quota) ? quota.reason : thrown;
		if (reason instanceof DeepSeekException known) {
			return known;
		}
		return DeepSeekException
			.builder(ErrorKind.LOCAL_LIMIT,
					"the ProviderQuota " + this.router.quota().getClass().getName() + " failed: " + reason)
			.provider(candidate.provider())
			.scope(FailureScope.APPLICATION)
			.neverProcessed(true)
			.cause(reason)
			.build();
	}

	private Mono<RunningAttempt> start(Step step, HeldPermit permit) {
		Candidate candidate = this.candidates.get(step.target());
		DeepSeekException aborted = this.abort.reason();
		Admission admission = (aborted != null) ? null
				: candidate.state().tryBegin(candidate.model().id(), step.entry());
		if (admission == null) {
			permit.release();
			return (aborted != null) ? Mono.error(ended(aborted)) : begin(this.plan.turnedAway(step));
		}
		RunningAttempt running = new RunningAttempt(step, permit, admission);
		if (!hold(running)) {
			running.release();
			return gone();
		}
		return Mono.just(running);
	}

	private boolean hold(Holding next) {
		Holding held = this.holding.get();
		return held != OVER && this.holding.compareAndSet(held, next);
	}

	// the subscriber went while the call was busy
	private Mono<RunningAttempt> gone() {
		end(Outcome.CANCEL, null, null, null, null);
		return Mono.empty();
	}

	private long left() {
		return this.deadline - this.router.now();
	}

	private int begun() {
		synchronized (this.reports) {
			return this.reports.size();
		}
	}

	private List<AttemptReport> reports() {
		synchronized (this.reports) {
			return List.copyOf(this.reports);
		}
	}

	private DeepSeekException ended(DeepSeekException failure) {
		DeepSeekException complete = failure.withAttempts(reports(), passedOver(failure));
		end(Outcome.ERROR, null, priced(failure.getUsage()), null, complete);
		return complete;
	}

	// those that would have been asked otherwise
	private List<String> passedOver(DeepSeekException failure) {
		if (!FailureRule.of(failure).next()) {
			return List.of();
		}
		List<String> passedOver = new ArrayList<>(this.excluded);
		for (int i = 0; i < this.candidates.size(); i++) {
			Candidate candidate = this.candidates.get(i);
			String obstacle = this.plan.isAsked(i) ? null
					: candidate.state().obstacle(candidate.model().id(), candidate.demands());
			if (obstacle != null) {
				passedOver.add(candidate.provider() + ": " + obstacle);
			}
		}
		return passedOver;
	}

	// JSON mode may replace what is no JSON by blanks, and would do so again
	private ChatRequest requestFor(int target, Candidate candidate) {
		ChatRequest request = this.info.request();
		if (target != this.blankTarget || request.responseFormat() == null) {
			return request;
		}
		ResponseFormat sent = candidate.client().provider().dialect().responseFormat(request, candidate.model());
		return ResponseFormat.JSON_OBJECT.equals(sent)
				? request.toBuilder().responseFormat(request.responseFormat().inPrompt()).build() : request;
	}

	// the moment of completion decides
	private @Nullable Usage priced(@Nullable Usage usage) {
		Candidate current = this.current;
		if (usage == null || current == null) {
			return usage;
		}
		ModelPrice price = current.client().provider().price(current.model());
		return (price != null) ? usage.toBuilder().cost(price.cost(usage, this.router.instant())).build() : usage;
	}

	private void end(Outcome outcome, @Nullable String responseModel, @Nullable Usage usage,
			@Nullable ChatCompletion completion, @Nullable DeepSeekException failure) {
		if (!this.ended.compareAndSet(false, true)) {
			return;
		}
		this.router.ended(this.abort);
		Candidate current = this.current;
		RoutingEvent ended = RoutingEvent.CallEnded.builder(this.info, outcome)
			.provider((current != null) ? current.provider() : null)
			.model((current != null) ? current.model().id() : null)
			.responseModel(responseModel)
			.usage(usage)
			.completion(completion)
			.failure(failure)
			.attempts(reports())
			.elapsed(Duration.ofNanos(this.router.now() - this.startedAt))
			.build();
		this.router.publish(ended);
		RoutingListener listener = this.subscriber;
		if (listener != null) {
			RoutingClient.publish(ended, listener);
		}
	}

	/**
	 * A provider that can answer the request.
	 *
	 * @param client asks it
	 * @param model its model for the request
	 * @param apiKey the key to use
	 * @param state what is known of it
	 * @param demands what the request asks of the model
	 */
	record Candidate(ProviderClient client, ProviderModel model, @Nullable ApiKey apiKey, ProviderState state,
			Demands demands) implements AttemptPlan.Target {

		@Override
		public String provider() {
			return this.client.provider().id();
		}

		@Override
		public Availability availability() {
			Availability available = this.state.availability(this.model.id());
			long refusedLeft = this.state.refusedLeft(this.model.id(), this.demands);
			return (refusedLeft > 0) ? available.refused(refusedLeft) : available;
		}

		void answered() {
			this.state.answered(this.model.id(), this.demands);
		}

		void refused() {
			this.state.refused(this.model.id(), this.demands);
		}

	}

	/**
	 * What a call must release if it ends now.
	 */
	@FunctionalInterface
	private interface Holding {

		void release();

		/**
		 * Release it, since the subscriber wants no more.
		 * @param then called afterwards, with the tokens that are known to be used up, or
		 * {@code null} if nothing is known
		 */
		default void cancel(Consumer<@Nullable Usage> then) {
			release();
			then.accept(null);
		}

	}

	private static final class QuotaException extends RuntimeException {

		private final Throwable reason;

		QuotaException(Throwable reason) {
			super(null, reason, false, false);
			this.reason = reason;
		}

	}

	/**
	 * A permit, given back once, whatever the quota thinks of it.
	 */
	private final class HeldPermit {

		private final AtomicBoolean released = new AtomicBoolean();

		private final Permit permit;

		HeldPermit(Permit permit) {
			this.permit = permit;
		}

		void used(Usage usage) {
			Foreign.run(Call.this.router.quota(), "record the usage", () -> this.permit.used(usage));
		}

		void release() {
			if (this.released.compareAndSet(false, true)) {
				Foreign.run(Call.this.router.quota(), "release a permit", this.permit::release);
			}
		}

	}

	/**
	 * How a wait ended.
	 */
	@FunctionalInterface
	private interface Waited {

		Mono<RunningAttempt> then(Call call, Step step);

		static Waited granted(HeldPermit permit) {
			return (call, step) -> call.start(step, permit);
		}

		static Waited failed(Throwable failure) {
			return (call, step) -> call.withoutPermit(step, failure);
		}

	}

	/**
	 * The wait for a permit. Whoever ends the wait too early gives back the permit that
	 * comes nevertheless.
	 */
	private final class Waiting implements Holding {

		private volatile boolean abandoned;

		private volatile @Nullable HeldPermit permit;

		HeldPermit granted(Permit permit) {
			HeldPermit held = new HeldPermit(permit);
			this.permit = held;
			if (this.abandoned) {
				held.release();
			}
			return held;
		}

		@Override
		public void release() {
			this.abandoned = true;
			HeldPermit permit = this.permit;
			if (permit != null) {
				permit.release();
			}
		}

	}

	/**
	 * One attempt, from its permit to its end.
	 */
	private final class RunningAttempt implements Holding {

		private final Candidate candidate;

		private final int target;

		private final @Nullable HeldPermit permit;

		private final @Nullable Admission admission;

		private final Attempt attempt;

		private final int number;

		private final long begunAt;

		private final RoutingEvent.AttemptStarted started;

		private boolean committed;

		private boolean firstToken;

		/**
		 * Start an attempt, while the call is busy.
		 * @param step the provider to ask
		 * @param permit the quota's permit; {@code null} if it gave none
		 * @param admission the hold on the provider's state; {@code null} without a
		 * permit
		 */
		RunningAttempt(Step step, @Nullable HeldPermit permit, @Nullable Admission admission) {
			Call call = Call.this;
			this.target = step.target();
			this.candidate = call.candidates.get(this.target);
			this.permit = permit;
			this.admission = admission;
			this.number = begun() + 1;
			this.begunAt = call.router.now();
			call.plan.begun(this.target);
			Duration firstToken = client().provider().timeouts().firstToken(call.plan.canTakeOver());
			this.attempt = new Attempt(call.requestFor(this.target, this.candidate), this.candidate.model(),
					this.candidate.apiKey(), this.number, firstToken, Duration.ofNanos(left()), call.abort,
					this::received);
			this.started = RoutingEvent.AttemptStarted.of(call.info, this.number, this.candidate.provider(),
					this.candidate.model().id());
			call.router.publish(this.started);
		}

		ProviderClient client() {
			return this.candidate.client();
		}

		// the provider counts what it still sends, not what is still to be delivered
		private void received() {
			if (this.permit != null) {
				this.permit.release();
			}
		}

		Context context(Context context) {
			return Call.this.router.decorator().inside(this.started, context);
		}

		ChatCompletion completed(ChatCompletion completion) {
			if (!succeeded(completion.requestId(), completion.usage())) {
				return completion;
			}
			ChatCompletion complete = completion.toBuilder()
				.usage(priced(completion.usage()))
				.attempts(reports())
				.build();
			end(Outcome.SUCCESS, complete.model(), complete.usage(), complete, null);
			return complete;
		}

		ChatDelta delivered(ChatDelta delta) {
			boolean commits = !this.committed;
			this.committed = true;
			if (commits && this.admission != null) {
				this.admission.committed();
			}
			if (!this.firstToken && hasToken(delta)) {
				this.firstToken = true;
				Call.this.router.publish(RoutingEvent.FirstToken.of(Call.this.info, this.candidate.provider(),
						this.candidate.model().id(), Duration.ofNanos(Call.this.router.now() - Call.this.startedAt)));
			}
			if (commits) {
				this.candidate.state().announce();
			}
			if (!delta.isLast()) {
				return delta;
			}
			if (!succeeded(delta.requestId(), delta.usage())) {
				return delta;
			}
			Usage usage = priced(delta.usage());
			end(Outcome.SUCCESS, delta.model(), usage, null, null);
			return ChatDelta.last(delta.origin(), usage, reports()).withExtra(delta.extra());
		}

		private static boolean hasToken(ChatDelta delta) {
			return StringUtils.hasLength(delta.content()) || StringUtils.hasLength(delta.reasoningContent())
					|| !delta.toolCalls().isEmpty();
		}

		private boolean succeeded(@Nullable String requestId, @Nullable Usage usage) {
			if (!take()) {
				return false;
			}
			this.candidate.answered();
			over(report(null, null, requestId), null, Admission::succeeded, usage);
			return true;
		}

		// from the subscriber, which may be ending the call right now
		private boolean take() {
			return Call.this.holding.compareAndSet(this, BUSY);
		}

		Mono<RunningAttempt> failed(Throwable thrown) {
			DeepSeekException failure = (thrown instanceof DeepSeekException known) ? known
					: DeepSeekException
						.builder(ErrorKind.MALFORMED_RESPONSE, "the attempt failed unexpectedly: " + thrown)
						.provider(this.candidate.provider())
						.cause(thrown)
						.build();
			if (!take()) {
				return Mono.empty();
			}
			if (failure.getKind() == ErrorKind.EMPTY_RESPONSE) {
				Call.this.blankTarget = this.target;
			}
			if (failure.getKind() == ErrorKind.UNSUPPORTED && failure.getScope() == FailureScope.REQUEST) {
				this.candidate.refused();
			}
			AttemptReport report = report(failure.getKind(), failure, failure.getRequestId());
			over(report, failure, (admission) -> admission.failed(failure, report), null);
			return this.committed ? Mono.error(ended(failure)) : begin(next(failure));
		}

		// says nothing of the provider
		Step failedWithoutPermit(DeepSeekException failure) {
			over(report(failure.getKind(), failure, null), failure, null, null);
			return next(failure);
		}

		private Step next(DeepSeekException failure) {
			Step step = Call.this.plan.failed(this.target, failure);
			if (step.failure() != null) {
				return step;
			}
			DeepSeekException aborted = Call.this.abort.reason();
			if (aborted != null) {
				// only the abort keeps the call from another attempt: so it is the reason
				return AttemptPlan.end(aborted);
			}
			Call.this.router.publish(follow(step, failure));
			return step;
		}

		private RoutingEvent follow(Step step, DeepSeekException failure) {
			boolean maybeBilledTwice = FailureRule.of(failure).ambiguous();
			if (step.target() == this.target) {
				return RoutingEvent.Retried.of(Call.this.info, this.candidate.provider(), failure.getKind(),
						Duration.ofNanos(step.delay()), maybeBilledTwice);
			}
			String next = Call.this.candidates.get(step.target()).provider();
			return RoutingEvent.FailedOver.of(Call.this.info, this.candidate.provider(), next, failure.getKind(),
					maybeBilledTwice);
		}

		@Override
		public void release() {
			cancelled(this.attempt.reported().get());
		}

		@Override
		public void cancel(Consumer<@Nullable Usage> then) {
			this.attempt.reported().whenKnown((usage) -> {
				cancelled(usage);
				then.accept(usage);
			});
		}

		private void cancelled(@Nullable Usage usage) {
			over(report(ErrorKind.CANCELLED, null, null), null, Admission::cancelled, usage);
		}

		private AttemptReport report(@Nullable ErrorKind error, @Nullable DeepSeekException failure,
				@Nullable String requestId) {
			return AttemptReport.builder(this.number, this.candidate.provider(), this.candidate.model().id())
				.error(error)
				.status((failure != null) ? failure.getStatus() : null)
				.code((failure != null) ? failure.getCode() : null)
				.requestId(requestId)
				.elapsed(Duration.ofNanos(Call.this.router.now() - this.begunAt))
				.build();
		}

		// our own bookkeeping first, then the application's code
		private void over(AttemptReport report, @Nullable DeepSeekException failure,
				@Nullable Consumer<Admission> verdict, @Nullable Usage usage) {
			synchronized (Call.this.reports) {
				Call.this.reports.add(report);
			}
			if (this.admission != null && verdict != null) {
				verdict.accept(this.admission);
			}
			if (this.permit != null) {
				if (usage != null) {
					this.permit.used(usage);
				}
				this.permit.release();
			}
			Call.this.router.publish(RoutingEvent.AttemptEnded.of(Call.this.info, report, failure));
			this.candidate.state().announce();
		}

	}

}
