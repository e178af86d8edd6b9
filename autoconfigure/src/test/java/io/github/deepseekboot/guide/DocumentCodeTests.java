package io.github.deepseekboot.guide;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import io.github.deepseekboot.autoconfigure.DeepSeekProperties;
import io.github.deepseekboot.provider.ProviderPresets;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what the documents show is true: their Java is a tagged part of a class that
 * is compiled here, and their Kotlin, too, their YAML binds, their XML is that of the
 * starter, and so are their Gradle builds, their commands name modules that exist, their
 * links lead somewhere.
 */
class DocumentCodeTests {

	private static final Path ROOT = Path.of("..");

	private static final List<Path> SOURCES = List.of(Path.of("src/test/java/io/github/deepseekboot/readme"),
			Path.of("src/test/java/io/github/deepseekboot/guide"),
			Path.of("src/test/kotlin/io/github/deepseekboot/guide"),
			ROOT.resolve("starter/test/src/test/java/io/github/deepseekboot/test/guide"),
			ROOT.resolve("starter/test/src/test/kotlin/io/github/deepseekboot/test/guide"),
			ROOT.resolve("samples/frameworks/src/main/java/io/github/deepseekboot/samples/frameworks"));

	static final Pattern BLOCK = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

	private static final Pattern REGION = Pattern.compile("^(\\t*)// tag::[\\w-]+\\[]\\n(.*?\\n)\\n*^\\t*// end::",
			Pattern.MULTILINE | Pattern.DOTALL);

	static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

