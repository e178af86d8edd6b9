package io.github.deepseekboot.routing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferWrapper;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.routing.ScriptedProvider.Reply;

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
	void cancellingWhileAChunkIsDecodedCountsToo() {
		BaseSubscriber<ChatDelta> subscriber = new BaseSubscriber<>() {
		};
		DataBuffer second = new DataBufferWrapper(buffer(chunk("two", null, 2))) {

			@Override
			public DataBuffer read(byte[] destination, int offset, int length) {
				onAnotherThread(subscriber::cancel);
				return super.read(destination, offset, length);
			}

		};
		Flux<DataBuffer> body = Flux.just(buffer(chunk("one", null, 1)), second);
		this.fixture.provider(ScriptedProvider.of("a", response(body)).client())
			.client()
			.stream(ChatRequest.of("hi"))
			.subscribe(subscriber);
		assertThat(ended().usage()).isEqualTo(usage(2));
	}

	@Test
	void aSubscriberThatKeepsTheThreadDoesNotHoldUpTheEnd() {
		List<RoutingEvent.CallEnded> endedMeanwhile = new ArrayList<>();
		BaseSubscriber<ChatDelta> subscriber = new BaseSubscriber<>() {

			@Override
			protected void hookOnNext(ChatDelta delta) {
				onAnotherThread(this::cancel);
				endedMeanwhile.addAll(CancelledUsageTests.this.fixture.events(RoutingEvent.CallEnded.class));
			}

		};
		Flux<String> body = Flux.just(chunk("one", null, 1) + chunk("two", null, 2), chunk("three", null, 3));
		client(body).stream(ChatRequest.of("hi")).subscribe(subscriber);
		assertThat(endedMeanwhile).containsExactly(ended());
		assertThat(ended().usage()).isEqualTo(usage(2));
	}

	private static Reply response(Flux<DataBuffer> body) {
		return (request) -> Mono.just(ClientResponse.create(HttpStatusCode.valueOf(200))
			.header(HttpHeaders.CONTENT_TYPE, "text/event-stream")
			.body(body)
			.build());
	}

	private static DataBuffer buffer(String text) {
		return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(StandardCharsets.UTF_8));
	}

	private static void onAnotherThread(Runnable work) {
		Thread thread = new Thread(work);
		thread.start();
		try {
			thread.join(PATIENCE.toMillis());
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
		assertThat(thread.isAlive()).isFalse();
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
