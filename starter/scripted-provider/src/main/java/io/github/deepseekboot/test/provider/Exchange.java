package io.github.deepseekboot.test.provider;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One request and the answer that the provider's script gives it, whatever carries both.
 */
final class Exchange {

	private static final int BATCH_BYTES = 32 * 1024;

	private static final String KEEP_ALIVE = ": keep-alive\n\n";

	private static final Duration SHORTEST_TICK = Duration.ofMillis(5);

	private static final byte[] HTML = """
			<!DOCTYPE html>
			<html><head><title>Please wait</title></head>
			<body><p>The service is being looked after. Come back soon.</p></body></html>
			""".getBytes(CharsetUtil.UTF_8);

	private final ScriptedProvider provider;

	private final Dialect dialect;

	private final @Nullable String key;

	private final Scheduler scheduler;

	private final ByteBufAllocator allocator;

	// only what has begun can end
	private final AtomicBoolean open = new AtomicBoolean();

	private Script script = Script.EXACT;

	/**
	 * Begin an exchange.
	 * @param provider who is asked
	 * @param key the key that it is asked with
	 * @param scheduler the source of time
	 * @param allocator makes the buffers
	 */
	Exchange(ScriptedProvider provider, @Nullable String key, Scheduler scheduler, ByteBufAllocator allocator) {
		this.provider = provider;
		this.dialect = provider.dialect();
		this.key = key;
		this.scheduler = scheduler;
		this.allocator = allocator;
	}

	Mono<ScriptedResponse> chat(ReceivedRequest request) {
		ReceivedCall call = this.provider.receive(request, parse(request.body()));
		ScriptedAnswer answer = this.provider.take(call);
		if (answer == null) {
			return unexpected(call);
		}
		this.script = answer.script();
		return after(this.script.firstByteDelay(), Mono.defer(() -> answer(call)));
	}

	Mono<ScriptedResponse> unexpected(ReceivedCall call) {
		return Mono.just(error(Dialect.unexpected(call)));
	}

	Mono<ScriptedResponse> page(String method, String path) {
		this.script = this.provider.script();
		if (this.script.fault() == Fault.REFUSE) {
			return Mono.just(ScriptedResponse.reset());
		}
		if (this.script.fault() == Fault.STALL_BEFORE_HEADERS) {
			return Mono.never();
		}
		ProviderError page = (method.equals("GET")) ? this.dialect.page(path) : null;
		if (page == null) {
			return Mono.just(error(this.dialect.notFound()));
		}
		return Mono.just(error((this.provider.accepts(this.key)) ? page : this.dialect.unauthorized(this.key)));
	}

	void begin() {
		this.open.set(true);
		this.provider.begin();
	}

	void end(Outcome how) {
		if (this.open.compareAndSet(true, false)) {
			this.provider.end(how);
		}
	}

	private Mono<ScriptedResponse> answer(ReceivedCall call) {
		Fault fault = this.script.fault();
		if (fault == Fault.REFUSE) {
			return Mono.just(ScriptedResponse.reset());
		}
		if (fault == Fault.STALL_BEFORE_HEADERS) {
			return Mono.never();
		}
		if (fault == Fault.HTML_PAGE) {
			return Mono.just(failed(200, "text/html; charset=utf-8", HTML));
		}
		if (fault == Fault.EMPTY_BODY) {
			return Mono.just(failed(200, "application/json", new byte[0]));
		}
		ProviderError error = (fault != Fault.ERROR_IN_STREAM) ? this.script.error(this.dialect.errors()) : null;
		if (error == null && !this.provider.accepts(this.key)) {
			error = this.dialect.unauthorized(this.key);
		}
		ProviderError body = this.script.body();
		if (error == null && body != null) {
			byte[] bytes = body.body().getBytes(CharsetUtil.UTF_8);
			boolean events = body.contentType().startsWith("text/event-stream");
			return Mono.just(send(headers(body.contentType()), this.script.firstTokenDelay(),
					(events) ? KEEP_ALIVE : "\n", buffers(bytes, bytes.length)));
		}
		if (error == null) {
			error = this.dialect.checkContentType(call.header("Content-Type"));
		}
		if (error == null && !call.json().isObject()) {
			error = this.dialect.malformed();
		}
		if (error == null) {
			error = this.dialect.check(call);
		}
		if (error != null) {
			return Mono.just(error(error));
		}
		Answer answer = Answer.of(call, this.script, this.dialect);
		Dialect.Head head = this.dialect.head(call, this.script, answer.thinking());
		Usage usage = answer.usage(call, this.script);
		return (call.isStream()) ? Mono.just(stream(head, answer, usage)) : block(head, answer, usage);
	}

