package io.github.deepseekboot.transport.netty;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.NettyPipeline;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ResponseBoundary}: with the end of a response, its connection goes to
 * the next call.
 */
class ResponseBoundaryTests {

	private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

	private static final String CHUNK = "2\r\nhi\r\n";

	private static final String END = "0\r\n\r\n";

	// whether the connection was open as the end of a response passed
	private final List<Boolean> ends = new ArrayList<>();

	private final EmbeddedChannel channel = channel();

	private EmbeddedChannel channel() {
		EmbeddedChannel channel = new EmbeddedChannel();
		channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpClientCodec());
		SendState.watch(channel);
		channel.pipeline().addLast("ends", new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object message) {
				if (message instanceof LastHttpContent) {
					ResponseBoundaryTests.this.ends.add(context.channel().isOpen());
				}
				ReferenceCountUtil.release(message);
			}

		});
		return channel;
	}

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	private void request() {
		this.channel.writeOutbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/"));
	}

	private void receive(String bytes) {
		this.channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
	}

	@Test
	void aConnectionCarriesOneResponseAfterTheOther() {
		for (int i = 0; i < 3; i++) {
			request();
			receive(HEAD + CHUNK);
			receive(CHUNK + END);
		}
		assertThat(this.ends).containsExactly(true, true, true);
		assertThat(this.channel.isOpen()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { HEAD + CHUNK + "zz\r\n", HEAD + "2\r\nhi" + "xx" + END, "no head\r\n\r\n" })
	void aConnectionWhoseResponseIsBrokenIsClosedBeforeItsEndPasses(String bytes) {
		request();
		receive(bytes);
		assertThat(this.channel.isOpen()).isFalse();
		assertThat(this.ends).doesNotContain(true);
	}

	@ParameterizedTest
	@ValueSource(strings = { "x", "HTTP/1.1 200 OK\r\n", HEAD + CHUNK })
	void aConnectionOnWhichSomethingFollowsAResponseIsClosedBeforeItsEndPasses(String more) {
		request();
		receive(HEAD + CHUNK + END + more);
		assertThat(this.channel.isOpen()).isFalse();
		assertThat(this.ends).containsExactly(false);
	}

	@Test
	void anIdleConnectionOnWhichSomethingArrivesIsClosed() {
		request();
		receive(HEAD + CHUNK + END);
		receive(HEAD);
		assertThat(this.channel.isOpen()).isFalse();
		assertThat(this.ends).containsExactly(true);
	}

}
