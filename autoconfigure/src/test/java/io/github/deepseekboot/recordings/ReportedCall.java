package io.github.deepseekboot.recordings;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.tool.Tool;

/**
 * One call of a field report: made as it says, and checked for each thing that it names.
 */
@NullUnmarked
final class ReportedCall {

	private static final long TOLERANCE_SECONDS = 15;

	private static final JsonMapper mapper = JsonMapper.builder().build();

	private final ApplicationContext context;

	private final Map<String, ReportedHost> hosts;

	private final JsonNode request;

	private final JsonNode expect;

	private final List<RunTool> toolsRun = new ArrayList<>();

	private ChatCompletion completion;

	private Object value;

	private DeepSeekException failure;

	ReportedCall(ApplicationContext context, Map<String, ReportedHost> hosts, JsonNode request, JsonNode expect) {
		this.context = context;
		this.hosts = hosts;
		this.request = request;
		this.expect = expect;
	}

	/**
	 * Make the call and check it.
	 */
	void verify() {
		Map<String, Integer> before = Map.of("p", bodies("p").size(), "q", bodies("q").size());
		Meters metersBefore = new Meters(this.context.getBean(MeterRegistry.class));
		long start = System.nanoTime();
		try {
			make();
		}
		catch (DeepSeekException ex) {
			this.failure = ex;
		}
		double seconds = (System.nanoTime() - start) / 1e9;
		// at once, before a cool-down passes
		List<ProviderStatus> statuses = this.context.getBean(RoutingClient.class).states().statuses();
		Meters meters = new Meters(this.context.getBean(MeterRegistry.class)).minus(metersBefore);
		SoftAssertions softly = new SoftAssertions();
		this.expect.properties().forEach((entry) -> {
			JsonNode right = entry.getValue();
			switch (entry.getKey()) {
				case "outcome" -> softly.assertThat((this.failure != null) ? "error" : "answer")
					.as("outcome (failure: %s)", this.failure)
					.isIn(texts(right));
				case "provider", "content", "reasoning", "finishReason", "toolCalls", "value", "usage" ->
					answer(softly, entry.getKey(), right);
				case "errorKind", "causeKind", "partial", "messageContains", "messageLacks", "retryAfterSeconds" ->
					failure(softly, entry.getKey(), right);
				case "failedAtP" ->
					softly.assertThat(failedAtP()).as("failedAtP").isNotEmpty().isSubsetOf(texts(right));
				case "toolsRun" -> toolsRun(softly, right);
				case "requests" -> right.properties()
					.forEach((host) -> softly.assertThat(bodies(host.getKey()).size() - before.get(host.getKey()))
						.as("requests of %s", host.getKey())
						.isIn(values(host.getValue()).map(JsonNode::asInt).toList()));
				case "sent" -> sent(softly, right, bodies("p").subList(before.get("p"), bodies("p").size()));
				case "coolDown" -> right.properties()
					.forEach((host) -> softly.assertThat(isPassedOver(statuses, host.getKey()))
						.as("cool-down of %s", host.getKey())
						.isEqualTo(host.getValue().asBoolean()));
				case "coolDownSeconds" -> right.properties()
					.forEach((host) -> softly.assertThat(coolDown(statuses, host.getKey()).toSeconds())
						.as("cool-down of %s", host.getKey())
						.isBetween(host.getValue().asLong() - TOLERANCE_SECONDS,
								host.getValue().asLong() + TOLERANCE_SECONDS));
				case "tokens" -> right.properties()
					.forEach((type) -> softly
						.assertThat("input".equals(type.getKey()) ? meters.input() : meters.output())
						.as("%s tokens", type.getKey())
						.isEqualTo(type.getValue().asDouble()));
				case "cost" ->
					softly.assertThat(meters.cost()).as("cost").isCloseTo(right.asDouble(), Offset.offset(1e-9));
				case "extraSends" ->
					softly.assertThat(meters.extraSends()).as("extra sends").isEqualTo(right.asDouble());
				case "within_s" -> softly.assertThat(seconds).as("seconds").isLessThan(right.asDouble());
				default -> throw new IllegalStateException("cannot check " + entry.getKey());
			}
		});
		softly.assertAll();
	}