	static JsonNode parse(String body) {
		try {
			return Json.parse(body);
		}
		catch (JacksonException ex) {
			return Json.tree("malformed");
		}
	}

	private ScriptedResponse stream(Dialect.Head head, Answer answer, Usage usage) {
		int count = this.script.faultAfter();
		AnswerEvents events = switch (this.script.fault()) {
			case CUT_AFTER, STALL_AFTER -> AnswerEvents.cut(this.dialect, head, answer, usage, count, null);
			case ERROR_IN_STREAM -> AnswerEvents.cut(this.dialect, head, answer, usage, count, errorInside().body());
			case END_WITHOUT_DONE -> AnswerEvents.withoutDone(this.dialect, head, answer, usage);
			default -> AnswerEvents.complete(this.dialect, head, answer, usage);
		};
		Map<String, String> headers = headers("text/event-stream; charset=utf-8");
		headers.put("Cache-Control", "no-cache");
		return send(headers, this.script.firstTokenDelay(), KEEP_ALIVE,
				(this.script.chunksPerSecond() > 0) ? paced(events) : flood(events));
	}

	private Flux<ByteBuf> flood(AnswerEvents events) {
		return Flux.generate((sink) -> {
			if (!events.hasNext()) {
				sink.complete();
				return;
			}
			ByteBuf batch = this.allocator.ioBuffer(BATCH_BYTES + 1024);
			events.write(batch, Integer.MAX_VALUE, BATCH_BYTES);
			sink.next(batch);
		});
	}

	private Flux<ByteBuf> paced(AnswerEvents events) {
		double perNano = this.script.chunksPerSecond() / 1e9;
		Duration period = Duration.ofNanos((long) (1 / perNano));
		Duration tick = (period.compareTo(SHORTEST_TICK) > 0) ? period : SHORTEST_TICK;
		long[] start = { 0 };
		// what is due follows the clock, so that a tick that the client was too slow for
		// is caught up with
		return Flux.interval(Duration.ZERO, tick, this.scheduler)
			.onBackpressureDrop()
			.<ByteBuf>handle((count, sink) -> {
				long now = this.scheduler.now(TimeUnit.NANOSECONDS);
				if (events.written() == 0) {
					start[0] = now;
				}
				long due = 1 + Math.round((now - start[0]) * perNano) - events.written();
				if (!events.hasNext()) {
					sink.complete();
				}
				else if (due > 0) {
					ByteBuf event = this.allocator.ioBuffer();
					events.write(event, due, BATCH_BYTES);
					sink.next(event);
				}
			});
	}

