package io.github.deepseekboot.transport.netty;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.netty.NettyPipeline;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ContentMerger}: what follows Netty's codec sees the same bytes and the
 * same events in the same order, in fewer pieces.
 */
class ContentMergerTests {

	private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

	private static final String END = "0\r\n\r\n";

	private final Seen seen = new Seen();

	private final List<ByteBuf> reads = new ArrayList<>();

	private final List<byte[]> arrays = new ArrayList<>();

	private EmbeddedChannel channel = channel(new HttpClientCodec());

	private EmbeddedChannel channel(ChannelHandler codec) {
		EmbeddedChannel channel = new EmbeddedChannel();
		channel.pipeline().addLast(NettyPipeline.HttpCodec, codec).addLast("seen", this.seen);
		ContentMerger.install(channel);
		return channel;
	}

	@AfterEach
	void everyBufferIsReleased() {
		this.channel.finishAndReleaseAll();
		assertThat(this.reads).allMatch((read) -> read.refCnt() == 0);
		assertThat(this.seen.contents).allMatch((content) -> content.refCnt() == 0);
	}

	@Test
	void chunksOfOneReadBecomeOnePiece() {
		read(HEAD + chunk("a") + chunk("bc") + chunk("d"));
		read(chunk("e") + chunk("f"));
		assertThat(this.seen.events).containsExactly("200", "abcd", "read", "ef", "read");
	}

	@Test
	void theEndOfTheBodyIsNotMerged() {
		read(HEAD + chunk("a") + chunk("b") + END);
		assertThat(this.seen.events).containsExactly("200", "ab", "last ", "read");
	}

	@Test
	void aPieceAloneIsNotCopied() {
		read(HEAD);
		read(chunk("alone"));
		assertThat(this.seen.events).containsExactly("200", "read", "alone", "read");
		assertThat(this.seen.arrays).containsExactly(this.arrays.get(1));
	}

	@Test
	void aPieceHasAtMostAsManyBytesAsThoseOfTheCodec() {
		String event = "0123456789".repeat(100);
		read(HEAD + chunk(event).repeat(20));
		assertThat(this.seen.events).containsExactly("200", event.repeat(8), event.repeat(8), event.repeat(4), "read");
	}

	@Test
	void largePiecesAreNotCopied() {
		String body = "0123456789".repeat(2000);
		read("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + body);
		assertThat(this.seen.events).containsExactly("200", body.substring(0, 8192), body.substring(8192, 16384),
				"last " + body.substring(16384), "read");
		assertThat(this.seen.arrays).hasSize(3).containsOnly(this.arrays.get(0));
	}

	@Test
	void aSmallPieceBehindALargeOneFollowsIt() {
		String large = "0".repeat(8192);
		read(HEAD + chunk("a") + chunk(large) + chunk("b") + chunk("c"));
		assertThat(this.seen.events).containsExactly("200", "a", large, "bc", "read");
	}

	@Test
	void aLastPieceWithContentFollowsWhatIsHeld() {
		read("HTTP/1.1 200 OK\r\nContent-Length: 8200\r\n\r\n" + "a".repeat(8200));
		assertThat(this.seen.events).containsExactly("200", "a".repeat(8192), "last " + "a".repeat(8), "read");
	}

	@Test
	void theNextAnswerIsReadAsTheFirst() {
		read(HEAD + chunk("a") + chunk("b") + END);
		read(HEAD + chunk("c") + chunk("d") + END);
		assertThat(this.seen.events).containsExactly("200", "ab", "last ", "read", "200", "cd", "last ", "read");
	}

	@Test
	void answersInOneReadAreNotMixed() {
		read("HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + chunk("a") + chunk("b") + END + HEAD + chunk("c"));
		assertThat(this.seen.events).containsExactly("103", "last ", "200", "ab", "last ", "200", "c", "read");
	}

	@Test
	void splitAnywhereTheBytesAreTheSame() {
		byte[] answer = bytes(HEAD + chunk("a") + chunk("bc") + chunk("def") + END);
		for (int split = 1; split < answer.length; split++) {
			this.seen.events.clear();
			read(Arrays.copyOfRange(answer, 0, split));
			read(Arrays.copyOfRange(answer, split, answer.length));
			List<String> events = this.seen.events;
			assertThat(String.join("", events).replace("read", "")).as("split at %d", split)
				.isEqualTo("200abcdeflast ");
		}
	}

	@Test
	void brokenFramingFollowsWhatArrivedBeforeIt() {
		read(HEAD + chunk("a") + chunk("b") + "no number\r\n");
		assertThat(this.seen.events).containsExactly("200", "ab", "broken", "read");
	}

	@Test
	void aCutFollowsWhatArrivedBeforeIt() {
		read(HEAD + chunk("a") + chunk("b") + "5\r\nfg");
		this.channel.close();
		assertThat(this.seen.events).startsWith("200", "abfg", "read").endsWith("closed");
	}

	@Test
	void aFailureOfTheCodecFollowsWhatArrivedBeforeIt() {
		this.channel = channel(new Pieces() {

			@Override
			void end(ChannelHandlerContext context) {
				throw new DecoderException("broken");
			}

		});
		read("abc");
		assertThat(this.seen.events).containsExactly("abc", "failed: broken", "read");
	}

	@Test
	void anEventFollowsWhatArrivedBeforeIt() {
		this.channel = channel(new Pieces() {

			@Override
			void end(ChannelHandlerContext context) {
				context.fireUserEventTriggered("the end of TLS");
			}

		});
		read("abc");
		assertThat(this.seen.events).containsExactly("abc", "the end of TLS", "read");
	}

	@Test
	void whatComesOutsideOfAReadIsPassedOnAtOnce() {
		this.channel.pipeline()
			.context(HttpClientCodec.class)
			.fireChannelRead(content("a"))
			.fireChannelRead(content("b"));
		assertThat(this.seen.events).containsExactly("a", "b");
	}

	@Test
	void anEmptyReadEndsNothing() {
		read(HEAD);
		read("5\r\n");
		read("abcde");
		assertThat(this.seen.events).containsExactly("200", "read", "read", "abcde", "read");
	}

	@Test
	void piecesOfSeveralRecordsInOneReadAreMerged() {
		// as TLS does it
		this.channel.pipeline().addAfter("deepseek.reads", "tls", new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object message) {
				ByteBuf read = (ByteBuf) message;
				while (read.isReadable()) {
					context.fireChannelRead(read.readRetainedSlice(Math.min(7, read.readableBytes())));
				}
				read.release();
			}

		});
		read(HEAD + chunk("a").repeat(20) + END);
		assertThat(this.seen.events).containsExactly("200", "a".repeat(20), "last ", "read");
	}

