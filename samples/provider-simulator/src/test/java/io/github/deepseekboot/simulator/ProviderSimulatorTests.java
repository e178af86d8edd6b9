package io.github.deepseekboot.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ProviderSimulator} and its options.
 */
class ProviderSimulatorTests {

	@Test
	void providersHaveTheirOwnAddresses() {
		try (ProviderSimulator simulator = ProviderSimulator.start()) {
			assertThat(simulator.providers()).extracting(ScriptedProvider::id)
				.containsExactlyInAnyOrder("deepseek", "siliconflow", "alayanew");
			assertThat(simulator.baseUrl("alayanew")).isEqualTo("http://127.0.0.1:%d/alayanew/v1", simulator.port());
			assertThatIllegalArgumentException().isThrownBy(() -> simulator.provider("nobody"));
		}
	}

	@Test
	void optionsAreRead() throws IOException, InterruptedException {
		Map<String, String> options = ProviderSimulatorApplication.options(new String[] { "--port=0", "--chunks=10",
				"--chunk-bytes=8", "--rate=500", "--thinking-chunks=2", "--send-times=false" });
		try (ProviderSimulator simulator = ProviderSimulator.start()) {
			simulator.provider("deepseek").script(ProviderSimulatorApplication.script(options));
			String body = ask(simulator.baseUrl("deepseek"));
			assertThat(body.split("\"content\":\"[^\"]{8}\"", -1)).hasSize(11);
			assertThat(body.split("\"reasoning_content\":\"[^\"]{8}\"", -1)).hasSize(3);
			assertThat(body).endsWith("data: [DONE]\n\n");
		}
	}

	private static String ask(String baseUrl) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + "/chat/completions"))
			.timeout(Duration.ofSeconds(20))
			.header("Authorization", "Bearer test-key")
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString("""
					{"model": "deepseek-flash", "messages": [{"role": "user", "content": "Hello"}], "stream": true}"""))
			.build();
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
	}

	@Test
	void optionsThatAreWrongAreNamed() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ProviderSimulatorApplication.options(new String[] { "--speed=1" }))
			.withMessageContaining("--speed=1");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ProviderSimulatorApplication.options(new String[] { "--port" }));
	}

}
