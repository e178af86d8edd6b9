package io.github.deepseekboot.simulator;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.CharsetUtil;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.FutureMono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One request and the answer that the provider's script gives it. Everything runs on the
 * event loop of the connection.
 */
final class Exchange {

	private static final int BATCH_BYTES = 32 * 1024;

	private static final Duration SHORTEST_TICK = Duration.ofMillis(5);

	private static final byte[] HTML = """
			<!DOCTYPE html>
			<html><head><title>Please wait</title></head>
			<body><p>The service is being looked after. Come back soon.</p></body></html>
			""".getBytes(CharsetUtil.UTF_8);

	private final SimulatedProvider provider;

	private final Dialect dialect;

	private final Script script;

	private final HttpServerRequest request;

	private final HttpServerResponse response;

	private final Channel channel;

	private final Scheduler scheduler;

	private final AtomicBoolean ended = new AtomicBoolean();

	private Outcome outcome = Outcome.FAILED;

	Exchange(SimulatedProvider provider, Script script, HttpServerRequest request, HttpServerResponse response) {
		this.provider = provider;
		this.dialect = provider.dialect();
		this.script = script;
		this.request = request;
		this.response = response;
		AtomicReference<@Nullable Channel> found = new AtomicReference<>();
		request.withConnection((connection) -> found.set(connection.channel()));
		this.channel = Objects.requireNonNull(found.get());
		this.scheduler = Schedulers.fromExecutorService(this.channel.eventLoop());
	}

	Mono<Void> chat() {
		this.provider.begin();
		return body().flatMap((body) -> after(this.script.firstByteDelay(), Mono.defer(() -> answer(body))))
			.doOnSuccess((nothing) -> end(this.outcome))
			.doOnError((ex) -> end((isLost(ex)) ? Outcome.CANCELLED : Outcome.FAILED))
			.doOnCancel(() -> end(Outcome.CANCELLED));
	}

	Mono<Void> page(String path) {
		return body().flatMap((body) -> {
			if (this.script.fault() == Fault.REFUSE) {
				return reset();
			}
			if (this.script.fault() == Fault.STALL_BEFORE_HEADERS) {
				return Mono.never();
			}
			ProviderError page = (this.request.method().name().equals("GET")) ? this.dialect.page(path) : null;
			if (page == null) {
				return send(this.dialect.notFound());
			}
			return (this.provider.accepts(key())) ? send(page) : send(this.dialect.unauthorized(key()));
		});
	}

	private Mono<byte[]> body() {
		return this.request.receive().aggregate().asByteArray().defaultIfEmpty(new byte[0]).doOnNext((body) -> {
			String path = "/" + this.request.path();
			this.provider.keep(ReceivedRequest.of(this.request.method().name(), path, this.request.requestHeaders(),
					new String(body, CharsetUtil.UTF_8)));
		});
	}

	private static boolean isLost(Throwable ex) {
		return ex instanceof IOException || ex instanceof AbortedException;
	}

	private void end(Outcome how) {
		if (this.ended.compareAndSet(false, true)) {
			this.provider.end(how);
		}
	}

