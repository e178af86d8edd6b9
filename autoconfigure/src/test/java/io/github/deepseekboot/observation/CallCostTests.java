package io.github.deepseekboot.observation;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekMetricsAutoConfiguration;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.Cost;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests that the cost of a call stands on its answer and in the meter, at the price of
 * the moment.
 */
class CallCostTests {

	private static final String USAGE = "\"usage\":{\"prompt_tokens\":1000000,\"completion_tokens\":250000,"
			+ "\"total_tokens\":1250000,\"prompt_cache_hit_tokens\":600000}";

	@ParameterizedTest
	@CsvSource({ "2026-11-26T01:00:00Z, 2.824", "2026-11-26T04:00:00Z, 1.412", "2026-11-28T02:00:00Z, 1.412",
			"2026-10-01T02:00:00Z, 1.412" })
	void theCostStandsOnTheAnswerAndInTheMeter(Instant now, BigDecimal amount) {
		try (TestServer server = TestServer.start((exchange) -> {
			if (exchange.request().text().contains("\"stream\":true")) {
				exchange.head(200, "Content-Type", "text/event-stream");
				exchange.chunk(
						"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],"
								+ USAGE + "}\n\ndata: [DONE]\n\n");
				exchange.end();
			}
			else {
				exchange.respond(200,
						"{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]," + USAGE + "}",
						"Content-Type", "application/json");
			}
		})) {
			runner(server, now).run((context) -> {
				ChatCompletionTemplate template = context.getBean(ChatCompletionTemplate.class);
				Cost complete = Objects.requireNonNull(template.complete(request()).usage()).cost();
				assertThat(complete).isNotNull();
				assertThat(complete.amount()).isEqualByComparingTo(amount);
				ChatDelta last = template.stream(request()).blockLast();
				assertThat(last).isNotNull();
				assertThat(Objects.requireNonNull(last.usage()).cost()).isEqualTo(complete);
				assertThat(context.getBean(MeterRegistry.class)
					.get("deepseek.client.cost")
					.tag("currency", "CNY")
					.counter()
					.count()).isCloseTo(amount.doubleValue() * 2, Offset.offset(1e-9));
			});
		}
	}

	@ParameterizedTest
	@CsvSource({ "chat.price.peak.factor, -1, chat.price.peak.factor",
			"chat.price.peak.hours, 9-12, chat.price.peak.hours", "other.price.peak.factor, 2, other.price.peak.zone",
			"other.price.peak.zone, UTC, other.price.peak.factor" })
	void peakHoursThatCannotBeAreReported(String property, String value, String expected) {
		try (TestServer server = TestServer.answering(200, "application/json", "{}")) {
			runner(server, Instant.EPOCH)
				.withPropertyValues("deepseek.providers.p.models.other.id=o",
						"deepseek.providers.p.models." + property + "=" + value)
				.run((context) -> assertThat(context).getFailure()
					.rootCause()
					.asInstanceOf(InstanceOfAssertFactories.THROWABLE)
					.hasMessageContaining("deepseek.providers.p.models." + expected));
		}
	}

	@Test
	void usageOfABrokenStreamIsCountedAndPriced() {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", "text/event-stream");
			exchange.chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]," + USAGE + "}\n\n");
			exchange.end();
		})) {
			runner(server, Instant.EPOCH).run((context) -> {
				StreamInterruptedException failure = catchThrowableOfType(StreamInterruptedException.class,
						() -> context.getBean(ChatCompletionTemplate.class).stream(request()).blockLast());
				assertThat(Objects.requireNonNull(failure.getUsage()).promptTokens()).isEqualTo(1_000_000);
				assertThat(context.getBean(MeterRegistry.class).get("deepseek.client.cost").counter().count())
					.isCloseTo(1.412, Offset.offset(1e-9));
			});
		}
	}

	@Test
	void aModelThatIsAskedForByItsOwnIdHasItsPrice() {
		try (TestServer server = TestServer.answering(200, "application/json",
				"{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]," + USAGE + "}")) {
			runner(server, Instant.EPOCH).run(
					(context) -> assertThat(Objects
						.requireNonNull(context.getBean(ChatCompletionTemplate.class)
							.complete(request().toBuilder().model("m").build())
							.usage())
						.cost()).isNotNull());
		}
	}

	private static ChatRequest request() {
		return ChatRequest.of("Hi");
	}

	private static ApplicationContextRunner runner(TestServer server, Instant now) {
		String price = "deepseek.providers.p.models.chat.price.";
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class,
					DeepSeekMetricsAutoConfiguration.class))
			.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean(InstantSource.class, () -> InstantSource.fixed(now))
			.withPropertyValues("deepseek.providers.p.base-url=" + server.baseUrl(),
					"deepseek.providers.p.models.chat.id=m", price + "input=1", price + "cached-input=0.02",
					price + "output=4", price + "peak.factor=2", price + "peak.zone=Asia/Shanghai",
					price + "peak.days=monday,tuesday,wednesday,thursday,friday",
					price + "peak.hours=09:00-12:00,14:00-18:00", price + "peak.except=2026-10-01");
	}

}
