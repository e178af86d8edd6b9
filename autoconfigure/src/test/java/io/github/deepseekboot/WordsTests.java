package io.github.deepseekboot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that code and documents keep to the glossary of {@code CONTRIBUTING.md}, where
 * text alone shows it, and that the Javadoc of the API begins with what a type is.
 */
class WordsTests {

	private static final Path ROOT = Path.of("..");

	private static final Path SOURCES = Path.of("src/main/java/io/github/deepseekboot");

	// words that mean nothing else in this project
	private static final Pattern AVOIDED = Pattern.compile(
			"\\boctets?\\b(?<!/octet)|chain of thought|whole (answer|call|turn|reasoning)s?\\b"
					+ "|\\b(is|was|were) told\\b|\\btotal clock\\b|\\bclock ran out\\b|whether it is well\\b(?!-)",
			Pattern.CASE_INSENSITIVE);

	private static final Pattern TYPE = Pattern.compile("""
			/\\*\\*\\s*((?:(?!\\*/).)*)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*\
			public (?:\\w+ |non-sealed )*(?:class|interface|enum|record) (\\w+)""", Pattern.DOTALL);

	// a question, or a verb: "Checks typed answers" where "Callback interface to check …"
	private static final Pattern NO_NOUN = Pattern.compile("(What|Who|How|Why|Which|Whether|Where|When)\\b.*"
			+ "|(Asks|Builds|Changes|Checks|Chooses|Describes|Does|Estimates|Goes|Holds|Keeps|Limits|Makes|Puts|Reads"
			+ "|Runs|Says|Sees|Sends|Tells|Turns|Watches|Writes)\\b.*");

	@Test
	void avoidedWordsAreNotUsed() throws IOException {
		TreeSet<String> found = new TreeSet<>();
		for (Path file : files()) {
			String text = Files.readString(file).replaceAll("\\n\\s*(\\*|//) ?", " ");
			Matcher matcher = AVOIDED.matcher(text);
			while (matcher.find()) {
				found.add(ROOT.relativize(file) + ": " + matcher.group());
			}
		}
		assertThat(found).isEmpty();
	}

	@Test
	void linesOfDocumentsAreShort() throws IOException {
		TreeSet<String> found = new TreeSet<>();
		for (Path file : files()) {
			if (file.toString().endsWith(".md") && !file.toString().contains("/resources/")) {
				int number = 0;
				for (String line : Files.readAllLines(file)) {
					number++;
					if (line.length() > 140 && !line.startsWith("|") && !line.contains("](")) {
						found.add(ROOT.relativize(file) + ":" + number);
					}
				}
			}
		}
		assertThat(found).isEmpty();
	}

	@Test
	void apiIsDescribedByWhatItIs() throws IOException {
		TreeSet<String> found = new TreeSet<>();
		int types = 0;
		for (String folder : List.of("", "chat", "conversation", "hook", "structured", "tool")) {
			try (Stream<Path> files = Files.list(SOURCES.resolve(folder))) {
				for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
					Matcher matcher = TYPE.matcher(Files.readString(file));
					while (matcher.find()) {
						types++;
						String text = matcher.group(1).replaceAll("\\s*\\n\\s*\\* ?", " ").replaceFirst("^\\* ", "");
						if (NO_NOUN.matcher(text).matches()) {
							found.add(matcher.group(2) + ": " + text.split("(?<=\\.)\\s", 2)[0]);
						}
					}
				}
			}
		}
		assertThat(found).isEmpty();
		assertThat(types).isGreaterThan(80);
	}

	private static List<Path> files() throws IOException {
		try (Stream<Path> files = Files.walk(ROOT)) {
			return files.filter(Files::isRegularFile)
				.filter((path) -> !path.toString().matches(".*/(target|node_modules|\\.git)/.*"))
				.filter((path) -> path.toString().matches(".*\\.(java|md)"))
				.filter((path) -> !path.endsWith("CONTRIBUTING.md"))
				.filter((path) -> !path.endsWith("WordsTests.java"))
				.toList();
		}
	}

}
