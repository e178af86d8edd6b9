package io.github.deepseekboot.jdbc;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.Assert;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

import io.github.deepseekboot.chat.DurationText;

/**
 * Deletes conversations whose time is over from a {@link JdbcConversationStore}, now and
 * then, while the application runs.
 */
public final class ConversationSweep implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(ConversationSweep.class);

	private final JdbcConversationStore store;

	private final Duration interval;

	private final Scheduler scheduler;

	private volatile @Nullable Disposable running;

	/**
	 * Create a sweep.
	 * @param store the store
	 * @param interval the time between two sweeps, positive
	 * @param scheduler wakes it up
	 */
	public ConversationSweep(JdbcConversationStore store, Duration interval, Scheduler scheduler) {
		Assert.notNull(store, "'store' must not be null");
		Assert.isTrue(!interval.isNegative() && !interval.isZero(), "'interval' must be positive");
		this.store = store;
		this.interval = interval;
		this.scheduler = scheduler;
	}

	@Override
	public void start() {
		this.running = Flux.interval(this.interval, this.scheduler)
			.onBackpressureDrop()
			.concatMap((tick) -> this.store.sweep().onErrorResume((failure) -> {
				logger.warn("Conversations could not be swept; the next sweep is in " + DurationText.of(this.interval),
						failure);
				return Mono.empty();
			}), 1)
			.subscribe();
	}

	@Override
	public void stop() {
		Disposable running = this.running;
		if (running != null) {
			running.dispose();
		}
		this.running = null;
	}

	@Override
	public boolean isRunning() {
		return this.running != null;
	}

}
