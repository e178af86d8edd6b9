package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the tokens of streams that their subscriber cancels.
 */
class CancelledUsageTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final RoutingFixture fixture = new RoutingFixture();

	@AfterEach
	void close() {
		this.fixture.close();
	}

	private static String chunk(@Nullable String text, @Nullable String finishReason, @Nullable Integer completion) {
		return "data: {\"choices\":[{\"index\":0,\"delta\":{" + ((text != null) ? "\"content\":\"" + text + "\"" : "")
				+ "}" + ((finishReason != null) ? ",\"finish_reason\":\"" + finishReason + "\"" : "") + "}]"
				+ ((completion != null) ? ",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":" + completion + "}"
						: "")
				+ "}\n\n";
	}

	private RoutingClient client(Flux<String> body) {
		return this.fixture.provider(ScriptedProvider.of("a", ScriptedProvider.stream(body)).client()).client();
	}

	private RoutingEvent.CallEnded ended() {
		List<RoutingEvent.CallEnded> ended = this.fixture.events(RoutingEvent.CallEnded.class);
		assertThat(ended).hasSize(1);
		assertThat(ended.get(0).outcome()).isEqualTo(Outcome.CANCEL);
		return ended.get(0);
	}

	private static Usage usage(long completion) {
		return Usage.builder().promptTokens(9L).completionTokens(completion).build();
	}

	@Test
	void whatWasReportedWithEachChunkCounts() {
		Sinks.Many<String> body = Sinks.many().unicast().onBackpressureBuffer();
		body.tryEmitNext(chunk("one", null, 1));
		body.tryEmitNext(chunk("two", null, 2));
		client(body.asFlux()).stream(ChatRequest.of("hi")).take(2).blockLast(PATIENCE);
		assertThat(ended().usage()).isEqualTo(usage(2));
	}

	@Test
	void theEndCountsThatCameAlready() {
		Flux<String> body = Flux.just(chunk("one", null, null), chunk("two", null, null),
				chunk(null, "stop", null)
						+ "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}\n\n"
						+ "data: [DONE]\n\n");
		client(body).stream(ChatRequest.of("hi"))
			.takeUntil((delta) -> delta.finishReason() != null)
			.blockLast(PATIENCE);
		assertThat(ended().usage()).isEqualTo(usage(3));
	}

	@Test
	void theEndCountsThatIsInOneBufferWithTheFirstToken() {
		Flux<String> body = Flux.just(chunk("one", null, null) + chunk(null, "stop", 3) + "data: [DONE]\n\n");
		client(body).stream(ChatRequest.of("hi")).take(1).blockLast(PATIENCE);
		assertThat(ended().usage()).isEqualTo(usage(3));
	}

	@Test
	void cancellingFromAnotherThreadCountsToo() {
		Sinks.Many<String> body = Sinks.many().unicast().onBackpressureBuffer();
		body.tryEmitNext(chunk("one", null, 1));
		Sinks.Empty<Void> stop = Sinks.empty();
		Flux<ChatDelta> answer = client(body.asFlux()).stream(ChatRequest.of("hi"))
			.doOnNext((delta) -> Schedulers.parallel().schedule(stop::tryEmitEmpty, 50, TimeUnit.MILLISECONDS))
			.takeUntilOther(stop.asMono());
		assertThat(answer.collectList().block(PATIENCE)).hasSize(1);
		assertThat(ended().usage()).isEqualTo(usage(1));
	}

	@Test
	void withoutAnyReportItIsUnknown() {
		Sinks.Many<String> body = Sinks.many().unicast().onBackpressureBuffer();
		body.tryEmitNext(chunk("one", null, null));
		client(body.asFlux()).stream(ChatRequest.of("hi")).take(1).blockLast(PATIENCE);
		assertThat(ended().usage()).isNull();
	}

	@Test
	void whatIsBrokenBehindTheCancellationIsNobodysTrouble() {
		Flux<String> body = Flux.just(chunk("one", null, 1) + "data: {\"choices\":[{\n\n" + chunk("two", null, 2));
		client(body).stream(ChatRequest.of("hi")).take(1).blockLast(PATIENCE);
		assertThat(ended().usage()).isEqualTo(usage(1));
	}

}
