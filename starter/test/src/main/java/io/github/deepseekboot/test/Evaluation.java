package io.github.deepseekboot.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/**
 * Questions for a real model, each with what scores its answer. They become dynamic tests
 * of JUnit: one for each question, which fails if there is no answer to score, and a last
 * one that fails if the mean of the scores is below the threshold. The last one writes a
 * report as well, a Markdown table with each question, answer, score and reason.
 * <p>
 * Since models cost money, nothing is asked unless the system property
 * {@code deepseek.test.evaluate} is {@code true}.
 */
public final class Evaluation {

	/**
	 * Name of the system property that switches evaluations on.
	 */
	public static final String PROPERTY = "deepseek.test.evaluate";

	static final String DISABLED = "Evaluations ask real models, and are off without -D" + PROPERTY + "=true";

	private static final double DEFAULT_THRESHOLD = 1;

	// three scores of 0.7 have a mean of 0.6999999999999998
	private static final double ROUNDING = 1e-9;

	private final String name;

	private final Function<String, @Nullable String> model;

	private final List<Question> questions = new ArrayList<>();

	private double threshold = DEFAULT_THRESHOLD;

	private int times = 1;

	private Path folder = Path.of((Files.isDirectory(Path.of("build"))) ? "build" : "target", "evaluations");

	private Evaluation(String name, Function<String, @Nullable String> model) {
		this.name = name;
		this.model = model;
	}

	/**
	 * Begin an evaluation.
	 * @param name the name, of which the report's file has its own
	 * @param model answers questions: a part of the application, or a model itself
	 * @return a new evaluation
	 */
	public static Evaluation of(String name, Function<String, @Nullable String> model) {
		if (!name.matches("[\\w-]+")) {
			throw new IllegalArgumentException("'name' must be of letters, digits, dashes and underscores: " + name);
		}
		return new Evaluation(name, Objects.requireNonNull(model, "'model' must not be null"));
	}

	/**
	 * Ask a question.
	 * @param question the question
	 * @param scorer scores the answer
	 * @return this evaluation
	 */
	public Evaluation question(String question, Scorer scorer) {
		this.questions.add(new Question(question, Objects.requireNonNull(scorer, "'scorer' must not be null")));
		return this;
	}

	/**
	 * Set how good the answers must be.
	 * @param mean the least mean of all scores, from 0 to 1; 1 by default
	 * @return this evaluation
	 */
	public Evaluation threshold(double mean) {
		if (!(mean >= 0 && mean <= 1)) {
			throw new IllegalArgumentException("'mean' must be from 0 to 1, not " + mean);
		}
		this.threshold = mean;
		return this;
	}

	/**
	 * Ask each question several times, since a model does not always say the same.
	 * @param times how many times; 1 by default
	 * @return this evaluation
	 */
	public Evaluation times(int times) {
		if (times < 1) {
			throw new IllegalArgumentException("'times' must be positive, not " + times);
		}
		this.times = times;
		return this;
	}

	/**
	 * Set where the report is written.
	 * @param folder the folder; {@code evaluations} in the build's folder by default
	 * @return this evaluation
	 */
	public Evaluation reportTo(Path folder) {
		this.folder = folder;
		return this;
	}

	/**
	 * Make the tests, to be returned by a method with
	 * {@link org.junit.jupiter.api.TestFactory @TestFactory}. Where evaluations are off,
	 * that method is reported as skipped.
	 * @return the tests
	 */
	public Stream<DynamicTest> tests() {
		Assumptions.assumeTrue(Boolean.getBoolean(PROPERTY), DISABLED);
		return allTests();
	}

	Stream<DynamicTest> allTests() {
		if (this.questions.isEmpty()) {
			throw new IllegalStateException("Evaluation '" + this.name + "' has no question");
		}
		List<Case> cases = new ArrayList<>();
		List<DynamicTest> tests = new ArrayList<>();
		for (Question question : this.questions) {
			for (int i = 1; i <= this.times; i++) {
				Case next = new Case(question, this.model);
				cases.add(next);
				tests.add(DynamicTest.dynamicTest(question.text() + ((this.times > 1) ? " (" + i + ")" : ""),
						next::requireScore));
			}
		}
		tests.add(DynamicTest.dynamicTest("mean score of at least " + format(this.threshold), () -> conclude(cases)));
		return tests.stream();
	}

	private void conclude(List<Case> cases) {
		double mean = cases.stream().mapToDouble((each) -> each.result().score()).average().orElseThrow();
		String summary = "%s: mean score %s of %d answers, threshold %s".formatted(this.name, format(mean),
				cases.size(), format(this.threshold));
		Path file = this.folder.resolve(this.name + ".md");
		write(file, "# " + summary + "\n\n| score | question | answer | reason |\n|---|---|---|---|\n"
				+ cases.stream().map(Case::row).collect(Collectors.joining("\n")) + "\n");
		if (mean < this.threshold - ROUNDING) {
			throw new AssertionError(cases.stream()
				.filter((each) -> each.result().score() < 1)
				.map(Case::toString)
				.collect(Collectors.joining("\n", summary + "; all is in " + file + ", less than perfect are\n", "")));
		}
	}

	private void write(Path file, String text) {
		try {
			Files.createDirectories(this.folder);
			Files.writeString(file, text);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String format(double score) {
		return String.format(Locale.ROOT, "%.2f", score);
	}

	private record Question(String text, Scorer scorer) {

	}

	private record Result(double score, String answer, String reason, @Nullable Throwable failure) {

	}

	/**
	 * A question that is asked once, by whichever test comes first.
	 */
	private static final class Case {

		private final Question question;

		private final Function<String, @Nullable String> model;

		private @Nullable Result result;

		Case(Question question, Function<String, @Nullable String> model) {
			this.question = question;
			this.model = model;
		}

		synchronized Result result() {
			if (this.result == null) {
				this.result = ask();
			}
			return this.result;
		}

		private Result ask() {
			String answer = "";
			try {
				answer = Objects.requireNonNullElse(this.model.apply(this.question.text()), "");
				Scorer.Score score = this.question.scorer().score(this.question.text(), answer);
				return new Result(score.value(), answer, score.reason(), null);
			}
			catch (RuntimeException | AssertionError ex) {
				return new Result(0, answer, "failed: " + ex.getMessage(), ex);
			}
		}

		void requireScore() {
			Throwable failure = result().failure();
			if (failure != null) {
				throw new AssertionError("There is no score for: " + this.question.text(), failure);
			}
		}

		String row() {
			return Stream.of(format(result().score()), this.question.text(), result().answer(), result().reason())
				.map((cell) -> cell.strip().replace("|", "\\|").replaceAll("\\R", "<br>"))
				.collect(Collectors.joining(" | ", "| ", " |"));
		}

		@Override
		public String toString() {
			return "  %s for \"%s\": %s (%s)".formatted(format(result().score()), this.question.text(),
					result().answer(), result().reason());
		}

	}

}