	private Mono<ScriptedResponse> block(Dialect.Head head, Answer answer, Usage usage) {
		byte[] json = Json.writeBytes(this.dialect.completion(head, answer, usage));
		Duration delay = this.script.firstTokenDelay();
		if (this.script.chunksPerSecond() > 0) {
			delay = delay.plusNanos((long) (answer.size() / this.script.chunksPerSecond() * 1e9));
		}
		String type = "application/json";
		if (this.script.fault() == Fault.ERROR_IN_STREAM) {
			byte[] error = errorInside().body().getBytes(CharsetUtil.UTF_8);
			return after(delay, Mono.fromSupplier(() -> failed(200, type, error)));
		}
		if (this.script.fault() != Fault.NONE) {
			return Mono.just(send(headers(type), delay, "\n", buffers(json, json.length / 2)));
		}
		if (!this.script.keepAlive().isZero()) {
			return Mono.just(send(headers(type), delay, "\n", buffers(json, json.length)));
		}
		Map<String, String> headers = headers(type);
		headers.put("Content-Length", String.valueOf(json.length));
		return after(delay,
				Mono.fromSupplier(() -> ScriptedResponse.complete(200, headers, buffers(json, json.length))));
	}

	private static Flux<ByteBuf> buffers(byte[] bytes, int length) {
		return Flux.defer(() -> Flux.just(Unpooled.wrappedBuffer(bytes, 0, length)));
	}

	private ProviderError errorInside() {
		ProviderError error = this.script.error(this.dialect.errors());
		return (error != null) ? error : this.dialect.errors().find(503);
	}

	// headers, signs of life, a body and the end that the fault has for it
	private ScriptedResponse send(Map<String, String> headers, Duration delay, String keepAlive, Flux<ByteBuf> body) {
		Fault fault = this.script.fault();
		Flux<ByteBuf> wait = waiting((fault == Fault.STALL_BEFORE_FIRST_TOKEN) ? null : delay, keepAlive);
		Flux<ByteBuf> all = (fault == Fault.CUT_BEFORE_FIRST_TOKEN) ? wait : wait.concatWith(body);
		return switch (fault) {
			case NONE -> ScriptedResponse.complete(200, headers, all);
			case CUT_BEFORE_FIRST_TOKEN, CUT_AFTER ->
				ScriptedResponse.failed(200, headers, all, ScriptedResponse.End.RESET);
			case STALL_AFTER -> ScriptedResponse.failed(200, headers, all, ScriptedResponse.End.STALL);
			default -> ScriptedResponse.failed(200, headers, all, ScriptedResponse.End.COMPLETE);
		};
	}

	private Flux<ByteBuf> waiting(@Nullable Duration delay, String keepAlive) {
		if (delay != null && delay.isZero()) {
			return Flux.empty();
		}
		Duration every = this.script.keepAlive();
		Flux<ByteBuf> pulse = (every.isZero()) ? Flux.never()
				: Flux.interval(every, this.scheduler)
					.onBackpressureDrop()
					.map((count) -> Unpooled.copiedBuffer(keepAlive, CharsetUtil.US_ASCII));
		return (delay != null) ? pulse.takeUntilOther(Mono.delay(delay, this.scheduler)) : pulse;
	}

	private ScriptedResponse error(ProviderError error) {
		Map<String, String> headers = headers(error.contentType());
		headers.putAll(error.headers());
		return failed(error.status(), headers, error.body().getBytes(CharsetUtil.UTF_8));
	}

	private ScriptedResponse failed(int status, String contentType, byte[] body) {
		return failed(status, headers(contentType), body);
	}

	private static ScriptedResponse failed(int status, Map<String, String> headers, byte[] body) {
		headers.put("Content-Length", String.valueOf(body.length));
		return ScriptedResponse.failed(status, headers, buffers(body, body.length), ScriptedResponse.End.COMPLETE);
	}

	private Map<String, String> headers(String contentType) {
		Map<String, String> headers = new LinkedHashMap<>();
		headers.put("Content-Type", contentType);
		String trace = this.dialect.traceHeader();
		if (trace != null) {
			headers.put(trace, Dialect.randomHex());
		}
		headers.putAll(this.script.headers());
		return headers;
	}

	private Mono<ScriptedResponse> after(Duration delay, Mono<ScriptedResponse> then) {
		return (delay.isZero()) ? then : Mono.delay(delay, this.scheduler).then(then);
	}

}
