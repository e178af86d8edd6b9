package io.github.deepseekboot.observation;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.Cost;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.provider.Provider;

/**
 * Counts and times what happens, as {@link ChatMeter} says. Nothing is recorded per
 * delta.
 */
public final class ChatMeters implements RoutingListener {

	private static final Duration[] DURATION_BUCKETS = IntStream.range(0, 14)
		.mapToObj((i) -> Duration.ofMillis(10L << i))
		.toArray(Duration[]::new);

	private static final double[] TOKEN_BUCKETS = DoubleStream.iterate(1, (bucket) -> bucket * 4).limit(14).toArray();

	private static final int MAX_MODELS = 100;

	private static final int MAX_CODES = 100;

	private final MeterRegistry registry;

	private final MeterConvention convention;

	private final BoundedValues models = new BoundedValues(MAX_MODELS);

	private final BoundedValues responseModels = new BoundedValues(MAX_MODELS);

	private final BoundedValues codes = new BoundedValues(MAX_CODES);

	private final Map<String, AtomicInteger> activeStreams = new ConcurrentHashMap<>();

	private final Map<MeterKey, Timer> timers = new ConcurrentHashMap<>();

	private final Map<MeterKey, DistributionSummary> summaries = new ConcurrentHashMap<>();

	private final Map<MeterKey, Counter> counters = new ConcurrentHashMap<>();

	/**
	 * Create the meters.
	 * @param registry where they are registered
	 * @param convention how those that have a standard name are called
	 * @param providers the providers by id
	 */
	public ChatMeters(MeterRegistry registry, MeterConvention convention, Map<String, Provider> providers) {
		this.registry = registry;
		this.convention = convention;
		// a meter that was removed is registered again, not lost
		registry.config().onMeterRemoved((removed) -> {
			this.timers.values().remove(removed);
			this.summaries.values().remove(removed);
			this.counters.values().remove(removed);
		});
		providers.forEach((id, provider) -> {
			// what is known beforehand keeps its place, whatever servers send
			provider.models().values().forEach((model) -> {
				this.models.of(model.id());
				this.responseModels.of(model.id());
			});
			provider.dialect().knownCodes().forEach(this.codes::of);
			AtomicInteger active = new AtomicInteger();
			this.activeStreams.put(id, active);
			Gauge.builder(ChatMeter.STREAMS_ACTIVE.meterName(), active, AtomicInteger::get)
				.description(ChatMeter.STREAMS_ACTIVE.description())
				.tag("provider", id)
				.register(registry);
		});
	}

	@Override
	public void onEvent(RoutingEvent event) {
		if (event instanceof RoutingEvent.AttemptStarted started) {
			stream(started.call(), started.provider(), 1);
		}
		else if (event instanceof RoutingEvent.AttemptEnded ended) {
			stream(ended.call(), ended.report().provider(), -1);
			attempt(ended.report());
		}
		else if (event instanceof RoutingEvent.FirstToken firstToken) {
			timer(ChatMeter.TIME_TO_FIRST_TOKEN,
					this.convention.firstTokenTags(firstToken.provider(), this.models.of(firstToken.model())))
				.record(firstToken.sinceStart());
		}
		else if (event instanceof RoutingEvent.FailedOver failedOver) {
			counter(ChatMeter.FAILOVERS,
					List.of("from", failedOver.from(), "to", failedOver.to(), "reason", errorType(failedOver.reason())))
				.increment();
			extraSend(failedOver.maybeBilledTwice(), failedOver.from(), failedOver.reason());
		}
		else if (event instanceof RoutingEvent.Retried retried) {
			extraSend(retried.maybeBilledTwice(), retried.provider(), retried.reason());
		}
		else if (event instanceof RoutingEvent.CallEnded ended) {
			call(ended);
		}
	}

	private void stream(RoutingEvent.CallInfo call, String provider, int change) {
		AtomicInteger active = this.activeStreams.get(provider);
		if (call.stream() && active != null) {
			active.addAndGet(change);
		}
	}

	private void attempt(AttemptReport report) {
		ErrorKind error = report.error();
		Outcome outcome = outcome(error);
		counter(ChatMeter.ATTEMPTS,
				List.of("provider", report.provider(), "outcome", lowerCase(outcome), "error.type", errorType(error)))
			.increment();
		if (outcome == Outcome.ERROR) {
			counter(ChatMeter.ERRORS,
					List.of("provider", report.provider(), "model", this.models.of(report.model()), "status",
							(report.status() != null) ? report.status().toString() : BoundedValues.NONE, "code",
							this.codes.of(report.code()), "error.type", errorType(error)))
				.increment();
		}
	}

