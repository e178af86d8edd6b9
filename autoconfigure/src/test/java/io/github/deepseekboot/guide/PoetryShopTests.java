package io.github.deepseekboot.guide;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatCompletion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * The test with a mock that the guide shows.
 */
// tag::mock[]
class PoetryShopTests {

	private final ChatCompletionOperations chat = mock(ChatCompletionOperations.class);

	@Test
	void sellsWhatTheModelWrites() {
		given(this.chat.complete(contains("rain"))).willReturn(ChatCompletion.of("test", "Drip, drop"));
		assertThat(new PoetryShop(this.chat).sell("rain")).isEqualTo("One poem: Drip, drop");
	}

}
// end::mock[]
