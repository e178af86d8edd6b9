package io.github.deepseekboot.recordings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a host was reported to do, what an application asked, and what is right: one JSON
 * file. The files do not belong to the project: they are read from the folder that the
 * system property {@value #PROPERTY} names.
 *
 * @param id the name of the report
 * @param kind what it is about
 * @param content the complete file
 */
record FieldReport(String id, String kind, JsonNode content) {

	/**
	 * The system property that names the folder with the reports.
	 */
	static final String PROPERTY = "reports";

	private static final JsonMapper mapper = JsonMapper.builder().build();

	/**
	 * Read all reports.
	 * @return the reports, by id; empty if there are none at hand
	 */
	static List<FieldReport> all() {
		Path directory = directory();
		if (directory == null) {
			return List.of();
		}
		try (Stream<Path> files = Files.list(directory)) {
			return files.filter((file) -> file.getFileName().toString().endsWith(".json"))
				.sorted()
				.map(FieldReport::load)
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Read the project's own, in the form of the reports.
	 * @return the behaviour of hosts
	 */
	static List<FieldReport> ofCorpus() {
		try (InputStream file = FieldReport.class.getResourceAsStream("/host-behaviour.json")) {
			return mapper.readTree(file).values().stream().map(FieldReport::of).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static FieldReport of(JsonNode content) {
		return new FieldReport(content.path("id").stringValue(), content.path("kind").stringValue(), content);
	}

	/**
	 * What to say when a test is skipped for want of reports.
	 * @return a sentence that names the option
	 */
	static String hint() {
		String location = System.getProperty(PROPERTY, "");
		return "Needs field reports: run with -D" + PROPERTY + "=DIR"
				+ (location.isBlank() ? "" : " (no such folder: '" + location + "')");
	}

	static @Nullable Path directory() {
		String location = System.getProperty(PROPERTY, "");
		if (location.isBlank()) {
			return null;
		}
		// Surefire runs in the module's folder, the option is given in the build's
		return Stream.of(Path.of(location), Path.of("..").resolve(location))
			.filter(Files::isDirectory)
			.findFirst()
			.orElse(null);
	}

	private static FieldReport load(Path file) {
		try {
			return of(mapper.readTree(Files.readAllBytes(file)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	String preset() {
		return this.content.path("preset").stringValue();
	}

	/**
	 * The properties in addition to those of all reports, with {@code {p}} and
	 * {@code {q}} for the base URLs.
	 * @return the properties
	 */
	Map<String, String> properties() {
		Map<String, String> properties = new TreeMap<>();
		this.content.path("properties")
			.properties()
			.forEach((property) -> properties.put(property.getKey(), property.getValue().asString()));
		return properties;
	}

	/**
	 * What a host answers.
	 * @param host {@code p} or {@code q}
	 * @return the replies, the last of which repeats; empty for a host that does not
	 * exist
	 */
	List<JsonNode> replies(String host) {
		JsonNode replies = this.content.path("replies").path(host);
		return replies.isArray() ? replies.values().stream().toList()
				: replies.isMissingNode() ? List.of() : List.of(replies);
	}

	JsonNode request() {
		return this.content.path("request");
	}

	JsonNode expect() {
		return this.content.path("expect");
	}

	/**
	 * A second call in the same application.
	 * @return its request and what is expected of it, or {@code null} if there is none
	 */
	@Nullable JsonNode then() {
		JsonNode then = this.content.path("then");
		return then.isObject() ? then : null;
	}

	@Override
	public String toString() {
		return this.id;
	}

}
