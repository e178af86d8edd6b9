package io.github.deepseekboot.test.guide;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.web.client.RestClient;

import io.github.deepseekboot.test.ScriptedProviderExtension;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Code that uses HTTP by itself, in the guide to testing.
 */
// tag::http[]
@ExtendWith(ScriptedProviderExtension.class)
class HttpClientTests {

	@Test
	void asksByItself(ScriptedProvider siliconflow) {
		siliconflow.answers("Drip, drop");
		RestClient client = RestClient.create(siliconflow.baseUrl());
		String answer = client.post()
			.uri("/chat/completions")
			.header("Authorization", "Bearer test-key")
			.body(Map.of("model", "some-model", "messages", List.of(Map.of("role", "user", "content", "rain"))))
			.retrieve()
			.body(String.class);
		assertThat(answer).contains("Drip, drop");
		assertThat(siliconflow).lastCall().hasUserMessage("rain");
	}

}
// end::http[]
