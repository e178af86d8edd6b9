package io.github.deepseekboot.transport.netty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BoundedResolverGroup}.
 */
class BoundedResolverGroupTests {

	private final DefaultEventExecutor executor = new DefaultEventExecutor();

	@AfterEach
	void stop() {
		this.executor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
	}

	@Test
	void fault3ResolutionThatHangsEndsWithTheConnectTimeout() {
		long start = System.nanoTime();
		Future<InetSocketAddress> resolution = resolve("hangs.invalid");
		assertThat(resolution.awaitUninterruptibly(5, TimeUnit.SECONDS)).isTrue();
		assertThat(resolution.cause()).isInstanceOf(UnknownHostException.class).hasMessageContaining("hangs.invalid");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(190),
				Duration.ofSeconds(3));
	}

	@Test
	void resolvesInTime() {
		Future<InetSocketAddress> resolution = resolve("known.invalid");
		assertThat(resolution.awaitUninterruptibly(5, TimeUnit.SECONDS)).isTrue();
		assertThat(resolution.getNow().getAddress().isLoopbackAddress()).isTrue();
	}

	@Test
	void passesTheResolversFailureOn() {
		Future<InetSocketAddress> resolution = resolve("unknown.invalid");
		assertThat(resolution.awaitUninterruptibly(5, TimeUnit.SECONDS)).isTrue();
		assertThat(resolution.cause()).hasMessage("unknown");
	}

	private Future<InetSocketAddress> resolve(String host) {
		BoundedResolverGroup group = new BoundedResolverGroup(new Names(), Duration.ofMillis(200));
		AddressResolver<InetSocketAddress> resolver = group.getResolver(this.executor);
		return resolver.resolve(InetSocketAddress.createUnresolved(host, 443));
	}

	private static final class Names extends AddressResolverGroup<InetSocketAddress> {

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new InetSocketAddressResolver(executor, new InetNameResolver(executor) {

				@Override
				protected void doResolve(String name, Promise<InetAddress> promise) {
					if (name.startsWith("known")) {
						promise.setSuccess(InetAddress.getLoopbackAddress());
					}
					else if (name.startsWith("unknown")) {
						promise.setFailure(new UnknownHostException("unknown"));
					}
				}

				@Override
				protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
					promise.setFailure(new UnknownHostException("not asked for"));
				}

			});
		}

	}

}
