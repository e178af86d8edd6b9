package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ChatAttempt;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ChatAttemptInterceptor}, on real sockets.
 */
class ChatAttemptInterceptorTests {

	private final List<AttemptReport> reports = new ArrayList<>();

	private @Nullable ProviderConnections connections;

	private ProviderClient client(TestServer server, ChatAttemptInterceptor... interceptors) {
		this.connections = new ProviderConnections(WebClient.builder(), null, List.of(interceptors));
		return this.connections.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
				new ProviderConnections.Settings(10));
	}

	@AfterEach
	void close() {
		if (this.connections != null) {
			this.connections.close();
		}
	}

	private ChatAttemptInterceptor reporting() {
		return new ChatAttemptInterceptor() {

			@Override
			public void beforeAttempt(ChatAttempt attempt) {
				assertThat(attempt.headers().containsHeader("Authorization")).isFalse();
			}

			@Override
			public void afterAttempt(ChatAttempt attempt, AttemptReport report) {
				ChatAttemptInterceptorTests.this.reports.add(report);
				throw new IllegalStateException("this changes nothing");
			}

		};
	}

	@Test
	void changesWhatIsSentInOrder() {
		try (TestServer server = TestServer.answering(200, "text/event-stream",
				Streams.content("Hello") + "\n\n" + Streams.done() + "\n\n")) {
			ProviderClient client = client(server, reporting(), (attempt) -> {
				assertThat(attempt.stream()).isTrue();
				assertThat(attempt.body()).containsKeys("model", "messages", "stream");
				attempt.body().put("seed", 7);
				attempt.headers().set("X-Signature", "one");
			}, (attempt) -> {
				assertThat(attempt.body()).containsEntry("seed", 7);
				assertThat(attempt.headers().getFirst("X-Signature")).isEqualTo("one");
				attempt.body().put("metadata", Map.of("a", List.of(1)));
				attempt.headers().set("x-signature", "two");
				attempt.headers().set("Authorization", "Signed it");
			});
			StepVerifier.create(client.stream(TestProviders.attempt()))
				.expectNextCount(2)
				.expectComplete()
				.verify(TestProviders.SOON);
			TestServer.Request request = server.requests().get(0);
			assertThat(request.headers()).containsEntry("X-Signature", "two")
				.containsEntry("Authorization", "Signed it");
			assertThat(request.text()).contains("\"seed\":7")
				.contains("\"metadata\":{\"a\":[1]}")
				.startsWith("{\"model\"");
			assertThat(this.reports).extracting(AttemptReport::error).containsExactly((ErrorKind) null);
		}
	}

	@Test
	void theBodyOfWhoeverOnlyReadsItIsTheSame() {
		String answer = """
				{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}""";
		try (TestServer server = TestServer.answering(200, "application/json", answer)) {
			ProviderClient plain = client(server);
			plain.complete(TestProviders.attempt()).block(TestProviders.SOON);
			Objects.requireNonNull(this.connections).close();
			ProviderClient watched = client(server, (attempt) -> assertThat(attempt.body()).isNotEmpty(), reporting());
			ChatCompletion completion = watched.complete(TestProviders.attempt()).block(TestProviders.SOON);
			assertThat(completion).isNotNull();
			assertThat(server.requests().get(1).text()).isEqualTo(server.requests().get(0).text());
			assertThat(this.reports).singleElement().satisfies((report) -> {
				assertThat(report.error()).isNull();
				assertThat(report.provider()).isEqualTo("deepseek");
			});
		}
	}

	@Test
	void isCalledOnceForFailuresAndCancellations() {
		try (TestServer server = TestServer.start((exchange) -> {
			if (exchange.request().text().contains("\"stream\":true")) {
				exchange.head(200, "Content-Type", "text/event-stream");
				exchange.chunk(Streams.content("Hello") + "\n\n");
				exchange.closedByClient(10_000);
			}
			else {
				exchange.respond(429, "{}", "Content-Type", "application/json");
			}
		})) {
			ProviderClient client = client(server, reporting());
			StepVerifier.create(client.complete(TestProviders.attempt()))
				.expectError(DeepSeekException.class)
				.verify(TestProviders.SOON);
			assertThat(client.stream(TestProviders.attempt()).next().block(TestProviders.SOON)).isNotNull();
			assertThat(this.reports).extracting(AttemptReport::error)
				.containsExactly(ErrorKind.RATE_LIMITED, ErrorKind.CANCELLED);
			assertThat(this.reports.get(0).status()).isEqualTo(429);
		}
	}

	@Test
	void whatAnInterceptorThrowsFailsTheAttempt() {
		try (TestServer server = TestServer.answering(500, "text/plain", "not asked")) {
			ProviderClient broken = client(server, (attempt) -> {
				throw new IllegalStateException("broken");
			});
			assertFails(broken.complete(TestProviders.attempt()).then(), ErrorKind.INVALID_REQUEST, "broken");
			ProviderClient refusing = client(server, (attempt) -> {
				throw new DeepSeekException(ErrorKind.LOCAL_LIMIT, "the budget is spent");
			});
			assertFails(refusing.stream(TestProviders.attempt()).then(), ErrorKind.LOCAL_LIMIT, "the budget is spent");
			ProviderClient unwritable = client(server, (attempt) -> attempt.body().put("self", attempt.body()));
			assertFails(unwritable.stream(TestProviders.attempt()).then(), ErrorKind.INVALID_REQUEST,
					"what an interceptor put into the body cannot be written as JSON");
			assertThat(server.requests()).isEmpty();
		}
	}

	@Test
	void anErrorOfAnInterceptorLeavesNoAttemptWithoutAnEnd() {
		try (TestServer server = TestServer.answering(429, "application/json", "{}")) {
			ProviderClient before = client(server, (attempt) -> {
				throw new StackOverflowError("too deep");
			});
			assertFails(before.complete(TestProviders.attempt()).then(), ErrorKind.INVALID_REQUEST, "too deep");
			assertFails(before.stream(TestProviders.attempt()).then(), ErrorKind.INVALID_REQUEST, "too deep");
			assertThat(server.requests()).isEmpty();
			ProviderClient after = client(server, new ChatAttemptInterceptor() {

				@Override
				public void beforeAttempt(ChatAttempt attempt) {
				}

				@Override
				public void afterAttempt(ChatAttempt attempt, AttemptReport report) {
					throw new StackOverflowError("too deep");
				}

			});
			assertFails(after.complete(TestProviders.attempt()).then(), ErrorKind.RATE_LIMITED, "429");
			assertFails(after.stream(TestProviders.attempt()).then(), ErrorKind.RATE_LIMITED, "429");
		}
	}

	private static void assertFails(Mono<Void> call, ErrorKind kind, String message) {
		StepVerifier.create(call).expectErrorSatisfies((failure) -> {
			assertThat(((DeepSeekException) failure).getKind()).isEqualTo(kind);
			assertThat(((DeepSeekException) failure).getProvider()).isEqualTo("deepseek");
			assertThat(failure).hasMessageContaining(message);
		}).verify(TestProviders.SOON);
	}

	@Test
	void itsTextFormShowsNeitherHeadersNorTheBody() {
		List<String> texts = new ArrayList<>();
		try (TestServer server = TestServer.answering(429, "text/plain", "no")) {
			ProviderClient client = client(server, (attempt) -> {
				attempt.headers().set("X-Secret", "test-secret");
				attempt.body().put("secret", "test-secret");
				texts.add(attempt.toString());
			});
			StepVerifier.create(client.complete(TestProviders.attempt())).expectError().verify(TestProviders.SOON);
		}
		assertThat(texts).singleElement().asString().startsWith("ChatAttempt[deepseek, ").doesNotContain("secret");
	}

}
