package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.function.Function;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Limits the calls of this application: for each provider, account and model apart. Calls
 * wait in the order in which they came.
 */
final class LocalProviderQuota extends PermitQueue.Quota {

	private static final int MAX_QUEUES = 10_000;

	private final Function<String, RoutingSettings> settings;

	private final TransportClock clock;

	private final BoundedMap<QueueKey, LocalQueue> queues = new BoundedMap<>(MAX_QUEUES, LocalQueue::close,
			(queue) -> false);

	LocalProviderQuota(Function<String, RoutingSettings> settings, TransportClock clock) {
		this.settings = settings;
		this.clock = clock;
	}

	@Override
	protected PermitQueue queue(PermitRequest request) {
		return this.queues.get(new QueueKey(request.provider(), request.account(), request.model()),
				(key) -> new LocalQueue(key.provider(), this.settings.apply(key.provider()), this.clock));
	}

	int queues() {
		return this.queues.size();
	}

	private record QueueKey(String provider, String account, String model) {

	}

	private static final class LocalQueue extends PermitQueue {

		private final String provider;

		private final RoutingSettings limits;

		LocalQueue(String provider, RoutingSettings limits, TransportClock clock) {
			super(provider, clock.scheduler());
			this.provider = provider;
			this.limits = limits;
		}

		@Override
		protected int allowed() {
			return this.limits.maxConcurrent();
		}

		@Override
		protected Duration maxWait() {
			return this.limits.maxWait();
		}

		@Override
		protected DeepSeekException tooLong() {
			return DeepSeekException
				.builder(ErrorKind.LOCAL_LIMIT,
						this.limits.maxConcurrent() + " calls are running, and none ended within "
								+ DurationText.of(this.limits.maxWait())
								+ " (deepseek.limit.max-concurrent, deepseek.limit.max-wait)")
				.provider(this.provider)
				.code("deepseek.limit.max-concurrent")
				.build();
		}

	}

}
