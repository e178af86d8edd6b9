package io.github.deepseekboot.guide;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what docs/guide/costs.md shows.
 */
class InvoicesTests {

	@Test
	void completeAnswersAndStreamsAreCharged() {
		String usage = "\"usage\":{\"prompt_tokens\":500000,\"completion_tokens\":250000,\"total_tokens\":750000}";
		try (TestServer server = TestServer.start((exchange) -> {
			if (exchange.request().text().contains("\"stream\":true")) {
				exchange.head(200, "Content-Type", "text/event-stream");
				exchange.chunk(
						"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],"
								+ usage + "}\n\ndata: [DONE]\n\n");
				exchange.end();
			}
			else {
				exchange.respond(200,
						"{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]," + usage + "}",
						"Content-Type", "application/json");
			}
		})) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
				.withUserConfiguration(Invoices.class)
				.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
						"deepseek.providers.deepseek.base-url=" + server.baseUrl(),
						"deepseek.providers.deepseek.models.chat.id=deepseek-flash",
						"deepseek.providers.deepseek.models.chat.price.input=1",
						"deepseek.providers.deepseek.models.chat.price.output=4")
				.run((context) -> {
					Invoices invoices = context.getBean(Invoices.class);
					assertThat(invoices.complete("ada", "Hi")).isEqualTo("a");
					assertThat(invoices.spentBy("ada")).isEqualByComparingTo("1.5");
					invoices.stream("ada", "Hi").blockLast();
					assertThat(invoices.spentBy("ada")).isEqualByComparingTo("3");
					assertThat(invoices.spentBy("bob")).isZero();
				});
		}
	}

}
