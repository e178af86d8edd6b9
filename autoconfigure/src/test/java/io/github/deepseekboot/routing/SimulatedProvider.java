package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.channel.ChannelOption;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * A provider that repeats the mark of each request in a text that is known beforehand,
 * and has a bad day on demand.
 */
final class SimulatedProvider implements AutoCloseable {

	static final int PIECES = 12;

	private static final Pattern MARK = Pattern.compile("mark-\\d+");

	private final DisposableServer server;

	private final AtomicInteger connections = new AtomicInteger();

	private final AtomicInteger connectionsMade = new AtomicInteger();

	private final AtomicInteger requests = new AtomicInteger();

	private final Duration pace;

	private volatile Mood mood = Mood.FINE;

	SimulatedProvider(Duration pace) {
		this.pace = pace;
		this.server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.option(ChannelOption.SO_BACKLOG, 2000)
			.doOnConnection((connection) -> {
				this.connectionsMade.incrementAndGet();
				this.connections.incrementAndGet();
				connection.onTerminate()
					.subscribe(null, (failure) -> this.connections.decrementAndGet(),
							this.connections::decrementAndGet);
			})
			.handle(this::handle)
			.bindNow();
	}

	/**
	 * The complete answer to a request with a mark.
	 */
	static String text(String mark) {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < PIECES; i++) {
			text.append(piece(mark, i));
		}
		return text.toString();
	}

	private static String piece(String mark, int number) {
		return mark + "/" + number + " ";
	}

	int port() {
		return this.server.port();
	}

	void mood(Mood mood) {
		this.mood = mood;
	}

	int connections() {
		return this.connections.get();
	}

	int connectionsMade() {
		return this.connectionsMade.get();
	}

	int requests() {
		return this.requests.get();
	}

	private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
		this.requests.incrementAndGet();
		Mood mood = this.mood;
		boolean stream = request.requestHeaders().get("Accept", "").contains("event-stream");
		return request.receive().aggregate().asString().flatMap((body) -> {
			Matcher matcher = MARK.matcher(body);
			String mark = matcher.find() ? matcher.group() : "unmarked";
			return Mono.from(switch (mood) {
				case REFUSING -> Mono.fromRunnable(() -> response.withConnection((connection) -> connection.dispose()));
				case LIMITING -> response.status(429).header("Retry-After-Ms", "100").sendString(Mono.just("{}"));
				case STALLING -> Mono.never();
				default -> stream ? stream(response, mark, mood) : response.header("Content-Type", "application/json")
					.sendString(Mono.just(MisbehavingServer.completion(text(mark))));
			});
		});
	}

	private Mono<Void> stream(HttpServerResponse response, String mark, Mood mood) {
		Flux<String> pieces = Flux.range(0, PIECES).map((number) -> MisbehavingServer.delta(piece(mark, number)));
		Flux<String> paced = this.pace.isZero() ? pieces
				: pieces.concatMap((piece) -> Mono.just(piece).delayElement(this.pace), 1);
		Flux<String> events = switch (mood) {
			case CUTTING_BEFORE -> Flux.just(": hello\n\n");
			case CUTTING_AFTER -> paced.take(PIECES / 2);
			default -> paced.concatWithValues("data: [DONE]\n\n");
		};
		boolean cut = mood == Mood.CUTTING_BEFORE || mood == Mood.CUTTING_AFTER;
		return response.sse()
			.sendString(cut ? events.concatWith(Mono.error(new IllegalStateException("cut"))) : events)
			.then();
	}

	@Override
	public void close() {
		this.server.disposeNow(Duration.ofSeconds(5));
	}

	/**
	 * What kind of day the provider has.
	 */
	enum Mood {

		FINE, REFUSING, LIMITING, STALLING, CUTTING_BEFORE, CUTTING_AFTER

	}

}