	private Mono<Void> answer(byte[] body) {
		Fault fault = this.script.fault();
		if (fault == Fault.REFUSE) {
			return reset();
		}
		if (fault == Fault.STALL_BEFORE_HEADERS) {
			return Mono.never();
		}
		if (fault == Fault.HTML_PAGE) {
			return send(200, "text/html; charset=utf-8", HTML);
		}
		if (fault == Fault.EMPTY_BODY) {
			return send(200, "application/json", new byte[0]);
		}
		ProviderError error = (fault != Fault.ERROR_IN_STREAM) ? this.script.error(this.dialect.errors()) : null;
		if (error == null && !this.provider.accepts(key())) {
			error = this.dialect.unauthorized(key());
		}
		if (error == null) {
			error = this.dialect.checkContentType(this.request.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE));
		}
		if (error != null) {
			return send(error);
		}
		JsonNode json = parse(body);
		if (!json.isObject()) {
			return send(this.dialect.malformed());
		}
		ChatCall call = new ChatCall(json);
		error = this.dialect.check(call);
		if (error != null) {
			return send(error);
		}
		Answer answer = Answer.of(call, this.script, this.dialect);
		Dialect.Head head = this.dialect.head(call, answer.thinking());
		Usage usage = answer.usage(call);
		return (call.stream()) ? stream(head, answer, usage) : block(head, answer, usage);
	}

	private static JsonNode parse(byte[] body) {
		try {
			return Json.parse(body);
		}
		catch (JacksonException ex) {
			return Json.tree("malformed");
		}
	}

	private @Nullable String key() {
		String header = this.request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION, "");
		String key = (header.regionMatches(true, 0, "Bearer ", 0, 7)) ? header.substring(7).strip() : "";
		return (key.isEmpty()) ? null : key;
	}

	private Mono<Void> stream(Dialect.Head head, Answer answer, Usage usage) {
		int count = this.script.faultAfter();
		AnswerEvents events = switch (this.script.fault()) {
			case CUT_AFTER, STALL_AFTER -> AnswerEvents.cut(this.dialect, head, answer, usage, count, null);
			case ERROR_IN_STREAM -> AnswerEvents.cut(this.dialect, head, answer, usage, count, errorInside().body());
			case END_WITHOUT_DONE -> AnswerEvents.withoutDone(this.dialect, head, answer, usage);
			default -> AnswerEvents.whole(this.dialect, head, answer, usage);
		};
		this.response.header(HttpHeaderNames.CACHE_CONTROL, "no-cache");
		return send("text/event-stream; charset=utf-8", this.script.firstTokenDelay(), ": keep-alive\n\n",
				(this.script.chunksPerSecond() > 0) ? paced(events) : flood(events));
	}

	private Flux<ByteBuf> flood(AnswerEvents events) {
		return Flux.generate((sink) -> {
			if (!events.hasNext()) {
				sink.complete();
				return;
			}
			ByteBuf batch = this.response.alloc().ioBuffer(BATCH_BYTES + 1024);
			events.write(batch, Integer.MAX_VALUE, BATCH_BYTES);
			sink.next(batch);
		});
	}

	private Flux<ByteBuf> paced(AnswerEvents events) {
		double perNano = this.script.chunksPerSecond() / 1e9;
		Duration period = Duration.ofNanos((long) (1 / perNano));
		Duration tick = (period.compareTo(SHORTEST_TICK) > 0) ? period : SHORTEST_TICK;
		long[] start = { 0 };
		// what is due goes by the clock, so that a tick that the client was too slow for
		// is caught up with
		return Flux.interval(Duration.ZERO, tick, this.scheduler)
			.onBackpressureDrop()
			.<ByteBuf>handle((count, sink) -> {
				long now = System.nanoTime();
				if (events.written() == 0) {
					start[0] = now;
				}
				long due = 1 + Math.round((now - start[0]) * perNano) - events.written();
				if (!events.hasNext()) {
					sink.complete();
				}
				else if (due > 0) {
					ByteBuf event = this.response.alloc().ioBuffer();
					events.write(event, due, BATCH_BYTES);
					sink.next(event);
				}
			});
	}

	private Mono<Void> block(Dialect.Head head, Answer answer, Usage usage) {
		byte[] json = Json.writeBytes(this.dialect.completion(head, answer, usage));
		Duration delay = this.script.firstTokenDelay();
		if (this.script.chunksPerSecond() > 0) {
			double seconds = usage.completion() / this.script.chunksPerSecond();
			delay = delay.plusNanos((long) (seconds * 1e9));
		}
		String type = "application/json";
		if (this.script.fault() == Fault.ERROR_IN_STREAM) {
			json = errorInside().body().getBytes(CharsetUtil.UTF_8);
		}
		else if (this.script.fault() != Fault.NONE) {
			return send(type, delay, "\n", Flux.just(Unpooled.wrappedBuffer(json, 0, json.length / 2)));
		}
		else if (!this.script.keepAlive().isZero()) {
			return send(type, delay, "\n", Flux.just(Unpooled.wrappedBuffer(json)));
		}
		else {
			this.outcome = Outcome.COMPLETED;
		}
		byte[] body = json;
		return after(delay, Mono.defer(() -> send(200, type, body)));
	}

	private ProviderError errorInside() {
		ProviderError error = this.script.error(this.dialect.errors());
		return (error != null) ? error : this.dialect.errors().find(503);
	}

	// send headers, signs of life, a body and the end that the fault has for it
	private Mono<Void> send(String contentType, Duration delay, String keepAlive, Flux<ByteBuf> body) {
		Fault fault = this.script.fault();
		head(200, contentType);
		Flux<ByteBuf> wait = waiting((fault == Fault.STALL_BEFORE_FIRST_TOKEN) ? null : delay, keepAlive);
		Mono<Void> end = switch (fault) {
			case CUT_BEFORE_FIRST_TOKEN, CUT_AFTER -> Mono.defer(this::reset);
			case STALL_AFTER -> Mono.never();
			case NONE -> Mono.fromRunnable(() -> this.outcome = Outcome.COMPLETED);
			default -> Mono.empty();
		};
		Flux<ByteBuf> all = (fault == Fault.CUT_BEFORE_FIRST_TOKEN) ? wait : wait.concatWith(body);
		// without prefetch, so that one buffer at most waits for a slow client
		return this.response.sendHeaders().then(all.concatMap(this::write, 0)).then(end).then();
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

	private Mono<Void> write(ByteBuf buffer) {
		return FutureMono.from(this.channel.writeAndFlush(buffer));
	}

	private Mono<Void> send(ProviderError error) {
		error.headers().forEach(this.response::header);
		return send(error.status(), error.contentType(), error.body().getBytes(CharsetUtil.UTF_8));
	}

	private Mono<Void> send(int status, String contentType, byte[] body) {
		head(status, contentType);
		this.response.header(HttpHeaderNames.CONTENT_LENGTH, String.valueOf(body.length));
		return this.response.send(Mono.just(Unpooled.wrappedBuffer(body))).then();
	}

	private void head(int status, String contentType) {
		this.response.status(status).header(HttpHeaderNames.CONTENT_TYPE, contentType);
		String trace = this.dialect.traceHeader();
		if (trace != null) {
			this.response.header(trace, Dialect.randomHex());
		}
		this.script.headers().forEach(this.response::header);
	}

	private Mono<Void> after(Duration delay, Mono<Void> then) {
		return (delay.isZero()) ? then : Mono.delay(delay, this.scheduler).then(then);
	}

	private Mono<Void> reset() {
		return Mono.defer(() -> {
			end(Outcome.FAILED);
			this.channel.config().setOption(ChannelOption.SO_LINGER, 0);
			this.request.withConnection(Connection::dispose);
			return Mono.never();
		});
	}

}
