package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Code of the application that throws hurts nobody but itself.
 */
class RoutingForeignCodeTests {

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private RoutingFixture fixture(ScriptedProvider... providers) {
		return fixture(RoutingFixture.settings(6, 20, 1), providers);
	}

	private RoutingFixture fixture(RoutingSettings settings, ScriptedProvider... providers) {
		RoutingFixture fixture = new RoutingFixture().settings(settings).clock(TransportClock.of(this.time));
		for (ScriptedProvider provider : providers) {
			fixture.provider(provider.client());
		}
		return fixture;
	}

	private static ScriptedProvider fine(String id) {
		return ScriptedProvider.of(id, ScriptedProvider.answer("fine"));
	}

	private static void assertBlameless(RoutingFixture fixture) {
		ProviderStatus status = fixture.status("a");
		assertThat(status.isUsable()).isTrue();
		assertThat(status.lastError()).isNull();
		assertThat(status.inFlight()).isZero();
		fixture.client().shutdown(Duration.ofMillis(1)).block(RoutingFixture.PATIENCE);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault113APermitThatCannotBeReleasedLeavesTheAnswer(boolean stream) {
		AtomicInteger releases = new AtomicInteger();
		RoutingFixture fixture = fixture(fine("a"), fine("b")).quota((request) -> Mono.just(() -> {
			releases.incrementAndGet();
			throw new NoClassDefFoundError("redis is gone");
		}));
		RoutingFixture.Result result = fixture.call(stream);
		assertThat(result.text()).isEqualTo("fine");
		assertThat(result.path()).isEqualTo("a ok");
		assertThat(releases).hasValue(1);
		assertBlameless(fixture);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aPermitLearnsOfTheUsageWhenTheProviderIsDone(boolean stream) {
		List<String> heard = new ArrayList<>();
		List<RoutingFixture> fixtures = new ArrayList<>();
		String usage = "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}";
		ScriptedProvider a = ScriptedProvider.of("a",
				stream ? ScriptedProvider.stream(Flux.just(MisbehavingServer.delta("fine"),
						"data: {\"choices\":[]," + usage + "}\n\n", "data: [DONE]\n\n"))
						: ScriptedProvider.json(200,
								MisbehavingServer.completion("fine").replace("{\"id\"", "{" + usage + ",\"id\"")));
		RoutingFixture fixture = fixture(a).quota((request) -> Mono.just(new ProviderQuota.Permit() {

			@Override
			public void release() {
				heard.add("released");
			}

			@Override
			public void used(Usage usage) {
				heard.add("used " + usage.totalTokens() + ", in flight " + fixtures.get(0).status("a").inFlight());
			}

		}));
		fixtures.add(fixture);
		assertThat(fixture.call(stream).text()).isEqualTo("fine");
		assertThat(heard).containsExactly("used 3, in flight 0", "released");
	}

	@Test
	void aBackOffThatAStoppedSchedulerRejectsEndsTheCallAsCancelled() {
		RoutingFixture fixture = fixture(
				ScriptedProvider.of("a", ScriptedProvider.error(429, "slow"), ScriptedProvider.answer("fine")));
		List<Throwable> failures = new ArrayList<>();
		fixture.listener((event) -> {
			if (event instanceof RoutingEvent.Retried) {
				this.time.dispose();
			}
		});
		fixture.client().complete(ChatRequest.of("hi")).subscribe((completion) -> {
		}, failures::add);
		assertThat(failures).singleElement().isInstanceOfSatisfying(DeepSeekException.class, (failure) -> {
			assertThat(failure.getKind()).isEqualTo(ErrorKind.CANCELLED);
			assertThat(failure).hasMessageNotContaining("ProviderQuota");
			assertThat(failure.getAttempts()).hasSize(1);
		});
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
		assertThat(fixture.status("a").inFlight()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aFilterThatAnswersNothingAtAllEndsTheCall(boolean stream) {
		RoutingFixture fixture = new RoutingFixture().clock(TransportClock.of(this.time))
			.provider(new ProviderClient(ScriptedProvider.provider("a", "test-key").build(),
					WebClient.builder().exchangeFunction((request) -> Mono.empty()).build()));
		Mono<?> answer = stream ? fixture.client().stream(ChatRequest.of("hi")).then()
				: fixture.client().complete(ChatRequest.of("hi"));
		List<Throwable> failures = new ArrayList<>();
		answer.subscribe((value) -> {
		}, failures::add);
		this.time.advanceTimeBy(Duration.ofMinutes(1));
		assertThat(failures).singleElement().isInstanceOf(DeepSeekException.class);
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
		assertThat(fixture.status("a").inFlight()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault113AListenerThatThrowsAnErrorChangesNothing(boolean stream) {
		RoutingFixture fixture = fixture(fine("a")).listener((event) -> {
			throw new StackOverflowError("a bad listener");
		});
		assertThat(fixture.call(stream).path()).isEqualTo("a ok");
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
		assertBlameless(fixture);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault113ADecoratorThatFailsIsPassedOver(boolean stream) {
		CallDecorator failing = new CallDecorator() {

			@Override
			public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
				throw new NoClassDefFoundError("gone");
			}

			@Override
			@SuppressWarnings("NullAway")
			public Flux<ChatDelta> decorate(CallInfo call, Flux<ChatDelta> deltas) {
				return null;
			}

			@Override
			public Context inside(AttemptStarted attempt, Context context) {
				throw new AssertionError("gone");
			}

		};
		ScriptedProvider a = fine("a");
		RoutingClient client = RoutingClient.builder(List.of(a.client()), new ProviderChain(List.of("a")))
			.decorator(failing)
			.build();
		if (stream) {
			assertThat(client.stream(ChatRequest.of("hi")).blockLast(RoutingFixture.PATIENCE)).isNotNull();
		}
		else {
			assertThat(client.complete(ChatRequest.of("hi")).block(RoutingFixture.PATIENCE)).isNotNull();
		}
		assertThat(client.states().statuses()).allMatch(ProviderStatus::isUsable);
	}

	@Test
	void fault113AnApiKeyResolverThatThrowsIsNamed() {
		List<RoutingEvent> events = new ArrayList<>();
		RoutingClient client = RoutingClient.builder(List.of(fine("a").client()), new ProviderChain(List.of("a")))
			.listeners(List.of(events::add))
			.apiKeyResolver((provider, request) -> {
				throw new NoClassDefFoundError("gone");
			})
			.build();
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> client.complete(ChatRequest.of("hi")).block(RoutingFixture.PATIENCE))
			.withMessageContaining(getClass().getName())
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.AUTHENTICATION));
		assertThat(events).filteredOn(CallEnded.class::isInstance).hasSize(1);
	}

	@Test
	void aDecoratorThatAnswersItselfStartsNoCall() {
		List<RoutingEvent> events = new ArrayList<>();
		RoutingClient client = RoutingClient.builder(List.of(fine("a").client()), new ProviderChain(List.of("a")))
			.listeners(List.of(events::add))
			.decorator(new CallDecorator() {

				@Override
				public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
					return Mono.just(ChatCompletion.of("cache", "known"));
				}

			})
			.build();
		assertThat(client.complete(ChatRequest.of("hi")).block(RoutingFixture.PATIENCE)).isNotNull();
		assertThat(events).isEmpty();
	}

	@Test
	void fault110ASubscriberThatDiesEndsItsCall() {
		AtomicInteger permits = new AtomicInteger();
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.stream(
				Flux.concat(Flux.just(MisbehavingServer.delta("one"), MisbehavingServer.delta("two")), Flux.never())));
		RoutingFixture fixture = fixture(a).quota((request) -> Mono.fromSupplier(() -> {
			permits.incrementAndGet();
			return new ProviderQuota.Permit() {

				private boolean released;

				@Override
				public void release() {
					permits.addAndGet(this.released ? 0 : -1);
					this.released = true;
				}

			};
		}));
		for (Throwable death : List.of(new StackOverflowError("simulated"), new IllegalStateException("simulated"))) {
			try {
				fixture.client().stream(ChatRequest.of("hi")).subscribe(new Dying(death));
			}
			catch (StackOverflowError ex) {
				assertThat(ex).isSameAs(death);
			}
			assertThat(permits).hasValue(0);
			assertThat(fixture.status("a").inFlight()).isZero();
		}
		assertThat(fixture.events(CallEnded.class)).extracting(CallEnded::outcome)
			.containsExactly(Outcome.CANCEL, Outcome.CANCEL);
		assertBlameless(fixture);
	}

	@Test
	void shutdownEndsEachCallOnItsOwnOffTheCallersThread() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.silence()));
		List<String> ended = new ArrayList<>();
		List<Throwable> dropped = new ArrayList<>();
		Hooks.onErrorDropped(dropped::add);
		try {
			for (String name : List.of("one", "two", "three")) {
				fixture.client().complete(ChatRequest.of("hi")).subscribe((completion) -> {
				}, (failure) -> {
					ended.add(name);
					throw new IllegalStateException("a subscriber that fails at the end");
				});
			}
			fixture.client().shutdown(Duration.ZERO).subscribe();
			this.time.advanceTimeBy(Duration.ofSeconds(2));
		}
		finally {
			Hooks.resetOnErrorDropped();
		}
		assertThat(ended).containsExactlyInAnyOrder("one", "two", "three");
		assertThat(fixture.status("a").inFlight()).isZero();
	}

	@Test
	void shutdownIsSilent() {
		RoutingSettings oneAtATime = RoutingSettings.builder().maxConcurrent(1).maxWait(Duration.ofMinutes(1)).build();
		RoutingFixture fixture = fixture(oneAtATime, ScriptedProvider.of("a", ScriptedProvider.silence()));
		List<Throwable> dropped = new ArrayList<>();
		List<Throwable> failures = new ArrayList<>();
		Hooks.onErrorDropped(dropped::add);
		try {
			for (int i = 0; i < 3; i++) {
				fixture.client().stream(ChatRequest.of("hi")).subscribe((delta) -> {
				}, failures::add);
			}
			fixture.client().shutdown(Duration.ZERO).subscribe();
			this.time.advanceTimeBy(Duration.ofMinutes(2));
		}
		finally {
			Hooks.resetOnErrorDropped();
		}
		assertThat(failures).hasSize(3);
		assertThat(dropped).isEmpty();
	}

	/**
	 * A plain subscriber that throws what it must not.
	 */
	private static final class Dying implements CoreSubscriber<ChatDelta> {

		private final Throwable death;

		Dying(Throwable death) {
			this.death = death;
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			subscription.request(Long.MAX_VALUE);
		}

		@Override
		public void onNext(ChatDelta delta) {
			if (this.death instanceof Error error) {
				throw error;
			}
			throw (RuntimeException) this.death;
		}

		@Override
		public void onError(@Nullable Throwable failure) {
			throw new AssertionError("a dead subscriber gets nothing more", failure);
		}

		@Override
		public void onComplete() {
			throw new AssertionError("a dead subscriber gets nothing more");
		}

	}

}
