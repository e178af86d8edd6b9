package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.ByteBufFlux;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Recorded exchanges with a real host, in a file that can be read and reviewed. A
 * {@link ScriptedProvider} that {@linkplain ScriptedProvider#replays(Cassette) replays}
 * it answers a call with the exchange that has the same request, each once.
 * <p>
 * What is recorded is redacted before it is written: keys, ids of users, and what
 * {@link Builder#redact} says; headers of requests are never kept. Requests are compared
 * in their redacted form.
 */
public final class Cassette {

	private static final Set<String> KEPT_HEADERS = Set.of("content-type", "retry-after", "retry-after-ms");

	private static final Set<String> SENT_HEADERS = Set.of("content-type", "accept");

	private static final String EVENT_END = "(?<=\n\n|\r\n\r\n)";

	// files that this JVM has written
	private static final Set<Path> RECORDED = ConcurrentHashMap.newKeySet();

	private final Path file;

	private final RecordMode mode;

	private final @Nullable String upstream;

	private final @Nullable String key;

	private final boolean paced;

	private final Redaction redaction;

	private final List<RecordedExchange> exchanges = new ArrayList<>();

	private final List<RecordedExchange> unused = new ArrayList<>();

	private Cassette(Builder builder) {
		this.file = builder.file;
		this.mode = builder.mode;
		this.upstream = builder.upstream;
		this.key = builder.key;
		this.paced = builder.paced;
		this.redaction = builder.redaction;
		if (this.mode != RecordMode.NONE && (this.upstream == null || this.key == null)) {
			throw new IllegalStateException("'%s' is '%s', but the address or the key of the host to record is missing"
				.formatted(RecordMode.PROPERTY, this.mode.name().toLowerCase(Locale.ROOT)));
		}
		if (this.mode != RecordMode.ALL) {
			load();
			this.unused.addAll(this.exchanges);
		}
		else if (RECORDED.contains(this.file.toAbsolutePath())) {
			// by the test before, with which this one shares the file
			load();
		}
	}

	/**
	 * Describe a cassette.
	 * @param file the file; it need not exist
	 * @return a builder
	 */
	public static Builder at(Path file) {
		return new Builder(file);
	}

	private void load() {
		if (!Files.exists(this.file)) {
			return;
		}
		try {
			Json.parse(Files.readString(this.file))
				.path("exchanges")
				.forEach((json) -> this.exchanges.add(RecordedExchange.read(json)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return how many exchanges of the file were not asked for.
	 * @return the number of exchanges
	 */
	public synchronized int unused() {
		return this.unused.size();
	}

	/**
	 * Answer a request from the file, or from the real host.
	 * @param path the path of the request, below the base URL, and its query
	 * @param body the body of the request
	 * @param headers the headers of the request
	 * @param scheduler whose time a replay uses
	 * @return the response; none if the request is not on the cassette and the host may
	 * not be asked
	 */
	@Nullable Mono<ScriptedResponse> respond(String path, String body, HttpHeaders headers, Scheduler scheduler) {
		JsonNode request = this.redaction.json(body, this.key);
		RecordedExchange recorded = (this.mode != RecordMode.ALL) ? take(request) : null;
		if (recorded != null) {
			return Mono.just(replay(recorded, scheduler));
		}
		return (this.mode != RecordMode.NONE) ? record(path, request, body, headers) : null;
	}

	private synchronized @Nullable RecordedExchange take(JsonNode request) {
		for (RecordedExchange exchange : this.unused) {
			if (exchange.request().equals(request)) {
				this.unused.remove(exchange);
				return exchange;
			}
		}
		return null;
	}

	/**
	 * Say how a request differs from what is recorded.
	 * @param body the body of the request
	 * @return the differences, in lines
	 */
	synchronized String difference(String body) {
		JsonNode request = this.redaction.json(body, this.key);
		if (this.exchanges.isEmpty()) {
			return "    there is no cassette " + this.file + "; record it with -D" + RecordMode.PROPERTY + "=missing";
		}
		if (this.unused.isEmpty()) {
			return "    each of the " + this.exchanges.size() + " exchanges of " + this.file + " was used";
		}
		List<String> fewest = List.of();
		for (RecordedExchange exchange : this.unused) {
			List<String> differences = new ArrayList<>();
			compare("", exchange.request(), request, differences);
			if (fewest.isEmpty() || differences.size() < fewest.size()) {
				fewest = differences;
			}
		}
		return "    nothing in " + this.file + " fits any more; of the nearest differ:\n      "
				+ String.join("\n      ", fewest);
	}

	private static void compare(String pointer, JsonNode recorded, JsonNode asked, List<String> differences) {
		if (recorded.equals(asked)) {
			return;
		}
		if (recorded.isObject() && asked.isObject()) {
			Set<String> names = new LinkedHashSet<>(recorded.propertyNames());
			names.addAll(asked.propertyNames());
			names.forEach((name) -> compare(pointer + "/" + name, recorded.path(name), asked.path(name), differences));
		}
		else if (recorded.isArray() && asked.isArray()) {
			for (int i = 0; i < Math.max(recorded.size(), asked.size()); i++) {
				compare(pointer + "/" + i, recorded.path(i), asked.path(i), differences);
			}
		}
		else {
			differences.add("%s: recorded %s, asked %s".formatted((pointer.isEmpty()) ? "the body" : pointer,
					described(recorded), described(asked)));
		}
	}

	private static String described(JsonNode value) {
		return (value.isMissingNode()) ? "nothing" : value.toString();
	}

	private ScriptedResponse replay(RecordedExchange recorded, Scheduler scheduler) {
		long[] before = { 0 };
		Flux<ByteBuf> body = Flux.fromIterable(recorded.frames()).concatMap((frame) -> {
			Duration wait = Duration.ofMillis((this.paced) ? Math.max(0, frame.at() - before[0]) : 0);
			before[0] = frame.at();
			Mono<ByteBuf> piece = Mono
				.fromSupplier(() -> Unpooled.wrappedBuffer(frame.text().getBytes(StandardCharsets.UTF_8)));
			return (wait.isZero()) ? piece : Mono.delay(wait, scheduler).then(piece);
		}, 0);
		return (recorded.status() == 200 && recorded.end() == ScriptedResponse.End.COMPLETE)
				? ScriptedResponse.complete(recorded.status(), recorded.headers(), body)
				: ScriptedResponse.failed(recorded.status(), recorded.headers(), body, recorded.end());
	}

	private Mono<ScriptedResponse> record(String path, JsonNode request, String body, HttpHeaders headers) {
		long start = System.nanoTime();
		return HttpClient.create().headers((sent) -> {
			SENT_HEADERS.forEach((name) -> sent.set(name, headers.get(name, "application/json")));
			sent.set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
			if (headers.contains("api-key")) {
				sent.set("api-key", this.key);
			}
			else {
				sent.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + this.key);
			}
		})
			.post()
			.uri(this.upstream + path)
			.send(ByteBufFlux.fromString(Mono.just(body)))
			.<ScriptedResponse>responseConnection(
					(response, connection) -> Mono.just(recording(request, response, connection, start)))
			.single();
	}

	private ScriptedResponse recording(JsonNode request, HttpClientResponse response, Connection connection,
			long start) {
		Map<String, String> headers = new LinkedHashMap<>();
		response.responseHeaders().forEach((header) -> {
			String name = header.getKey().toLowerCase(Locale.ROOT);
			if (KEPT_HEADERS.contains(name)) {
				headers.put(name, header.getValue());
			}
		});
		int status = response.status().code();
		Frames frames = new Frames(headers.getOrDefault("content-type", "").contains("event-stream"), start);
		AtomicBoolean kept = new AtomicBoolean();
		Flux<ByteBuf> body = connection.inbound()
			.receive()
			.retain()
			.doOnNext(frames::add)
			.doOnComplete(() -> keep(kept, request, status, headers, frames, ScriptedResponse.End.COMPLETE))
			.doOnError((ex) -> keep(kept, request, status, headers, frames, ScriptedResponse.End.RESET))
			.doOnCancel(() -> keep(kept, request, status, headers, frames, ScriptedResponse.End.STALL))
			.doFinally((signal) -> connection.dispose());
		return ScriptedResponse.complete(status, headers, body);
	}

	private synchronized void keep(AtomicBoolean kept, JsonNode request, int status, Map<String, String> headers,
			Frames frames, ScriptedResponse.End end) {
		if (!kept.compareAndSet(false, true)) {
			return;
		}
		this.exchanges.add(new RecordedExchange(request, status, headers, frames.redacted(), end));
		ObjectNode json = Json.object();
		ArrayNode all = json.putArray("exchanges");
		this.exchanges.forEach((exchange) -> all.add(exchange.write()));
		try {
			if (this.file.getParent() != null) {
				Files.createDirectories(this.file.getParent());
			}
			Files.writeString(this.file, Json.pretty(json) + "\n");
			RECORDED.add(this.file.toAbsolutePath());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Describes a {@link Cassette}.
	 */
	public static final class Builder {

		private final Path file;

		private RecordMode mode = RecordMode.of(System.getProperty(RecordMode.PROPERTY));

		private @Nullable String upstream;

		private @Nullable String key;

		private boolean paced;

		private final Redaction redaction = new Redaction();

		private Builder(Path file) {
			this.file = Objects.requireNonNull(file, "'file' must not be null");
		}

		/**
		 * Whether the real host may be asked; by default what the system property
		 * {@code deepseek.test.record} says.
		 * @param mode the mode
		 * @return this builder
		 */
		public Builder mode(RecordMode mode) {
			this.mode = mode;
			return this;
		}

		/**
		 * The real host. Needed to record only.
		 * @param baseUrl its base URL
		 * @param apiKey the key to ask it with
		 * @return this builder
		 */
		public Builder host(@Nullable String baseUrl, @Nullable String apiKey) {
			this.upstream = baseUrl;
			this.key = apiKey;
			return this;
		}

		/**
		 * Take a field out of requests, of answers and of each event of a stream.
		 * @param pointer a JSON pointer, {@code /metadata/tenant} for example
		 * @return this builder
		 */
		public Builder redact(String pointer) {
			this.redaction.field(pointer);
			return this;
		}

		/**
		 * Take what a function finds out of requests and responses. What a model says in
		 * several events, it sees in one piece.
		 * @param hook the function from a text to the text that may be written
		 * @return this builder
		 */
		public Builder redact(UnaryOperator<String> hook) {
			this.redaction.hook(hook);
			return this;
		}

		/**
		 * Replay at the pace at which the host answered, not at once.
		 * @return this builder
		 */
		public Builder paced() {
			this.paced = true;
			return this;
		}

		/**
		 * Open the cassette.
		 * @return the cassette
		 * @throws IllegalStateException if it shall record, but has no host
		 */
		public Cassette build() {
			return new Cassette(this);
		}

	}

	/**
	 * Cuts a body into frames.
	 */
	private final class Frames {

		private final boolean events;

		private final long start;

		private final ByteBuf rest = Unpooled.buffer();

		private final List<RecordedExchange.Frame> frames = new ArrayList<>();

		Frames(boolean events, long start) {
			this.events = events;
			this.start = start;
		}

		void add(ByteBuf bytes) {
			this.rest.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
			int end = (this.events) ? endOfEvents() : 0;
			if (end > 0) {
				cut(this.rest.readCharSequence(end, StandardCharsets.UTF_8).toString());
			}
		}

		// a line feed is no part of a character of several bytes
		private int endOfEvents() {
			for (int i = this.rest.writerIndex() - 1; i > this.rest.readerIndex(); i--) {
				if (this.rest.getByte(i) == '\n' && endsLine(i - 1)) {
					return i + 1 - this.rest.readerIndex();
				}
			}
			return 0;
		}

		// before it, a carriage return may stand
		private boolean endsLine(int i) {
			int before = (this.rest.getByte(i) == '\r') ? i - 1 : i;
			return before >= this.rest.readerIndex() && this.rest.getByte(before) == '\n';
		}

		private void cut(String text) {
			long at = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - this.start);
			for (String event : (this.events) ? text.split(EVENT_END) : new String[] { text }) {
				this.frames.add(new RecordedExchange.Frame(at, event));
			}
		}

		List<RecordedExchange.Frame> redacted() {
			if (this.rest.isReadable()) {
				cut(this.rest.readCharSequence(this.rest.readableBytes(), StandardCharsets.UTF_8).toString());
			}
			String key = Cassette.this.key;
			List<String> texts = this.frames.stream().map(RecordedExchange.Frame::text).toList();
			List<String> redacted = (this.events) ? Cassette.this.redaction.events(texts, key)
					: texts.stream().map(this::body).toList();
			return IntStream.range(0, texts.size())
				.mapToObj((i) -> new RecordedExchange.Frame(this.frames.get(i).at(), redacted.get(i)))
				.toList();
		}

		private String body(String text) {
			JsonNode json = Cassette.this.redaction.json(text, Cassette.this.key);
			return (json.isString()) ? json.asString() : json.toString();
		}

	}

}
