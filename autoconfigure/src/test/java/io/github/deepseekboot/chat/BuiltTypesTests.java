package io.github.deepseekboot.chat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for the types of the vocabulary that are built.
 */
class BuiltTypesTests {

	private static final ChatMessage HELLO = ChatMessage.assistant("Hello");

	@Test
	void usage() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		for (String name : List.of("promptTokens", "completionTokens", "totalTokens", "cacheHitTokens",
				"cacheMissTokens", "reasoningTokens")) {
			values.put(name, List.of(1L, 2L));
		}
		values.put("consistent", List.of(false, true));
		values.put("cost", List.of(new Cost(BigDecimal.ONE, "CNY"), new Cost(BigDecimal.TEN, "CNY")));
		BuilderAssert.assertBuilds(Usage::builder, values);
		assertThat(Usage.of(9, 3))
			.isEqualTo(Usage.builder().promptTokens(9L).completionTokens(3L).totalTokens(12L).build());
	}

	@Test
	void whatTokensSayTogetherIsWorkedOut() {
		assertThat(Usage.builder().promptTokens(-1L).build().consistent()).isFalse();
		assertThat(Usage.of(9, 3).toBuilder().totalTokens(8L).build().consistent()).isFalse();
		assertThat(Usage.of(9, 3).toBuilder().cacheHitTokens(10L).build().consistent()).isFalse();
		assertThat(Usage.of(9, 3).consistent()).isTrue();
	}

	@Test
	void attemptReport() {
		BuilderAssert.assertBuilds(() -> AttemptReport.builder(1, "lab", "m"),
				Map.of("number", List.of(2, 3), "provider", List.of("a", "b"), "model", List.of("a", "b"), "error",
						List.of(ErrorKind.TIMEOUT, ErrorKind.RATE_LIMITED), "status", List.of(200, 429), "code",
						List.of("a", "b"), "requestId", List.of("a", "b"), "elapsed",
						List.of(Duration.ofSeconds(1), Duration.ofSeconds(2))));
	}

	@Test
	void chatMessage() {
		BuilderAssert.assertBuilds(() -> ChatMessage.builder(MessageRole.USER),
				Map.of("role", List.of(MessageRole.SYSTEM, MessageRole.TOOL), "content", List.of("a", "b"), "parts",
						List.of(List.of(ContentPart.text("a")), List.of(ContentPart.text("b"))), "name",
						List.of("a", "b"), "toolCallId", List.of("a", "b"), "toolCalls",
						List.of(List.of(new ToolCall("1", "a", "{}")), List.of(new ToolCall("2", "a", "{}"))),
						"reasoningContent", List.of("a", ""), "prefix", List.of(true, false), "extra",
						List.of(Map.of("a", 1), Map.of("a", 2))));
		assertThatIllegalArgumentException().isThrownBy(
				() -> ChatMessage.builder(MessageRole.USER).content("a").parts(List.of(ContentPart.text("b"))).build())
			.withMessageContaining("'content'")
			.withMessageContaining("'parts'");
	}

	@Test
	void chatCompletion() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		for (String name : List.of("provider", "id", "model", "systemFingerprint", "requestId")) {
			values.put(name, List.of("a", "b"));
		}
		values.put("created", List.of(Instant.EPOCH, Instant.MAX));
		values.put("choices", List.of(List.of(choice("a")), List.of(choice("b"))));
		values.put("usage", List.of(Usage.of(1, 2), Usage.of(2, 1)));
		values.put("attempts", List.of(List.of(AttemptReport.builder(1, "a", "b").build()), List.of()));
		values.put("rawJson", List.of(RawJson.of("{}"), RawJson.of("[]")));
		values.put("toolMessages", List.of(List.of(ChatMessage.tool("1", "a")), List.of()));
		BuilderAssert.assertBuilds(() -> ChatCompletion.builder("lab").choices(List.of(choice("a"))), values,
				"rawJson");
		assertThatIllegalArgumentException().isThrownBy(() -> ChatCompletion.builder("lab").build())
			.withMessageContaining("'choices'");
	}

	@Test
	void choice() {
		BuilderAssert.assertBuilds(() -> ChatCompletion.Choice.builder(HELLO),
				Map.of("index", List.of(1, 2), "message", List.of(HELLO, ChatMessage.assistant("b")), "finishReason",
						List.of(FinishReason.STOP, FinishReason.LENGTH), "logprobs",
						List.of(new Logprobs(List.of(), List.of()),
								new Logprobs(List.of(new TokenLogprob("a", -1, null, List.of())), List.of()))));
	}

	@Test
	void origin() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		for (String name : List.of("provider", "id", "model", "systemFingerprint", "requestId")) {
			values.put(name, List.of("a", "b"));
		}
		values.put("created", List.of(Instant.EPOCH, Instant.MAX));
		values.put("round", List.of(2, 3));
		BuilderAssert.assertBuilds(() -> ChatDelta.Origin.builder("lab"), values);
		assertThat(ChatDelta.Origin.of("lab")).isEqualTo(ChatDelta.Origin.builder("lab").round(1).build());
	}

	@Test
	void providerInfo() {
		BuilderAssert.assertBuilds(() -> ProviderInfo.builder("lab", "Lab"),
				Map.of("id", List.of("a", "b"), "title", List.of("a", "b"), "inChain", List.of(true, false), "models",
						List.of(Map.of("chat", ProviderInfo.Model.builder("a").build()), Map.of())));
		BuilderAssert.assertBuilds(() -> ProviderInfo.Model.builder("m"), Map.of("id", List.of("a", "b"), "thinking",
				List.of(true, false), "price", List.of(price("1"), price("2"))));
		BuilderAssert.assertBuilds(() -> price("1").toBuilder(),
				Map.of("input", List.of(BigDecimal.ZERO, BigDecimal.TEN), "cachedInput",
						List.of(BigDecimal.ZERO, BigDecimal.TEN), "output", List.of(BigDecimal.ZERO, BigDecimal.TEN),
						"currency", List.of("CNY", "USD"), "peak",
						List.of(new PeakHours(BigDecimal.ONE, ZoneOffset.UTC, Set.of(), List.of(), Set.of()),
								new PeakHours(BigDecimal.TEN, ZoneOffset.UTC, Set.of(), List.of(), Set.of()))));
	}

	@Test
	void deltasAreEqualByTheirContent() {
		ChatDelta.Origin origin = ChatDelta.Origin.of("lab");
		ChatDelta delta = ChatDelta.of(origin, 0, "a", null, null, null, null);
		assertThat(delta).isEqualTo(ChatDelta.of(ChatDelta.Origin.of("lab"), 0, "a", null, null, null, null))
			.hasSameHashCodeAs(ChatDelta.of(origin, 0, "a", null, null, List.of(), null))
			.isEqualTo(ChatDelta.of(origin, 0, "a", null, null, List.of(), null))
			.isNotEqualTo(ChatDelta.of(origin, 1, "a", null, null, null, null))
			.isNotEqualTo(ChatDelta.of(origin, 0, "b", null, null, null, null))
			.isNotEqualTo(ChatDelta.of(origin, 0, "a", "r", null, null, null))
			.isNotEqualTo(ChatDelta.of(origin, 0, "a", null, FinishReason.STOP, null, null))
			.isNotEqualTo(ChatDelta.of(origin, 0, "a", null, null, List.of(new ToolCallDelta(0, "1", "a", "")), null))
			.isNotEqualTo(ChatDelta.of(origin, 0, "a", null, null, null, new Logprobs(List.of(), List.of())))
			.isNotEqualTo(ChatDelta.of(ChatDelta.Origin.of("other"), 0, "a", null, null, null, null));
		assertThat(ChatDelta.last(origin, Usage.of(1, 2), List.of()))
			.isEqualTo(ChatDelta.last(origin, Usage.of(1, 2), List.of()))
			.isNotEqualTo(ChatDelta.last(origin, null, List.of()));
	}

	private static ChatCompletion.Choice choice(String content) {
		return ChatCompletion.Choice.builder(ChatMessage.assistant(content)).build();
	}

	private static ModelPrice price(String input) {
		return ModelPrice.builder(new BigDecimal(input), BigDecimal.ONE, "CNY").build();
	}

}
