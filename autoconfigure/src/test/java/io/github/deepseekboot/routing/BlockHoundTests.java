package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.RoutingEvent.FailedOver;
import io.github.deepseekboot.hook.RoutingEvent.Retried;
import io.github.deepseekboot.tool.CallingModel;
import io.github.deepseekboot.tool.Tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Nothing blocks a thread that must not be blocked (fault 72 of docs/reliability.md). Has
 * a JVM of its own: BlockHound changes it for good, and threads that wait already when it
 * comes are taken for blocked.
 */
@Tag("blockhound")
class BlockHoundTests {

	private static final List<String> BLOCKED = new CopyOnWriteArrayList<>();

	@BeforeAll
	static void install() {
		BlockHound.builder().loadIntegrations().blockingMethodCallback((method) -> {
			BlockingOperationError error = new BlockingOperationError(method);
			BLOCKED.add(error.getMessage() + " on " + Thread.currentThread().getName() + " at "
					+ List.of(error.getStackTrace()).stream().limit(12).toList());
			throw error;
		}).install();
	}

	@BeforeEach
	void forget() {
		BLOCKED.clear();
	}

	@Test
	void theCheckCanFail() {
		LoopResources loops = LoopResources.create("watched", 1, true);
		Mono<String> sleeping = Mono.fromCallable(() -> {
			Thread.sleep(1);
			return "slept";
		});
		for (Scheduler scheduler : List.of(Schedulers.parallel(), Schedulers.fromExecutor(loops.onClient(true)))) {
			assertThatThrownBy(() -> sleeping.subscribeOn(scheduler).block(RoutingFixture.PATIENCE))
				.hasRootCauseInstanceOf(BlockingOperationError.class);
		}
		assertThat(BLOCKED).hasSize(2);
		loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).block(RoutingFixture.PATIENCE);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault72CallsFailoverAndBackOffDoNotBlock(boolean stream) throws Exception {
		LoopResources loops = LoopResources.create("watched", 2, true);
		try (MisbehavingServer a = MisbehavingServer.start((exchange) -> exchange.status(503, "", "{}"));
				MisbehavingServer b = MisbehavingServer.start(
						(exchange) -> exchange.status(429, "Retry-After-Ms: 20\r\n", "{}"),
						MisbehavingServer.answer("fine"));
				RoutingFixture fixture = new RoutingFixture().loops(loops)
					.provider("a", a.port())
					.provider("b", b.port())) {
			ChatRequest request = ChatRequest.of("hi");
			Flux<?> call = stream ? fixture.client().stream(request) : fixture.client().complete(request).flux();
			// started on a thread that must not be blocked either
			call.subscribeOn(Schedulers.parallel()).blockLast(RoutingFixture.PATIENCE);
			Flux.range(0, 20)
				.flatMap((number) -> call.subscribeOn(Schedulers.parallel()))
				.blockLast(Duration.ofSeconds(20));
			assertThat(fixture.events(FailedOver.class)).isNotEmpty();
			// the second asked for time: a back-off before it or before the first
			assertThat(Stream.concat(fixture.events(Retried.class).stream(),
					fixture.events(FailedOver.class).stream().filter((event) -> event.from().equals("b"))))
				.isNotEmpty();
			assertThat(BLOCKED).isEmpty();
		}
		finally {
			loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).block(RoutingFixture.PATIENCE);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void toolsMayBlockAndNothingAroundThemDoes(boolean stream) {
		Tool blocking = Tool.of("wait", "Waits", () -> {
			Thread.sleep(1);
			return "waited";
		});
		Tool reactive = Tool.of("later", "Waits", () -> Mono.delay(Duration.ofMillis(1)));
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("1", "wait", "{}"), CallingModel.call("2", "later", "{}")),
				CallingModel.calling(CallingModel.call("3", "wait", "{}")), CallingModel.saying("fine"))) {
			ChatCompletionTemplate chat = model.template().withTools(blocking, reactive);
			Flux<?> call = stream ? chat.stream("hi") : chat.completeAsync("hi").flux();
			call.subscribeOn(Schedulers.parallel()).blockLast(RoutingFixture.PATIENCE);
			assertThat(model.requests()).hasSize(3);
			assertThat(model.requests().get(2).at("/messages/2/content").asString()).isEqualTo("waited");
			assertThat(BLOCKED).isEmpty();
		}
	}

	@Test
	void fault72TheBlockingCallOnAnEventLoopFailsAtOnce() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.silence());
		ChatCompletionTemplate template = new ChatCompletionTemplate(
				new RoutingFixture().provider(a.client()).client());
		Mono<String> call = Mono.fromCallable(() -> template.complete("hi").content())
			.subscribeOn(Schedulers.parallel());
		assertThatIllegalStateException().isThrownBy(() -> call.block(Duration.ofSeconds(5)))
			.withMessageContaining("completeAsync");
		assertThat(a.requests()).isZero();
	}

}
