package io.github.deepseekboot.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.health.ProviderHealth.Finding;
import io.github.deepseekboot.health.ProviderHealth.Verdict;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Ping;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link ProviderHealth}.
 */
class ProviderHealthTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final HealthSettings SETTINGS = new HealthSettings(Duration.ofMinutes(1), Duration.ofMillis(200));

	private final AtomicLong now = new AtomicLong(System.nanoTime());

	private TransportClock clock = new TransportClock(Schedulers.parallel(), this.now::get);

	private final AtomicInteger pings = new AtomicInteger();

	private final AtomicReference<@Nullable ClientRequest> sent = new AtomicReference<>();

	private Mono<ClientResponse> answer = Mono.fromSupplier(() -> response(200, "{\"data\":[]}"));

	private @Nullable RoutingClient router;

	@Test
	void aPingCountsUntilItsTimeIsOver() {
		ProviderHealth health = health("deepseek", Ping.MODELS);
		assertThat(this.pings).hasValue(0);
		Finding first = find(health);
		assertThat(first.verdict()).isEqualTo(Verdict.WELL);
		assertThat(first.latency()).isNotNull();
		this.now.addAndGet(Duration.ofSeconds(59).toNanos());
		assertThat(find(health)).isSameAs(first);
		assertThat(health.age(first)).isEqualTo(Duration.ofSeconds(59));
		this.now.addAndGet(Duration.ofSeconds(1).toNanos());
		assertThat(find(health)).isNotSameAs(first);
		assertThat(this.pings).hasValue(2);
	}

	@Test
	void aPingThatIsNotAnsweredEndsByTheClock() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		this.clock = TransportClock.of(time);
		this.answer = Mono.never();
		List<Finding> findings = new ArrayList<>();
		health("deepseek", Ping.MODELS).find().subscribe(findings::add);
		time.advanceTimeBy(SETTINGS.timeout().minusMillis(1));
		assertThat(findings).isEmpty();
		time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(findings).singleElement().extracting(Finding::verdict).isEqualTo(Verdict.ILL);
	}

	@Test
	void manyAtOnceShareOnePing() throws InterruptedException {
		this.answer = Mono.delay(Duration.ofMillis(50)).map((tick) -> response(200, "{\"data\":[]}"));
		ProviderHealth health = health("deepseek", Ping.MODELS);
		for (int round = 1; round <= 20; round++) {
			CountDownLatch done = new CountDownLatch(32);
			Flux.range(0, 32)
				.flatMap(
						(i) -> health.find().subscribeOn(Schedulers.parallel()).doFinally((signal) -> done.countDown()),
						32)
				.blockLast(PATIENCE);
			done.await();
			assertThat(this.pings).hasValue(round);
			this.now.addAndGet(Duration.ofMinutes(2).toNanos());
		}
	}

	@Test
	void aPollerThatGoesAwayLeavesThePingToTheOthers() {
		this.answer = Mono.delay(Duration.ofMillis(50)).map((tick) -> response(200, "{\"data\":[]}"));
		ProviderHealth health = health("deepseek", Ping.MODELS);
		health.find().subscribe().dispose();
		assertThat(find(health).verdict()).isEqualTo(Verdict.WELL);
		assertThat(this.pings).hasValue(1);
	}

	@Test
	void aFailureCountsAsLongAsASuccess() {
		this.answer = Mono.fromSupplier(() -> response(500, "no"));
		ProviderHealth health = health("deepseek", Ping.MODELS);
		Finding finding = find(health);
		assertThat(finding.verdict()).isEqualTo(Verdict.ILL);
		assertThat(kind(finding)).isEqualTo(ErrorKind.SERVER_ERROR);
		find(health);
		assertThat(this.pings).hasValue(1);
	}

	@Test
	void noAnswerInTimeIsAFailure() {
		this.answer = Mono.never();
		Finding finding = find(health("deepseek", Ping.MODELS));
		assertThat(finding.verdict()).isEqualTo(Verdict.ILL);
		assertThat(kind(finding)).isEqualTo(ErrorKind.TIMEOUT);
	}

	@ParameterizedTest
	@CsvSource({ "404, UNKNOWN", "405, UNKNOWN", "410, UNKNOWN", "401, ILL", "403, ILL", "429, ILL", "500, ILL",
			"503, ILL", "307, ILL" })
	void aPathThatIsMissingSaysNothing(int status, Verdict verdict) {
		this.answer = Mono.fromSupplier(() -> response(status, "no"));
		assertThat(find(health("siliconflow", Ping.MODELS)).verdict()).isEqualTo(verdict);
	}

	@Test
	void anEmptyAccountIsAFailure() {
		this.answer = Mono.fromSupplier(() -> response(200, "{\"is_available\":false,\"balance_infos\":[]}"));
		Finding finding = find(health("deepseek", Ping.BALANCE));
		assertThat(request().url().getPath()).isEqualTo("/user/balance");
		assertThat(finding.verdict()).isEqualTo(Verdict.ILL);
		assertThat(kind(finding)).isEqualTo(ErrorKind.OUT_OF_CREDIT);
	}

	@Test
	void aBalanceThatIsNotReportedMeansNothing() {
		assertThat(find(health("siliconflow", Ping.BALANCE)).verdict()).isEqualTo(Verdict.UNKNOWN);
		assertThat(this.pings).hasValue(0);
	}

	@Test
	void aChatPingAsksForOneToken() {
		this.answer = Mono.fromSupplier(() -> response(200, completion()));
		assertThat(find(health("deepseek", Ping.CHAT)).verdict()).isEqualTo(Verdict.WELL);
		assertThat(request().method()).isEqualTo(HttpMethod.POST);
	}

	@Test
	void withoutAPingOnlyTrafficCounts() {
		ProviderHealth health = health("alayanew", Ping.NONE);
		assertThat(find(health).verdict()).isEqualTo(Verdict.UNKNOWN);
		assertThat(this.pings).hasValue(0);
		this.now.addAndGet(Duration.ofMinutes(2).toNanos());
		this.answer = Mono.fromSupplier(() -> response(200, completion()));
		call().block(PATIENCE);
		assertThat(find(health).verdict()).isEqualTo(Verdict.WELL);
	}

	@Test
	void anAnswerLatelyMakesAPingNeedless() {
		ProviderHealth health = health("deepseek", Ping.MODELS);
		this.answer = Mono.fromSupplier(() -> response(200, completion()));
		call().block(PATIENCE);
		assertThat(this.pings).hasValue(1);
		Finding finding = find(health);
		assertThat(finding.verdict()).isEqualTo(Verdict.WELL);
		assertThat(finding.latency()).isNull();
		assertThat(this.pings).hasValue(1);
		// a failure after it makes one worth while
		this.answer = Mono.fromSupplier(() -> response(400, "no"));
		call().onErrorComplete().block(PATIENCE);
		assertThat(find(health).verdict()).isEqualTo(Verdict.ILL);
		assertThat(this.pings).hasValue(3);
	}

	@ParameterizedTest
	@CsvSource({ "500, WELL", "503, WELL", "429, WELL", "401, ILL", "402, ILL" })
	void answersToCallsAreBetterEvidenceThanAPingThatFails(int status, Verdict verdict) {
		ProviderHealth health = health("deepseek", Ping.MODELS, new HealthSettings(Duration.ofNanos(1), PATIENCE));
		this.answer = Mono.fromSupplier(() -> response(200, completion()));
		call().block(PATIENCE);
		this.answer = Mono.fromSupplier(() -> response(status, "no"));
		assertThat(find(health).verdict()).isEqualTo(verdict);
		assertThat(this.pings).hasValue(2);
		call().onErrorComplete().block(PATIENCE);
		assertThat(find(health).verdict()).as("after a call that failed").isEqualTo(Verdict.ILL);
	}

	@ParameterizedTest
	@EnumSource(Ping.class)
	void nothingIsAskedUnlessSomebodyWantsToKnow(Ping ping) {
		health("deepseek", ping).find();
		assertThat(this.pings).hasValue(0);
	}

	private static Finding find(ProviderHealth health) {
		return Objects.requireNonNull(health.find().block(PATIENCE));
	}

	private static ErrorKind kind(Finding finding) {
		return Objects.requireNonNull(finding.failure()).getKind();
	}

	private Mono<ChatCompletion> call() {
		return Objects.requireNonNull(this.router).complete(ChatRequest.of("Hi"));
	}

	private ClientRequest request() {
		return Objects.requireNonNull(this.sent.get());
	}

	private ProviderHealth health(String id, Ping ping) {
		return health(id, ping, SETTINGS);
	}

	private ProviderHealth health(String id, Ping ping, HealthSettings settings) {
		Provider provider = Provider.builder(id, ProviderPresets.get(id))
			.apiKey(ApiKey.of("test-key"))
			.ping(ping)
			.build();
		WebClient webClient = WebClient.builder().exchangeFunction((request) -> {
			this.pings.incrementAndGet();
			this.sent.set(request);
			return this.answer;
		}).build();
		List<ProviderClient> clients = new ArrayList<>(List.of(new ProviderClient(provider, webClient)));
		RoutingClient router = RoutingClient.builder(clients, ProviderChain.of(id, List.of())).build();
		this.router = router;
		return new ProviderHealth(clients.get(0), router.states(), settings, this.clock);
	}

	private static String completion() {
		return """
				{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},\
				"finish_reason":"stop"}]}""";
	}

	private static ClientResponse response(int status, String body) {
		return ClientResponse.create(HttpStatusCode.valueOf(status))
			.header("Content-Type", "application/json")
			.body(body)
			.build();
	}

}