	@Test
	void nothingIsHeldForTheSubscriberThatClosesTheConnection() {
		this.channel.pipeline().addBefore("seen", "closing", new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object message) {
				context.fireChannelRead(message);
				context.close();
			}

		});
		read(HEAD + chunk("a") + chunk("b"));
		assertThat(this.seen.events).contains("200", "ab", "closed");
	}

	@Test
	void anotherConnectionHasNoMerger() {
		EmbeddedChannel other = new EmbeddedChannel();
		ContentMerger.install(other);
		assertThat(other.pipeline().toMap()).isEmpty();
		other.finishAndReleaseAll();
	}

	private void read(String text) {
		read(bytes(text));
	}

	private void read(byte[] bytes) {
		ByteBuf read = Unpooled.wrappedBuffer(bytes);
		this.reads.add(read);
		this.arrays.add(bytes);
		this.channel.writeInbound(read);
		// fails with what a handler threw
		this.channel.checkException();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static String chunk(String text) {
		return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
	}

	private static HttpContent content(String text) {
		return new DefaultHttpContent(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
	}

	/**
	 * A codec that makes a piece of each byte.
	 */
	private abstract static class Pieces extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ByteBuf read = (ByteBuf) message;
			while (read.isReadable()) {
				context.fireChannelRead(new DefaultHttpContent(read.readRetainedSlice(1)));
			}
			read.release();
			end(context);
		}

		abstract void end(ChannelHandlerContext context);

	}

	/**
	 * What follows the merger.
	 */
	@ChannelHandler.Sharable
	private static final class Seen extends ChannelInboundHandlerAdapter {

		private final List<String> events = new ArrayList<>();

		private final List<HttpContent> contents = new ArrayList<>();

		private final List<byte[]> arrays = new ArrayList<>();

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (message instanceof HttpResponse response) {
				this.events.add(Integer.toString(response.status().code()));
			}
			else if (message instanceof HttpContent content) {
				String text = content.content().toString(StandardCharsets.US_ASCII);
				boolean last = content instanceof LastHttpContent;
				if (!text.isEmpty()) {
					this.contents.add(content);
					this.arrays.add(content.content().hasArray() ? content.content().array() : null);
				}
				this.events.add(content.decoderResult().isFailure() ? "broken" : (last ? "last " : "") + text);
			}
			ReferenceCountUtil.release(message);
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			this.events.add("read");
			context.fireChannelReadComplete();
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			this.events.add("closed");
			context.fireChannelInactive();
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			this.events.add(event.toString());
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
			this.events.add("failed: " + failure.getMessage());
		}

	}

}
