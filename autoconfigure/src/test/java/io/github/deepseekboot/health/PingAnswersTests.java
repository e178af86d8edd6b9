package io.github.deepseekboot.health;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.health.ProviderHealth.Finding;
import io.github.deepseekboot.health.ProviderHealth.Verdict;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Ping;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TestProviders;
import io.github.deepseekboot.transport.TestServer;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests what is made of the answers that hosts, and what stands before them, give to
 * pings, over HTTP.
 */
class PingAnswersTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final String JSON = "application/json";

	private static final String PAGE = "<html><head><title>Sign in</title></head><body>%s</body></html>"
		.formatted("x".repeat(10_000));

	private static final String MODEL = "{\"id\":\"m\",\"object\":\"model\",\"owned_by\":\"lab\"}";

	static Stream<Arguments> answers() {
		return Stream.of(Arguments.of(Ping.MODELS, 200, JSON, "{\"object\":\"list\",\"data\":[" + MODEL + "]}", null),
				Arguments.of(Ping.MODELS, 200, JSON, "{\"data\":[]}", null),
				Arguments.of(Ping.MODELS, 200, JSON, "[]", null),
				Arguments.of(Ping.MODELS, 200, JSON, "{\"object\":\"list\",\"data\":null}", null),
				Arguments.of(Ping.MODELS, 200, JSON, list(2_000_000), null),
				Arguments.of(Ping.MODELS, 200, JSON, list(20_000_000), ErrorKind.LOCAL_LIMIT),
				Arguments.of(Ping.MODELS, 200, "text/html", PAGE, ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.MODELS, 200, JSON, PAGE, ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.MODELS, 200, JSON, "", ErrorKind.EMPTY_RESPONSE),
				Arguments.of(Ping.MODELS, 200, JSON, "{\"data\":[", ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.MODELS, 200, JSON, "{}", ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.MODELS, 200, JSON, "\"ok\"", ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.MODELS, 200, JSON,
						"{\"error\":{\"message\":\"Incorrect API key provided\",\"code\":\"invalid_api_key\"}}",
						ErrorKind.AUTHENTICATION),
				Arguments.of(Ping.MODELS, 200, JSON,
						"{\"code\":30001,\"message\":\"Sorry, your account balance is insufficient\",\"data\":null}",
						ErrorKind.OUT_OF_CREDIT),
				Arguments.of(Ping.MODELS, 307, JSON, "", ErrorKind.REDIRECTED),
				Arguments.of(Ping.MODELS, 401, "text/html", PAGE, ErrorKind.AUTHENTICATION),
				Arguments.of(Ping.MODELS, 402, JSON, "", ErrorKind.OUT_OF_CREDIT),
				Arguments.of(Ping.MODELS, 404, "text/html", PAGE, ErrorKind.UNSUPPORTED),
				Arguments.of(Ping.MODELS, 502, "text/html", PAGE, ErrorKind.SERVER_ERROR),
				Arguments.of(Ping.BALANCE, 200, JSON, "{\"is_available\":true,\"balance_infos\":[]}", null),
				Arguments.of(Ping.BALANCE, 200, JSON, "{\"is_available\":false}", ErrorKind.OUT_OF_CREDIT),
				Arguments.of(Ping.BALANCE, 200, "text/html", PAGE, ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.BALANCE, 200, JSON, "{}", ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.BALANCE, 200, JSON, "[]", ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.BALANCE, 200, JSON, "{\"error\":{\"message\":\"busy\",\"code\":\"503\"}}",
						ErrorKind.OVERLOADED),
				Arguments.of(Ping.BALANCE, 401, JSON, "", ErrorKind.AUTHENTICATION),
				Arguments.of(Ping.CHAT, 200, JSON,
						"{\"choices\":[{\"index\":0,\"message\":{\"content\":\"p\"},\"finish_reason\":\"length\"}]}",
						null),
				Arguments.of(Ping.CHAT, 200, "text/html", PAGE, ErrorKind.MALFORMED_RESPONSE),
				Arguments.of(Ping.CHAT, 401, "text/html", PAGE, ErrorKind.AUTHENTICATION),
				Arguments.of(Ping.CHAT, 402, JSON, "", ErrorKind.OUT_OF_CREDIT));
	}

	private static String list(int length) {
		return "{\"data\":[" + MODEL + ("," + MODEL).repeat(length / MODEL.length()) + "]}";
	}

	@ParameterizedTest
	@MethodSource("answers")
	void answersAreUnderstood(Ping ping, int status, String type, String body, @Nullable ErrorKind kind) {
		try (TestServer host = TestServer.answering(status, type, body)) {
			verify(find(host.baseUrl(), ping, PATIENCE), kind);
		}
	}

	private static void verify(Finding finding, @Nullable ErrorKind kind) {
		DeepSeekException failure = finding.failure();
		assertThat((failure != null) ? failure.getKind() : null).as("%s", failure).isEqualTo(kind);
		boolean saysNothing = kind == ErrorKind.UNSUPPORTED || kind == ErrorKind.LOCAL_LIMIT;
		assertThat(finding.verdict())
			.isEqualTo((kind != null) ? (saysNothing ? Verdict.UNKNOWN : Verdict.ILL) : Verdict.WELL);
		if (failure != null) {
			assertThat(failure.getMessage()).hasSizeLessThan(700).doesNotContain("<html", "test-key");
		}
	}

	@Test
	void anAnswerThatTricklesMeetsTheTimeout() {
		try (TestServer host = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			for (int i = 0; i < 1000 && !exchange.closedByClient(20); i++) {
				exchange.chunk(" ");
			}
		})) {
			verify(find(host.baseUrl(), Ping.MODELS, Duration.ofMillis(500)), ErrorKind.TIMEOUT);
		}
	}

	@Test
	void anAnswerThatBreaksOffIsAFailure() {
		try (TestServer host = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			exchange.chunk("{\"data\":[");
			exchange.close();
		})) {
			verify(find(host.baseUrl(), Ping.MODELS, PATIENCE), ErrorKind.STREAM_CLOSED);
		}
	}

	@Test
	void nobodyListening() {
		String address;
		try (TestServer host = TestServer.answering(200, JSON, "")) {
			address = host.baseUrl();
		}
		verify(find(address, Ping.MODELS, PATIENCE), ErrorKind.CONNECTION);
	}

	private static Finding find(String baseUrl, Ping ping, Duration timeout) {
		Provider provider = TestProviders.builder("deepseek", baseUrl).ping(ping).build();
		ProviderClient client = TestProviders.client(provider);
		RoutingClient router = RoutingClient.builder(List.of(client), ProviderChain.of(provider.id(), List.of()))
			.build();
		ProviderHealth health = new ProviderHealth(client, router.states(),
				new HealthSettings(Duration.ofMinutes(1), timeout), TransportClock.system());
		return Objects.requireNonNull(health.find().block(PATIENCE.plusSeconds(10)));
	}

}
