package io.github.deepseekboot.test.autoconfigure;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AutoConfigureDeepSeek} where no property names a provider.
 */
@SpringBootTest(classes = AutoConfigureDeepSeekTests.Application.class,
		webEnvironment = SpringBootTest.WebEnvironment.NONE, properties = "spring.config.name=none")
@AutoConfigureDeepSeek
class AutoConfigureDeepSeekWithoutPropertiesTests {

	@Test
	void thereIsOneProvider(@Autowired ScriptedProvider provider, @Autowired ChatCompletionTemplate chat) {
		provider.answers("alone");
		assertThat(provider.id()).isEqualTo("deepseek");
		assertThat(chat.complete("Hello").content()).isEqualTo("alone");
	}

}
