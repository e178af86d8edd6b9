package io.github.deepseekboot.transport.netty;

import java.io.IOException;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.HttpClientRequest;
import reactor.util.context.Context;

/**
 * One request and its connection. Knows how far it got: whether it had a connection,
 * whether that was used before, and whether the head of the request left. Distinguishes a
 * request that no provider can have seen from one that may have been processed.
 */
public final class SendState {

	/**
	 * The name of the handler before the codec.
	 */
	static final String REQUESTS = "deepseek.requests";

	private volatile boolean begun;

	private volatile boolean reused;

	private volatile boolean sent;

	private volatile boolean cancelled;

	private volatile @Nullable Runnable disconnect;

	private volatile @Nullable EventLoop eventLoop;

	/**
	 * Hand this to the connection that carries the request.
	 * @param context the context that the exchange is subscribed to with
	 * @return the context with this
	 */
	public Context putInto(Context context) {
		return context.put(SendState.class, this);
	}

	/**
	 * The part of a context that a connection needs.
	 * @param context the context of an exchange
	 * @return a context with the state that was put into it, if there is one, alone
	 */
	static Context only(Context context) {
		SendState state = context.getOrDefault(SendState.class, null);
		return (state != null) ? Context.of(SendState.class, state) : Context.empty();
	}

	/**
	 * Close the connection that the request has or will have. A cancellation that comes
	 * while the response is handed over reaches no other subscriber: the connection would
	 * stay taken, and what was read of the body unreleased.
	 */
	public void cancel() {
		this.cancelled = true;
		Runnable disconnect = this.disconnect;
		if (disconnect != null) {
			disconnect.run();
		}
	}

	/**
	 * Whether a failure is the loss of a connection before the head of the request left.
	 * @param failure the failure
	 * @return {@code true} if the provider cannot have seen the request
	 */
	public boolean isUnsent(Throwable failure) {
		Throwable cause = failure;
		while (cause instanceof WebClientException && cause.getCause() != null) {
			cause = cause.getCause();
		}
		return this.begun && !this.sent && (cause instanceof IOException || cause instanceof AbortedException);
	}

	/**
	 * Run a task after what the connection does now. It returns to its pool only when the
	 * end of a response has been signalled: a call that follows at once would open, or
	 * take, another one.
	 * @param task the task, which runs on the connection's event loop if that calls this
	 */
	public void afterwards(Runnable task) {
		EventLoop eventLoop = this.eventLoop;
		if (eventLoop != null && eventLoop.inEventLoop() && !eventLoop.isShuttingDown()) {
			eventLoop.execute(task);
		}
		else {
			task.run();
		}
	}

	/**
	 * Whether the connection had carried a request before.
	 * @return {@code true} for a connection from the pool
	 */
	public boolean isReused() {
		return this.reused;
	}

	/**
	 * Prepare a new connection.
	 * @param channel the connection
	 */
	static void watch(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		if (pipeline.get(NettyPipeline.HttpCodec) != null) {
			pipeline.addBefore(NettyPipeline.HttpCodec, REQUESTS, new RequestWatch());
			pipeline.addAfter(NettyPipeline.HttpCodec, "deepseek.interim", new InterimResponseFilter());
			pipeline.addAfter("deepseek.interim", "deepseek.boundary", new ResponseBoundary());
		}
	}

	/**
	 * A request is about to be written.
	 * @param request the request
	 * @param connection its connection
	 */
	static void begin(HttpClientRequest request, Connection connection) {
		SendState state = request.currentContextView().getOrDefault(SendState.class, null);
		RequestWatch watch = connection.channel().pipeline().get(RequestWatch.class);
		if (state == null || watch == null) {
			return;
		}
		watch.begin(state);
		if (request instanceof Connection exchange) {
			// on the event loop, an exchange that has ended no longer has the connection
			EventLoop eventLoop = connection.channel().eventLoop();
			state.eventLoop = eventLoop;
			state.disconnect = () -> eventLoop.execute(exchange::dispose);
			if (state.cancelled) {
				exchange.dispose();
			}
		}
	}

	/**
	 * Sees the bytes of requests leave.
	 */
	private static final class RequestWatch extends ChannelDuplexHandler {

		private boolean used;

		private @Nullable SendState current;

		void begin(SendState state) {
			state.reused = this.used;
			state.begun = true;
			this.used = true;
			this.current = state;
		}

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			SendState state = this.current;
			this.current = null;
			if (state == null) {
				context.write(message, promise);
				return;
			}
			ChannelPromise head = promise.unvoid();
			head.addListener((written) -> state.sent = written.isSuccess());
			context.write(message, head);
		}

	}

}
