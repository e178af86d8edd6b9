package io.github.deepseekboot.transport.netty;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/**
 * Gives name resolution one deadline for all of it: a resolver's own timeout counts for
 * each of its queries, of which there may be many.
 */
final class BoundedResolverGroup extends AddressResolverGroup<InetSocketAddress> {

	private final AddressResolverGroup<InetSocketAddress> delegate;

	private final Duration deadline;

	BoundedResolverGroup(AddressResolverGroup<InetSocketAddress> delegate, Duration deadline) {
		this.delegate = delegate;
		this.deadline = deadline;
	}

	@Override
	protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
		return new BoundedResolver(executor, this.delegate.getResolver(executor));
	}

	private final class BoundedResolver implements AddressResolver<InetSocketAddress> {

		private final EventExecutor executor;

		private final AddressResolver<InetSocketAddress> resolver;

		BoundedResolver(EventExecutor executor, AddressResolver<InetSocketAddress> resolver) {
			this.executor = executor;
			this.resolver = resolver;
		}

		@Override
		public boolean isSupported(SocketAddress address) {
			return this.resolver.isSupported(address);
		}

		@Override
		public boolean isResolved(SocketAddress address) {
			return this.resolver.isResolved(address);
		}

		@Override
		public Future<InetSocketAddress> resolve(SocketAddress address) {
			return resolve(address, this.executor.newPromise());
		}

		@Override
		public Future<InetSocketAddress> resolve(SocketAddress address, Promise<InetSocketAddress> promise) {
			return bound(address, this.resolver.resolve(address), promise);
		}

		@Override
		public Future<List<InetSocketAddress>> resolveAll(SocketAddress address) {
			return resolveAll(address, this.executor.newPromise());
		}

		@Override
		public Future<List<InetSocketAddress>> resolveAll(SocketAddress address,
				Promise<List<InetSocketAddress>> promise) {
			return bound(address, this.resolver.resolveAll(address), promise);
		}

		private <T> Promise<T> bound(SocketAddress address, Future<T> resolution, Promise<T> promise) {
			Duration deadline = BoundedResolverGroup.this.deadline;
			Future<?> timer = resolution.isDone() ? null
					: this.executor.schedule(
							() -> promise
								.tryFailure(new UnknownHostException(address + " was not resolved within " + deadline)),
							deadline.toMillis(), TimeUnit.MILLISECONDS);
			resolution.addListener((Future<T> done) -> {
				if (timer != null) {
					timer.cancel(false);
				}
				if (done.isSuccess()) {
					promise.trySuccess(done.getNow());
				}
				else {
					promise.tryFailure(done.cause());
				}
			});
			return promise;
		}

		@Override
		public void close() {
			// the delegate's group closes it
		}

	}

}
