package io.github.deepseekboot.transport;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of faults in {@code docs/reliability.md} names tests that exist.
 */
class ReliabilityDocumentTests {

	private static final Pattern ROW = Pattern.compile("^\\| (\\d+) \\|.*\\|$");

	private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

	@Test
	void everyTestThatIsNamedExists() throws Exception {
		Map<String, Class<?>> classes = testClasses();
		List<String> missing = new ArrayList<>();
		for (String row : rows().values()) {
			Matcher test = TEST.matcher(row);
			while (test.find()) {
				Class<?> type = classes.get(test.group(1));
				if (type == null || !hasTest(type, test.group(2))) {
					missing.add(test.group());
				}
			}
		}
		assertThat(missing).isEmpty();
	}

	@Test
	void everyFaultHasATest() throws IOException {
		Map<Integer, String> rows = rows();
		assertThat(rows.keySet()).containsAll(IntStream.rangeClosed(1, 120).boxed().toList());
		assertThat(rows).allSatisfy((number, row) -> assertThat(row).as("row %d", number).containsPattern(TEST));
	}

	@Test
	void heapDumpsAreWarnedOf() throws IOException {
		assertThat(Files.readString(Path.of("..", "docs", "operations.md"))).containsIgnoringCase("heap dump");
	}

	private static boolean hasTest(Class<?> type, String name) {
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> method.getName().equals(name))
			.anyMatch((method) -> method.isAnnotationPresent(Test.class)
					|| method.isAnnotationPresent(ParameterizedTest.class)
					|| method.isAnnotationPresent(TestFactory.class));
	}

	private static Map<Integer, String> rows() throws IOException {
		Map<Integer, String> rows = new HashMap<>();
		Set<Integer> twice = new HashSet<>();
		for (String line : Files.readAllLines(Path.of("..", "docs", "reliability.md"))) {
			Matcher row = ROW.matcher(line);
			if (row.matches() && rows.put(Integer.valueOf(row.group(1)), line) != null) {
				twice.add(Integer.valueOf(row.group(1)));
			}
		}
		assertThat(twice).as("rows with the same number").isEmpty();
		return rows;
	}

	private static Map<String, Class<?>> testClasses() throws IOException, URISyntaxException, ClassNotFoundException {
		Path root = Path.of(ReliabilityDocumentTests.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		Map<String, Class<?>> classes = new HashMap<>();
		Set<String> ambiguous = new HashSet<>();
		try (Stream<Path> files = Files.walk(root)) {
			for (Path file : files.filter((path) -> path.toString().endsWith("Tests.class")).toList()) {
				String name = root.relativize(file).toString().replaceAll("\\.class$", "").replaceAll("[/\\\\]", ".");
				Class<?> type = Class.forName(name, false, ReliabilityDocumentTests.class.getClassLoader());
				if (classes.put(type.getSimpleName(), type) != null) {
					ambiguous.add(type.getSimpleName());
				}
			}
		}
		// the document cannot name them
		classes.keySet().removeAll(ambiguous);
		return classes;
	}

}
