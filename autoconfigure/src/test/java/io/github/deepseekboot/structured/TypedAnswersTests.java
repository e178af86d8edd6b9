package io.github.deepseekboot.structured;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.annotation.JsonAlias;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.ParameterizedTypeReference;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.InvalidAnswerException;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.tool.Tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests of typed answers, over sockets and with the beans that an application has.
 */
class TypedAnswersTests {

	private static final String MIXED = """
			{"count": 2, "counts": [1], "price": 9.90, "rate": 0.5, "color": "RED", "paid": true,
			"day": "2026-11-20", "time": "PT1H", "at": "2026-11-20T10:00:00Z", "perhaps": null}""";

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final String GOOD = """
			{"number": "A-1", "issued": "2026-11-22", "lines": [{"article": "tea", "price": 2.50}], "note": null}""";

	private static final Invoice INVOICE = new Invoice("A-1", LocalDate.of(2026, 11, 22),
			List.of(new Line("tea", new BigDecimal("2.50"))), null);

	private static final String SCHEMA = """
			{"type": "object", "properties": {
			   "number": {"type": "string"}, "issued": {"type": "string", "format": "date"},
			   "lines": {"type": "array", "description": "at least 1 item(s)", "items": {"type": "object", "properties":
			     {"article": {"type": "string"}, "price": {"type": "number", "exclusiveMinimum": 0}},
			     "required": ["article", "price"], "additionalProperties": false}},
			   "note": {"type": ["string", "null"]}},
			 "required": ["number", "issued", "lines", "note"], "additionalProperties": false}""";

	private final TypedHost host = new TypedHost();

	@AfterEach
	void close() {
		this.host.close();
	}

	@Test
	void withJsonSchemaWhereTheProviderHasIt() {
		this.host.answer(GOOD).run((template) -> {
			assertThat(template.withProvider("siliconflow").complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			JsonNode body = this.host.requests().get(0);
			JsonNode format = body.path("response_format");
			assertThat(format.path("type").asString()).isEqualTo("json_schema");
			assertThat(format.at("/json_schema/name").asString()).isEqualTo("Invoice");
			assertThat(format.at("/json_schema/strict").asBoolean()).isTrue();
			assertThat((Object) format.at("/json_schema/schema")).isEqualTo(TypedHost.JSON.readTree(SCHEMA));
			assertThat(body.path("messages")).hasSize(1);
		});
	}

	@Test
	void whatCannotBeBuiltIsRefusedBeforeAnythingIsSent() {
		this.host.run((template) -> {
			assertThatIllegalArgumentException().isThrownBy(() -> template.complete("Read this", Unbuildable.class))
				.withMessageContaining("at part, ");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> template.withTools(Tool.of("build", "Builds", Unbuildable.class, (part) -> "done")))
				.withMessageContaining("at part, ");
			assertThat(this.host.requests()).isEmpty();
		});
	}

	@Test
	void anAliasIsAsGoodAsTheName() {
		this.host.answer("{\"nr\": \"A-1\", \"lines\": [{\"item\": \"tea\"}]}")
			.run((template) -> assertThat(template.complete("Read this", Aliased.class))
				.isEqualTo(new Aliased("A-1", List.of(new AliasedLine("tea")))));
	}

	@Test
	void anAliasOfAnotherObjectIsNone() {
		String answer = "{\"item\": \"A-1\", \"lines\": [{\"nr\": \"tea\"}]}";
		this.host.answer(answer)
			.answer(answer)
			.run((template) -> assertThat(
					catchThrowableOfType(InvalidAnswerException.class, () -> template.complete("Read", Aliased.class)))
				.hasMessageContaining("number: is missing; lines[0].article: is missing"));
	}

	@Test
	void withoutKotlinOnTheClassPath() {
		this.host.answer(GOOD)
			.runWithout("kotlin",
					(template) -> assertThat(template.complete("Read this", Invoice.class)).isEqualTo(INVOICE));
	}