	private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);

	private static final Pattern MODULES = Pattern.compile("-pl \"?([\\w/,-]+)");

	private final Map<Path, String> documents = documents();

	DocumentCodeTests() throws IOException {
	}

	@Test
	void javaAndKotlinAreCompiled() throws IOException {
		Set<String> compiled = regions();
		Set<String> shown = new TreeSet<>();
		for (Path document : originals()) {
			List<String> blocks = new ArrayList<>(blocks(document, "java"));
			blocks.addAll(blocks(document, "kotlin"));
			for (String block : blocks) {
				assertThat(compiled).as("%s shows code that is no tagged part of a class", document).contains(block);
				shown.add(block);
			}
		}
		assertThat(compiled).as("tagged parts that no document shows").isSubsetOf(shown);
	}

	@Test
	void yamlBinds() throws IOException {
		int bound = 0;
		for (Path document : this.documents.keySet()) {
			for (String block : blocks(document, "yaml")) {
				bound += bind(document, block) ? 1 : 0;
			}
		}
		assertThat(bound).isGreaterThanOrEqualTo(3);
	}

	private static boolean bind(Path document, String block) throws IOException {
		MutablePropertySources sources = new MutablePropertySources();
		new YamlPropertySourceLoader().load("document", new ByteArrayResource(block.getBytes(StandardCharsets.UTF_8)))
			.forEach(sources::addLast);
		assertThat(sources).as("%s: %s", document, block).isNotEmpty();
		if (!block.startsWith("deepseek:")) {
			assertThat(block).as(document.toString()).matches("(?s)(management|spring|logging|gateway):.*");
			return false;
		}
		sources.addLast(new MapPropertySource("environment", Map.of("DEEPSEEK_API_KEY", "test-key",
				"SILICONFLOW_API_KEY", "test-key", "ALAYA_API_KEY", "test-key")));
		BindHandler strict = new NoUnboundElementsBindHandler(BindHandler.DEFAULT,
				(source) -> source.getUnderlyingSource() instanceof PropertySource<?> file
						&& file.getName().equals("document"));
		DeepSeekProperties properties = new Binder(ConfigurationPropertySources.from(sources),
				new PropertySourcesPlaceholdersResolver(sources))
			.bind("deepseek", Bindable.of(DeepSeekProperties.class), strict)
			.get();
		assertThat(properties.providers()).allSatisfy((id, provider) -> {
			assertThat(provider.baseUrl() != null || ProviderPresets.exists(id)
					|| (provider.preset() != null && ProviderPresets.exists(provider.preset())))
				.as("%s: %s", document, id)
				.isTrue();
			assertThat(provider.apiKey()).isIn("test-key", null);
		});
		assertThat(properties.providers().keySet()).as(document.toString()).containsAll(properties.fallback());
		return true;
	}

	@Test
	void gradleNamesWhatIsBuilt() throws IOException {
		String pom = Files.readString(ROOT.resolve("pom.xml"));
		String start = this.documents.get(ROOT.resolve("docs/guide/start.md"));
		String boot = first("<artifactId>spring-boot-starter-parent</artifactId>\\s*<version>(.+?)</version>", start);
		int builds = 0;
		for (Path document : originals()) {
			for (String language : List.of("kts", "groovy")) {
				for (String block : blocks(document, language)) {
					String build = block.replace('\'', '"');
					List<String> ours = all("\"io\\.github\\.deepseek-boot:([^\"]+)\"", build);
					assertThat(ours).as("%s: %s", document, block).isNotEmpty().allSatisfy((coordinate) -> {
						assertThat(coordinate).endsWith(":" + version(pom));
						assertThat(artifacts()).contains(coordinate.substring(0, coordinate.indexOf(':')));
					});
					assertThat(first("org\\.springframework\\.boot\"\\)? version \"(.+?)\"", build)).isEqualTo(boot);
					assertThat(all("kotlin[^\\n]* version \"(.+?)\"", build))
						.allMatch(first("<kotlin.version>(.+?)</kotlin.version>", pom)::equals);
					assertThat(build.chars().filter((character) -> character == '{').count())
						.isEqualTo(build.chars().filter((character) -> character == '}').count());
					builds++;
				}
			}
		}
		assertThat(builds).isEqualTo(4);
	}

	private static List<String> artifacts() throws IOException {
		List<String> artifacts = new ArrayList<>();
		for (String module : List.of("autoconfigure", "starter", "starter/test", "starter/scripted-provider")) {
			artifacts.add(first("</parent>\\s*<artifactId>(.+?)</artifactId>",
					Files.readString(ROOT.resolve(module).resolve("pom.xml"))));
		}
		return artifacts;
	}

	private static String version(String pom) {
		return first("<version>([^<]+-SNAPSHOT)</version>", pom);
	}

	private static String first(String pattern, String text) {
		return all(pattern, text).get(0);
	}

	private static List<String> all(String pattern, String text) {
		return Pattern.compile(pattern).matcher(text).results().map((result) -> result.group(1)).toList();
	}

	@Test
	void xmlNamesWhatIsBuilt() throws Exception {
		String version = version(Files.readString(ROOT.resolve("pom.xml")));
		for (Path document : this.documents.keySet()) {
			for (String block : blocks(document, "xml")) {
				DocumentBuilderFactory.newInstance()
					.newDocumentBuilder()
					.parse(new ByteArrayResource(("<all>" + block + "</all>").getBytes(StandardCharsets.UTF_8))
						.getInputStream());
				if (block.contains("io.github.deepseek-boot")) {
					assertThat(block).as(document.toString()).contains(version);
				}
			}
		}
	}

	@Test
	void commandsNameModulesThatExist() {
		int modules = 0;
		for (Map.Entry<Path, String> document : this.documents.entrySet()) {
			Matcher matcher = MODULES.matcher(document.getValue());
			while (matcher.find()) {
				for (String module : matcher.group(1).split(",")) {
					assertThat(ROOT.resolve(module).resolve("pom.xml")).as(document.getKey().toString()).exists();
					modules++;
				}
			}
		}
		assertThat(modules).isPositive();
	}

	@Test
	void everyBlockIsOfAKindThatIsChecked() {
		for (Path document : this.documents.keySet()) {
			Matcher matcher = BLOCK.matcher(this.documents.get(document));
			while (matcher.find()) {
				// a block without a language is output or a drawing
				assertThat(matcher.group(1)).as("%s: %s", document, matcher.group(2))
					.isIn("java", "kotlin", "kts", "groovy", "yaml", "xml", "shell", "javascript", "mermaid", "");
			}
		}
	}

	@Test
	void linksLeadSomewhere() throws IOException {
		int links = 0;
		for (Map.Entry<Path, String> document : this.documents.entrySet()) {
			Matcher matcher = LINK.matcher(document.getValue());
			while (matcher.find()) {
				String link = matcher.group(1);
				if (link.startsWith("http")) {
					continue;
				}
				int hash = link.indexOf('#');
				String file = (hash >= 0) ? link.substring(0, hash) : link;
				Path target = file.isEmpty() ? document.getKey() : document.getKey().resolveSibling(file).normalize();
				assertThat(target).as("%s links to %s", document.getKey(), link).exists();
				if (hash >= 0) {
					assertThat(anchors(Files.readString(target))).as("%s links to %s", document.getKey(), link)
						.contains(link.substring(hash + 1));
				}
				links++;
			}
		}
		assertThat(links).isGreaterThan(20);
	}

	private static List<String> anchors(String document) {
		List<String> anchors = new ArrayList<>();
		Matcher matcher = HEADING.matcher(document);
		while (matcher.find()) {
			anchors.add(matcher.group(1)
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
				.strip()
				.replace(' ', '-'));
		}
		return anchors;
	}

	// the code of a translation is that of its original, see TranslationTests
	private List<Path> originals() {
		return this.documents.keySet()
			.stream()
			.filter((document) -> !TranslationTests.isTranslation(document))
			.toList();
	}

	private List<String> blocks(Path document, String language) {
		List<String> blocks = new ArrayList<>();
		Matcher matcher = BLOCK.matcher(this.documents.get(document));
		while (matcher.find()) {
			if (matcher.group(1).equals(language)) {
				blocks.add(matcher.group(2));
			}
		}
		return blocks;
	}

	private static Set<String> regions() throws IOException {
		Set<String> regions = new TreeSet<>();
		for (Path folder : SOURCES) {
			try (Stream<Path> files = Files.walk(folder)) {
				for (Path file : files.filter(Files::isRegularFile).toList()) {
					Matcher matcher = REGION.matcher(Files.readString(file));
					while (matcher.find()) {
						regions.add(matcher.group(2).replaceAll("(?m)^" + matcher.group(1), ""));
					}
				}
			}
		}
		return regions;
	}

	private static Map<Path, String> documents() throws IOException {
		Map<Path, String> documents = new LinkedHashMap<>();
		try (Stream<Path> top = Files.list(ROOT);
				Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
				Stream<Path> samples = Files.walk(ROOT.resolve("samples"), 2)) {
			List<Path> files = Stream.of(top, docs, samples)
				.flatMap((paths) -> paths)
				.filter((path) -> path.toString().endsWith(".md"))
				.sorted()
				.toList();
			for (Path file : files) {
				documents.put(file, Files.readString(file));
			}
		}
		return documents;
	}

}
