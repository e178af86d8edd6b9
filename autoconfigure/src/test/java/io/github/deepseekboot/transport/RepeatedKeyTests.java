package io.github.deepseekboot.transport;

import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for hosts that repeat the key where nobody expects it, over a socket.
 */
class RepeatedKeyTests {

	private static final String KEY = TestProviders.KEY;

	private int status = 200;

	private String type = "application/json";

	private String body = "";

	private final TestServer server = TestServer.start((exchange) -> exchange.respond(this.status, this.body,
			"Content-Type", this.type, "x-request-id", "r-" + KEY, "Retry-After", KEY, "Set-Cookie", "k=" + KEY));

	@AfterEach
	void close() {
		this.server.close();
	}

	private ProviderClient client() {
		return TestProviders.client("openai", this.server);
	}

	@Test
	void fault117KeyInACompleteAnswer() {
		this.body = "{\"id\":\"i-" + KEY + "\",\"model\":\"m-" + KEY + "\",\"system_fingerprint\":\"f-" + KEY
				+ "\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}";
		ChatCompletion completion = Objects
			.requireNonNull(client().complete(TestProviders.attempt()).block(TestProviders.SOON));
		assertThat(List.of(String.valueOf(completion.id()), String.valueOf(completion.model()),
				String.valueOf(completion.requestId()), String.valueOf(completion.systemFingerprint())))
			.allSatisfy((text) -> assertThat(text).doesNotContain(KEY).hasSizeGreaterThan(2));
	}

	@Test
	void fault117KeyInAStream() {
		this.type = "text/event-stream";
		this.body = "data: {\"id\":\"i-" + KEY + "\",\"model\":\"m-" + KEY
				+ "\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\n"
				+ "data: [DONE]\n\n";
		List<ChatDelta> deltas = Objects
			.requireNonNull(client().stream(TestProviders.attempt()).collectList().block(TestProviders.SOON));
		assertThat(deltas).isNotEmpty().allSatisfy((delta) -> assertThat(delta.toString()).doesNotContain(KEY));
	}

	@ParameterizedTest
	@ValueSource(ints = { 400, 401, 429, 500, 200 })
	void fault117KeyInAnError(int status) {
		this.status = status;
		this.body = "{\"error\":{\"message\":\"the key " + KEY + " is no good\",\"code\":\"c-" + KEY
				+ "\",\"request_id\":\"q-" + KEY + "\"}}";
		for (DeepSeekException failure : List.of(Failure.of(client().stream(TestProviders.attempt())),
				Failure.of(client().complete(TestProviders.attempt())))) {
			assertThat(failure.getMessage()).contains("is no good").doesNotContain(KEY);
			assertThat(String.valueOf(failure.getCode())).doesNotContain(KEY);
			assertThat(String.valueOf(failure.getRequestId())).doesNotContain(KEY);
		}
	}

}
