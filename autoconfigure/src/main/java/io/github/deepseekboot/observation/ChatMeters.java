package io.github.deepseekboot.observation;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;
import org.springframework.util.function.SingletonSupplier;

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

	private static final Map<Outcome, String> OUTCOMES = lowerCase(Outcome.class);

	private static final Map<ErrorKind, String> ERROR_TYPES = lowerCase(ErrorKind.class);

	private static final int MAX_MODELS = 100;

	private static final int MAX_CODES = 100;

	private final MeterRegistry registry;

	private final MeterConvention convention;

	private final BoundedValues models = new BoundedValues(MAX_MODELS);

	private final BoundedValues responseModels = new BoundedValues(MAX_MODELS);

	// those that are known beforehand are only looked for when something fails
	private final SingletonSupplier<BoundedValues> codes;

	private final Map<String, AtomicInteger> activeStreams = new ConcurrentHashMap<>();

	private final Map<MeterKey, Timer> timers = new ConcurrentHashMap<>();

	private final Map<MeterKey, DistributionSummary> summaries = new ConcurrentHashMap<>();

	private final Map<MeterKey, Counter> counters = new ConcurrentHashMap<>();

	// when one of them is removed, all are looked up again: to look for that one among
	// all, for each of many, takes long
	private final Set<Meter> registered = ConcurrentHashMap.newKeySet();

	private final AtomicLong removals = new AtomicLong();

	private final Function<MeterKey, Timer> newTimer = this::newTimer;

	private final Function<MeterKey, DistributionSummary> newSummary = this::newSummary;

	private final Function<MeterKey, Counter> newCounter = this::newCounter;

	/**
	 * Create the meters.
	 * @param registry where they are registered
	 * @param convention how those that have a standard name are called
	 * @param providers the providers by id
	 */
	public ChatMeters(MeterRegistry registry, MeterConvention convention, Map<String, Provider> providers) {
		this.registry = registry;
		this.convention = convention;
		this.codes = SingletonSupplier.of(() -> codes(providers));
		// a meter that was removed is registered again, not lost
		registry.config().onMeterRemoved((removed) -> {
			this.removals.incrementAndGet();
			if (this.registered.remove(removed)) {
				Stream.of(this.timers, this.summaries, this.counters)
					.filter((known) -> !known.isEmpty())
					.forEach(Map::clear);
			}
		});
		providers.forEach((id, provider) -> {
			// what is known beforehand keeps its place, whatever servers send
			provider.models().values().forEach((model) -> {
				this.models.of(model.id());
				this.responseModels.of(model.id());
			});
			AtomicInteger active = new AtomicInteger();
			this.activeStreams.put(id, active);
			Gauge.builder(ChatMeter.STREAMS_ACTIVE.meterName(), active, AtomicInteger::get)
				.description(ChatMeter.STREAMS_ACTIVE.description())
				.tag("provider", id)
				.register(registry);
		});
	}

	private static BoundedValues codes(Map<String, Provider> providers) {
		BoundedValues codes = new BoundedValues(MAX_CODES);
		providers.values().forEach((provider) -> provider.dialect().knownCodes().forEach(codes::of));
		return codes;
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
			timer(new MeterKey(ChatMeter.TIME_TO_FIRST_TOKEN, firstToken.provider(),
					this.models.of(firstToken.model())))
				.record(firstToken.sinceStart());
		}
		else if (event instanceof RoutingEvent.FailedOver failedOver) {
			counter(new MeterKey(ChatMeter.FAILOVERS, failedOver.from(), failedOver.to(),
					errorType(failedOver.reason())))
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
		counter(new MeterKey(ChatMeter.ATTEMPTS, report.provider(), name(OUTCOMES, outcome), errorType(error)))
			.increment();
		if (outcome == Outcome.ERROR) {
			String status = (report.status() != null) ? report.status().toString() : BoundedValues.NONE;
			counter(new MeterKey(ChatMeter.ERRORS, report.provider(), this.models.of(report.model()), status,
					this.codes.obtain().of(report.code()), errorType(error), false))
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
			counter(new MeterKey(ChatMeter.EXTRA_SENDS, provider, errorType(reason))).increment();
		}
	}

	private void call(RoutingEvent.CallEnded ended) {
		String provider = (ended.provider() != null) ? ended.provider() : BoundedValues.NONE;
		String model = this.models.of(ended.model());
		ErrorKind error = (ended.failure() != null) ? ended.failure().getKind()
				: (ended.outcome() == Outcome.CANCEL) ? ErrorKind.CANCELLED : null;
		timer(new MeterKey(ChatMeter.OPERATION_DURATION, provider, model, this.responseModels.of(ended.responseModel()),
				name(OUTCOMES, ended.outcome()), errorType(error), ended.call().stream()))
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
			meter(new MeterKey(ChatMeter.TOKEN_USAGE, provider, model, type), this.summaries, this.newSummary)
				.record(count);
		}
	}

	private void detail(String provider, String model, String kind, @Nullable Long count) {
		if (count != null) {
			counter(new MeterKey(ChatMeter.TOKENS_DETAIL, provider, model, kind)).increment(count);
		}
	}

	private void cost(String provider, String model, @Nullable Cost cost) {
		if (cost != null) {
			counter(new MeterKey(ChatMeter.COST, provider, model, cost.currency()))
				.increment(cost.amount().doubleValue());
		}
	}

	private Timer timer(MeterKey key) {
		return meter(key, this.timers, this.newTimer);
	}

	private Counter counter(MeterKey key) {
		return meter(key, this.counters, this.newCounter);
	}

	// what a registry has to do to find a meter is more than what the meter does
	private <M extends Meter> M meter(MeterKey key, Map<MeterKey, M> known, Function<MeterKey, M> register) {
		M registered = known.get(key);
		if (registered == null) {
			long removals = this.removals.get();
			// outside of the map: the registry removes meters from it under its own lock
			registered = register.apply(key);
			this.registered.add(registered);
			known.put(key, registered);
			if (this.removals.get() != removals) {
				// it may have been removed before it was put there
				known.remove(key, registered);
			}
		}
		return registered;
	}

	private Timer newTimer(MeterKey key) {
		return Timer.builder(this.convention.name(key.meter()))
			.description(key.meter().description())
			.serviceLevelObjectives(DURATION_BUCKETS)
			.tags(tags(key))
			.register(this.registry);
	}

	private DistributionSummary newSummary(MeterKey key) {
		return DistributionSummary.builder(this.convention.name(key.meter()))
			.description(key.meter().description())
			.serviceLevelObjectives(TOKEN_BUCKETS)
			.tags(tags(key))
			.register(this.registry);
	}

	private Counter newCounter(MeterKey key) {
		return Counter.builder(key.meter().meterName())
			.description(key.meter().description())
			.tags(tags(key))
			.register(this.registry);
	}

	private String[] tags(MeterKey key) {
		List<String> tags = switch (key.meter()) {
			case OPERATION_DURATION -> this.convention.durationTags(key.first(), key.second(), key.third(),
					key.stream(), key.fourth(), key.fifth());
			case TOKEN_USAGE -> this.convention.usageTags(key.first(), key.second(), key.third());
			case TIME_TO_FIRST_TOKEN -> this.convention.firstTokenTags(key.first(), key.second());
			default -> {
				List<String> values = List.of(key.first(), key.second(), key.third(), key.fourth(), key.fifth());
				List<String> names = key.meter().tags();
				yield IntStream.range(0, names.size())
					.boxed()
					.flatMap((i) -> Stream.of(names.get(i), values.get(i)))
					.toList();
			}
		};
		return tags.toArray(String[]::new);
	}

	private static String errorType(@Nullable ErrorKind kind) {
		return (kind != null) ? name(ERROR_TYPES, kind) : BoundedValues.NONE;
	}

	private static <E extends Enum<E>> String name(Map<E, String> names, E value) {
		return Objects.requireNonNull(names.get(value));
	}

	private static <E extends Enum<E>> Map<E, String> lowerCase(Class<E> type) {
		Map<E, String> names = new EnumMap<>(type);
		for (E value : type.getEnumConstants()) {
			names.put(value, value.name().toLowerCase(Locale.ROOT));
		}
		return names;
	}

	/**
	 * A meter and the values of its tags, in the order of {@link ChatMeter#tags()} but
	 * for those that are always the same.
	 */
	private record MeterKey(ChatMeter meter, String first, String second, String third, String fourth, String fifth,
			boolean stream) {

		MeterKey(ChatMeter meter, String first, String second) {
			this(meter, first, second, "");
		}

		MeterKey(ChatMeter meter, String first, String second, String third) {
			this(meter, first, second, third, "", "", false);
		}

	}

}
