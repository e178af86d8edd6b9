package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ChatAttempt;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an application hooks in and fails is reported as its own failure, and never as the
 * provider's (fault 113).
 */
@NullUnmarked
class ForeignCodeTests {

	private static final String ANSWER = "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}";

	private final List<ProviderConnections> connections = new ArrayList<>();

	@AfterEach
	void close() {
		this.connections.forEach(ProviderConnections::close);
	}

	private ProviderClient client(TestServer server, WebClient.Builder builder,
			ChatAttemptInterceptor... interceptors) {
		ProviderConnections connections = new ProviderConnections(builder, null, List.of(interceptors));
		this.connections.add(connections);
		return connections.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
				new ProviderConnections.Settings(10));
	}

	static Stream<Consumer<WebClient.Builder>> failures() {
		ExchangeFilterFunction throwing = (request, next) -> {
			throw new IllegalStateException("made up");
		};
		ExchangeFilterFunction failing = (request, next) -> Mono.error(new IllegalStateException("made up"));
		ExchangeFilterFunction linkage = (request, next) -> {
			throw new NoClassDefFoundError("made up");
		};
		ExchangeFilterFunction afterwards = (request, next) -> next.exchange(request)
			.flatMap((response) -> response.releaseBody().then(Mono.error(new IllegalStateException("made up"))));
		return Stream.of((builder) -> builder.filter(throwing), (builder) -> builder.filter(failing),
				(builder) -> builder.filter(linkage), (builder) -> builder.filter(afterwards),
				(builder) -> builder.defaultRequest((request) -> {
					throw new IllegalStateException("made up");
				}));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void aFilterThatFailsIsNamed(Consumer<WebClient.Builder> failure) {
		WebClient.Builder builder = WebClient.builder();
		failure.accept(builder);
		try (TestServer server = TestServer.answering(200, "application/json", ANSWER)) {
			ProviderClient client = client(server, builder);
			assertOwn(client.complete(TestProviders.attempt()).then());
			assertOwn(client.stream(TestProviders.attempt()).then());
		}
	}

	private static void assertOwn(Mono<Void> call) {
		List<Throwable> told = new ArrayList<>();
		try {
			call.doOnError(told::add).onErrorComplete().block(TestProviders.SOON);
		}
		catch (NoClassDefFoundError ex) {
			assertThat(told).isNotEmpty();
		}
		assertThat(told).singleElement().isInstanceOf(DeepSeekException.class);
		DeepSeekException failure = (DeepSeekException) told.get(0);
		assertThat(failure.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST);
		assertThat(failure).hasMessageContaining("the application's own code failed")
			.hasMessageContaining(ForeignCodeTests.class.getSimpleName())
			.hasMessageContaining("made up");
	}

	@Test
	void aFilterThatCompletesWithoutAResponseIsReported() {
		try (TestServer server = TestServer.answering(200, "application/json", ANSWER)) {
			ProviderClient client = client(server, WebClient.builder().filter((request, next) -> Mono.empty()));
			for (Mono<?> call : List.of(client.complete(TestProviders.attempt()),
					client.stream(TestProviders.attempt()).then())) {
				assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> call.block(TestProviders.SOON))
					.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST))
					.withMessageContaining("without emitting a response");
			}
		}
	}

	@Test
	void aFilterThatPassesOnWhatTheConnectionSaysChangesNothing() {
		WebClient.Builder builder = WebClient.builder()
			.filter((request, next) -> next.exchange(request).doOnError((failure) -> {
			}));
		TestServer server = TestServer.answering(200, "application/json", ANSWER);
		ProviderClient client = client(server, builder);
		server.close();
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> client.complete(TestProviders.attempt()).block(TestProviders.SOON))
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.CONNECTION));
	}

	@Test
	void anInterceptorThatFailsIsNamed() {
		try (TestServer server = TestServer.answering(200, "application/json", ANSWER)) {
			ProviderClient client = client(server, WebClient.builder(), new Broken());
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> client.complete(TestProviders.attempt()).block(TestProviders.SOON))
				.withMessageContaining("the interceptor " + Broken.class.getName() + " failed")
				.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST));
			assertThat(server.requests()).isEmpty();
		}
	}

	@Test
	void whatAnInterceptorSaysOfItsFailureIsKept() {
		ChatAttemptInterceptor refusing = (attempt) -> {
			throw DeepSeekException.builder(ErrorKind.RATE_LIMITED, "not today")
				.status(429)
				.code("spent")
				.requestId("mine-1")
				.retryAfter(Duration.ofSeconds(7))
				.build();
		};
		try (TestServer server = TestServer.answering(200, "application/json", ANSWER)) {
			ProviderClient client = client(server, WebClient.builder(), refusing);
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> client.stream(TestProviders.attempt()).blockLast(TestProviders.SOON))
				.satisfies((failure) -> {
					assertThat(failure.getKind()).isEqualTo(ErrorKind.RATE_LIMITED);
					assertThat(failure.getStatus()).isEqualTo(429);
					assertThat(failure.getCode()).isEqualTo("spent");
					assertThat(failure.getRequestId()).isEqualTo("mine-1");
					assertThat(failure.getRetryAfter()).isEqualTo(Duration.ofSeconds(7));
					assertThat(failure.getProvider()).isEqualTo("deepseek");
				});
		}
	}

	@Test
	void anInterceptorThatFailsAfterwardsKeepsNothingFromTheOthers() {
		List<AttemptReport> reports = new ArrayList<>();
		try (TestServer server = TestServer.answering(200, "application/json", ANSWER)) {
			ProviderClient client = client(server, WebClient.builder(), new BrokenAfterwards(),
					new ChatAttemptInterceptor() {

						@Override
						public void beforeAttempt(ChatAttempt attempt) {
						}

						@Override
						public void afterAttempt(ChatAttempt attempt, AttemptReport report) {
							reports.add(report);
						}

					});
			assertThat(client.complete(TestProviders.attempt()).block(TestProviders.SOON).content()).isEqualTo("a");
			assertThat(reports).hasSize(1);
		}
	}

	@Test
	void aPingPassesNoInterceptor() {
		try (TestServer server = TestServer.answering(200, "application/json", ANSWER)) {
			ProviderClient client = client(server, WebClient.builder(), new Broken());
			assertThat(client.ping(TestProviders.attempt()).block(TestProviders.SOON).content()).isEqualTo("a");
		}
	}

	@Test
	void aPingNeedsNoConnectionOfTheCalls() {
		try (TestServer server = TestServer.start((exchange) -> {
			if (exchange.request().text().contains("occupied")) {
				exchange.head(200, "Content-Type", "text/event-stream");
				exchange.chunk(Streams.content("a") + "\n\n");
				exchange.closedByClient(10_000);
			}
			else {
				exchange.respond(200, ANSWER, "Content-Type", "application/json");
			}
		})) {
			ProviderConnections connections = new ProviderConnections(WebClient.builder(), null);
			this.connections.add(connections);
			ProviderClient client = connections.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
					new ProviderConnections.Settings(1));
			client.stream(TestProviders.attempt(ChatRequest.of("occupied")))
				.take(1)
				.delayUntil((delta) -> client.ping(TestProviders.attempt()))
				.blockLast(TestProviders.SOON);
			assertThat(server.requests()).hasSize(2);
		}
	}

	private static final class Broken implements ChatAttemptInterceptor {

		@Override
		public void beforeAttempt(ChatAttempt attempt) {
			throw new IllegalStateException("made up");
		}

	}

	private static final class BrokenAfterwards implements ChatAttemptInterceptor {

		@Override
		public void beforeAttempt(ChatAttempt attempt) {
		}

		@Override
		public void afterAttempt(ChatAttempt attempt, AttemptReport report) {
			throw new NoClassDefFoundError("made up");
		}

	}

}
