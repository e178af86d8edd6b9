package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ApiKeyResolver;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CallStarted;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ApiKeyResolver} and what is kept for each key.
 */
class ApiKeyResolverTests {

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final List<RoutingEvent> events = new ArrayList<>();

	private RoutingClient client(ApiKeyResolver resolver, ScriptedProvider... providers) {
		return RoutingClient
			.builder(List.of(providers).stream().map(ScriptedProvider::client).toList(),
					new ProviderChain(List.of(providers).stream().map((one) -> one.client().provider().id()).toList()))
			.clock(TransportClock.of(this.time))
			.listeners(List.of(this.events::add))
			.apiKeyResolver(resolver)
			.settings(Map.of())
			.build();
	}

	private <T extends RoutingEvent> List<T> events(Class<T> type) {
		return this.events.stream().filter(type::isInstance).map(type::cast).toList();
	}

	@Test
	void aKeyThatCannotBeResolvedLeavesTheProviderOut() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.answer("from a"));
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.answer("from b"));
		RoutingClient client = client((provider, request) -> provider.equals("a")
				? Mono.error(new IllegalStateException("the vault is shut")) : Mono.just(ApiKey.of("key-of-tenant")), a,
				b);
		StepVerifier.create(client.complete(ChatRequest.of("hi")))
			.assertNext((completion) -> assertThat(completion.content()).isEqualTo("from b"))
			.expectComplete()
			.verify(RoutingFixture.PATIENCE);
		StepVerifier.create(client.stream(ChatRequest.builder().user("hi").provider("a").build()))
			.expectErrorSatisfies((failure) -> {
				assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.AUTHENTICATION);
				assertThat(failure).hasMessageContaining("a: its key could not be resolved")
					.hasMessageContaining("the vault is shut")
					.hasCauseInstanceOf(IllegalStateException.class);
			})
			.verify(RoutingFixture.PATIENCE);
		assertThat(a.requests()).isZero();
		assertThat(events(CallStarted.class)).hasSize(2);
		assertThat(events(CallEnded.class)).extracting(CallEnded::outcome)
			.containsExactly(Outcome.SUCCESS, Outcome.ERROR);
	}

	@Test
	void aResolverThatNeverEndsMeetsTheTotalTimeout() {
		RoutingClient client = client((provider, request) -> Mono.never(),
				ScriptedProvider.of("a", ScriptedProvider.answer("from a")));
		List<Throwable> failures = new ArrayList<>();
		client.complete(ChatRequest.of("hi")).subscribe(null, failures::add);
		assertThat(failures).isEmpty();
		this.time.advanceTimeBy(Duration.ofHours(1));
		assertThat(failures).singleElement()
			.satisfies((failure) -> assertThat(failure).hasMessageContaining("the total timeout expired"));
	}

	@Test
	void aCancellationEndsTheResolution() {
		AtomicInteger cancelled = new AtomicInteger();
		RoutingClient client = client(
				(provider, request) -> Mono.<ApiKey>never().doOnCancel(cancelled::incrementAndGet),
				ScriptedProvider.of("a", ScriptedProvider.answer("from a")));
		Disposable call = client.stream(ChatRequest.of("hi")).subscribe();
		call.dispose();
		assertThat(cancelled).hasValue(1);
		assertThat(events(CallEnded.class)).extracting(CallEnded::outcome).containsExactly(Outcome.CANCEL);
	}

	@Test
	void aCancellationAfterTheResolutionEndsTheCallOnce() {
		RoutingClient client = client((provider, request) -> Mono.just(ApiKey.of("key-of-tenant")),
				ScriptedProvider.of("a", ScriptedProvider.silence()));
		client.stream(ChatRequest.of("hi")).subscribe().dispose();
		client.complete(ChatRequest.of("hi")).subscribe().dispose();
		assertThat(events(CallEnded.class)).extracting(CallEnded::outcome)
			.containsExactly(Outcome.CANCEL, Outcome.CANCEL);
	}

	@Test
	void aShutdownEndsCallsThatStillWaitForTheirKeys() {
		AtomicInteger cancelled = new AtomicInteger();
		RoutingClient client = client(
				(provider, request) -> Mono.<ApiKey>never().doOnCancel(cancelled::incrementAndGet),
				ScriptedProvider.of("a", ScriptedProvider.answer("from a")));
		List<Throwable> failures = new ArrayList<>();
		client.complete(ChatRequest.of("hi")).subscribe(null, failures::add);
		client.stream(ChatRequest.of("hi")).subscribe(null, failures::add);
		client.shutdown(Duration.ofSeconds(1)).subscribe();
		this.time.advanceTimeBy(Duration.ofMillis(999));
		assertThat(failures).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(failures).hasSize(2)
			.allSatisfy(
					(failure) -> assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.CANCELLED));
		assertThat(cancelled).hasValue(2);
		assertThat(events(CallEnded.class)).extracting(CallEnded::outcome)
			.containsExactly(Outcome.ERROR, Outcome.ERROR);
	}

	@Test
	void aShutdownWaitsForCallsWhoseKeysComeInTime() {
		RoutingClient client = client(
				(provider, request) -> Mono.delay(Duration.ofMillis(500), this.time)
					.map((tick) -> ApiKey.of("key-of-tenant")),
				ScriptedProvider.of("a", ScriptedProvider.answer("from a")));
		List<ChatCompletion> answers = new ArrayList<>();
		List<String> order = new ArrayList<>();
		client.complete(ChatRequest.of("hi")).doFinally((signal) -> order.add("call")).subscribe(answers::add);
		client.shutdown(Duration.ofSeconds(1)).doFinally((signal) -> order.add("shutdown")).subscribe();
		this.time.advanceTimeBy(Duration.ofMillis(600));
		assertThat(answers).extracting(ChatCompletion::content).containsExactly("from a");
		assertThat(order).containsExactly("call", "shutdown");
	}

	@Test
	void whatIsKeptForKeysIsBounded() {
		int tenants = 20_500;
		AtomicInteger tenant = new AtomicInteger();
		// each account is empty, so that each key cools down
		RoutingClient client = client(
				(provider, request) -> Mono.just(ApiKey.of("key-of-tenant-" + tenant.incrementAndGet())),
				ScriptedProvider.of("a", ScriptedProvider.error(402, "empty")));
		for (int i = 0; i < tenants; i++) {
			client.complete(ChatRequest.of("hi")).subscribe(null, (failure) -> {
			});
			assertThat(client.states().size()).isLessThanOrEqualTo(10_000);
		}
		assertThat(tenant).hasValue(tenants);
		// the newest
		assertThat(client.states().statuses()).hasSize(10_000)
			.extracting(ProviderStatus::credential)
			.contains(ApiKey.of("key-of-tenant-" + tenants).fingerprint())
			.doesNotContain(ApiKey.of("key-of-tenant-1").fingerprint());
	}

	@Test
	void queuesOfTheQuotaAreBounded() {
		LocalProviderQuota quota = new LocalProviderQuota((provider) -> RoutingSettings.DEFAULTS,
				TransportClock.of(this.time));
		ProviderQuota.Permit held = quota.acquire(permitRequest("held")).block();
		for (int i = 0; i < 20_500; i++) {
			ProviderQuota.Permit permit = quota.acquire(permitRequest("key-" + i)).block();
			assertThat(permit).isNotNull();
			permit.release();
			assertThat(quota.queues()).isLessThanOrEqualTo(10_000);
		}
		assertThat(held).isNotNull();
	}

	private static PermitRequest permitRequest(String account) {
		return PermitRequest.builder("a", "model", ChatRequest.of("hi")).account(account).build();
	}

	@Test
	void aRefusedCallIsReported() {
		RoutingClient client = client((provider, request) -> Mono.empty(),
				ScriptedProvider.of("a", ScriptedProvider.answer("from a")));
		StepVerifier.create(client.complete(ChatRequest.builder().user("hi").provider("nobody").build()))
			.expectErrorSatisfies((failure) -> assertThat(((DeepSeekException) failure).getKind())
				.isEqualTo(ErrorKind.INVALID_REQUEST))
			.verify(RoutingFixture.PATIENCE);
		client.shutdown(Duration.ZERO).block(RoutingFixture.PATIENCE);
		StepVerifier.create(client.complete(ChatRequest.of("hi")))
			.expectErrorSatisfies(
					(failure) -> assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.CANCELLED))
			.verify(RoutingFixture.PATIENCE);
		assertThat(events(CallEnded.class)).hasSize(2).allSatisfy((ended) -> {
			assertThat(ended.outcome()).isEqualTo(Outcome.ERROR);
			assertThat(ended.provider()).isNull();
			assertThat(ended.attempts()).isEmpty();
		});
	}

}
