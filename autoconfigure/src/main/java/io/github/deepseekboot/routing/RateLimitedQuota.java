package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Limits requests and tokens by the minute, and leaves the number of calls at once to
 * another quota. Tokens are estimated before a call and settled after it; what a call did
 * not need is given to the next one of the account, and what it needed beyond the
 * estimate is owed, up to what flows in in a minute.
 */
final class RateLimitedQuota implements ProviderQuota {

	private static final String REQUESTS = "requests:";

	private static final String TOKENS = "tokens:";

	private static final CompletableFuture<Long> NO_WAIT = CompletableFuture.completedFuture(0L);

	private static final int MAX_ACCOUNTS = 10_000;

	private final ProviderQuota delegate;

	private final RateBuckets buckets;

	private final Function<String, RoutingSettings> settings;

	private final ToLongFunction<ChatRequest> tokens;

	private final TransportClock clock;

	private final BoundedMap<String, Credit> credits = new BoundedMap<>(MAX_ACCOUNTS, Credit::isNone, (credit) -> true);

	RateLimitedQuota(ProviderQuota delegate, RateBuckets buckets, Function<String, RoutingSettings> settings,
			ToLongFunction<ChatRequest> tokens, TransportClock clock) {
		this.delegate = delegate;
		this.buckets = buckets;
		this.settings = settings;
		this.tokens = tokens;
		this.clock = clock;
	}

	@Override
	public @Nullable Permit tryAcquire(PermitRequest request) {
		RoutingSettings limits = this.settings.apply(request.provider());
		if (!hasRates(limits)) {
			return this.delegate.tryAcquire(request);
		}
		Charge charge = charge(request, limits);
		Permit permit;
		try {
			Long wait = charge.wait.getNow(null);
			permit = (wait != null && charge.left(wait).isZero()) ? this.delegate.tryAcquire(request) : null;
		}
		catch (RuntimeException | Error ex) {
			charge.giveBack();
			throw ex;
		}
		if (permit == null) {
			// the wait that follows goes on with it
			charge.credit.taken.add(charge);
			return null;
		}
		return new RatedPermit(permit, charge);
	}

	@Override
	public Mono<Permit> acquire(PermitRequest request) {
		RoutingSettings limits = this.settings.apply(request.provider());
		if (!hasRates(limits)) {
			return this.delegate.acquire(request);
		}
		return Mono.defer(() -> {
			Charge charge = charge(request, limits);
			return Mono.fromFuture(charge.wait, true)
				.flatMap((wait) -> waitFor(charge.left(wait), request, limits))
				// what follows may drop a permit that comes too late: so it is kept first
				.then(Mono.defer(() -> this.delegate.acquire(request).map(charge::granted)))
				.switchIfEmpty(Mono.fromRunnable(charge::giveBack))
				.doOnNext((permit) -> charge.delivered = true)
				.doOnError((failure) -> charge.giveBack())
				.doOnCancel(charge::abandon);
		});
	}

	private static boolean hasRates(RoutingSettings limits) {
		return limits.requestsPerMinute() > 0 || limits.tokensPerMinute() > 0;
	}

	private Mono<Long> waitFor(Duration wait, PermitRequest request, RoutingSettings limits) {
		if (wait.isZero()) {
			return Mono.empty();
		}
		if (wait.compareTo(limits.maxWait()) > 0) {
			return Mono.error(() -> DeepSeekException
				.builder(ErrorKind.LOCAL_LIMIT, "the account's rate is used up for longer than "
						+ DurationText.of(limits.maxWait())
						+ " (deepseek.limit.requests-per-minute, deepseek.limit.tokens-per-minute, deepseek.limit.max-wait)")
				.provider(request.provider())
				.retryAfter(wait)
				.build());
		}
		return Mono.delay(wait, this.clock.scheduler())
			.onErrorMap(RejectedExecutionException.class, (ex) -> DeepSeekException
				.builder(ErrorKind.CANCELLED, "the scheduler stopped while the call waited for its account's rate")
				.provider(request.provider())
				.build());
	}

	private Charge charge(PermitRequest request, RoutingSettings limits) {
		String name = request.provider() + '/' + request.account() + '/' + request.model();
		Credit credit = this.credits.get(name, (key) -> new Credit());
		Charge taken = credit.taken.poll();
		return (taken != null) ? taken : new Charge(name, limits, credit,
				(limits.tokensPerMinute() > 0) ? Math.max(1, this.tokens.applyAsLong(request.request())) : 0);
	}

