package io.github.deepseekboot.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link Evaluation}, {@link Scorer} and {@link EnabledIfEvaluating}.
 */
class EvaluationTests {

	private final ScriptedChatClient model = ScriptedChatClient.create();

	private final Evaluation evaluation = Evaluation.of("capitals",
			(question) -> this.model.template().complete(question).content());

	@TempDir
	private Path folder;

	@AfterEach
	void close() {
		this.model.close();
	}

	@Test
	void nothingIsAskedUnlessItIsSwitchedOn() {
		this.evaluation.question("Norway?", Scorer.contains("Oslo"));
		assertThat(System.getProperty(Evaluation.PROPERTY)).isNull();
		assertThatExceptionOfType(TestAbortedException.class).isThrownBy(this.evaluation::tests)
			.withMessageContaining("-Ddeepseek.test.evaluate=true");
		assertThat(this.model.calls()).isEmpty();
	}

	@Test
	void aThresholdDecides() throws IOException {
		this.model.whenLastMessage("Norway").answers("It is Oslo").always();
		this.model.whenLastMessage("Peru").answers("Quito | or\nso").always();
		this.evaluation.question("Norway?", Scorer.contains("oslo")).question("Peru?", Scorer.contains("Lima"));
		assertThat(failures(this.evaluation.threshold(0.5))).isEmpty();
		assertThat(Files.readString(this.folder.resolve("capitals.md"))).isEqualTo("""
				# capitals: mean score 0.50 of 2 answers, threshold 0.50

				| score | question | answer | reason |
				|---|---|---|---|
				| 1.00 | Norway? | It is Oslo | has all of it |
				| 0.00 | Peru? | Quito \\| or<br>so | lacks Lima |
				""");
		assertThat(failures(this.evaluation.threshold(0.6))).singleElement()
			.asString()
			.contains("mean score 0.50 of 2 answers, threshold 0.60", "0.00 for \"Peru?\": Quito | or")
			.doesNotContain("Norway?");
	}

	@ParameterizedTest
	@CsvSource({ "0.7, 3", "0.9, 9", "0.1, 7" })
	void aMeanThatIsRoundedReachesTheThreshold(double score, int times) {
		Evaluation rounded = Evaluation.of("rounded", (question) -> "")
			.question("Which?", (question, answer) -> new Scorer.Score(score, ""))
			.times(times)
			.reportTo(this.folder);
		assertThat(failures(rounded.threshold(score))).isEmpty();
		assertThat(failures(rounded.threshold(score + 0.01))).hasSize(1);
	}

	@Test
	void whatIsNotAnsweredFailsAndIsWorthNothing() throws IOException {
		this.model.whenLastMessage("Norway").answers("Oslo");
		this.model.whenLastMessage("Peru").fails(402);
		this.evaluation.question("Peru?", Scorer.contains("Lima")).question("Norway?", Scorer.contains("Oslo"));
		assertThat(failures(this.evaluation.threshold(0.5))).singleElement()
			.asString()
			.contains("There is no score for: Peru?");
		assertThat(Files.readString(this.folder.resolve("capitals.md"))).contains("| 0.00 | Peru? |  | failed: ");
	}

	@Test
	void questionsAreAskedSeveralTimesAndOnceByWhoeverComesFirst() {
		AtomicInteger asked = new AtomicInteger();
		Evaluation often = Evaluation.of("often", (question) -> String.valueOf(asked.incrementAndGet()))
			.question("Which?", Scorer.satisfies((answer) -> !answer.equals("2"), "is not 2"))
			.times(4)
			.threshold(0.75)
			.reportTo(this.folder);
		List<DynamicTest> tests = new ArrayList<>(often.allTests().toList());
		assertThat(tests).extracting(DynamicTest::getDisplayName)
			.containsExactly("Which? (1)", "Which? (2)", "Which? (3)", "Which? (4)", "mean score of at least 0.75");
		// the last one first, as where JUnit runs tests in parallel
		tests.add(0, tests.get(4));
		assertThat(failures(tests)).isEmpty();
		assertThat(asked).hasValue(4);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "It names the city.\\nScore: 9 | 0.9", "Good. **Score:** 10 | 1",
			"A score: 3 would be harsh.\\nScore: 0 | 0" })
	void aJudgeIsAsked(String verdict, double score) {
		this.model.answers(verdict.replace("\\n", "\n"));
		Scorer.Score given = Scorer.judge(this.model.template(), "It names the capital").score("Norway?", "Oslo");
		assertThat(given.value()).isEqualTo(score);
		assertThat(given.reason()).isNotBlank().doesNotContain(String.valueOf((int) (10 * score)));
		assertThat(this.model.provider()).lastCall()
			.hasUserMessageContaining("<criterion>It names the capital</criterion>")
			.hasUserMessageContaining("<question>Norway?</question>")
			.hasUserMessageContaining("<answer>Oslo</answer>");
	}

	@ParameterizedTest
	@ValueSource(strings = { "I cannot say", "Score: 11", "Score: high" })
	void aJudgeThatGivesNoScoreFails(String verdict) {
		this.model.answers(verdict);
		assertThatIllegalStateException()
			.isThrownBy(() -> Scorer.judge(this.model.template(), "any").score("Norway?", "Oslo"))
			.withMessageContaining(verdict);
	}

	@Test
	void texts() {
		Scorer scorer = Scorer.contains("Ærø", "a+b");
		assertThat(scorer.score("", "ærø and A+B")).isEqualTo(new Scorer.Score(1, "has all of it"));
		assertThat(scorer.score("", "ærø and aab")).isEqualTo(new Scorer.Score(0.5, "lacks a+b"));
	}

	@Test
	void badInputIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Evaluation.of("a/b", (question) -> question))
			.withMessageContaining("'name'");
		assertThatIllegalArgumentException().isThrownBy(() -> this.evaluation.threshold(1.1))
			.withMessageContaining("'mean'");
		assertThatIllegalArgumentException().isThrownBy(() -> this.evaluation.times(0))
			.withMessageContaining("'times'");
		assertThatIllegalArgumentException().isThrownBy(() -> new Scorer.Score(Double.NaN, ""))
			.withMessageContaining("'value'");
		assertThatIllegalArgumentException().isThrownBy(Scorer::contains).withMessageContaining("'parts'");
		assertThatIllegalStateException().isThrownBy(this.evaluation::allTests).withMessageContaining("no question");
	}

	private List<Throwable> failures(Evaluation evaluation) {
		return failures(evaluation.reportTo(this.folder).allTests().toList());
	}

	private static List<Throwable> failures(List<DynamicTest> tests) {
		List<Throwable> failures = new ArrayList<>();
		for (DynamicTest test : tests) {
			try {
				test.getExecutable().execute();
			}
			catch (Throwable ex) {
				failures.add(ex);
			}
		}
		return failures;
	}

}