	private List<String> bodies(String host) {
		ReportedHost reported = this.hosts.get(host);
		return (reported != null) ? reported.bodies() : List.of();
	}

	private void make() {
		ChatCompletionOperations operations = this.context.getBean(ChatCompletionTemplate.class);
		boolean withTools = this.request.path("withTools").asBoolean(false);
		if (withTools) {
			operations = operations.withTools(tools().toArray(Tool[]::new));
		}
		ChatRequest request = request(withTools);
		boolean stream = this.request.path("stream").asBoolean(false);
		if (this.request.has("as")) {
			this.value = typed(operations, request, this.request.path("as").stringValue());
			return;
		}
		if (this.request.has("conversation")) {
			Conversation conversation = operations.conversation(this.request.path("conversation").stringValue());
			this.completion = stream ? conversation.stream(request).collect(ChatCompletion.collector()).block()
					: conversation.complete(request);
			return;
		}
		this.completion = stream ? operations.stream(request).collect(ChatCompletion.collector()).block()
				: operations.complete(request);
	}

	private ChatRequest request(boolean withTools) {
		ChatRequest.Builder builder = ChatRequest.builder();
		if (this.request.has("message")) {
			builder.user(this.request.path("message").stringValue());
		}
		if (this.request.has("toolResult")) {
			JsonNode result = this.request.path("toolResult");
			builder.messages(
					List.of(ChatMessage.tool(result.path("id").stringValue(), result.path("content").stringValue())));
		}
		if (this.request.has("model")) {
			builder.model(this.request.path("model").stringValue());
		}
		if (this.request.has("thinking")) {
			builder.thinking(this.request.path("thinking").asBoolean());
		}
		if (this.request.has("maxTokens")) {
			builder.maxTokens(this.request.path("maxTokens").asInt());
		}
		if (this.request.has("tools") && !withTools) {
			builder.tools(this.request.path("tools")
				.values()
				.stream()
				.map((tool) -> ToolDefinition.of(tool.path("name").stringValue(), "A tool.", parameters(tool)))
				.toList());
		}
		return builder.build();
	}

	private List<Tool> tools() {
		return this.request.path("tools").values().stream().map((tool) -> {
			String name = tool.path("name").stringValue();
			Map<String, Object> parameters = parameters(tool);
			return (parameters != null) ? Tool.of(name, "A tool.", parameters, (arguments) -> run(name, arguments))
					: Tool.of(name, "A tool.", () -> run(name, null));
		}).toList();
	}

	private String run(String name, JsonNode arguments) {
		synchronized (this.toolsRun) {
			this.toolsRun.add(new RunTool(name, arguments));
		}
		return "done by " + name;
	}

	private static @Nullable Map<String, Object> parameters(JsonNode tool) {
		return tool.has("parameters")
				? mapper.convertValue(tool.path("parameters"), new TypeReference<Map<String, Object>>() {
				}) : null;
	}

	private static Object typed(ChatCompletionOperations operations, ChatRequest request, String type) {
		return switch (type) {
			case "verdict" -> operations.complete(request, Verdict.class);
			case "verdicts" -> operations.complete(request, new ParameterizedTypeReference<List<Verdict>>() {
			});
			case "streamed verdicts" -> operations.streamList(request, Verdict.class).collectList().block();
			case "strings" -> operations.complete(request, new ParameterizedTypeReference<List<String>>() {
			});
			case "integer" -> operations.complete(request, Integer.class);
			default -> throw new IllegalStateException("unknown type: " + type);
		};
	}