	/**
	 * What an account took and does not use yet.
	 */
	private static final class Credit {

		// that were waited for and not needed
		private final AtomicLong tokens = new AtomicLong();

		// for a call that is about to wait; if that one gives up first, for the next
		private final Queue<Charge> taken = new ConcurrentLinkedQueue<>();

		boolean isNone() {
			return this.tokens.get() == 0 && this.taken.isEmpty();
		}

		long take(long most) {
			return Math.min(this.tokens.getAndUpdate((left) -> left - Math.min(left, most)), most);
		}

	}

	/**
	 * What was taken for one call.
	 */
	private final class Charge {

		private final String name;

		private final RoutingSettings limits;

		private final Credit credit;

		private final long tokens;

		private final long fromCredit;

		private final long takenAt = RateLimitedQuota.this.clock.nanos().getAsLong();

		private final AtomicBoolean over = new AtomicBoolean();

		private volatile boolean abandoned;

		private volatile boolean delivered;

		private volatile @Nullable Permit permit;

		final CompletableFuture<Long> wait;

		Charge(String name, RoutingSettings limits, Credit credit, long estimated) {
			this.name = name;
			this.limits = limits;
			this.credit = credit;
			// a request larger than the bucket waits for a full one; the rest is settled
			this.tokens = Math.min(estimated, RateBuckets.capacity(limits.tokensPerMinute()));
			this.fromCredit = credit.take(this.tokens);
			CompletableFuture<Long> forRequests = take(REQUESTS, limits.requestsPerMinute(), 1);
			CompletableFuture<Long> forTokens = take(TOKENS, limits.tokensPerMinute(), this.tokens - this.fromCredit);
			this.wait = forRequests.thenCombine(forTokens, Math::max);
		}

		private CompletableFuture<Long> take(String what, long perMinute, long amount) {
			return (perMinute <= 0 || amount <= 0) ? NO_WAIT
					: RateLimitedQuota.this.buckets.take(what + this.name, perMinute, amount).toCompletableFuture();
		}

		// of the wait that began when it was taken
		Duration left(long wait) {
			return Duration
				.ofNanos(Math.max(0, wait - (RateLimitedQuota.this.clock.nanos().getAsLong() - this.takenAt)));
		}

		private void giveBack(String what, long perMinute, long amount) {
			if (perMinute > 0 && amount > 0) {
				RateLimitedQuota.this.buckets.giveBack(what + this.name, perMinute, amount);
			}
		}

		void giveBack() {
			if (this.over.compareAndSet(false, true)) {
				this.credit.tokens.addAndGet(this.fromCredit);
				giveBack(REQUESTS, this.limits.requestsPerMinute(), 1);
				giveBack(TOKENS, this.limits.tokensPerMinute(), this.tokens - this.fromCredit);
			}
		}

		Permit granted(Permit permit) {
			this.permit = permit;
			if (this.abandoned) {
				giveBack(permit);
			}
			return new RatedPermit(permit, this);
		}

		// a call that gave up waiting does not get the permit, unless it has it already
		void abandon() {
			if (this.delivered) {
				return;
			}
			this.abandoned = true;
			giveBack();
			Permit permit = this.permit;
			if (permit != null) {
				giveBack(permit);
			}
		}

		private void giveBack(Permit permit) {
			Foreign.run(RateLimitedQuota.this.delegate, "release a permit", permit::release);
		}

		void settle(Usage usage) {
			if (this.limits.tokensPerMinute() <= 0 || !this.over.compareAndSet(false, true)) {
				return;
			}
			long difference = used(usage) - this.tokens;
			if (difference > 0) {
				take(TOKENS, this.limits.tokensPerMinute(), difference - this.credit.take(difference));
			}
			else {
				this.credit.tokens.addAndGet(-difference);
			}
		}

		// a usage that cannot be true must not stop the account for hours
		private long used(Usage usage) {
			Long total = usage.totalTokens();
			return (total == null || total < 0 || !usage.consistent()) ? this.tokens
					: Math.min(total, this.limits.tokensPerMinute());
		}

	}

	private static final class RatedPermit implements Permit {

		private final Permit permit;

		private final Charge charge;

		RatedPermit(Permit permit, Charge charge) {
			this.permit = permit;
			this.charge = charge;
		}

		@Override
		public void used(Usage usage) {
			this.charge.settle(usage);
			this.permit.used(usage);
		}

		@Override
		public void release() {
			this.permit.release();
		}

	}

}
