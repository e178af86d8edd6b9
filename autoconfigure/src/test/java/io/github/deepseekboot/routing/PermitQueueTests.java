package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.MonoSink;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota.Permit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PermitQueue}; {@code LocalProviderQuotaTests} has more.
 */
class PermitQueueTests {

	private static final PermitRequest REQUEST = PermitRequest.builder("a", "chat", ChatRequest.of("hi")).build();

	private final CountingQuota quota = new CountingQuota();

	@Test
	void whoGivesUpInALongQueueIsFoundAtOnce() {
		List<Permit> first = new ArrayList<>();
		this.quota.acquire(REQUEST).subscribe(first::add);
		List<Disposable> waiting = new ArrayList<>();
		for (int i = 0; i < 2000; i++) {
			waiting.add(this.quota.acquire(REQUEST).subscribe());
		}
		// a queue that is searched from one of its ends compares a million times
		for (int i = waiting.size() - 1; i >= 0; i -= 2) {
			waiting.get(i).dispose();
		}
		for (int i = 0; i < waiting.size(); i += 2) {
			waiting.get(i).dispose();
		}
		assertThat(this.quota.comparisons).isLessThan(2000);
		first.get(0).release();
		assertThat(this.quota.tryAcquire(REQUEST)).isNotNull();
	}

	private static final class CountingQuota extends PermitQueue.Quota {

		private final PermitQueue queue = new OneAtATime();

		private int comparisons;

		@Override
		protected PermitQueue queue(PermitRequest request) {
			return this.queue;
		}

		@Override
		PermitQueue.Waiter waiter(MonoSink<Permit> sink) {
			return new CountingWaiter(sink);
		}

		private final class CountingWaiter extends PermitQueue.Waiter {

			CountingWaiter(MonoSink<Permit> sink) {
				super(sink);
			}

			@Override
			public boolean equals(@Nullable Object other) {
				CountingQuota.this.comparisons++;
				return this == other;
			}

			@Override
			public int hashCode() {
				return super.hashCode();
			}

		}

	}

	private static final class OneAtATime extends PermitQueue {

		OneAtATime() {
			super("a", VirtualTimeScheduler.create());
		}

		@Override
		protected int allowed() {
			return 1;
		}

		@Override
		protected Duration maxWait() {
			return Duration.ofMinutes(1);
		}

		@Override
		protected DeepSeekException tooLong() {
			return new DeepSeekException(ErrorKind.LOCAL_LIMIT, "too long");
		}

	}

}