	private void answer(SoftAssertions softly, String name, JsonNode right) {
		if (name.equals("value")) {
			if (this.value != null) {
				softly.assertThat((JsonNode) mapper.valueToTree(this.value)).as(name).isEqualTo(right);
			}
			return;
		}
		if (this.completion == null) {
			return;
		}
		switch (name) {
			case "provider" -> softly.assertThat(this.completion.provider()).as(name).isIn(texts(right));
			case "content" -> softly.assertThat(this.completion.content()).as(name).isIn(texts(right));
			case "reasoning" -> softly.assertThat(this.completion.reasoningContent()).as(name).isIn(texts(right));
			case "finishReason" ->
				softly.assertThat(String.valueOf(this.completion.finishReason())).as(name).isIn(texts(right));
			case "toolCalls" -> toolCalls(softly, right);
			default -> right.properties()
				.forEach((count) -> softly.assertThat(count(this.completion.usage(), count.getKey()))
					.as("usage, %s", count.getKey())
					.isEqualTo(count.getValue().asLong()));
		}
	}

	private void toolCalls(SoftAssertions softly, JsonNode right) {
		List<ToolCall> calls = this.completion.toolCalls();
		softly.assertThat(calls).as("tool calls").hasSize(right.size());
		for (int i = 0; i < Math.min(calls.size(), right.size()); i++) {
			JsonNode expected = right.get(i);
			ToolCall call = calls.get(i);
			if (expected.has("id")) {
				softly.assertThat(call.id()).as("id of call %d", i).isEqualTo(expected.path("id").stringValue());
			}
			if (expected.has("name")) {
				softly.assertThat(call.name()).as("name of call %d", i).isEqualTo(expected.path("name").stringValue());
			}
			if (expected.path("arguments").isObject()) {
				softly
					.assertThatCode(() -> Assertions.assertThat(mapper.readTree(call.arguments()))
						.isEqualTo(expected.path("arguments")))
					.as("arguments of call %d", i)
					.doesNotThrowAnyException();
			}
			else if (expected.has("arguments")) {
				softly.assertThat(call.arguments())
					.as("arguments of call %d", i)
					.isEqualTo(expected.path("arguments").stringValue());
			}
		}
	}

	private static Long count(Usage usage, String name) {
		if (usage == null) {
			return null;
		}
		return switch (name) {
			case "prompt" -> usage.promptTokens();
			case "completion" -> usage.completionTokens();
			case "total" -> usage.totalTokens();
			case "cached" -> usage.cacheHitTokens();
			case "reasoning" -> usage.reasoningTokens();
			default -> throw new IllegalStateException("cannot check usage, " + name);
		};
	}

	private void failure(SoftAssertions softly, String name, JsonNode right) {
		if (this.failure == null) {
			return;
		}
		switch (name) {
			case "errorKind" -> softly.assertThat(this.failure.getKind().name()).as(name).isIn(texts(right));
			case "causeKind" -> softly.assertThat((this.failure instanceof StreamInterruptedException interrupted)
					? interrupted.getCauseKind().name() : null)
				.as(name)
				.isIn(texts(right));
			case "partial" -> softly.assertThat((this.failure instanceof StreamInterruptedException interrupted)
					? interrupted.getPartialContent() : null)
				.as(name)
				.isIn(texts(right));
			case "messageContains" -> softly.assertThat(this.failure.getMessage()).as(name).contains(texts(right));
			case "messageLacks" ->
				texts(right).forEach((text) -> softly.assertThat(messages(this.failure)).as(name).doesNotContain(text));
			default -> softly
				.assertThat((this.failure.getRetryAfter() != null) ? this.failure.getRetryAfter().toSeconds() : null)
				.as(name)
				.isNotNull()
				.isBetween(right.asLong() - TOLERANCE_SECONDS, right.asLong() + TOLERANCE_SECONDS);
		}
	}

