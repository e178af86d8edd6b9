package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.buffer.ByteBuf;
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

/**
 * An {@link Exchange} over a connection. Everything runs on its event loop.
 */
final class HttpExchange {

	private final ScriptedProvider provider;

	private final HttpServerRequest request;

	private final HttpServerResponse response;

	private final Channel channel;

	private final Scheduler scheduler;

	private final Exchange exchange;

	HttpExchange(ScriptedProvider provider, HttpServerRequest request, HttpServerResponse response) {
		this.provider = provider;
		this.request = request;
		this.response = response;
		AtomicReference<@Nullable Channel> found = new AtomicReference<>();
		request.withConnection((connection) -> found.set(connection.channel()));
		this.channel = Objects.requireNonNull(found.get());
		this.scheduler = provider.scheduler(Schedulers.fromExecutorService(this.channel.eventLoop()));
		this.exchange = new Exchange(provider, key(), this.scheduler, response.alloc());
	}

	Mono<Void> chat() {
		this.exchange.begin();
		return received().flatMap(this::answer)
			.flatMap(this::send)
			.doOnError((ex) -> this.exchange.end((isLost(ex)) ? Outcome.CANCELLED : Outcome.FAILED))
			.doOnCancel(() -> this.exchange.end(Outcome.CANCELLED));
	}

	private Mono<ScriptedResponse> answer(ReceivedRequest request) {
		Cassette cassette = this.provider.cassette();
		if (cassette == null) {
			return this.exchange.chat(request);
		}
		ReceivedCall call = this.provider.receive(request, Exchange.parse(request.body()));
		// with its query
		String path = this.request.uri().substring(this.provider.path().length());
		Mono<ScriptedResponse> response = cassette.respond(path, request.body(), this.request.requestHeaders(),
				this.scheduler);
		if (response != null) {
			return response;
		}
		this.provider.unexpected(call, cassette.difference(request.body()));
		return this.exchange.unexpected(call);
	}

	Mono<Void> page(String path) {
		return received().flatMap((request) -> this.exchange.page(request.method(), path)).flatMap(this::send);
	}

	private Mono<ReceivedRequest> received() {
		return this.request.receive().aggregate().asByteArray().defaultIfEmpty(new byte[0]).map((body) -> {
			ReceivedRequest received = ReceivedRequest.of(this.request.method().name(), "/" + this.request.path(),
					this.request.requestHeaders(), new String(body, CharsetUtil.UTF_8));
			this.provider.keep(received);
			return received;
		});
	}

	private @Nullable String key() {
		String header = this.request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION, "");
		String key = (header.regionMatches(true, 0, "Bearer ", 0, 7)) ? header.substring(7).strip()
				: this.request.requestHeaders().get("api-key", "");
		return (key.isEmpty()) ? null : key;
	}

	private static boolean isLost(Throwable ex) {
		return ex instanceof IOException || ex instanceof AbortedException;
	}

	private Mono<Void> send(ScriptedResponse scripted) {
		if (scripted.status() == 0) {
			return reset();
		}
		this.response.status(scripted.status());
		scripted.headers().forEach(this.response::header);
		// time that jumps must not do so between the subscriptions to what waits
		Flux<ByteBuf> body = (this.scheduler instanceof VirtualTime) ? scripted.body().subscribeOn(this.scheduler)
				: scripted.body();
		Mono<Void> sent = (scripted.headers().containsKey("Content-Length"))
				// a Mono, so that head and body are one write
				? this.response.send(body.singleOrEmpty()).then()
				// without prefetch, so that one buffer at most waits for a slow client
				: this.response.sendHeaders().then(body.concatMap(this::write, 0)).then();
		return switch (scripted.end()) {
			case RESET -> sent.then(reset());
			case STALL -> sent.then(Mono.never());
			case COMPLETE -> sent.doOnSuccess((nothing) -> this.exchange.end(scripted.outcome()));
		};
	}

	private Mono<Void> write(ByteBuf buffer) {
		return FutureMono.from(this.channel.writeAndFlush(buffer));
	}

	private Mono<Void> reset() {
		return Mono.defer(() -> {
			this.exchange.end(Outcome.FAILED);
			this.channel.config().setOption(ChannelOption.SO_LINGER, 0);
			this.request.withConnection(Connection::dispose);
			return Mono.never();
		});
	}

}
