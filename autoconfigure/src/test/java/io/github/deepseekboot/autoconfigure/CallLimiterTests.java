package io.github.deepseekboot.autoconfigure;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import io.github.deepseekboot.CallLimiter;
import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.ProviderQuota.Permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link CallLimiter}.
 */
class CallLimiterTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final ChatRequest REQUEST = ChatRequest.of("hi");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class))
		.withPropertyValues("deepseek.providers.deepseek.api-key=test-key");

	private static CallLimits.Builder impatient() {
		return CallLimits.builder().maxWait(Duration.ZERO);
	}

	private static Permit acquire(CallLimiter limiter) {
		return limiter.acquire(REQUEST).blockOptional(PATIENCE).orElseThrow();
	}

	private static CallLimiter limiter(ApplicationContext context, String name, CallLimits limits) {
		return context.getBean(CallLimiterFactory.class).create(name, limits);
	}

	@Test
	void callsAtOnceAreLimitedForEachName() {
		this.runner.run((context) -> {
			CallLimiter acme = limiter(context, "acme", impatient().maxConcurrent(2).build());
			CallLimiter other = limiter(context, "other", impatient().maxConcurrent(1).build());
			Permit permit = acquire(acme);
			acquire(acme);
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> acquire(acme)).satisfies((failure) -> {
				assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
				assertThat(failure.getReason()).isEqualTo("the limit of 'acme' is used up");
				assertThat(failure.getProvider()).isNull();
			});
			acquire(other);
			permit.release();
			acquire(acme);
		});
	}

	@Test
	void aNameHasOneLimit() {
		this.runner.run((context) -> {
			CallLimits limits = impatient().maxConcurrent(1).build();
			acquire(limiter(context, "acme", limits));
			CallLimiter same = limiter(context, "acme", impatient().maxConcurrent(1).build());
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> acquire(same));
			assertThatIllegalArgumentException()
				.isThrownBy(() -> limiter(context, "acme", impatient().maxConcurrent(2).build()))
				.withMessageContaining("acme");
		});
	}

	@Test
	void ratesSayWhenToComeAgain() {
		this.runner.run((context) -> {
			CallLimiter limiter = limiter(context, "acme", impatient().requestsPerMinute(8).build());
			acquire(limiter).release();
			acquire(limiter).release();
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> acquire(limiter))
				.satisfies((failure) -> assertThat(failure.getRetryAfter()).isBetween(Duration.ofSeconds(5),
						Duration.ofSeconds(8)));
		});
	}

	@Test
	void tokensAreSettled() {
		this.runner.run((context) -> {
			// a quarter of it at once, and an estimate of 1001 for a call
			CallLimiter limiter = limiter(context, "acme", impatient().tokensPerMinute(8000).build());
			for (int i = 0; i < 10; i++) {
				Permit permit = acquire(limiter);
				permit.used(Usage.of(1, 1));
				permit.release();
			}
			Permit permit = acquire(limiter);
			permit.used(Usage.of(1, 100_000));
			permit.release();
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> acquire(limiter))
				.satisfies((failure) -> assertThat(failure.getRetryAfter()).isGreaterThan(Duration.ofSeconds(30)));
		});
	}

	@Test
	void ratesNeedBucket4j() {
		this.runner.withClassLoader(new FilteredClassLoader("io.github.bucket4j")).run((context) -> {
			acquire(limiter(context, "acme", impatient().build()));
			assertThatIllegalStateException()
				.isThrownBy(() -> limiter(context, "other", impatient().requestsPerMinute(1).build()))
				.withMessageContaining("com.bucket4j:bucket4j_jdk17-core");
		});
	}

}
