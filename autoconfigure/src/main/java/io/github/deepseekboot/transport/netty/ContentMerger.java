package io.github.deepseekboot.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObjectDecoder;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Handler that merges the small pieces of a body that arrive in one read of the socket,
 * such as events in an HTTP chunk each, so that all that follows is done once for each
 * read, not once for each event. Nothing is held beyond the read, and a piece that
 * arrives alone is passed on as it is.
 */
final class ContentMerger extends ChannelInboundHandlerAdapter {

	/**
	 * The most bytes in one piece: as many as the codec puts into one.
	 */
	static final int MAX_SIZE = HttpObjectDecoder.DEFAULT_MAX_CHUNK_SIZE;

	private boolean reading;

	// held until the read ends, or something else follows; only while reading

	private @Nullable HttpContent held;

	private boolean merged;

	/**
	 * Prepare a new connection.
	 * @param channel the connection
	 */
	static void install(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		if (pipeline.get(NettyPipeline.HttpCodec) != null) {
			ContentMerger merger = new ContentMerger();
			pipeline.addAfter(NettyPipeline.HttpCodec, "deepseek.contents", merger);
			// before TLS: a read may have several records
			pipeline.addFirst("deepseek.reads", new ReadWatch(merger, pipeline.context(merger)));
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (this.reading && message.getClass() == DefaultHttpContent.class) {
			hold(context, (HttpContent) message);
		}
		else {
			release(context);
			context.fireChannelRead(message);
		}
	}

	private void hold(ChannelHandlerContext context, HttpContent content) {
		HttpContent held = this.held;
		if (held == null || held.content().readableBytes() + content.content().readableBytes() > MAX_SIZE) {
			release(context);
			this.held = content;
			return;
		}
		try {
			if (!this.merged) {
				HttpContent first = held;
				held = new DefaultHttpContent(context.alloc().buffer(MAX_SIZE));
				append(held, first);
				first.release();
				this.held = held;
				this.merged = true;
			}
			append(held, content);
		}
		finally {
			content.release();
		}
	}

	private static void append(HttpContent merged, HttpContent content) {
		ByteBuf bytes = content.content();
		// writeBytes would create a ByteBuffer
		bytes.readBytes(merged.content(), bytes.readableBytes());
	}

	private void release(ChannelHandlerContext context) {
		HttpContent held = this.held;
		if (held != null) {
			this.held = null;
			this.merged = false;
			context.fireChannelRead(held);
		}
	}

	// what is held arrived before a failure of the codec, or an end of TLS, in the same
	// read

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		release(context);
		context.fireUserEventTriggered(event);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
		release(context);
		context.fireExceptionCaught(failure);
	}

	/**
	 * Handler that knows when a read begins and ends. Everything that the codec makes of
	 * the bytes passes the merger in between.
	 */
	private static final class ReadWatch extends ChannelInboundHandlerAdapter {

		private final ContentMerger merger;

		private final ChannelHandlerContext mergerContext;

		ReadWatch(ContentMerger merger, ChannelHandlerContext mergerContext) {
			this.merger = merger;
			this.mergerContext = mergerContext;
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			this.merger.reading = true;
			try {
				context.fireChannelRead(message);
			}
			finally {
				this.merger.reading = false;
				this.merger.release(this.mergerContext);
			}
		}

	}

}
