package io.github.deepseekboot.recordings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests that the test material is sound: bodies, metadata and tables of outcomes belong
 * together, and a plain reader finds the numbers that the tables state.
 */
class CorpusSelfTests {

	private static final Set<String> MODES = Set.of("stream", "blocking", "models", "error");

	private static final Set<String> PRESETS = Set.of("alayanew", "azure", "dashscope", "deepseek", "fireworks", "groq",
			"ollama", "openai", "openrouter", "qianfan", "sambanova", "sglang", "siliconflow", "tencent", "together",
			"vllm", "volcengine");

	@Test
	void everyCorpusBodyHasMetadataAndAnOutcome() throws IOException {
		Set<String> bodies = bodies(RecordedExchange.corpusDirectory());
		assertThat(bodyFiles(RecordedExchange.corpus())).isEqualTo(bodies);
		assertThat(ExpectedOutcome.corpus().keySet()).isEqualTo(names(bodies));
	}

	@Test
	void everyRecordedBodyHasMetadataAndAnOutcome() throws IOException {
		Path directory = RecordedExchange.recordings();
		assumeThat(directory).as(RecordedExchange.hint()).isNotNull();
		Set<String> bodies = bodies(directory);
		assertThat(bodyFiles(RecordedExchange.recorded())).isEqualTo(bodies);
		assertThat(ExpectedOutcome.recorded().keySet()).isEqualTo(names(bodies));
	}

	@TestFactory
	Stream<DynamicTest> corpusHoldsWhatItsTableStates() {
		return agreement(RecordedExchange.corpus(), ExpectedOutcome.corpus());
	}

	@TestFactory
	Stream<DynamicTest> recordedTrafficHoldsWhatItsTableStates() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return agreement(RecordedExchange.recorded(), ExpectedOutcome.recorded());
	}

	@TestFactory
	Stream<DynamicTest> corpusMetadataAgreesWithItsTable() {
		Map<String, ExpectedOutcome> outcomes = ExpectedOutcome.corpus();
		return tests(RecordedExchange.corpus(), (exchange) -> {
			ExpectedOutcome outcome = outcome(outcomes, exchange);
			assertThat(exchange.meta().path("mode").asString("")).isEqualTo(outcome.mode());
			assertThat(exchange.meta().path("preset").asString("")).isEqualTo(outcome.preset());
			assertThat(exchange.provider()).isNotEmpty();
		});
	}

	@Test
	void tablesAreReadable() {
		assertThat(Stream.of(ExpectedOutcome.corpus(), ExpectedOutcome.recorded())
			.flatMap((rows) -> rows.values().stream())).allSatisfy((row) -> {
				assertThat(MODES).contains(row.mode());
				assertThat(PRESETS).contains(row.preset());
				assertThat(row.outcome()).matches("complete|[A-Z_]+");
				assertThat(row.note()).isNotBlank();
			});
	}

	private static Stream<DynamicTest> agreement(List<RecordedExchange> exchanges,
			Map<String, ExpectedOutcome> outcomes) {
		return tests(exchanges, (exchange) -> {
			ExpectedOutcome outcome = outcome(outcomes, exchange);
			boolean success = exchange.status() >= 200 && exchange.status() < 300;
			assertThat(success).as("status %d in mode %s", exchange.status(), outcome.mode())
				.isEqualTo(!"error".equals(outcome.mode()));
			ExpectedAnswer answer = ExpectedAnswer.of(exchange);
			if (outcome.isComplete()) {
				assertThat(answer.malformed()).isFalse();
				assertThat(answer.error()).isNull();
			}
			assertThat(read(outcome, answer)).isEqualTo(outcome);
		});
	}

	/**
	 * The row as it would have to be for the answer.
	 */
	private static ExpectedOutcome read(ExpectedOutcome row, ExpectedAnswer answer) {
		ExpectedAnswer.Choice choice = answer.firstChoice();
		ExpectedAnswer.Usage usage = (answer.usage() != null) ? answer.usage()
				: new ExpectedAnswer.Usage(null, null, null, null, null, null);
		if (choice == null) {
			return new ExpectedOutcome(row.name(), row.mode(), row.preset(), row.outcome(), null, null, null, null,
					usage.promptTokens(), usage.completionTokens(), usage.totalTokens(), usage.cacheHitTokens(),
					usage.reasoningTokens(), row.note());
		}
		return new ExpectedOutcome(row.name(), row.mode(), row.preset(), row.outcome(), choice.finishReason(),
				(choice.content() != null) ? choice.content().length() : null,
				(choice.reasoning() != null) ? choice.reasoning().length() : null, choice.toolCalls().size(),
				usage.promptTokens(), usage.completionTokens(), usage.totalTokens(), usage.cacheHitTokens(),
				usage.reasoningTokens(), row.note());
	}

	private static Stream<DynamicTest> tests(List<RecordedExchange> exchanges, Check check) {
		assertThat(exchanges).isNotEmpty();
		return exchanges.stream()
			.map((exchange) -> DynamicTest.dynamicTest(exchange.name(), () -> check.accept(exchange)));
	}

	private static ExpectedOutcome outcome(Map<String, ExpectedOutcome> outcomes, RecordedExchange exchange) {
		ExpectedOutcome outcome = outcomes.get(exchange.name());
		assertThat(outcome).as("row of %s", exchange.name()).isNotNull();
		return outcome;
	}

	private static Set<String> bodies(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			Set<String> bodies = new TreeSet<>();
			files.map((file) -> file.getFileName().toString())
				.filter((file) -> file.matches(".+\\.(sse|json|txt)") && !file.endsWith(".meta.json"))
				.forEach(bodies::add);
			return bodies;
		}
	}

	private static Set<String> bodyFiles(List<RecordedExchange> exchanges) {
		Set<String> files = new TreeSet<>();
		exchanges.forEach((exchange) -> files.add(exchange.bodyFile()));
		return files;
	}

	private static Set<String> names(Set<String> bodies) {
		Set<String> names = new TreeSet<>();
		bodies.forEach((body) -> names.add(body.substring(0, body.lastIndexOf('.'))));
		assertThat(names).hasSameSizeAs(bodies);
		return names;
	}

	/**
	 * What is checked of an exchange.
	 */
	private interface Check {

		void accept(RecordedExchange exchange);

	}

}