	private static Outcome outcome(@Nullable ErrorKind error) {
		if (error == null) {
			return Outcome.SUCCESS;
		}
		return (error != ErrorKind.CANCELLED) ? Outcome.ERROR : Outcome.CANCEL;
	}

	private void extraSend(boolean maybeBilledTwice, String provider, ErrorKind reason) {
		if (maybeBilledTwice) {
			counter(ChatMeter.EXTRA_SENDS, List.of("provider", provider, "reason", errorType(reason))).increment();
		}
	}

	private void call(RoutingEvent.CallEnded ended) {
		String provider = (ended.provider() != null) ? ended.provider() : BoundedValues.NONE;
		String model = this.models.of(ended.model());
		ErrorKind error = (ended.failure() != null) ? ended.failure().getKind()
				: (ended.outcome() == Outcome.CANCEL) ? ErrorKind.CANCELLED : null;
		timer(ChatMeter.OPERATION_DURATION,
				this.convention.durationTags(provider, model, this.responseModels.of(ended.responseModel()),
						ended.call().stream(), lowerCase(ended.outcome()), errorType(error)))
			.record(ended.elapsed());
		Usage usage = ended.usage();
		if (usage != null && usage.consistent()) {
			tokens(provider, model, usage);
			cost(provider, model, usage.cost());
		}
	}

	private void tokens(String provider, String model, Usage usage) {
		tokens(provider, model, "input", usage.promptTokens());
		tokens(provider, model, "output", usage.completionTokens());
		detail(provider, model, "cache_hit", usage.cacheHitTokens());
		detail(provider, model, "cache_miss", usage.cacheMissTokens());
		detail(provider, model, "reasoning", usage.reasoningTokens());
	}

	private void tokens(String provider, String model, String type, @Nullable Long count) {
		if (count != null) {
			meter(ChatMeter.TOKEN_USAGE, this.convention.usageTags(provider, model, type), this.summaries,
					this::newSummary)
				.record(count);
		}
	}

	private void detail(String provider, String model, String kind, @Nullable Long count) {
		if (count != null) {
			counter(ChatMeter.TOKENS_DETAIL, List.of("provider", provider, "model", model, "kind", kind))
				.increment(count);
		}
	}

	private void cost(String provider, String model, @Nullable Cost cost) {
		if (cost != null) {
			counter(ChatMeter.COST, List.of("provider", provider, "model", model, "currency", cost.currency()))
				.increment(cost.amount().doubleValue());
		}
	}

	private Timer timer(ChatMeter meter, List<String> tags) {
		return meter(meter, tags, this.timers, this::newTimer);
	}

	private Counter counter(ChatMeter meter, List<String> tags) {
		return meter(meter, tags, this.counters, this::newCounter);
	}

	// what a registry has to do to find a meter is more than what the meter does
	private static <M> M meter(ChatMeter meter, List<String> tags, Map<MeterKey, M> known,
			Function<MeterKey, M> register) {
		MeterKey key = new MeterKey(meter, tags);
		M registered = known.get(key);
		return (registered != null) ? registered : known.computeIfAbsent(key, register);
	}

	private Timer newTimer(MeterKey key) {
		return Timer.builder(this.convention.name(key.meter()))
			.description(key.meter().description())
			.serviceLevelObjectives(DURATION_BUCKETS)
			.tags(key.toArray())
			.register(this.registry);
	}

	private DistributionSummary newSummary(MeterKey key) {
		return DistributionSummary.builder(this.convention.name(key.meter()))
			.description(key.meter().description())
			.serviceLevelObjectives(TOKEN_BUCKETS)
			.tags(key.toArray())
			.register(this.registry);
	}

	private Counter newCounter(MeterKey key) {
		return Counter.builder(key.meter().meterName())
			.description(key.meter().description())
			.tags(key.toArray())
			.register(this.registry);
	}

	private static String errorType(@Nullable ErrorKind kind) {
		return (kind != null) ? lowerCase(kind) : BoundedValues.NONE;
	}

	private static String lowerCase(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

	private record MeterKey(ChatMeter meter, List<String> tags) {

		String[] toArray() {
			return this.tags.toArray(String[]::new);
		}

	}

}
