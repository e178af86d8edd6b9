package io.github.deepseekboot.guide;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what docs/guide/templates.md shows.
 */
class TemplatesGuideTests {

	private final List<ChatRequest> requests = new ArrayList<>();

	@Test
	void eachTemplateAsksItsOwnWay() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
			.withUserConfiguration(Templates.TemplatesConfiguration.class, Templates.Reviewer.class)
			.withBean(ChatCompletionClient.class, RecordingClient::new)
			.withPropertyValues("deepseek.chat.temperature=0.7")
			.run((context) -> {
				assertThat(context.getBean(Templates.Reviewer.class).review("a text")).isEqualTo("Fine");
				assertThat(this.requests).extracting(ChatRequest::provider).containsExactly("siliconflow", null);
				assertThat(this.requests).extracting(ChatRequest::temperature).containsExactly(0.7, 0.7);
				context.getBean("exact", ChatCompletionTemplate.class).complete("Hi");
				assertThat(this.requests).last().satisfies((request) -> {
					assertThat(request.temperature()).isZero();
					assertThat(request.model()).isEqualTo("reasoner");
				});
			});
	}

	private final class RecordingClient implements ChatCompletionClient {

		@Override
		public Mono<ChatCompletion> complete(ChatRequest request) {
			TemplatesGuideTests.this.requests.add(request);
			return Mono.just(ChatCompletion.of("lab", "Fine"));
		}

		@Override
		public Flux<ChatDelta> stream(ChatRequest request) {
			return Flux.just(ChatDelta.of("lab", "Fine"), ChatDelta.last("lab", null));
		}

	}

}
