package io.github.deepseekboot.health;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.Ping;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.routing.ProviderStates;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.Attempt;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Finds out whether one provider is healthy: from real traffic if there was any lately,
 * else by a ping. However many requests there are, there is at most one ping in its time
 * to live; no one asking, there is none.
 */
final class ProviderHealth {

	// for how long an answer to a call is better evidence than a ping that failed
	private static final Duration EVIDENCE = Duration.ofMinutes(10);

	private static final Set<ErrorKind> OF_THE_ACCOUNT = Set.of(ErrorKind.AUTHENTICATION, ErrorKind.OUT_OF_CREDIT);

	private final ProviderClient client;

	private final ProviderStates states;

	private final HealthSettings settings;

	private final TransportClock clock;

	private final AtomicReference<@Nullable Finding> latest = new AtomicReference<>();

	private final AtomicReference<@Nullable Mono<Finding>> running = new AtomicReference<>();

	ProviderHealth(ProviderClient client, ProviderStates states, HealthSettings settings, TransportClock clock) {
		this.client = client;
		this.states = states;
		this.settings = settings;
		this.clock = clock;
	}

	Provider provider() {
		return this.client.provider();
	}

	ProviderStatus status() {
		return this.states.status(provider().id(), provider().apiKey());
	}

	private long now() {
		return this.clock.nanos().getAsLong();
	}

	/**
	 * What is known of the provider now.
	 * @return the finding; never fails
	 */
	Mono<Finding> find() {
		return Mono.defer(() -> {
			ProviderStatus status = status();
			Duration lastSuccess = status.lastSuccessAge();
			if (lastSuccess != null && lastSuccess.compareTo(this.settings.ttl()) < 0
					&& (status.lastErrorAge() == null || status.lastErrorAge().compareTo(lastSuccess) > 0)) {
				return Mono.just(new Finding(Verdict.WELL, null, null, now() - lastSuccess.toNanos()));
			}
			Finding latest = cached();
			return ((latest != null) ? Mono.just(latest) : ping()).map(this::orTraffic);
		});
	}

	// a list of models or a balance that cannot be had says less than answers that were
	private Finding orTraffic(Finding finding) {
		DeepSeekException failure = finding.failure();
		if (finding.verdict() != Verdict.ILL || failure == null || OF_THE_ACCOUNT.contains(failure.getKind())) {
			return finding;
		}
		ProviderStatus status = status();
		Duration lastSuccess = status.lastSuccessAge();
		if (lastSuccess == null || lastSuccess.compareTo(EVIDENCE) >= 0
				|| (status.lastErrorAge() != null && status.lastErrorAge().compareTo(lastSuccess) <= 0)) {
			return finding;
		}
		return new Finding(Verdict.WELL, null, null, now() - lastSuccess.toNanos());
	}

	private @Nullable Finding cached() {
		Finding latest = this.latest.get();
		return (latest != null && now() - latest.at() < this.settings.ttl().toNanos()) ? latest : null;
	}

	private Mono<Finding> ping() {
		Mono<Finding> fresh = Mono.defer(this::sendUnlessCached)
			.timeout(this.settings.timeout(),
					Mono.error(() -> new DeepSeekException(ErrorKind.TIMEOUT,
							"no answer to the ping within " + DurationText.of(this.settings.timeout()))),
					this.clock.scheduler())
			.onErrorResume((failure) -> Mono.just(failed(failure)))
			.doOnNext(this.latest::set)
			.doFinally((signal) -> this.running.set(null))
			.cache();
		Mono<Finding> current = this.running.compareAndExchange(null, fresh);
		return (current != null) ? current : fresh;
	}

	// another ping may have ended between the look at its result and this one's turn
	private Mono<Finding> sendUnlessCached() {
		Finding latest = cached();
		return (latest != null) ? Mono.just(latest) : send();
	}

	private Mono<Finding> send() {
		long start = now();
		// where each call has a key of its own, there may be none to ping with
		boolean keyless = provider().apiKey() == null && provider().preset().apiKeyRequired();
		Mono<?> answer = switch (keyless ? Ping.NONE : provider().ping()) {
			case MODELS -> this.client.models();
			case BALANCE -> this.client.balance().doOnNext((balance) -> {
				if (!balance.available()) {
					throw new DeepSeekException(ErrorKind.OUT_OF_CREDIT, "the account is empty");
				}
			});
			case CHAT -> this.client.ping(chatPing());
			case NONE -> Mono.empty();
		};
		return answer.map((received) -> new Finding(Verdict.WELL, null, Duration.ofNanos(now() - start), now()))
			.switchIfEmpty(Mono.fromSupplier(() -> new Finding(Verdict.UNKNOWN, null, null, now())));
	}

	private Attempt chatPing() {
		ChatRequest request = ChatRequest.builder().user("ping").maxTokens(1).thinking(false).build();
		return new Attempt(request, model(), provider().apiKey(), 1, this.settings.timeout(), this.settings.timeout());
	}

	/**
	 * The model whose health is checked.
	 * @return the default model
	 */
	ProviderModel model() {
		ProviderModel model = provider().models().get(RoutingClient.DEFAULT_MODEL);
		return (model != null) ? model : ProviderModel.of(RoutingClient.DEFAULT_MODEL);
	}

	private Finding failed(Throwable failure) {
		DeepSeekException known = (failure instanceof DeepSeekException exception) ? exception
				: new DeepSeekException(ErrorKind.MALFORMED_RESPONSE, "the ping failed");
		return new Finding(saysNothing(known) ? Verdict.UNKNOWN : Verdict.ILL, known, null, now());
	}

	// a provider without this endpoint may be healthy: only its traffic shows it
	private static boolean saysNothing(DeepSeekException failure) {
		Integer status = failure.getStatus();
		return failure.getKind() == ErrorKind.UNSUPPORTED || failure.getKind() == ErrorKind.LOCAL_LIMIT
				|| (status != null && (status == 404 || status == 405 || status == 410));
	}

	Duration age(Finding finding) {
		return Duration.ofNanos(now() - finding.at());
	}

	/**
	 * Whether a provider is healthy.
	 */
	enum Verdict {

		/**
		 * It answered.
		 */
		WELL,

		/**
		 * It answered with an error, or not at all.
		 */
		ILL,

		/**
		 * It cannot be asked.
		 */
		UNKNOWN

	}

	/**
	 * What was found out.
	 *
	 * @param verdict whether the provider is healthy
	 * @param failure why it is not, or why it could not be asked
	 * @param latency how long the ping took; {@code null} for real traffic
	 * @param at when, in nanoseconds of the {@code TransportClock}
	 */
	record Finding(Verdict verdict, @Nullable DeepSeekException failure, @Nullable Duration latency, long at) {

	}

}
