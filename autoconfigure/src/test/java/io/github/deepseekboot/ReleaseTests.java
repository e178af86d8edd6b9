package io.github.deepseekboot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what the rehearsal of a release made can be published. The rehearsal is in
 * {@code CONTRIBUTING.md}; its folder is the system property {@code release.folder}.
 */
@EnabledIfSystemProperty(named = "release.folder", matches = ".+")
class ReleaseTests {

	private static final Path ROOT = Path.of("..");

	// a snapshot has the time in its name
	private static final Pattern FILE = Pattern
		.compile("(deepseek-[a-z-]*[a-z])-\\d+\\.\\d+\\.\\d+(?:-SNAPSHOT|-\\d+\\.\\d+-\\d+)?([-.][a-z.]+)");

	private final Map<String, Path> files = new TreeMap<>();

	@BeforeEach
	void findFiles() throws IOException {
		try (Stream<Path> all = Files.walk(Path.of(System.getProperty("release.folder")))) {
			all.forEach((file) -> {
				Matcher name = FILE.matcher(file.getFileName().toString());
				if (name.matches()) {
					this.files.put(name.group(1) + name.group(2), file);
				}
			});
		}
	}

	@Test
	void nothingElseIsPublished() {
		assertThat(this.files.keySet().stream().filter((name) -> name.endsWith(".pom"))).containsExactlyInAnyOrder(
				"deepseek-scripted-provider.pom", "deepseek-spring-boot-autoconfigure.pom",
				"deepseek-spring-boot-parent.pom", "deepseek-spring-boot-starter.pom",
				"deepseek-spring-boot-starter-test.pom");
	}

	@ParameterizedTest
	@CsvSource({ "deepseek-scripted-provider, starter/scripted-provider",
			"deepseek-spring-boot-autoconfigure, autoconfigure", "deepseek-spring-boot-starter, starter",
			"deepseek-spring-boot-starter-test, starter/test" })
	void eachArtifactIsComplete(String artifact, Path module) throws IOException {
		for (String jar : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
			assertThat(text(artifact + jar, "META-INF/LICENSE")).as(jar)
				.isEqualTo(Files.readString(ROOT.resolve("LICENSE")));
			assertThat(text(artifact + jar, "META-INF/NOTICE")).as(jar)
				.isEqualTo(Files.readString(ROOT.resolve(".mvn/NOTICE")));
		}
		try (JarFile jar = new JarFile(file(artifact + ".jar").toFile())) {
			Attributes manifest = jar.getManifest().getMainAttributes();
			assertThat(manifest.getValue("Automatic-Module-Name")).startsWith("io.github.deepseekboot");
			assertThat(manifest.getValue("Implementation-Title")).startsWith("DeepSeek Spring Boot :: ");
			assertThat(manifest.getValue("Implementation-Version")).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
		}
		Set<String> sources = sources(ROOT.resolve(module).resolve("src/main"));
		assertThat(names(artifact + "-sources.jar")).containsAll(sources);
		assertThat(names(artifact + "-javadoc.jar")).contains(sources.isEmpty() ? "README.md" : "index.html");
		assertThat(Files.readString(file(artifact + ".pom")))
			.contains("<name>", "<description>", "<url>", "<license>", "<developer>", "<scm>")
			.doesNotContain("${")
			.doesNotContain("<parent>")
			.doesNotContain("<scope>test</scope>");
		JsonNode bill = JsonMapper.shared().readTree(Files.readAllBytes(file(artifact + "-cyclonedx.json")));
		assertThat(bill.path("metadata").path("component").path("name").asString()).isEqualTo(artifact);
		assertThat(bill.path("components")).extracting((component) -> component.path("name").asString())
			.contains("jackson-databind", "reactor-netty-http")
			.doesNotContain("archunit", "netty-codec-native-quic");
		assertThat(file(artifact + "-cyclonedx.xml")).isNotEmptyFile();
	}

	private Path file(String name) {
		assertThat(this.files).containsKey(name);
		return this.files.get(name);
	}

	private Set<String> names(String name) throws IOException {
		try (JarFile jar = new JarFile(file(name).toFile())) {
			return jar.stream().map(JarEntry::getName).collect(Collectors.toSet());
		}
	}

	private String text(String name, String entry) throws IOException {
		try (JarFile jar = new JarFile(file(name).toFile())) {
			assertThat(jar.getEntry(entry)).as("%s of %s", entry, name).isNotNull();
			return new String(jar.getInputStream(jar.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private static Set<String> sources(Path folder) throws IOException {
		Set<String> sources = new TreeSet<>();
		for (String language : List.of("java", "kotlin", "resources")) {
			Path root = folder.resolve(language);
			if (Files.isDirectory(root)) {
				try (Stream<Path> files = Files.walk(root)) {
					files.filter(Files::isRegularFile)
						.forEach((file) -> sources.add(root.relativize(file).toString().replace('\\', '/')));
				}
			}
		}
		return sources;
	}

}
