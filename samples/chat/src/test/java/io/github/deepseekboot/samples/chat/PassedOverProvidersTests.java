package io.github.deepseekboot.samples.chat;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.ProviderOperations;
import io.github.deepseekboot.hook.RoutingEvent.CoolDownStarted;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PassedOverProviders}.
 */
class PassedOverProvidersTests {

	private final PassedOverProviders passedOver = new PassedOverProviders(
			new StaticListableBeanFactory(Map.of("providers", new OneProvider()))
				.getBeanProvider(ProviderOperations.class));

	@Test
	void aProviderWithoutOneModelIsNotPassedOver() {
		this.passedOver.onEvent(CoolDownStarted.builder("deepseek", ErrorKind.MODEL_NOT_FOUND)
			.model("retired")
			.duration(Duration.ofMinutes(5))
			.build());
		assertThat(this.passedOver.now()).isEmpty();
		this.passedOver.onEvent(
				CoolDownStarted.builder("deepseek", ErrorKind.RATE_LIMITED).duration(Duration.ofMinutes(5)).build());
		assertThat(this.passedOver.now()).singleElement()
			.satisfies((provider) -> assertThat(provider.coolDown()).isEqualTo(ErrorKind.RATE_LIMITED));
	}

	private static final class OneProvider implements ProviderOperations {

		@Override
		public List<ProviderInfo> providers() {
			return List.of(ProviderInfo.builder("deepseek", "DeepSeek").inChain(true).build());
		}

		@Override
		public Mono<List<ModelInfo>> models(String provider) {
			return Mono.empty();
		}

		@Override
		public Mono<AccountBalance> balance(String provider) {
			return Mono.empty();
		}

	}

}
