package io.github.deepseekboot.structured;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.validation.constraints.Positive;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.InvalidAnswerException;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.transport.TestProviders;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of lists that are read while they arrive, over sockets and with the beans that an
 * application has.
 */
class TypedListTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Item TEA = new Item("tea {\"}]😀", 2);

	private static final Item CAKE = new Item("cake", 1);

	private static final String LIST = """
			{"items": [ {"name": "tea {\\"}]😀", "count": 2} , {"name": "cake", "count": 1}\n]}""";

	private final TypedHost host = new TypedHost();

	@AfterEach
	void close() {
		this.host.close();
	}

	@Test
	void anItemIsEmittedWhileTheRestIsStillMade() {
		this.host
			.then((answer) -> answer.answersInPieces("{\"items\": [{\"name\": \"cake\", \"count\": 1}", ", ",
					"{\"name\": \"cake\", ", "\"count\": 1}]}")
				.pace(Duration.ofMillis(200)))
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectNext(CAKE)
				.then(() -> assertThat(this.host.provider().inFlight()).isOne())
				.expectNext(CAKE)
				.expectComplete()
				.verify(PATIENCE));
		JsonNode format = this.host.requests().get(0).path("response_format");
		assertThat((Object) format.path("json_schema")).isEqualTo(TypedHost.JSON.readTree("""
				{"name": "items", "strict": true, "schema": {"type": "object", "properties": {"items": {"type": "array",
				 "items": {"type": "object", "properties": {"name": {"type": "string"},
				   "count": {"type": "integer", "exclusiveMinimum": 0}},
				   "required": ["name", "count"], "additionalProperties": false}}},
				 "required": ["items"], "additionalProperties": false}}"""));
		assertThat(this.host.requests().get(0).path("stream").asBoolean()).isTrue();
	}

	@Test
	void itemsSurviveASplitAtEveryCharacter() {
		this.host.stream("stop", LIST.split(""))
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectNext(TEA, CAKE)
				.expectComplete()
				.verify(PATIENCE));
	}

	@Test
	void itemsSurviveASplitAtEveryByte() {
		StringBuilder events = new StringBuilder();
		LIST.chars()
			.forEach((unit) -> events
				.append("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\u%04x\"}}]}\n\n".formatted(unit)));
		events
			.append("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
		try (TestServer bytes = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", "text/event-stream");
			for (byte current : events.toString().getBytes(StandardCharsets.UTF_8)) {
				exchange.chunk(new byte[] { current });
			}
			exchange.end();
		})) {
			ChatCompletionTemplate template = TestProviders
				.template(TestProviders.builder("deepseek", bytes.baseUrl()).build());
			StepVerifier.create(template.streamList("List", Item.class))
				.expectNext(TEA, CAKE)
				.expectComplete()
				.verify(PATIENCE);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "```json\n%s\n```", "Here is your list:\n%s\nAnything else [or not]?", "\n\n%s" })
	void fencesAndWordsAroundTheListAreSkipped(String around) {
		this.host.stream("stop", around.formatted(LIST))
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectNext(TEA, CAKE)
				.expectComplete()
				.verify(PATIENCE));
	}

	@Test
	void nothingIsEmittedThatWasNotRequested() {
		this.host.stream("stop", LIST)
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class), 0)
				.thenRequest(1)
				.expectNext(TEA)
				.thenRequest(1)
				.expectNext(CAKE)
				.expectComplete()
				.verify(PATIENCE));
	}

	@Test
	void aCancellationClosesTheConnection() {
		this.host
			.then((answer) -> answer.answersInPieces("{\"items\": [{\"name\": \"cake\", \"count\": 1},", "{")
				.stallsAfter(1))
			.run((template) -> {
				StepVerifier.create(template.streamList("List", Item.class).take(1))
					.expectNext(CAKE)
					.expectComplete()
					.verify(PATIENCE);
				// before the application ends, which closes all connections
				Awaitility.await().until(() -> this.host.provider().cancelled() == 1);
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"{\"items\": [{\"name\": \"cake\", \"count\": 1}, {\"name\": \"te | stop | it ends before | {\"name\": \"te",
			"{\"items\": [{\"name\": \"cake\", \"count\": 1}, {\"name\": \"te | length | maxTokens | {\"name\": \"te",
			"{\"items\": [{\"name\": \"cake\", \"count\": 1}, {\"name\": \"tea\"}, | stop | item 1: it does not follow the schema: count: is missing | {\"name\": \"tea\"}",
			"{\"items\": [{\"name\": \"cake\", \"count\": 1}, {\"name\": \"tea\", \"count\": 0}] | stop | item 1: count: must be greater than 0 | {\"name\": \"tea\", \"count\": 0}",
			"{\"items\": [{\"name\": \"cake\", \"count\": 1}, tea] | stop | item 1: it is not JSON | tea" })
	void whatWasEmittedStandsWhenTheRestIsBroken(String content, String finishReason, String reason, String raw) {
		this.host.stream(finishReason, content)
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectNext(CAKE)
				.expectErrorSatisfies((failure) -> {
					assertThat(failure).isInstanceOf(InvalidAnswerException.class);
					InvalidAnswerException invalid = (InvalidAnswerException) failure;
					assertThat(invalid.getReason()).contains("list of " + Item.class.getName()).contains(reason);
					assertThat(invalid.getRawText()).isEqualTo(raw);
					assertThat(invalid.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
				})
				.verify(PATIENCE));
		assertThat(this.host.requests()).hasSize(1);
	}

	@Test
	void aBrokenConnectionIsAnInterruptionAfterWhatWasEmitted() {
		this.host
			.then((answer) -> answer.answersInPieces("{\"items\": [{\"name\": \"cake\", \"count\": 1},", "{")
				.cutsAfter(1))
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectNext(CAKE)
				.expectError(StreamInterruptedException.class)
				.verify(PATIENCE));
		assertThat(this.host.requests()).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "I cannot | it ends before its list", "{\"error\": \"none\"} | there is no list of items",
					"{\"items\": [{\"name\": \"cake\"}]} | item 0: it does not follow the schema: count: is missing" })
	void aListWithoutAnyItemIsAskedForAgainOnce(String broken, String told) {
		this.host.stream("stop", broken)
			.stream("stop", LIST)
			.stream("stop", broken)
			.stream("stop", broken)
			.run((template) -> {
				StepVerifier.create(template.streamList("List", Item.class))
					.expectNext(TEA, CAKE)
					.expectComplete()
					.verify(PATIENCE);
				JsonNode second = this.host.requests().get(1);
				assertThat(second.path("messages")).hasSize(3);
				assertThat(second.at("/messages/1/content").asString()).isEqualTo(broken);
				assertThat(second.at("/messages/2/content").asString()).contains(told);
				StepVerifier.create(template.streamList("List", Item.class))
					.expectErrorSatisfies((failure) -> assertThat(failure).isInstanceOf(InvalidAnswerException.class)
						.hasMessageContaining("requested twice")
						.hasMessageContaining(told))
					.verify(PATIENCE);
			});
		assertThat(this.host.unused()).isZero();
	}

	@Test
	void aListThatBreaksInMidstreamHasItsAttemptsAndWhatItCostSoFar() {
		String chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}],"
				+ "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n";
		CountDownLatch over = new CountDownLatch(1);
		AtomicInteger requests = new AtomicInteger();
		try (TestServer open = TestServer.start((exchange) -> {
			if (requests.getAndIncrement() == 0) {
				exchange.respond(503, "application/json", "{}");
				return;
			}
			exchange.head(200, "Content-Type", "text/event-stream");
			exchange.chunk(chunk.formatted("[{\\\"name\\\": \\\"cake\\\", \\\"count\\\": 1}, ", 5, 14));
			exchange.chunk(chunk.formatted("{\\\"name\\\": \\\"cake\\\"}, ", 7, 16));
			over.await(20, TimeUnit.SECONDS);
		})) {
			ChatCompletionTemplate template = TestProviders
				.template(TestProviders.builder("deepseek", open.baseUrl()).build());
			StepVerifier.create(template.streamList("List", Item.class)).expectNext(CAKE).expectErrorSatisfies((ex) -> {
				assertThat(ex).isInstanceOf(InvalidAnswerException.class).hasMessageContaining("item 1");
				InvalidAnswerException failure = (InvalidAnswerException) ex;
				assertThat(failure.getAttempts()).extracting(AttemptReport::error)
					.hasSize(2)
					.last()
					.isEqualTo(ErrorKind.CANCELLED);
				assertThat(failure.getUsages()).extracting(Usage::completionTokens).containsExactly(7L);
				assertThat(failure.getRawText()).contains("{\"name\": \"cake\"}");
				assertThat(failure.getProvider()).isEqualTo("deepseek");
			}).verify(PATIENCE);
		}
		finally {
			over.countDown();
		}
	}

	@Test
	void aListThatBreaksTwiceHasTheAttemptsOfBoth() {
		String broken = "{\"items\": [{\"name\": \"cake\"}, ";
		this.host.stream("stop", broken, "{}", "{}", "{}")
			.stream("stop", broken, "{}", "{}", "{}")
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectErrorSatisfies((failure) -> {
					assertThat(failure).isInstanceOf(InvalidAnswerException.class);
					assertThat(((DeepSeekException) failure).getAttempts()).hasSize(2);
				})
				.verify(PATIENCE));
	}

	@Test
	void aBrokenListBehindToolsHasTheAttemptsOfAllRounds() {
		this.host.streamCall("", "stock")
			.stream("stop", "{\"items\": [{\"name\": \"cake\", \"count\": 1}, ", "{\"name\": \"cake\"}, ", "{}", "{}")
			.run((template) -> StepVerifier
				.create(template.withTools(Tool.of("stock", "What there is", () -> "tea"))
					.streamList("List", Item.class))
				.expectNext(CAKE)
				.expectErrorSatisfies((failure) -> {
					assertThat(failure).isInstanceOf(InvalidAnswerException.class);
					assertThat(((DeepSeekException) failure).getAttempts()).hasSize(2);
				})
				.verify(PATIENCE));
	}

	@Test
	void aBrokenListHasNoAttemptsOfTheCallsThatItsToolsMade() {
		this.host.streamCall("", "stock")
			.answer("tea")
			.stream("stop", "{\"items\": [{\"name\": \"cake\", \"count\": 1}, ", "{\"name\": \"cake\"}, ", "{}", "{}")
			.run((template) -> StepVerifier.create(template
				.withTools(Tool.of("stock", "What there is",
						() -> template.completeAsync("What is there?").map(ChatCompletion::content)))
				.streamList("List", Item.class)).expectNext(CAKE).expectErrorSatisfies((failure) -> {
					assertThat(failure).isInstanceOf(InvalidAnswerException.class);
					assertThat(((DeepSeekException) failure).getAttempts()).hasSize(2);
				}).verify(PATIENCE));
	}

	@Test
	void aBlankListIsAskedForAgain() {
		this.host.stream("stop", " ", "\n").stream("stop", "\n").stream("stop", LIST).run((template) -> {
			StepVerifier.create(template.withProvider("deepseek").streamList("List", Item.class))
				.expectNext(TEA, CAKE)
				.expectComplete()
				.verify(PATIENCE);
			// the second is the routing's, which holds a blank for no answer
			assertThat(this.host.requests().get(1).has("response_format")).isFalse();
			assertThat(this.host.requests().get(2).at("/messages/3/content").asString())
				.contains("the answer is blank");
		}, "deepseek.retry.backoff=1ms");
	}

	@Test
	void aListThatStaysBlankIsAnError() {
		this.host.stream("stop", " ").stream("stop").stream("stop").stream("stop").run((template) -> {
			StepVerifier.create(template.withProvider("deepseek").streamList("List", Item.class))
				.expectErrorSatisfies((failure) -> {
					assertThat(failure).isInstanceOf(InvalidAnswerException.class);
					assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE);
					assertThat(((DeepSeekException) failure).getAttempts()).hasSize(4);
				})
				.verify(PATIENCE);
			assertThat(this.host.unused()).isZero();
		}, "deepseek.retry.backoff=1ms");
	}

	@Test
	void theLastRoundOfOperationsWithToolsIsTheList() {
		this.host.streamCall("Let me see [what there is]", "stock")
			.stream("stop", LIST)
			.streamCall("", "stock")
			.stream("stop", "none")
			.run((template) -> {
				ChatCompletionOperations tools = template.withTools(Tool.of("stock", "What there is", () -> "tea"));
				StepVerifier.create(tools.streamList("List", Item.class))
					.expectNext(TEA, CAKE)
					.expectComplete()
					.verify(PATIENCE);
				assertThat(this.host.requests().get(1).at("/messages/2/role").asString()).isEqualTo("tool");
				// not asked again: the model would not know what the tool said
				StepVerifier.create(tools.streamList("List", Item.class))
					.expectError(InvalidAnswerException.class)
					.verify(PATIENCE);
				assertThat(this.host.requests()).hasSize(4);
			});
	}

	@Test
	void anEmptyListIsAnAnswer() {
		this.host.stream("stop", "{\"items\": []}")
			.run((template) -> StepVerifier.create(template.streamList("List", Item.class))
				.expectComplete()
				.verify(PATIENCE));
	}

	@Test
	void itemsOfAnyKind() {
		this.host.stream("stop", "{\"items\": [\"a,]\", \"b\\\\\\\"\" ,\"c\"]}")
			.stream("stop", "[1, 23,4]")
			.run((template) -> {
				StepVerifier.create(template.streamList("List", String.class))
					.expectNext("a,]", "b\\\"", "c")
					.expectComplete()
					.verify(PATIENCE);
				StepVerifier.create(template.streamList("List", Integer.class))
					.expectNext(1, 23, 4)
					.expectComplete()
					.verify(PATIENCE);
			});
	}

	@Test
	void anItemHasALimit() {
		ListReader<Item> reader = reader(64);
		assertThat(reader.read("[{\"name\": \"cake\", \"count\": 1}, {\"name\": \"")).containsExactly(CAKE);
		assertThat(reader.read("x".repeat(100))).isEmpty();
		assertThat(reader.problem()).satisfies((problem) -> {
			assertThat(problem.kind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
			assertThat(problem.reason()).isEqualTo("item 1: it is larger than 64 characters");
			assertThat(problem.correction()).isNull();
		});
		assertThat(reader.itemText()).hasSize(64);
	}

	@Test
	void anItemThatEndsWhereItsLimitIsKeepsToIt() {
		ListReader<String> reader = new ListReader<>(AnswerType.item(TypedHost.JSON,
				JsonSchemaGenerator.create(TypedHost.JSON), AnswerValidator.NONE, String.class), 4);
		assertThat(reader.read("[\"abc\"]")).isEmpty();
		assertThat(reader.problem())
			.satisfies((problem) -> assertThat(problem.kind()).isEqualTo(ErrorKind.LOCAL_LIMIT));
	}

	@Test
	void ofAnItemThatWasEmittedNothingIsKept() {
		ListReader<Item> reader = reader(ListReader.MAX_ITEM);
		reader.read("{\"items\": [");
		for (int i = 0; i < 1000; i++) {
			assertThat(reader.read("{\"name\": \"cake\", \"count\": 1},")).containsExactly(CAKE);
			assertThat(reader.itemText()).isEmpty();
		}
		assertThat(reader.problemAtEnd()).isNotNull();
		assertThat(reader.read("]} and so on {")).isEmpty();
		assertThat(reader.problemAtEnd()).isNull();
	}

	private static ListReader<Item> reader(int maxItem) {
		return new ListReader<>(AnswerType.item(TypedHost.JSON, JsonSchemaGenerator.create(TypedHost.JSON),
				AnswerValidator.NONE, Item.class), maxItem);
	}

	record Item(String name, @Positive int count) {

	}

}
