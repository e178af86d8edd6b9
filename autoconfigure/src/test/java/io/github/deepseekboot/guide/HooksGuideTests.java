package io.github.deepseekboot.guide;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of the hooks of docs/guide/hooks.md, on real sockets.
 */
@ExtendWith(OutputCaptureExtension.class)
class HooksGuideTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final String ANSWER = """
			{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]}""";

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private @Nullable ConfigurableApplicationContext context;

	private ChatCompletionTemplate start(Class<?> hooks, String... properties) {
		String[] common = { "deepseek.provider=deepseek", "deepseek.fallback=siliconflow",
				"deepseek.providers.deepseek.base-url=" + host.baseUrl() + "/deepseek",
				"deepseek.providers.siliconflow.base-url=" + host.baseUrl() + "/siliconflow" };
		this.context = new SpringApplicationBuilder(Application.class, hooks).web(WebApplicationType.NONE)
			.properties(common)
			.properties(properties)
			.run();
		return this.context.getBean(ChatCompletionTemplate.class);
	}

	private <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	@AfterEach
	void stop() {
		if (this.context != null) {
			this.context.close();
		}
	}

	private static List<LoggedRequest> requests() {
		return host.findAll(anyRequestedFor(anyUrl()));
	}

	private static JsonNode body(LoggedRequest request) {
		return JsonMapper.shared().readTree(request.getBodyAsString());
	}

	@Test
	void customizersAndInterceptorsReachEachAttempt() {
		host.stubFor(post(urlPathMatching("/deepseek/.*")).willReturn(aResponse().withStatus(503)));
		host.stubFor(post(urlPathMatching("/siliconflow/.*")).willReturn(okJson(ANSWER)));
		ChatCompletionTemplate chat = start(HouseHooks.class, "deepseek.providers.deepseek.api-key=test-key",
				"deepseek.providers.siliconflow.api-key=test-key", "deepseek.providers.deepseek.headers.X-House=yes");
		ChatCompletion completion = chat.complete("Hi");
		assertThat(completion.provider()).isEqualTo("siliconflow");
		assertThat(requests()).hasSize(2).allSatisfy((request) -> {
			assertThat(request.getHeader("X-Application")).isEqualTo("shop");
			assertThat(request.getHeader("Authorization")).isEqualTo("Bearer test-key");
			assertThat(body(request).path("max_tokens").asInt()).isEqualTo(500);
		});
		LoggedRequest first = requests().get(0);
		assertThat(first.getHeader("X-House")).isEqualTo("yes");
		assertThat(first.getHeader("X-Attempt")).isEqualTo("1");
		assertThat(body(first).has("min_p")).isFalse();
		LoggedRequest second = requests().get(1);
		assertThat(second.containsHeader("X-House")).isFalse();
		assertThat(second.getHeader("X-Attempt")).isEqualTo("2");
		assertThat(body(second).path("min_p").asDouble()).isEqualTo(0.05);
		assertThat(bean(HouseHooks.class).journal).containsExactly("deepseek OVERLOADED", "siliconflow null");
	}

	@Test
	void eachTenantHasItsKeyAndItsFate(CapturedOutput output) {
		host.stubFor(post(urlPathMatching("/.*")).willReturn(okJson(ANSWER)));
		host.stubFor(post(urlPathMatching("/.*")).withHeader("Authorization", equalTo("Bearer test-key-of-blue"))
			.willReturn(aResponse().withStatus(402).withBody("no money for test-key-of-blue")));
		ChatCompletionTemplate chat = start(TenantKeys.class);
		assertThat(ask(chat, "blue").provider()).isEqualTo("siliconflow");
		assertThat(ask(chat, "green").provider()).isEqualTo("deepseek");
		assertThat(ask(chat, "blue").provider()).isEqualTo("siliconflow");
		assertThat(requests()).extracting((request) -> request.getHeader("Authorization"))
			.containsExactly("Bearer test-key-of-blue", "Bearer test-key-of-blue-2", "Bearer test-key-of-green",
					"Bearer test-key-of-blue-2");
		assertThat(bean(RoutingClient.class).states().statuses()).filteredOn(ProviderStatus::isUsable)
			.extracting(ProviderStatus::provider)
			.containsExactlyInAnyOrder("deepseek", "siliconflow");
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> chat.withProvider("deepseek")
				.completeAsync("Hi")
				.contextWrite(Context.of("tenant", "blue"))
				.block(PATIENCE))
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.OUT_OF_CREDIT))
			.satisfies((failure) -> assertThat(failure.toString()).doesNotContain("test-key-of"));
		assertThat(output).doesNotContain("test-key-of");
	}

	private static ChatCompletion ask(ChatCompletionTemplate chat, String tenant) {
		ChatCompletion completion = chat.completeAsync("Hi").contextWrite(Context.of("tenant", tenant)).block(PATIENCE);
		assertThat(completion).isNotNull();
		return completion;
	}

	@Test
	void aTenantWithoutAKeyIsRefused() {
		ChatCompletionTemplate chat = start(TenantKeys.class);
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> chat.stream("Hi").contextWrite(Context.of("tenant", "red")).blockLast(PATIENCE))
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.AUTHENTICATION))
			.withMessageContaining("deepseek: the ApiKeyResolver gave no key, and deepseek.providers.deepseek.api-key"
					+ " is not set; siliconflow: the ApiKeyResolver gave no key");
		assertThat(requests()).isEmpty();
	}

	@Test
	void theConfiguredKeyIsThereForTenantsWithoutOne() {
		host.stubFor(post(urlPathMatching("/.*")).willReturn(okJson(ANSWER)));
		ChatCompletionTemplate chat = start(TenantKeys.class, "deepseek.providers.deepseek.api-key=test-key");
		assertThat(ask(chat, "red").provider()).isEqualTo("deepseek");
		assertThat(requests()).singleElement()
			.satisfies((request) -> assertThat(request.getHeader("Authorization")).isEqualTo("Bearer test-key"));
	}

	@Test
	void headersOfARequestGoToWhoeverAnswers() {
		host.stubFor(post(urlPathMatching("/deepseek/.*")).willReturn(aResponse().withStatus(503)));
		host.stubFor(post(urlPathMatching("/siliconflow/.*")).willReturn(okJson(ANSWER)));
		ChatCompletionTemplate chat = start(Decorators.class, "deepseek.providers.deepseek.api-key=test-key",
				"deepseek.providers.siliconflow.api-key=test-key", "deepseek.providers.siliconflow.headers.x-trace=no");
		// tag::header[]
		ChatRequest request = ChatRequest.builder().user("Hi").header("X-Trace", "7").build();
		// end::header[]
		chat.complete(request);
		assertThat(requests()).extracting((sent) -> sent.getHeader("X-Trace")).containsExactly("7", "7");
	}

	@Test
	void decoratorsOfTheApplicationStandBesideOurs() {
		host.stubFor(post(urlPathMatching("/.*")).willReturn(okJson(ANSWER)));
		ChatCompletionTemplate chat = start(Decorators.class, "deepseek.providers.deepseek.api-key=test-key");
		assertThat(this.context.getBeansOfType(CallDecorator.class)).hasSizeGreaterThan(3);
		chat.complete("Hi");
		assertThat(bean(Decorators.class).seen).containsExactly("inner sees [outer]", "inside sees [outer, inner]",
				"inner answered", "outer answered");
	}

	/**
	 * An application.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	/**
	 * Decorators of an application, one of them broken.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Decorators {

		final List<String> seen = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		CallDecorator inner() {
			return decorator("inner");
		}

		@Bean
		@Order(1)
		CallDecorator outer() {
			return decorator("outer");
		}

		@Bean
		@Order(0)
		CallDecorator broken() {
			return new CallDecorator() {

				@Override
				public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
					throw new IllegalStateException("broken");
				}

				@Override
				public Context inside(RoutingEvent.AttemptStarted attempt, Context context) {
					throw new IllegalStateException("broken");
				}

			};
		}

		private CallDecorator decorator(String name) {
			return new CallDecorator() {

				@Override
				public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
					return answer.doOnNext((completion) -> Decorators.this.seen.add(name + " answered"))
						.contextWrite((context) -> {
							if (name.equals("inner")) {
								Decorators.this.seen.add("inner sees " + names(context));
							}
							return context.put("names", add(names(context), name));
						});
				}

				@Override
				public Context inside(RoutingEvent.AttemptStarted attempt, Context context) {
					if (name.equals("inner")) {
						Decorators.this.seen.add("inside sees " + names(context));
					}
					return context;
				}

			};
		}

		private static List<String> names(Context context) {
			return context.getOrDefault("names", List.of());
		}

		private static List<String> add(List<String> names, String name) {
			return Flux.fromIterable(names).concatWithValues(name).collectList().block();
		}

	}

}
