package io.github.deepseekboot.provider;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.BuilderAssert;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.chat.ReasoningEffort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the types that describe a provider and are built.
 */
class ProviderTypesTests {

	@Test
	void providerModel() {
		BuilderAssert.assertBuilds(() -> ProviderModel.builder("m"),
				Map.of("id", List.of("a", "b"), "thinking", List.of(true, false), "price",
						List.of(ModelPrice.builder(BigDecimal.ONE, BigDecimal.ONE, "CNY").build(),
								ModelPrice.builder(BigDecimal.ONE, BigDecimal.ONE, "USD").build())));
	}

	@Test
	void providerTimeouts() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		for (String name : List.of("connect", "tls", "acquire", "idleBytes", "firstToken", "idleTokens", "finishGrace",
				"total")) {
			values.put(name, List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)));
		}
		BuilderAssert.assertBuilds(ProviderTimeouts::builder, values);
		assertThat(ProviderTimeouts.builder().build()).isEqualTo(ProviderTimeouts.DEFAULTS);
	}

	@Test
	void thinkingRule() {
		BuilderAssert.assertBuilds(ThinkingRule::builder,
				Map.of("style", List.of(ThinkingRule.Style.REASONING, ThinkingRule.Style.CHAT_TEMPLATE), "efforts",
						List.of(Map.of(ReasoningEffort.LOW, "low"), Map.of()), "budgets",
						List.of(Map.of(ReasoningEffort.LOW, 1), Map.of()), "effortModels",
						List.of(Pattern.compile("a"), Pattern.compile("b")), "fixedModels",
						List.of(Pattern.compile("a"), Pattern.compile("b")), "unopenedModels",
						List.of(Pattern.compile("a"), Pattern.compile("b")), "offEffort", List.of("a", "b")));
	}

	@Test
	void providerPreset() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		for (String name : List.of("id", "title", "baseUrl", "completionsPath", "modelsPath", "balancePath",
				"apiKeyHeader", "userField", "reasoningField")) {
			values.put(name, List.of("a", "b"));
		}
		values.put("asOf", List.of(LocalDate.EPOCH, LocalDate.MAX));
		values.put("replayedFields", List.of(Set.of("a"), Set.of("b")));
		values.put("maxUserIdBytes", List.of(512, 64));
		values.put("textModels", List.of(Pattern.compile("a"), Pattern.compile("b")));
		values.put("ping", List.of(Ping.NONE, Ping.BALANCE));
		values.put("apiKeyRequired", List.of(true, false));
		values.put("streamOptions", List.of(true, false));
		values.put("models", List.of(Map.of("chat", ProviderModel.of("m")), Map.of()));
		values.put("retiredModels", List.of(Map.of("a", "b"), Map.of()));
		values.put("thinking", List.of(ThinkingRule.builder().offEffort("none").build(), ThinkingRule.NONE));
		values.put("replay", List.of(ReasoningReplay.ALWAYS, ReasoningReplay.NEVER));
		values.put("errors", List
			.of(List.of(new ErrorRule(List.of(429), List.of(), List.of(), ErrorKind.RATE_LIMITED, false)), List.of()));
		values.put("traceHeaders", List.of(List.of("a"), List.of("b")));
		values.put("doneMarker", List.of(DoneMarker.OPTIONAL, DoneMarker.REQUIRED));
		values.put("unsupported", List.of(Set.of(ProviderPreset.Feature.LOGPROBS), Set.of()));
		values.put("structuredOutput", List.of(StructuredOutput.JSON_SCHEMA, StructuredOutput.JSON_OBJECT));
		BuilderAssert.assertBuilds(() -> ProviderPreset.builder("lab", "Lab"), values);
	}

}
