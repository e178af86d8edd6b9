package io.github.deepseekboot.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import reactor.netty.NettyPipeline;

/**
 * Notices that the port of a host speaks the other protocol, plain HTTP or TLS, and says
 * so in place of a dump of what it sent. Leaves the connection with the first bytes of an
 * answer.
 */
final class ProtocolWatch extends ChannelInboundHandlerAdapter {

	private static final byte ALERT = 0x15;

	private static final byte MAJOR_VERSION = 3;

	private final boolean tls;

	private boolean reported;

	private ProtocolWatch(boolean tls) {
		this.tls = tls;
	}

	static void watch(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		if (pipeline.get(NettyPipeline.HttpCodec) != null) {
			boolean tls = pipeline.get(SslHandler.class) != null;
			ProtocolWatch watch = new ProtocolWatch(tls);
			if (tls) {
				pipeline.addAfter(pipeline.context(SslHandler.class).name(), "deepseek.protocol", watch);
			}
			else {
				pipeline.addBefore(NettyPipeline.HttpCodec, "deepseek.protocol", watch);
			}
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (!this.tls && message instanceof ByteBuf bytes && isAlert(bytes)) {
			ReferenceCountUtil.release(message);
			report(context);
			return;
		}
		context.fireChannelRead(message);
		if (!context.isRemoved()) {
			context.pipeline().remove(this);
		}
	}

	private static boolean isAlert(ByteBuf bytes) {
		int start = bytes.readerIndex();
		return bytes.readableBytes() >= 2 && bytes.getByte(start) == ALERT && bytes.getByte(start + 1) == MAJOR_VERSION;
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof SslHandshakeCompletionEvent completion && isPlain(completion.cause())) {
			report(context);
			return;
		}
		context.fireUserEventTriggered(event);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
		if (isPlain(failure)) {
			report(context);
			return;
		}
		context.fireExceptionCaught(failure);
	}

	private static boolean isPlain(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof NotSslRecordException) {
				return true;
			}
		}
		return false;
	}

	private void report(ChannelHandlerContext context) {
		if (!this.reported) {
			this.reported = true;
			context.fireExceptionCaught(new OtherProtocolException(!this.tls));
		}
	}

}
