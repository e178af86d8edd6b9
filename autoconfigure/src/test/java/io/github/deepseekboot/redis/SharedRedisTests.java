package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.redis.SharedSettings.WhenUnavailable;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link SharedRedis}.
 */
@ExtendWith(OutputCaptureExtension.class)
class SharedRedisTests {

	private final ReactiveRedisConnectionFactory factory = mock(ReactiveRedisConnectionFactory.class);

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final List<Boolean> changes = new ArrayList<>();

	private final SharedRedis redis = new SharedRedis(this.factory,
			new SharedSettings("test:", Duration.ofMillis(500), Duration.ofSeconds(2), WhenUnavailable.LOCAL, 2),
			TransportClock.of(this.time));

	@Test
	void whoeverIsMissingAsTheFirstProbeIsSentIsReported(CapturedOutput output) {
		given(this.factory.getReactiveConnection()).willThrow(new RedisConnectionFailureException("refused"));
		this.redis.addListener(this.changes::add);
		this.redis.start();
		this.time.advanceTimeBy(Duration.ofSeconds(10));
		assertThat(this.redis.isAvailable()).isFalse();
		assertThat(this.changes).containsExactly(false);
		assertThat(output).containsOnlyOnce("Redis is not available");
		this.redis.stop();
	}

	@Test
	void whatFailsBecauseTheApplicationStopsIsNotReported(CapturedOutput output) {
		this.redis.addListener(this.changes::add);
		this.redis.start();
		this.redis.stop();
		this.redis.failed(new RedisConnectionFailureException("closed"));
		assertThat(this.changes).isEmpty();
		assertThat(output).doesNotContain("Redis is not available");
	}

}
