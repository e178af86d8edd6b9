package io.github.deepseekboot.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Handler behind the codec that closes a connection whose response is broken, on which
 * something follows a response, or comes while none is expected: the next call would take
 * it for the beginning of its own, or wait in vain for one. The end of a response is held
 * until the reads of the socket have ended in which it arrived, since with it the
 * connection goes to the next call.
 */
final class ResponseBoundary extends ChannelDuplexHandler {

	// ends the head of whatever has begun; between two responses, the codec skips it
	private static final byte[] EMPTY_LINES = { '\r', '\n', '\r', '\n' };

	// from the request until the end of its response
	private boolean expecting;

	private boolean interim;

	private boolean unusable;

	private @Nullable LastHttpContent held;

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (message instanceof HttpRequest) {
			this.expecting = true;
		}
		context.write(message, promise);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (this.expecting && this.held == null) {
			if (message instanceof HttpResponse response) {
				this.interim = HttpResponseStatus.CONTINUE.equals(response.status());
			}
			if (message instanceof LastHttpContent last && !this.interim) {
				this.held = last;
				this.unusable = last.decoderResult().isFailure();
			}
			else {
				context.fireChannelRead(message);
			}
			return;
		}
		this.unusable = true;
		ReferenceCountUtil.release(message);
		if (this.held == null) {
			context.close();
		}
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		release(context);
		context.fireChannelReadComplete();
	}

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

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		release(context);
		context.fireChannelInactive();
	}

	private void release(ChannelHandlerContext context) {
		LastHttpContent last = this.held;
		if (last == null) {
			return;
		}
		if (!this.unusable) {
			flushOut(context.pipeline());
		}
		this.held = null;
		this.expecting = false;
		if (this.unusable) {
			context.close();
		}
		context.fireChannelRead(last);
		// what comes while the connection is idle is to be seen then
		context.read();
	}

	// the codec may keep the beginning of something
	private static void flushOut(ChannelPipeline pipeline) {
		ChannelHandlerContext requests = pipeline.context(SendState.REQUESTS);
		if (requests != null) {
			ByteBuf lines = requests.alloc().buffer(EMPTY_LINES.length).writeBytes(EMPTY_LINES);
			requests.fireChannelRead(lines);
		}
	}

}
