package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.recordings.ExpectedOutcome;
import io.github.deepseekboot.recordings.RecordedExchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What hosts and gateways vary without meaning anything by it changes nothing: an answer
 * stays the same answer, a failure stays of its kind.
 */
@NullUnmarked
class HarmlessChangesTests {

	private static final long SEED = 20261126;

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private static final Set<String> OPTIONAL = Set.of("id", "object", "created", "model", "system_fingerprint",
			"service_tier", "role", "request_id", "user_id", "provider", "param", "data");

	private static final Set<String> OF_A_MESSAGE = Set.of("content", "reasoning_content", "reasoning", "tool_calls",
			"function_call", "refusal", "audio", "annotations");

	@TestFactory
	Stream<DynamicTest> corpus() {
		return tests(RecordedExchange.corpus(), ExpectedOutcome.corpus());
	}

	@TestFactory
	Stream<DynamicTest> recordings() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return tests(RecordedExchange.recorded(), ExpectedOutcome.recorded());
	}

	private static Stream<DynamicTest> tests(List<RecordedExchange> exchanges, Map<String, ExpectedOutcome> outcomes) {
		return exchanges.stream()
			.filter((exchange) -> !outcomes.get(exchange.name()).mode().equals("models"))
			.map((exchange) -> DynamicTest.dynamicTest(exchange.name(),
					() -> verify(exchange, outcomes.get(exchange.name()))));
	}

	private static void verify(RecordedExchange exchange, ExpectedOutcome outcome) {
		boolean stream = !outcome.mode().equals("blocking");
		Reading reading = new Reading(exchange, outcome, stream);
		Result before = reading.result(exchange.bodyText());
		Map<String, String> changes = exchange.isEventStream() ? changedStreams(exchange.bodyText())
				: changedDocuments(exchange.bodyText(), exchange.status() == 200);
		changes.forEach((name, body) -> assertThat(reading.result(body)).as("%s: %s", name, body).isEqualTo(before));
	}

	private static Map<String, String> changedDocuments(String body, boolean answer) {
		Map<String, String> changed = new LinkedHashMap<>();
		JsonNode json = json(body);
		if (json == null) {
			return changed;
		}
		changes(answer).forEach((name, change) -> changed.put(name, change.apply(json.deepCopy()).toString()));
		changed.put("pretty-printed", json.toPrettyString());
		changed.put("behind blank lines", "\n\n  \r\n" + body);
		changed.put("before blank lines", body + "\r\n\n");
		changed.put("escaped", escaped(body));
		if (!answer && json.isObject()) {
			changed.put("in a list", "[" + body + "]");
		}
		return changed;
	}

	private static Map<String, String> changedStreams(String body) {
		Map<String, String> changed = new LinkedHashMap<>();
		String unix = body.replace("\r\n", "\n");
		boolean lines = unix.indexOf('\r') < 0 && !unix.contains("\\r") && unix.contains("\n\n");
		// an event of several lines is not to be told from several events of one line
		boolean single = lines && !unix.replaceAll("(?m)^data: ?\\[DONE\\]$", "").matches("(?s).*\ndata[^\n]*\ndata.*");
		if (lines) {
			changed.put("CRLF", unix.replace("\n", "\r\n"));
			changed.put("CR", unix.replace('\n', '\r'));
			changed.put("no blank behind the colon",
					unix.replace("\ndata: ", "\ndata:").replaceFirst("^data: ", "data:"));
			changed.put("comments", ": a comment\n\n" + unix.replace("\ndata:", "\n: another\ndata:"));
			changed.put("comments as data", unix.replace("\n\ndata:", "\n\ndata: : ping\n\ndata:"));
			changed.put("fields", unix.replace("\n\ndata:", "\n\nevent: message\nid: 7\nretry: 10\ndata:"));
			changed.put("more blank lines", "\n\n" + unix.replace("\n\n", "\n\n\n\n"));
			changed.put("empty events", unix.replace("\n\ndata:", "\n\ndata:\n\ndata: {}\n\ndata: null\n\ndata:"));
			changed.put("the field's name twice", unix.replaceAll("(?m)^data: ?", "data: data: "));
		}
		if (single && unix.endsWith("\n\n")) {
			changed.put("no blank lines", unix.replace("\n\n", "\n").stripTrailing() + "\n\n");
		}
		if (single) {
			changes(true).forEach((name, change) -> changed.put(name, eachEvent(unix, change, false)));
			changed.put("pretty-printed", eachEvent(unix, UnaryOperator.identity(), true));
			changed.put("escaped", escaped(unix));
			changed.put("the end twice", endTwice(unix));
		}
		return changed;
	}

	private static Map<String, UnaryOperator<JsonNode>> changes(boolean answer) {
		Map<String, UnaryOperator<JsonNode>> changes = new LinkedHashMap<>();
		changes.put("fields reversed", HarmlessChangesTests::reversed);
		changes.put("unknown fields", (json) -> with(json, "x_unknown", MAPPER.readTree("{\"a\":[1,null,\"t\"]}")));
		changes.put("unknown nulls", (json) -> with(json, "x_unknown", MAPPER.nullNode()));
		changes.put("unknown texts", (json) -> with(json, "x_unknown", MAPPER.readTree("\"error\"")));
		changes.put("less fields", HarmlessChangesTests::without);
		changes.put("numbers as texts", (json) -> numbersAsTexts(json, false));
		changes.put("no error", (json) -> isWithoutError(json) ? put(json, "error", MAPPER.nullNode()) : json);
		changes.put("an empty error",
				(json) -> isWithoutError(json) ? put(json, "error", MAPPER.readTree("{}")) : json);
		changes.put("success", (json) -> (isWithoutError(json) && answer)
				? put(put(json, "code", MAPPER.readTree("0")), "msg", MAPPER.readTree("\"success\"")) : json);
		changes.put("nulls in messages", HarmlessChangesTests::nullsInMessages);
		return changes;
	}

	private static String eachEvent(String body, UnaryOperator<JsonNode> change, boolean pretty) {
		StringBuilder changed = new StringBuilder();
		for (String line : body.split("\n", -1)) {
			JsonNode json = line.startsWith("data:") ? json(line.substring(5)) : null;
			if (json == null || !json.isObject()) {
				changed.append(line).append('\n');
				continue;
			}
			JsonNode other = change.apply(json.deepCopy());
			(pretty ? other.toPrettyString() : other.toString()).lines()
				.forEach((text) -> changed.append("data: ").append(text).append('\n'));
		}
		return changed.substring(0, changed.length() - 1);
	}

	// that of an answer, if it brings no text
	private static String endTwice(String body) {
		List<String> events = new ArrayList<>(List.of(body.split("(?<=\n\n)")));
		int last = events.size() - 1;
		while (last >= 0 && !events.get(last).startsWith("data: {")) {
			last--;
		}
		JsonNode json = (last >= 0) ? json(events.get(last).substring(5)) : null;
		if (json == null || json.has("error")) {
			return body;
		}
		for (JsonNode choice : json.path("choices")) {
			JsonNode delta = choice.path("delta");
			boolean silent = delta.path("content").asString("").isEmpty()
					&& delta.path("reasoning_content").asString("").isEmpty()
					&& delta.path("reasoning").asString("").isEmpty() && delta.path("tool_calls").isEmpty()
					&& choice.path("message").isMissingNode() && choice.path("logprobs").isEmpty();
			if (!silent) {
				return body;
			}
		}
		events.add(last, events.get(last));
		return String.join("", events);
	}

	private static boolean isWithoutError(JsonNode json) {
		return json.has("choices") && !json.has("error");
	}

	private static JsonNode json(String text) {
		try {
			return MAPPER.readTree(text);
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	private static String escaped(String text) {
		StringBuilder escaped = new StringBuilder();
		text.chars()
			.forEach((character) -> escaped.append((character > 0x7F && character != '\uFEFF')
					? String.format("\\u%04x", character) : (char) character));
		return escaped.toString();
	}

	private static JsonNode reversed(JsonNode json) {
		if (json.isArray()) {
			ArrayNode array = MAPPER.createArrayNode();
			json.forEach((element) -> array.add(reversed(element)));
			return array;
		}
		if (!json.isObject()) {
			return json;
		}
		List<String> names = new ArrayList<>(json.propertyNames());
		ObjectNode object = MAPPER.createObjectNode();
		for (int i = names.size() - 1; i >= 0; i--) {
			object.set(names.get(i), reversed(json.get(names.get(i))));
		}
		return object;
	}

	private static JsonNode put(JsonNode json, String name, JsonNode value) {
		((ObjectNode) json).set(name, value);
		return json;
	}

	// in the object and in its choices
	private static JsonNode with(JsonNode json, String name, JsonNode value) {
		if (json.isObject()) {
			put(json, name, value);
			json.path("choices").forEach((choice) -> {
				if (choice.isObject()) {
					put(choice, name, value);
				}
			});
			if (json.path("usage").isObject()) {
				put(json.path("usage"), name, value);
			}
		}
		return json;
	}

	private static JsonNode without(JsonNode json) {
		if (json.isObject()) {
			((ObjectNode) json).remove(OPTIONAL);
			json.path("choices").forEach((choice) -> {
				for (String name : List.of("delta", "message")) {
					if (choice.path(name).isObject()) {
						((ObjectNode) choice.path(name)).remove("role");
					}
				}
			});
		}
		return json;
	}

	private static JsonNode numbersAsTexts(JsonNode json, boolean all) {
		if (json.isObject()) {
			json.properties().forEach((field) -> {
				boolean codes = all || Set.of("usage", "code", "error").contains(field.getKey());
				if (field.getValue().isNumber() && codes) {
					field.setValue(MAPPER.getNodeFactory().stringNode(field.getValue().asString()));
				}
				else {
					field.setValue(numbersAsTexts(field.getValue(), codes && !field.getKey().equals("metadata")));
				}
			});
		}
		return json;
	}

	private static JsonNode nullsInMessages(JsonNode json) {
		json.path("choices").forEach((choice) -> {
			for (String name : List.of("delta", "message")) {
				if (choice.path(name).isObject()) {
					OF_A_MESSAGE.stream()
						.filter((field) -> !choice.path(name).has(field))
						.forEach((field) -> put(choice.path(name), field, MAPPER.nullNode()));
				}
			}
		});
		return json;
	}

	/**
	 * How an exchange is read.
	 */
	private record Reading(RecordedExchange exchange, ExpectedOutcome outcome, boolean stream) {

		Result result(String body) {
			byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
			Provider provider = TestProviders.builder(this.outcome.preset(), "http://host.invalid/v1").build();
			ProviderClient client = new ProviderClient(provider,
					WebClient.builder().exchangeFunction((request) -> Mono.just(response(bytes))).build());
			List<ChatDelta> deltas = new ArrayList<>();
			try {
				return Result.of(this.stream ? client.stream(attempt())
					.doOnNext(deltas::add)
					.collect(ChatCompletion.collector())
					.block(TestProviders.SOON) : client.complete(attempt()).block(TestProviders.SOON));
			}
			catch (DeepSeekException ex) {
				return Result.of(ex);
			}
		}

		private ClientResponse response(byte[] bytes) {
			Random random = new Random(SEED);
			int first = random.nextInt(bytes.length + 1);
			int second = first + random.nextInt(bytes.length - first + 1);
			return ClientResponse.create(HttpStatusCode.valueOf(this.exchange.status()))
				.header(HttpHeaders.CONTENT_TYPE, this.exchange.contentType())
				.body(Flux
					.just(Arrays.copyOf(bytes, first), Arrays.copyOfRange(bytes, first, second),
							Arrays.copyOfRange(bytes, second, bytes.length))
					.filter((piece) -> piece.length > 0)
					.map(DefaultDataBufferFactory.sharedInstance::wrap))
				.build();
		}

		private Attempt attempt() {
			boolean json = this.exchange.request() != null
					&& "json_object".equals(this.exchange.request().path("response_format").path("type").asString(""));
			return TestProviders.attempt(ChatRequest.builder()
				.user("Hello")
				.responseFormat(json ? ResponseFormat.JSON_OBJECT : null)
				.build(), "deepseek-test");
		}

	}

	/**
	 * What became of an exchange.
	 */
	private record Result(String kind, String text, String reasoning, List<String> choices, String usage) {

		static Result of(ChatCompletion completion) {
			return new Result("complete", completion.content(), completion.reasoningContent(),
					completion.choices().stream().map(Result::choice).toList(), String.valueOf(completion.usage()));
		}

		static Result of(DeepSeekException failure) {
			if (failure instanceof StreamInterruptedException interrupted) {
				return new Result("interrupted by " + interrupted.getCauseKind(), interrupted.getPartialContent(),
						interrupted.getPartialReasoningContent(), List.of(), String.valueOf(failure.getUsage()));
			}
			return new Result(failure.getKind() + " " + failure.getScope(), null, null, List.of(), null);
		}

		private static String choice(ChatCompletion.Choice choice) {
			ChatMessage message = choice.message();
			return choice.index() + " " + Objects.toString(message.content(), "") + " "
					+ Objects.toString(message.reasoningContent(), "") + " " + message.toolCalls() + " "
					+ choice.finishReason() + " " + choice.logprobs();
		}

	}

}
