package io.github.deepseekboot.observation;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.routing.RoutingClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link ChatMeters}.
 */
class ChatMetersTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final ChatRequest REQUEST = ChatRequest.of("Hi");

	private static final String USAGE = "{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}";

	private final ObservedClient observed = new ObservedClient(
			ModelPrice.builder(new BigDecimal("2"), new BigDecimal("8"), "CNY").build());

	private final MeterRegistry registry = new SimpleMeterRegistry();

	@Test
	void usageOnEachChunkIsCountedOnce() {
		this.observed.streams("{\"prompt_tokens\":10,\"completion_tokens\":1,\"total_tokens\":11}",
				"{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_tokens\":12}", USAGE);
		stream();
		assertTokens(10, 4);
		assertThat(this.registry.get("deepseek.client.cost").counter().count()).isCloseTo((10 * 2 + 4 * 8) / 1e6,
				Offset.offset(1e-12));
	}

	@Test
	void usageOnTheLastChunkIsCounted() {
		this.observed.streams("null", USAGE);
		stream();
		assertTokens(10, 4);
	}

	@Test
	void usageThatIsNotReportedIsNotCounted() {
		this.observed.streams("null", "null");
		stream();
		this.observed.answersWithUsage("null");
		complete(REQUEST);
		assertThat(this.registry.find("deepseek.client.token.usage").meters()).isEmpty();
		assertThat(this.registry.find("deepseek.client.cost").meters()).isEmpty();
		assertThat(this.registry.get("deepseek.client.operation.duration").timers()).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"prompt_tokens\":-1,\"completion_tokens\":4,\"total_tokens\":3}",
			"{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":3}",
			"{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14,\"prompt_cache_hit_tokens\":11}",
			"{\"prompt_tokens\":99999999999999999999,\"completion_tokens\":4,\"total_tokens\":14}" })
	void usageThatCannotBeIsNotCounted(String usage) {
		this.observed.answersWithUsage(usage);
		complete(REQUEST);
		assertThat(this.registry.find("deepseek.client.token.usage").meters()).isEmpty();
		assertThat(this.registry.find("deepseek.client.tokens.detail").meters()).isEmpty();
		assertThat(this.registry.find("deepseek.client.cost").meters()).isEmpty();
	}

	@Test
	void aModelAskedForByItsNativeIdHasItsPrice() {
		this.observed.answersWithUsage(USAGE);
		complete(ChatRequest.builder().user("Hi").model("deepseek-flash").build());
		assertThat(this.registry.get("deepseek.client.cost").tag("model", "deepseek-flash").counter().count())
			.isPositive();
		complete(ChatRequest.builder().user("Hi").model("another-model").build());
		assertThat(this.registry.get("deepseek.client.cost").counters()).hasSize(1);
	}

	@Test
	void whatServersSendIsBounded() {
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.DEEPSEEK,
				Map.of("deepseek", this.observed.provider));
		CallInfo call = call();
		for (int i = 0; i < 10_000; i++) {
			meters.onEvent(RoutingEvent.AttemptEnded.of(call,
					AttemptReport.builder(1, "deepseek", "model-" + i)
						.error(ErrorKind.INVALID_REQUEST)
						.status(400)
						.code("code-" + i)
						.elapsed(Duration.ZERO)
						.build(),
					null));
			meters.onEvent(RoutingEvent.CallEnded.builder(call, Outcome.SUCCESS)
				.provider("deepseek")
				.model("model-" + i)
				.responseModel("answered-" + i)
				.attempts(List.of())
				.elapsed(Duration.ZERO)
				.build());
		}
		meters.onEvent(RoutingEvent.AttemptEnded.of(call,
				AttemptReport.builder(1, "deepseek", "deepseek-flash")
					.error(ErrorKind.CONTEXT_LENGTH)
					.status(400)
					.code("context_length_exceeded")
					.elapsed(Duration.ZERO)
					.build(),
				null));
		assertThat(values("deepseek.client.errors", "code")).hasSizeLessThanOrEqualTo(102)
			.contains("other", "context_length_exceeded");
		assertThat(values("deepseek.client.errors", "model")).hasSizeLessThanOrEqualTo(102)
			.contains("other", "deepseek-flash");
		assertThat(values("deepseek.client.operation.duration", "response.model")).hasSizeLessThanOrEqualTo(102)
			.contains("other");
		assertThat(this.registry.get("deepseek.client.errors").counters()).hasSizeLessThan(250);
		assertThat(this.registry.get("deepseek.client.operation.duration").timers()).hasSizeLessThan(250);
	}

	@Test
	void aLongOrEmptyValueIsNoTag() {
		BoundedValues values = new BoundedValues(2);
		assertThat(values.of(null)).isEqualTo("none");
		assertThat(values.of("")).isEqualTo("none");
		assertThat(values.of("x".repeat(101))).isEqualTo("other");
		assertThat(List.of(values.of("a"), values.of("b"), values.of("c"), values.of("a"))).containsExactly("a", "b",
				"other", "a");
	}

	@ParameterizedTest
	@EnumSource(MeterConvention.class)
	void theTagsAreTheSameOnEveryPath(MeterConvention convention) {
		PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		ChatMeters meters = new ChatMeters(prometheus, convention, Map.of("deepseek", this.observed.provider));
		RoutingClient client = this.observed.create(CallDecorator.NONE, meters);
		this.observed.streams(USAGE);
		client.stream(REQUEST).blockLast(PATIENCE);
		client.stream(REQUEST).onErrorComplete().blockLast(PATIENCE);
		this.observed.streams(USAGE, USAGE);
		client.stream(REQUEST).next().block(PATIENCE);
		this.observed.answersWithUsage(USAGE);
		client.complete(REQUEST).block(PATIENCE);
		this.observed.answers("text/html", "<html>");
		client.complete(REQUEST).onErrorComplete().block(PATIENCE);
		for (Meter meter : prometheus.getMeters()) {
			Set<String> keys = keys(meter);
			assertThat(prometheus.find(meter.getId().getName()).meters())
				.allSatisfy((other) -> assertThat(keys(other)).isEqualTo(keys));
		}
		assertThat(prometheus.scrape())
			.contains((convention != MeterConvention.GEN_AI) ? "deepseek_client_operation_duration_seconds_count{"
					: "gen_ai_client_operation_duration_seconds_count{");
	}

	@Test
	void standardNamesAndTags() {
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.GEN_AI,
				Map.of("deepseek", this.observed.provider));
		this.observed.streams(USAGE);
		this.observed.create(CallDecorator.NONE, meters).stream(REQUEST).blockLast(PATIENCE);
		Tags common = Tags.of("gen_ai.operation.name", "chat", "gen_ai.provider.name", "deepseek",
				"gen_ai.request.model", "deepseek-flash");
		assertThat(this.registry.get("gen_ai.client.operation.duration").timer().getId().getTags())
			.containsExactlyInAnyOrderElementsOf(
					common.and("gen_ai.response.model", "m", "error.type", "none").stream().toList());
		assertThat(this.registry.get("gen_ai.client.operation.time_to_first_chunk").timer().getId().getTags())
			.containsExactlyInAnyOrderElementsOf(common.stream().toList());
		assertThat(this.registry.get("gen_ai.client.token.usage")
			.tags(common)
			.tag("gen_ai.token.type", "input")
			.summary()
			.totalAmount()).isEqualTo(10);
		assertThat(this.registry.find("deepseek.client.token.usage").meters()).isEmpty();
		assertThat(this.registry.find("deepseek.client.attempts").meters()).hasSize(1);
	}

	@Test
	void aClashOfStandardNamesBreaksNoCall() {
		PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		Counter.builder("gen_ai.client.token.usage").tag("gen_ai.token.type", "total").register(prometheus).increment();
		ChatMeters meters = new ChatMeters(prometheus, MeterConvention.GEN_AI,
				Map.of("deepseek", this.observed.provider));
		this.observed.answersWithUsage(USAGE);
		assertThat(this.observed.create(CallDecorator.NONE, meters).complete(REQUEST).block(PATIENCE)).isNotNull();
		assertThat(prometheus.scrape()).contains("gen_ai_client_operation_duration_seconds_count");
	}

	@Test
	void metersThatWereRemovedAreCountedAnew() {
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.DEEPSEEK,
				Map.of("deepseek", this.observed.provider));
		RoutingClient client = this.observed.create(CallDecorator.NONE, meters);
		for (int i = 0; i < 2; i++) {
			this.observed.answersWithUsage(USAGE);
			client.complete(REQUEST).block(PATIENCE);
		}
		assertThat(this.registry.get("deepseek.client.attempts").counter().count()).isEqualTo(2);
		this.registry.clear();
		this.observed.answersWithUsage(USAGE);
		client.complete(REQUEST).block(PATIENCE);
		assertThat(this.registry.get("deepseek.client.attempts").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("deepseek.client.operation.duration").timer().count()).isEqualTo(1);
		assertThat(this.registry.get("deepseek.client.token.usage").summaries()).isNotEmpty()
			.allSatisfy((summary) -> assertThat(summary.count()).isEqualTo(1));
	}

	// a registry calls its listeners under the lock that a registration needs
	@Test
	void metersAreRemovedWhileOthersAreRegistered() throws Exception {
		CountDownLatch registering = new CountDownLatch(10);
		CountDownLatch removed = new CountDownLatch(1);
		this.registry.config().meterFilter(new MeterFilter() {

			@Override
			public Meter.Id map(Meter.Id id) {
				if ("999".equals(id.getTag("status"))) {
					registering.countDown();
					await(removed);
				}
				return id;
			}

		});
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.DEEPSEEK, Map.of());
		for (int i = 0; i < 600; i++) {
			meters.onEvent(failed(100 + i % 300, "code-" + Integer.toHexString(i * 0x9E3779B9).charAt(0)));
		}
		List<Thread> calls = new ArrayList<>();
		for (int i = 0; i < 30; i++) {
			RoutingEvent event = failed(999, "other-" + i);
			Thread call = new Thread(() -> meters.onEvent(event));
			call.setDaemon(true);
			call.start();
			calls.add(call);
		}
		await(registering);
		try {
			assertThat(CompletableFuture.runAsync(this.registry::clear)).succeedsWithin(PATIENCE);
		}
		finally {
			removed.countDown();
		}
		for (Thread call : calls) {
			call.join(PATIENCE.toMillis());
			assertThat(call.isAlive()).isFalse();
		}
	}

	@Test
	void noMeterIsLostThatIsRemovedAsItIsRegistered() {
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.DEEPSEEK, Map.of());
		AtomicBoolean done = new AtomicBoolean();
		CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> {
			while (!done.get()) {
				this.registry.clear();
			}
		});
		try {
			for (int i = 0; i < 2_000; i++) {
				meters.onEvent(failed("provider-" + i, 500, "code"));
			}
		}
		finally {
			done.set(true);
		}
		assertThat(removal).succeedsWithin(PATIENCE);
		for (int i = 0; i < 2_000; i++) {
			meters.onEvent(failed("provider-" + i, 500, "code"));
		}
		assertThat(this.registry.find("deepseek.client.attempts").counters()).hasSize(2_000);
	}

	@Test
	void manyMetersAreRemovedWithoutASearchForEach() {
		AtomicLong comparisons = new AtomicLong();
		MeterRegistry counting = new SimpleMeterRegistry() {

			@Override
			protected Counter newCounter(Meter.Id id) {
				return new CumulativeCounter(id) {

					@Override
					public boolean equals(@Nullable Object other) {
						comparisons.incrementAndGet();
						return super.equals(other);
					}

					@Override
					public int hashCode() {
						return super.hashCode();
					}

				};
			}

		};
		ChatMeters meters = new ChatMeters(counting, MeterConvention.DEEPSEEK, Map.of());
		for (int i = 0; i < 1_000; i++) {
			meters.onEvent(failed("provider-" + i, 500, "code"));
		}
		counting.clear();
		assertThat(comparisons).hasValueLessThan(20_000);
		meters.onEvent(failed("provider-0", 500, "code"));
		assertThat(counting.get("deepseek.client.attempts").counter().count()).isEqualTo(1);
	}

	private static RoutingEvent failed(int status, String code) {
		return failed("deepseek", status, code);
	}

	private static RoutingEvent failed(String provider, int status, String code) {
		return RoutingEvent.AttemptEnded.of(CallInfo.of(REQUEST, false),
				AttemptReport.builder(1, provider, "m").error(ErrorKind.SERVER_ERROR).status(status).code(code).build(),
				null);
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void aCallThatNobodyCanBeAskedForIsTimed() {
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.DEEPSEEK,
				Map.of("deepseek", this.observed.provider));
		RoutingClient client = this.observed.create(CallDecorator.NONE, meters);
		ChatRequest impossible = ChatRequest.builder()
			.user("Hi")
			.thinking(true)
			.toolChoice(ToolChoice.REQUIRED)
			.build();
		client.complete(impossible).onErrorComplete().block(PATIENCE);
		client.stream(impossible).onErrorComplete().blockLast(PATIENCE);
		client.complete(REQUEST.toBuilder().provider("nobody").build()).onErrorComplete().block(PATIENCE);
		client.shutdown(Duration.ZERO).block(PATIENCE);
		client.complete(REQUEST).onErrorComplete().block(PATIENCE);
		assertThat(this.registry.get("deepseek.client.operation.duration").timers()).hasSize(4).allSatisfy((timer) -> {
			assertThat(timer.getId().getTag("provider")).isEqualTo("none");
			assertThat(timer.getId().getTag("model")).isEqualTo("none");
			assertThat(timer.getId().getTag("outcome")).isEqualTo("error");
			assertThat(timer.count()).isEqualTo(1);
		});
		assertThat(values("deepseek.client.operation.duration", "error.type")).containsExactly("cancelled",
				"invalid_request", "unsupported");
		assertThat(this.registry.find("deepseek.client.attempts").meters()).isEmpty();
	}

	@Test
	void openStreamsAreShown() {
		ChatMeters meters = new ChatMeters(this.registry, MeterConvention.DEEPSEEK,
				Map.of("deepseek", this.observed.provider));
		RoutingClient client = this.observed.create(CallDecorator.NONE, meters);
		this.observed.streams("null", "null", USAGE);
		List<Double> seen = client.stream(REQUEST).map((ChatDelta delta) -> active()).collectList().block(PATIENCE);
		assertThat(seen).isNotNull().startsWith(1.0).endsWith(0.0);
		assertThat(active()).isZero();
	}

	private double active() {
		return this.registry.get("deepseek.client.streams.active").gauge().value();
	}

	private void stream() {
		meteredClient().stream(REQUEST).blockLast(PATIENCE);
	}

	private void complete(ChatRequest request) {
		meteredClient().complete(request).block(PATIENCE);
	}

	private RoutingClient meteredClient() {
		return this.observed.create(CallDecorator.NONE,
				new ChatMeters(this.registry, MeterConvention.DEEPSEEK, Map.of("deepseek", this.observed.provider)));
	}

	private CallInfo call() {
		AtomicReference<@Nullable CallInfo> call = new AtomicReference<>();
		this.observed.answersWithUsage("null");
		this.observed.create(CallDecorator.NONE, (event) -> {
			if (event instanceof RoutingEvent.CallStarted started) {
				call.set(started.call());
			}
		}).complete(REQUEST).block(PATIENCE);
		return Objects.requireNonNull(call.get());
	}

	private void assertTokens(double input, double output) {
		assertThat(this.registry.get("deepseek.client.token.usage").tag("type", "input").summary().totalAmount())
			.isEqualTo(input);
		assertThat(this.registry.get("deepseek.client.token.usage").tag("type", "output").summary().totalAmount())
			.isEqualTo(output);
		assertThat(this.registry.get("deepseek.client.token.usage").tag("type", "output").summary().count())
			.isEqualTo(1);
		assertThat(values("deepseek.client.token.usage", "type")).containsExactly("input", "output");
	}

	private Set<String> values(String meter, String tag) {
		Set<String> values = new TreeSet<>();
		this.registry.find(meter).meters().forEach((found) -> values.add(found.getId().getTag(tag)));
		return values;
	}

	private static Set<String> keys(Meter meter) {
		Set<String> keys = new TreeSet<>();
		meter.getId().getTags().stream().map(Tag::getKey).forEach(keys::add);
		return keys;
	}

}
