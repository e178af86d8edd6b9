package io.github.deepseekboot.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the Chinese pages keep up with the English ones: in each section the same
 * blocks of code but for comments, the same figures, names in code, links, items of lists
 * and rows of tables.
 */
class TranslationTests {

	private static final Path ROOT = Path.of("..");

	private static final Path GUIDES = ROOT.resolve("docs/guide");

	private static final Pattern HEADING = Pattern.compile("^(#+) .+$", Pattern.MULTILINE);

	private static final Pattern NAME = Pattern.compile("`([^`]+)`");

	private static final Pattern FIGURE = Pattern.compile("\\d+(?:[.,:-]\\d+)*");

	private static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July",
			"August", "September", "October", "November", "December");

	private static final Pattern ITEM = Pattern.compile("^ *(?:\\*|\\d+\\.) ", Pattern.MULTILINE);

	private static final Pattern ROW = Pattern.compile("^\\|.*\\|$", Pattern.MULTILINE);

	private static final Pattern BROKEN_SENTENCE = Pattern.compile(
			"^(?![|#!\\[]).*[^\u3002\uff1b\uff1a\uff0c\u3001\uff01\uff1f\\n]\\n *+(?![*|#!\\n]|\\d+\\. ).+",
			Pattern.MULTILINE);

	@ParameterizedTest
	@MethodSource("translations")
	void saysTheSame(Path english, Path chinese) throws IOException {
		assertThat(chinese).exists();
		List<Section> translated = sections(chinese);
		List<Section> originals = sections(english);
		assertThat(translated).extracting(Section::level)
			.as("levels of headings")
			.isEqualTo(originals.stream().map(Section::level).toList());
		for (int i = 0; i < originals.size(); i++) {
			Section original = originals.get(i);
			assertThat(translated.get(i)).as("%s: %s", chinese, original.heading())
				.usingRecursiveComparison()
				.ignoringFields("heading")
				.isEqualTo(original);
		}
	}

	@ParameterizedTest
	@MethodSource("translations")
	void pagesLinkEachOther(Path english, Path chinese) throws IOException {
		Path folder = english.getParent();
		assertThat(Files.readAllLines(english)).contains("[中文](" + folder.relativize(chinese) + ")");
		assertThat(Files.readAllLines(chinese)).contains("[English](" + chinese.getParent().relativize(english) + ")");
	}

	@ParameterizedTest
	@MethodSource("translations")
	void linesEndWherePunctuationIs(Path english, Path chinese) throws IOException {
		// a browser shows the end of a line as a blank, which Chinese words do not have
		assertThat(BROKEN_SENTENCE.matcher(withoutBlocks(Files.readString(chinese))).results().map(MatchResult::group))
			.isEmpty();
	}

	@ParameterizedTest
	@MethodSource("translations")
	void linksToEnglishPagesAreMarked(Path english, Path chinese) throws IOException {
		String text = withoutBlocks(Files.readString(chinese)).replaceFirst("(?m)^\\[English]\\(.*\\)$", "");
		Matcher link = DocumentCodeTests.LINK.matcher(text);
		while (link.find()) {
			Path target = chinese.resolveSibling(link.group(1).replaceFirst("#.*", "")).normalize();
			if (link.group(1).matches("(?!http).+\\.md(#.*)?")) {
				assertThat(text.startsWith("（英文）", link.end())).as("%s: %s", chinese, link.group(1))
					.isEqualTo(!isTranslation(target));
			}
		}
	}

	@Test
	void eachTranslationHasAnOriginal() throws IOException {
		assertThat(pages(GUIDES)).hasSizeGreaterThan(15);
		assertThat(pages(GUIDES.resolve("zh"))).isEqualTo(pages(GUIDES));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			java       | get("http://a"); // waits              | get("http://a");
			java       | /* one */ get();                       | get();
			kotlin     | "// the last delta\\nget() // waits"   | get()
			javascript | get() // waits                         | get()
			yaml       | "key: a#b # wait"                      | key: a#b
			shell      | "# wait\\ncurl http://a/#b"            | curl http://a/#b
			xml        | <a/><!-- wait -->                      | <a/>
			''         | // waits                               | // waits
			""")
	void commentsAreTakenOut(String language, String code, String expected) {
		assertThat(withoutComments(language.replace("''", ""), code.replace("\\n", "\n"))).isEqualTo(expected);
	}

	static boolean isTranslation(Path document) {
		return document.toString().endsWith(".zh-CN.md") || document.getParent().endsWith("zh");
	}

	private static Map<Path, Path> pairs() throws IOException {
		SortedMap<Path, Path> pairs = new TreeMap<>();
		for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
			pairs.put(folder.resolve("README.md"), folder.resolve("README.zh-CN.md"));
		}
		pairs.put(ROOT.resolve("docs/operations.md"), ROOT.resolve("docs/operations.zh-CN.md"));
		for (String page : pages(GUIDES)) {
			pairs.put(GUIDES.resolve(page), GUIDES.resolve("zh").resolve(page));
		}
		return pairs;
	}

	private static Stream<Object[]> translations() throws IOException {
		return pairs().entrySet().stream().map((pair) -> new Object[] { pair.getKey(), pair.getValue() });
	}

	private static SortedSet<String> pages(Path folder) throws IOException {
		SortedSet<String> pages = new TreeSet<>();
		try (Stream<Path> files = Files.list(folder)) {
			files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith(".md"))
				.forEach(pages::add);
		}
		return pages;
	}

	private static List<Section> sections(Path document) throws IOException {
		String text = Files.readString(document);
		List<List<String>> blocks = new ArrayList<>();
		String prose = DocumentCodeTests.BLOCK.matcher(text).replaceAll((block) -> {
			blocks.add(List.of(block.group(1), withoutComments(block.group(1), block.group(2))));
			return "\u0000";
		});
		List<Section> sections = new ArrayList<>();
		List<MatchResult> headings = HEADING.matcher(prose).results().toList();
		int block = 0;
		for (int i = 0; i < headings.size(); i++) {
			int end = (i + 1 < headings.size()) ? headings.get(i + 1).start() : prose.length();
			String section = prose.substring(headings.get(i).start(), end);
			int count = (int) section.chars().filter((character) -> character == 0).count();
			sections.add(section(document, headings.get(i), section, blocks.subList(block, block + count)));
			block += count;
		}
		assertThat(block).as("blocks below a heading").isEqualTo(blocks.size());
		return sections;
	}

	private static Section section(Path document, MatchResult heading, String prose, List<List<String>> blocks) {
		SortedSet<String> names = new TreeSet<>();
		String plain = NAME.matcher(prose).replaceAll((name) -> {
			names.add(name.group(1).replaceAll("\\s+", " "));
			return "";
		});
		List<String> links = new ArrayList<>();
		plain = DocumentCodeTests.LINK.matcher(plain).replaceAll((link) -> {
			links.add(target(document, link.group(1)));
			return "";
		});
		return new Section(heading.group(1).length(), heading.group(), names, links.stream().sorted().toList(),
				figures(plain), List.copyOf(blocks), count(ITEM, prose) + count(ROW, prose));
	}

	// of a link, the English page without the heading, which has another name there
	private static String target(Path document, String link) {
		if (link.startsWith("http")) {
			return link;
		}
		String file = link.replaceFirst("#.*", "");
		Path target = file.isEmpty() ? document : document.resolveSibling(file);
		return target.normalize().toString().replace(".zh-CN.md", ".md").replace("/guide/zh/", "/guide/");
	}

	private static List<String> figures(String prose) {
		String text = prose;
		for (String month : MONTHS) {
			text = text.replaceAll(month + "(?= \\d)", String.valueOf(MONTHS.indexOf(month) + 1));
		}
		return FIGURE.matcher(text).results().map(MatchResult::group).sorted().toList();
	}

	private static int count(Pattern pattern, String prose) {
		return (int) pattern.matcher(prose).results().count();
	}

	private static String withoutBlocks(String document) {
		return DocumentCodeTests.BLOCK.matcher(document).replaceAll(Matcher.quoteReplacement(""));
	}

	private static String withoutComments(String language, String code) {
		String comment = switch (language) {
			case "java", "kotlin", "kts", "groovy", "javascript" -> "(?m)(?<!\\S)//.*$|(?s:/\\*.*?\\*/)";
			case "yaml", "shell", "properties" -> "(?m)(?<!\\S)#.*$";
			case "xml" -> "(?s)<!--.*?-->";
			default -> "(?!)";
		};
		return code.replaceAll(comment, "")
			.lines()
			.map(String::strip)
			.filter((line) -> !line.isEmpty())
			.reduce("", (one, two) -> one.isEmpty() ? two : one + "\n" + two);
	}

	private record Section(int level, String heading, SortedSet<String> names, List<String> links, List<String> figures,
			List<List<String>> blocks, int itemsAndRows) {
	}

}