	/**
	 * The messages of a failure and of its causes.
	 * @param failure the failure
	 * @return the messages, one a line
	 */
	static String messages(Throwable failure) {
		StringBuilder messages = new StringBuilder();
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			messages.append(cause.getMessage()).append('\n');
		}
		return messages.toString();
	}

	private List<String> failedAtP() {
		List<AttemptReport> attempts = (this.completion != null) ? this.completion.attempts() : List.of();
		return attempts.stream()
			.filter((attempt) -> attempt.provider().equals("p") && attempt.error() != null)
			.map((attempt) -> attempt.error().name())
			.toList();
	}

	private void toolsRun(SoftAssertions softly, JsonNode right) {
		List<RunTool> open = new ArrayList<>(this.toolsRun);
		softly.assertThat(open).as("tools run").hasSize(right.size());
		right.values().forEach((expected) -> {
			RunTool match = open.stream().filter((tool) -> tool.matches(expected)).findFirst().orElse(null);
			softly.assertThat(match).as("%s among the tools that ran: %s", expected, this.toolsRun).isNotNull();
			open.remove(match);
		});
	}

	private static void sent(SoftAssertions softly, JsonNode right, List<String> bodies) {
		softly.assertThat(bodies).as("sent").hasSizeGreaterThanOrEqualTo(right.size());
		for (int i = 0; i < Math.min(right.size(), bodies.size()); i++) {
			for (String text : texts(right.get(i).path("contains"))) {
				softly.assertThat(bodies.get(i)).as("sent, %d", i).contains(text);
			}
			for (String text : texts(right.get(i).path("lacks"))) {
				softly.assertThat(bodies.get(i)).as("sent, %d", i).doesNotContain(text);
			}
		}
	}

	private static boolean isPassedOver(List<ProviderStatus> statuses, String host) {
		return statuses.stream()
			.filter((status) -> status.provider().equals(host))
			.anyMatch((status) -> !status.isUsable() || !status.missingModels().isEmpty());
	}

	private static Duration coolDown(List<ProviderStatus> statuses, String host) {
		return statuses.stream()
			.filter((status) -> status.provider().equals(host) && status.coolDownLeft() != null)
			.map(ProviderStatus::coolDownLeft)
			.findFirst()
			.orElse(Duration.ZERO);
	}

	private static Stream<JsonNode> values(JsonNode node) {
		return node.isArray() ? node.values().stream() : node.isMissingNode() ? Stream.empty() : Stream.of(node);
	}

	static List<String> texts(JsonNode node) {
		Function<JsonNode, String> text = (value) -> value.isNull() ? null : value.asString();
		return values(node).map(text).toList();
	}

	/**
	 * A typed answer.
	 *
	 * @param result what it says
	 */
	record Verdict(String result) {

	}

	private record RunTool(String name, JsonNode arguments) {

		private boolean matches(JsonNode expected) {
			return this.name.equals(expected.path("name").stringValue())
					&& (!expected.has("arguments") || expected.path("arguments").equals(this.arguments));
		}

	}

	/**
	 * Sums of all series of a meter.
	 */
	private record Meters(double input, double output, double cost, double extraSends) {

		Meters(MeterRegistry registry) {
			this(tokens(registry, "input"), tokens(registry, "output"), count(registry, "deepseek.client.cost"),
					count(registry, "deepseek.client.extra.sends"));
		}

		private Meters minus(Meters other) {
			return new Meters(this.input - other.input, this.output - other.output,
					BigDecimal.valueOf(this.cost).subtract(BigDecimal.valueOf(other.cost)).doubleValue(),
					this.extraSends - other.extraSends);
		}

		private static double tokens(MeterRegistry registry, String type) {
			return registry.find("deepseek.client.token.usage")
				.summaries()
				.stream()
				.filter((summary) -> summary.getId().getTags().stream().anyMatch((tag) -> tag.getValue().equals(type)))
				.mapToDouble(DistributionSummary::totalAmount)
				.sum();
		}

		private static double count(MeterRegistry registry, String name) {
			return registry.find(name).counters().stream().mapToDouble(Counter::count).sum();
		}

	}

}