	@Test
	void withTheSchemaInThePromptAndJsonModeAtDeepSeek() {
		this.host.answer(GOOD).run((template) -> {
			assertThat(template.withProvider("deepseek").complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			JsonNode body = this.host.requests().get(0);
			assertThat((Object) body.path("response_format"))
				.isEqualTo(TypedHost.JSON.readTree("{\"type\": \"json_object\"}"));
			assertThat(body.path("messages")).hasSize(2);
			assertThat(schemaInPrompt(body)).isEqualTo(TypedHost.JSON.readTree(SCHEMA));
		});
	}

	@Test
	void withTheSchemaInThePromptAloneWhereThereIsNoJsonMode() {
		this.host.answer("<json>\n" + GOOD).run((template) -> {
			assertThat(template.withProvider("alayanew").complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			JsonNode body = this.host.requests().get(0);
			assertThat(body.has("response_format")).isFalse();
			assertThat(schemaInPrompt(body)).isEqualTo(TypedHost.JSON.readTree(SCHEMA));
		});
	}

	@Test
	void aFailoverChangesTheMeansWithinOneCall() {
		this.host.fail(503, "{}").answer(GOOD).run((template) -> {
			assertThat(template.complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			assertThat(this.host.providers()).containsExactly("siliconflow", "deepseek");
			assertThat(this.host.requests().get(0).at("/response_format/type").asString()).isEqualTo("json_schema");
			assertThat(this.host.requests().get(1).at("/response_format/type").asString()).isEqualTo("json_object");
			assertThat(schemaInPrompt(this.host.requests().get(1))).isEqualTo(TypedHost.JSON.readTree(SCHEMA));
		});
	}

	@Test
	void theConfigurationChoosesTheMeans() {
		this.host.answer(GOOD).run((template) -> {
			template.withProvider("alayanew").complete("Read this", Invoice.class);
			assertThat(this.host.requests().get(0).at("/response_format/type").asString()).isEqualTo("json_schema");
		}, "deepseek.providers.alayanew.structured-output=json-schema");
	}

	@ParameterizedTest
	@ValueSource(strings = { "```json\n%s\n```", "Here you are:\n```\n%s\n```\nAnything else?", "%s\n```", " \n%s\n " })
	void fencesAndWordsAroundTheAnswerAreSkipped(String around) {
		this.host.answer(around.formatted(GOOD)).run((template) -> {
			assertThat(template.complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			assertThat(this.host.requests()).hasSize(1);
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"I cannot do that | it is not JSON | Unrecognized token 'I'",
			"{\"number\": \"A-1\" | it is not JSON | Unexpected end-of-input",
			"{\"error\": \"none\"} | number: is missing; issued: is missing; lines: is missing | issued: is missing",
			"{\"number\": null, \"issued\": \"2026-11-22\", \"lines\": [{\"price\": 1}]} | number: must not be null; lines[0].article: is missing | must not be null",
			"{\"number\": \"A-1\", \"issued\": \"today\", \"lines\": []} | it cannot be read at issued | issued: Cannot deserialize",
			"{\"number\": \"A-1\", \"issued\": \"2026-11-22\", \"lines\": [{\"article\": \"tea\", \"price\": -1}]} | lines[0].price: must be greater than 0 | lines[0].price: must be greater than 0",
			"{\"number\": \"A-1\", \"issued\": \"2026-11-22\", \"lines\": []} | lines: must not be empty | lines: must not be empty" })
	void aBrokenAnswerIsAskedForAgainWithTheErrorSent(String broken, String reason, String told) {
		this.host.answer(broken).answer(GOOD).answer(broken).answer(broken).run((template) -> {
			ChatCompletionTemplate deepSeek = template.withProvider("deepseek");
			assertThat(deepSeek.complete(ChatRequest.builder().system("Be exact").user("Read this").build(),
					Invoice.class))
				.isEqualTo(INVOICE);
			JsonNode second = this.host.requests().get(1);
			assertThat(second.path("response_format")).isEqualTo(this.host.requests().get(0).path("response_format"));
			assertThat(second.path("messages")).hasSize(4);
			assertThat((Object) second.at("/messages/0")).isEqualTo(this.host.requests().get(0).at("/messages/0"));
			assertThat((Object) second.at("/messages/1")).isEqualTo(this.host.requests().get(0).at("/messages/1"));
			assertThat(second.at("/messages/2/role").asString()).isEqualTo("assistant");
			assertThat(second.at("/messages/2/content").asString()).isEqualTo(broken);
			assertThat(second.at("/messages/3/role").asString()).isEqualTo("user");
			assertThat(second.at("/messages/3/content").asString()).contains(told);

			InvalidAnswerException failure = catchThrowableOfType(InvalidAnswerException.class,
					() -> deepSeek.complete("Read this", Invoice.class));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			assertThat(failure.getRawText()).isEqualTo(broken);
			assertThat(failure.getReason()).contains(Invoice.class.getName()).contains(reason);
			assertThat(failure.getMessage()).doesNotContain("A-1", "tea", "today", "none", "I cannot");
			assertThat(failure.getCause()).isNull();
			assertThat(failure.getProvider()).isEqualTo("deepseek");
			assertThat(failure.getAttempts()).extracting(AttemptReport::error).containsExactly(null, null);
			assertThat(failure.getUsages()).extracting(Usage::totalTokens).containsExactly(15L, 15L);
			assertThat(failure.withAttempts(List.of())).isInstanceOf(InvalidAnswerException.class)
				.extracting("rawText")
				.isEqualTo(broken);
			assertThat(this.host.unused()).isZero();
		});
	}

	@Test
	void withoutBeanValidationConstraintsAreNotChecked() {
		this.host.answer("{\"number\": \"A-1\", \"issued\": \"2026-11-22\", \"lines\": []}")
			.runWithout("jakarta.validation",
					(template) -> assertThat(template.complete("Read this", Invoice.class).lines()).isEmpty());
	}

	@Test
	void withoutVictoolsItSaysWhatToAdd() {
		this.host.runWithout("com.github.victools",
				(template) -> assertThatIllegalStateException()
					.isThrownBy(() -> template.complete("Read this", Invoice.class))
					.withMessageContaining("com.github.victools:jsonschema-generator"));
	}

	@Test
	void aBlankAnswerIsAskedForAgainWithTheErrorSent() {
		// the provider that gave a blank is asked once more by the routing, as ever
		this.host.answer("\n \n").answer("").answer(GOOD).run((template) -> {
			assertThat(template.withProvider("deepseek").complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			// JSON mode would make blanks of it again
			assertThat(this.host.requests().get(0).path("response_format").path("type").asString())
				.isEqualTo("json_object");
			assertThat(this.host.requests().get(1).has("response_format")).isFalse();
			assertThat((Object) this.host.requests().get(1).path("messages"))
				.isEqualTo(this.host.requests().get(0).path("messages"));
			JsonNode told = this.host.requests().get(2);
			assertThat(told.path("messages")).hasSize(4);
			assertThat(told.at("/messages/3/content").asString()).contains("the answer is blank");
		}, "deepseek.retry.backoff=1ms");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"error\":{\"message\":\"This response_format type is unavailable now\"}}",
			"{\"error\":{\"message\":\"json_schema is not supported by this model\"}}",
			"{\"code\":20015,\"message\":\"Model does not support structured outputs\",\"data\":null}" })
	void aSchemaThatIsRefusedIsSentInThePromptOfTheSameCall(String refusal) {
		for (boolean stream : new boolean[] { false, true }) {
			try (TypedHost host = new TypedHost()) {
				host.fail(400, refusal);
				if (stream) {
					host.stream("stop", "{\"items\":[" + GOOD + "]}");
				}
				else {
					host.answer(GOOD);
				}
				host.answer(GOOD).run((template) -> {
					ChatCompletionTemplate siliconFlow = template.withProvider("siliconflow");
					if (stream) {
						assertThat(siliconFlow.streamList("Read this", Invoice.class).collectList().block(PATIENCE))
							.containsExactly(INVOICE);
					}
					else {
						assertThat(siliconFlow.complete("Read this", Invoice.class)).isEqualTo(INVOICE);
					}
					assertThat(host.requests()).extracting((body) -> body.at("/response_format/type").asString())
						.containsExactly("json_schema", "json_object");
					assertThat(host.requests().get(1).path("messages")).hasSize(2);
					// remembered
					assertThat(siliconFlow.complete("Read this", Invoice.class)).isEqualTo(INVOICE);
					assertThat(host.requests().get(2).at("/response_format/type").asString()).isEqualTo("json_object");
				});
			}
		}
	}

	@Test
	void jsonModeThatIsRefusedIsLeftOut() {
		this.host.fail(400, "{\"error\":{\"message\":\"response_format is not supported\"}}")
			.answer(GOOD)
			.run((template) -> {
				assertThat(template.withProvider("deepseek").complete("Read this", Invoice.class)).isEqualTo(INVOICE);
				assertThat(this.host.requests().get(1).has("response_format")).isFalse();
			});
	}

	@Test
	void aRefusalOfSomethingElseIsTheAnswer() {
		this.host.fail(400, "{\"error\":{\"message\":\"Invalid schema for response_format\"}}").run((template) -> {
			DeepSeekException failure = catchThrowableOfType(DeepSeekException.class,
					() -> template.withProvider("siliconflow").complete("Read this", Invoice.class));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST);
			assertThat(this.host.requests()).hasSize(1);
		});
	}

	@Test
	void anAnswerThatStaysBlankIsAnError() {
		this.host.answer("").answer("").answer("").answer("").run((template) -> {
			InvalidAnswerException failure = catchThrowableOfType(InvalidAnswerException.class,
					() -> template.withProvider("deepseek").complete("Read this", Invoice.class));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE);
			assertThat(failure.getRawText()).isEmpty();
			assertThat(failure.getAttempts()).hasSize(4);
			assertThat(this.host.unused()).isZero();
		}, "deepseek.retry.backoff=1ms");
	}

	@ParameterizedTest
	@CsvSource({ "length,MALFORMED_RESPONSE,maxTokens", "content_filter,CONTENT_FILTERED,content filter" })
	void anAnswerThatWasCutIsNotAskedForAgain(String finishReason, ErrorKind kind, String reason) {
		this.host.answer("{\"number\": \"A-", finishReason).run((template) -> {
			InvalidAnswerException failure = catchThrowableOfType(InvalidAnswerException.class,
					() -> template.complete("Read this", Invoice.class));
			assertThat(failure.getKind()).isEqualTo(kind);
			assertThat(failure.getReason()).contains(reason);
			assertThat(failure.getRawText()).isEqualTo("{\"number\": \"A-");
			assertThat(failure.getUsages()).hasSize(1);
			assertThat(this.host.requests()).hasSize(1);
		});
	}

	@Test
	void anAnswerThatIsCompleteAtTheLimitIsTaken() {
		this.host.answer(GOOD, "length")
			.run((template) -> assertThat(template.complete("Read this", Invoice.class)).isEqualTo(INVOICE));
	}

	@Test
	void blanksUntilTheLimitAreAskedForAgain() {
		this.host.answer(" \n ", "length").answer(GOOD).run((template) -> {
			assertThat(template.complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			assertThat(this.host.requests().get(1).toString()).contains("the answer is blank");
		});
	}

	@Test
	void aFailureOfTheSecondRequestReportsTheFirstToo() {
		this.host.answer("none").fail(402, "{}").run((template) -> {
			DeepSeekException failure = catchThrowableOfType(DeepSeekException.class,
					() -> template.withProvider("deepseek").complete("Read this", Invoice.class));
			assertThat(failure).isNotInstanceOf(InvalidAnswerException.class);
			assertThat(failure.getKind()).isEqualTo(ErrorKind.OUT_OF_CREDIT);
			assertThat(failure.getAttempts()).extracting(AttemptReport::error)
				.containsExactly(null, ErrorKind.OUT_OF_CREDIT);
			assertThat(failure).hasMessageContaining("1 deepseek answered, 1 deepseek OUT_OF_CREDIT 402");
		});
	}

	@Test
	void aToolCallIsNoAnswer() {
		this.host.call("f").run((template) -> {
			InvalidAnswerException failure = catchThrowableOfType(InvalidAnswerException.class,
					() -> template.complete("Read this", Invoice.class));
			assertThat(failure.getReason()).contains("the model calls a tool");
			assertThat(this.host.requests()).hasSize(1);
		});
	}

	@Test
	void theLastAnswerOfOperationsWithToolsIsTyped() {
		AtomicInteger runs = new AtomicInteger();
		this.host.call("stock").answer("none").answer(GOOD).run((template) -> {
			assertThat(template.withTools(Tool.of("stock", "What there is", () -> "tea " + runs.incrementAndGet()))
				.complete("Read this", Invoice.class)).isEqualTo(INVOICE);
			assertThat(this.host.requests()).hasSize(3)
				.allSatisfy((request) -> assertThat(request.at("/response_format/type").asString())
					.isEqualTo("json_schema"));
			assertThat(this.host.requests().get(1).path("tools")).hasSize(1);
			// what the tool did stands, and is not done again
			JsonNode second = this.host.requests().get(2);
			assertThat(second.has("tools")).isFalse();
			assertThat(second.at("/messages/1/tool_calls/0/id").asString()).isEqualTo("call-1");
			assertThat(second.at("/messages/2/content").asString()).isEqualTo("tea 1");
			assertThat(second.at("/messages/3/content").asString()).isEqualTo("none");
			assertThat(second.at("/messages/4/content").asString()).contains("it is not JSON");
			assertThat(runs).hasValue(1);
		});
	}

	@Test
	void whatToolsDidIsKeptWhenTheAnswerIsRequestedAgain() {
		this.host.call("stock").answer("none").answer(GOOD).run((template) -> {
			ChatCompletion completion = template.withTools(Tool.of("stock", "What there is", () -> "tea"))
				.completeTyped("Read this", Invoice.class)
				.completion();
			assertThat(completion.content()).isEqualTo(GOOD);
			assertThat(completion.toolMessages()).extracting(ChatMessage::role)
				.containsExactly(MessageRole.ASSISTANT, MessageRole.TOOL);
		});
		this.host.call("stock").answer("none").answer(GOOD).run((template) -> {
			Conversation conversation = template.withTools(Tool.of("stock", "What there is", () -> "tea"))
				.conversation("id");
			conversation.complete("Read this", Invoice.class);
			assertThat(conversation.messages()).extracting(ChatMessage::role)
				.containsExactly(MessageRole.USER, MessageRole.ASSISTANT, MessageRole.TOOL, MessageRole.ASSISTANT);
			assertThat(conversation.messages()).extracting(ChatMessage::content)
				.containsSubsequence("Read this", "tea", GOOD);
		});
	}

	@Test
	void errorsThatReactorGivesUpOnDoNotKeepTheCallFromItsEnd() {
		NoClassDefFoundError error = new NoClassDefFoundError("simulated");
		this.host.answer(GOOD).answer("{\"text\":\"a\"}").answer("{\"items\":[{\"text\":\"a\"}]}").run((template) -> {
			ChatCompletionTemplate validated = template.toBuilder().answerValidator((value) -> {
				throw error;
			}).build();
			assertThatIllegalStateException()
				.isThrownBy(() -> validated.completeAsync("?", Invoice.class).block(Duration.ofSeconds(20)))
				.withMessageContaining("simulated")
				.withCause(error);
			assertThatIllegalStateException()
				.isThrownBy(() -> template.completeAsync("?", Unloadable.class).block(Duration.ofSeconds(20)))
				.withMessageContaining("Unloadable failed");
			assertThatIllegalStateException()
				.isThrownBy(() -> template.streamList("?", Unloadable.class).blockLast(Duration.ofSeconds(20)))
				.withMessageContaining("Unloadable failed");
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '~',
			value = { "\"count\": 2.7 | count: must be an integer", "\"count\": \"\" | count: must be an integer",
					"\"count\": \"null\" | count: must be an integer",
					"\"counts\": [1, 1.5] | counts[1]: must be an integer", "\"price\": \"\" | price: must be a number",
					"\"rate\": \"NaN\" | rate: must be a number", "\"color\": 1 | color: must be one of [RED, GREEN]",
					"\"paid\": -1 | paid: must be true or false", "\"paid\": \"\" | paid: must be true or false",
					"\"day\": 20261120 | day: must be a string of the format date",
					"\"day\": \"\" | day: must be a string of the format date",
					"\"day\": [] | day: must be a string of the format date", "\"time\": 90 | time: must be a string",
					"\"time\": \"\" | time: must be a string",
					"\"at\": 1764200000 | at: must be a string of the format date-time",
					"\"perhaps\": 0.5 | perhaps: must be an integer" })
	void whatJacksonWouldMakeAnotherValueOfIsRequestedAgain(String wrong, String problem) {
		String property = wrong.substring(0, wrong.indexOf(':'));
		String broken = MIXED.replaceFirst(property + ": (\\[[^]]*]|[^,}]*)", wrong);
		assertThat(broken).contains(wrong);
		this.host.answer(broken).answer(MIXED).run((template) -> {
			assertThat(template.complete("Read this", Mixed.class).count()).isEqualTo(2);
			assertThat(this.host.requests()).hasSize(2);
			assertThat(this.host.requests().get(1).at("/messages/2/content").asString()).contains(problem);
		});
	}

	@Test
	void whatKeepsItsMeaningIsRead() {
		String lenient = """
				{"count": 2.0, "counts": [1e1, "3"], "price": "9.90", "rate": 1, "color": "GREEN", "paid": 1,
				"day": [2026, 11, 20], "time": "PT90M", "at": "2026-11-20T10:00:00Z", "perhaps": ""}""";
		this.host.answer(lenient).run((template) -> {
			assertThat(template.complete("Read this", Mixed.class)).isEqualTo(new Mixed(2, List.of(10, 3),
					new BigDecimal("9.90"), 1, Color.GREEN, true, LocalDate.of(2026, 11, 20), Duration.ofMinutes(90),
					Instant.parse("2026-11-20T10:00:00Z"), Optional.empty()));
			assertThat(this.host.requests()).hasSize(1);
		});
	}

	@Test
	void aValidatorThatReturnsNothingIsNamed() {
		this.host.answer(GOOD).run((template) -> {
			ChatCompletionTemplate validated = template.toBuilder().answerValidator(new SilentValidator()).build();
			assertThatIllegalStateException().isThrownBy(() -> validated.complete("Read this", Invoice.class))
				.withMessageContaining(SilentValidator.class.getName());
		});
	}

	@Test
	void whatIsNoObjectStandsInsideOfOne() {
		this.host.answer("{\"value\": [" + GOOD + "," + GOOD + "]}")
			.answer("[" + GOOD + "]")
			.answer("{\"value\": \"EUR\"}")
			.answer("{\"value\": 42}")
			.answer("42")
			.run((template) -> {
				ParameterizedTypeReference<List<Invoice>> invoices = new ParameterizedTypeReference<>() {
				};
				assertThat(template.complete(ChatRequest.of("Read these"), invoices)).containsExactly(INVOICE, INVOICE);
				assertThat(template.complete(ChatRequest.of("Read these"), invoices)).containsExactly(INVOICE);
				assertThat(template.complete("Which?", Currency.class)).isEqualTo(Currency.EUR);
				assertThat(template.complete("How many?", Integer.class)).isEqualTo(42);
				assertThat(template.complete("How many?", int.class)).isEqualTo(42);
				JsonNode format = this.host.requests().get(0).at("/response_format/json_schema");
				assertThat(format.path("name").asString()).isEqualTo("answer");
				assertThat(format.at("/schema/type").asString()).isEqualTo("object");
				assertThat(format.at("/schema/properties/value/type").asString()).isEqualTo("array");
				assertThat((Object) format.at("/schema/properties/value/items"))
					.isEqualTo(TypedHost.JSON.readTree(SCHEMA));
				assertThat((Object) this.host.requests().get(2).at("/response_format/json_schema/schema"))
					.isEqualTo(TypedHost.JSON.readTree("""
							{"type": "object", "properties": {"value": {"type": "string", "enum": ["EUR", "USD"]}},
							 "required": ["value"], "additionalProperties": false}"""));
			});
	}

	@Test
	void elementsOfListsAndMapsAreValidated() {
		String bad = GOOD.replace("2.50", "0");
		this.host.answer("{\"value\": [" + GOOD + "," + bad + "]}")
			.answer("[]")
			.answer("{\"a\": " + bad + "}")
			.answer("{\"a\": " + GOOD + "}")
			.run((template) -> {
				assertThat(template.complete(ChatRequest.of("Read"), new ParameterizedTypeReference<List<Invoice>>() {
				})).isEmpty();
				assertThat(this.host.requests().get(1).toString())
					.contains("[1].lines[0].price: must be greater than 0");
				assertThat(template.complete(ChatRequest.of("Read"),
						new ParameterizedTypeReference<Map<String, Invoice>>() {
						}))
					.containsExactly(Map.entry("a", INVOICE));
				assertThat(this.host.requests().get(3).toString())
					.contains("[a].lines[0].price: must be greater than 0");
			});
	}

	@Test
	void anObjectWithAnyNamesIsNotStrict() {
		this.host.answer("{\"a\": 1}").run((template) -> {
			assertThat(
					template.complete(ChatRequest.of("Count"), new ParameterizedTypeReference<Map<String, Integer>>() {
					}))
				.containsExactly(Map.entry("a", 1));
			assertThat((Object) this.host.requests().get(0).at("/response_format/json_schema"))
				.isEqualTo(TypedHost.JSON.readTree("""
						{"name": "Map", "schema": {"type": "object", "additionalProperties": {"type": "integer"}},
						 "strict": false}"""));
		});
	}

	@Test
	void theApplicationsMapperNamesAndReads() {
		this.host.answer("{\"total_amount\": 3}").run((template) -> {
			assertThat(template.complete("Sum", Sum.class)).isEqualTo(new Sum(3));
			assertThat(this.host.requests().get(0).at("/response_format/json_schema/schema/properties").propertyNames())
				.containsExactly("total_amount");
		}, "spring.jackson.property-naming-strategy=SNAKE_CASE");
	}

	@Test
	void laterAndForEachSubscription() {
		this.host.answer("none").answer(GOOD).answer(GOOD).run((template) -> {
			Mono<Invoice> answer = template.completeAsync("Read this", Invoice.class);
			assertThat(this.host.requests()).isEmpty();
			StepVerifier.create(answer).expectNext(INVOICE).expectComplete().verify(PATIENCE);
			StepVerifier.create(answer).expectNext(INVOICE).expectComplete().verify(PATIENCE);
			assertThat(this.host.requests()).hasSize(3);
		});
	}

	private static JsonNode schemaInPrompt(JsonNode body) {
		String system = body.at("/messages/0/content").asString();
		assertThat(body.at("/messages/0/role").asString()).isEqualTo("system");
		assertThat(system).contains("JSON");
		return TypedHost.JSON.readTree(system.substring(system.indexOf('{')));
	}

	record Invoice(String number, LocalDate issued, @NotEmpty List<@Valid Line> lines, @Nullable String note) {

	}

	record Line(String article, @Positive BigDecimal price) {

	}

	record Sum(int totalAmount) {

	}

	enum Currency {

		EUR, USD

	}

	interface Part {

	}

	record Unbuildable(String name, Part part) {

	}

	record Aliased(@JsonAlias("nr") String number, List<AliasedLine> lines) {

	}

	record AliasedLine(@JsonAlias("item") String article) {

	}

	private static final class SilentValidator implements AnswerValidator {

		@Override
		@SuppressWarnings("NullAway")
		public List<String> validate(Object value) {
			return null;
		}

	}

	private record Unloadable(String text) {

		Unloadable {
			if (text == null || !text.isEmpty()) {
				throw new NoClassDefFoundError("simulated");
			}
		}

	}

	private enum Color {

		RED, GREEN

	}

	private record Mixed(Integer count, List<Integer> counts, BigDecimal price, double rate, Color color, Boolean paid,
			LocalDate day, Duration time, Instant at, Optional<Integer> perhaps) {

	}

}
