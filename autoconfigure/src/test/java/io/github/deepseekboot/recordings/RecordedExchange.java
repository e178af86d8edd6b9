package io.github.deepseekboot.recordings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One answer of a provider, kept as two files: the body as it went over the wire
 * ({@code name.sse}, {@code name.json} or {@code name.txt}) and, in
 * {@code name.meta.json}, what is known about it.
 * <p>
 * {@link #corpus()} is the handmade set that belongs to the project. {@link #recorded()}
 * is real traffic, which does not: it is read from the folder that the system property
 * {@value #PROPERTY} names.
 */
public final class RecordedExchange {

	/**
	 * The system property that names the folder with recorded traffic.
	 */
	public static final String PROPERTY = "recordings";

	private static final String META = ".meta.json";

	private static final List<String> EXTENSIONS = List.of(".sse", ".json", ".txt");

	private static final Set<String> CONNECTION_HEADERS = Set.of("connection", "content-encoding", "content-length",
			"date", "keep-alive", "transfer-encoding");

	private static final JsonMapper mapper = JsonMapper.builder().build();

	private final String name;

	private final String extension;

	private final byte[] body;

	private final JsonNode meta;

	private final Map<String, String> headers;

	private RecordedExchange(String name, String extension, byte[] body, JsonNode meta) {
		this.name = name;
		this.extension = extension;
		this.body = body;
		this.meta = meta;
		Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		meta.path("response_headers").properties().forEach((entry) -> {
			if (entry.getValue().isString()) {
				headers.put(entry.getKey(), entry.getValue().stringValue());
			}
		});
		this.headers = Collections.unmodifiableMap(headers);
	}

	/**
	 * Whether the recorded traffic is at hand. A test that needs it skips itself
	 * otherwise and says {@link #hint()}.
	 * @return {@code true} if the system property names an existing folder
	 */
	public static boolean available() {
		return recordings() != null;
	}

	/**
	 * What to say when a test is skipped for want of recorded traffic.
	 * @return a sentence that names the option
	 */
	public static String hint() {
		String location = System.getProperty(PROPERTY, "");
		return "Needs recorded traffic: run with -D" + PROPERTY + "=DIR"
				+ (location.isBlank() ? "" : " (no such folder: '" + location + "')");
	}

	/**
	 * Reads the recorded traffic.
	 * @return the exchanges, by name; empty if there is none at hand
	 */
	public static List<RecordedExchange> recorded() {
		Path directory = recordings();
		return (directory != null) ? in(directory) : List.of();
	}

	/**
	 * Reads the handmade corpus from the class path.
	 * @return the exchanges, by name
	 */
	public static List<RecordedExchange> corpus() {
		return in(corpusDirectory());
	}

	/**
	 * Reads every exchange of a folder.
	 * @param directory the folder
	 * @return the exchanges, by name
	 */
	public static List<RecordedExchange> in(Path directory) {
		try (Stream<Path> files = Files.list(directory)) {
			return files.filter((file) -> file.getFileName().toString().endsWith(META))
				.sorted()
				.map(RecordedExchange::load)
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Reads one exchange.
	 * @param metaFile its {@code .meta.json}; the body lies beside it
	 * @return the exchange
	 */
	public static RecordedExchange load(Path metaFile) {
		String file = metaFile.getFileName().toString();
		String name = file.substring(0, file.length() - META.length());
		try {
			for (String extension : EXTENSIONS) {
				Path body = metaFile.resolveSibling(name + extension);
				if (Files.exists(body)) {
					return new RecordedExchange(name, extension, Files.readAllBytes(body),
							mapper.readTree(Files.readAllBytes(metaFile)));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		throw new IllegalStateException("No body beside " + file);
	}

	static Path corpusDirectory() {
		URL outcomes = RecordedExchange.class.getResource("/corpus/outcomes.tsv");
		if (outcomes == null) {
			throw new IllegalStateException("No corpus on the class path");
		}
		try {
			return Path.of(outcomes.toURI()).resolveSibling("");
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static @Nullable Path recordings() {
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

	/**
	 * The name of the exchange: that of its files, without an extension.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Who answered, as the recorder called it.
	 * @return the provider
	 */
	public String provider() {
		return this.meta.path("provider").asString("");
	}

	/**
	 * The HTTP status.
	 * @return the status
	 */
	public int status() {
		return this.meta.path("status").asInt();
	}

	/**
	 * The response headers as recorded; names compare without case.
	 * @return the headers; empty if the recorder left them out
	 */
	public Map<String, String> headers() {
		return this.headers;
	}

	/**
	 * The response headers without those that belong to the recorded connection and would
	 * be wrong on another, always with a content type: fit for a server that replays the
	 * exchange.
	 * @return the headers
	 */
	public Map<String, String> replayHeaders() {
		Map<String, String> replay = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		replay.putAll(this.headers);
		replay.keySet().removeIf((header) -> CONNECTION_HEADERS.contains(header.toLowerCase(Locale.ROOT)));
		replay.put("content-type", contentType());
		return replay;
	}

	/**
	 * The content type: as recorded, else what the body's extension stands for.
	 * @return the content type
	 */
	public String contentType() {
		String recorded = this.headers.get("content-type");
		if (recorded != null) {
			return recorded;
		}
		return switch (this.extension) {
			case ".sse" -> "text/event-stream";
			case ".json" -> "application/json";
			default -> "text/plain";
		};
	}

	/**
	 * Whether the body is sent as server-sent events.
	 * @return {@code true} if the content type says so
	 */
	public boolean isEventStream() {
		return contentType().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
	}

	/**
	 * The body.
	 * @return a copy of its bytes
	 */
	public byte[] body() {
		return this.body.clone();
	}

	/**
	 * The body as text.
	 * @return the body, decoded as UTF-8
	 */
	public String bodyText() {
		return new String(this.body, StandardCharsets.UTF_8);
	}

	/**
	 * The file the body was read from.
	 * @return its name
	 */
	public String bodyFile() {
		return this.name + this.extension;
	}

	/**
	 * The body of the request that was answered.
	 * @return the request, or {@code null} if it was not kept
	 */
	public @Nullable JsonNode request() {
		JsonNode request = this.meta.path("request");
		return request.isObject() ? request : null;
	}

	/**
	 * Whether the body has the very bytes that were on the wire.
	 * @return {@code true} if so
	 */
	public boolean byteExact() {
		return this.meta.path("byte_exact").asBoolean(false);
	}

	/**
	 * Whether the body was copied from a text that quotes it.
	 * @return {@code true} if so
	 */
	public boolean transcribed() {
		return this.meta.path("transcribed").asBoolean(false);
	}

	/**
	 * Whether a part of the body was left out.
	 * @return {@code true} if so
	 */
	public boolean elided() {
		return this.meta.path("elided").asBoolean(false);
	}

	/**
	 * All that is written about the exchange.
	 * @return the content of its {@code .meta.json}
	 */
	public JsonNode meta() {
		return this.meta;
	}

	@Override
	public String toString() {
		return this.name;
	}

}
