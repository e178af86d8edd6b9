package io.github.deepseekboot.guide;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
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
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static io.github.deepseekboot.test.provider.ScriptedProviderAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of the hooks of docs/guide/hooks.md, on real sockets.
 */
@ExtendWith(OutputCaptureExtension.class)
class HooksGuideTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final ScriptedServer server = ScriptedServer.start();

	private final ScriptedProvider deepseek = this.server.addProvider("deepseek", "deepseek");

	private final ScriptedProvider siliconflow = this.server.addProvider("siliconflow", "siliconflow");

	private @Nullable ConfigurableApplicationContext context;

	private ChatCompletionTemplate start(Class<?> hooks, String... properties) {
		String[] common = { "deepseek.provider=deepseek", "deepseek.fallback=siliconflow",
				"deepseek.providers.deepseek.base-url=" + this.deepseek.baseUrl(),
				"deepseek.providers.siliconflow.base-url=" + this.siliconflow.baseUrl() };
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
		this.server.close();
		this.server.providers().forEach(ScriptedProvider::verify);
	}

	@Test
	void customizersAndInterceptorsReachEachAttempt() {
		this.deepseek.fails(503);
		this.siliconflow.acceptKeys("test-key");
		this.siliconflow.answers("Hello");
		ChatCompletionTemplate chat = start(HouseHooks.class, "deepseek.providers.deepseek.api-key=test-key",
				"deepseek.providers.siliconflow.api-key=test-key", "deepseek.providers.deepseek.headers.X-House=yes");
		ChatCompletion completion = chat.complete("Hi");
		assertThat(completion.provider()).isEqualTo("siliconflow");
		assertThat(this.deepseek).hasReceivedCalls(1)
			.lastCall()
			.hasHeader("X-Application", "shop")
			.hasHeader("X-House", "yes")
			.hasHeader("X-Attempt", "1")
			.hasField("/max_tokens", 500)
			.hasField("/min_p", null);
		assertThat(this.siliconflow).hasReceivedCalls(1)
			.lastCall()
			.hasHeader("X-Application", "shop")
			.hasHeader("X-House", null)
			.hasHeader("X-Attempt", "2")
			.hasField("/max_tokens", 500)
			.hasField("/min_p", 0.05);
		assertThat(bean(HouseHooks.class).journal).containsExactly("deepseek OVERLOADED", "siliconflow null");
	}

	@Test
	void eachTenantHasItsKeyAndItsFate(CapturedOutput output) {
		this.deepseek.acceptKeys("test-key-of-green");
		this.siliconflow.acceptKeys("test-key-of-blue-2");
		this.deepseek.answers("Hello").always();
		this.siliconflow.answers("Hello").always();
		ChatCompletionTemplate chat = start(TenantKeys.class);
		assertThat(ask(chat, "blue").provider()).isEqualTo("siliconflow");
		assertThat(ask(chat, "green").provider()).isEqualTo("deepseek");
		assertThat(ask(chat, "blue").provider()).isEqualTo("siliconflow");
		assertThat(this.deepseek).hasReceivedCalls(2);
		assertThat(this.siliconflow).hasReceivedCalls(2);
		assertThat(bean(RoutingClient.class).states().statuses()).filteredOn(ProviderStatus::isUsable)
			.extracting(ProviderStatus::provider)
			.containsExactlyInAnyOrder("deepseek", "siliconflow");
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> chat.withProvider("deepseek")
				.completeAsync("Hi")
				.contextWrite(Context.of("tenant", "blue"))
				.block(PATIENCE))
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.AUTHENTICATION))
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
		assertThat(this.deepseek).hasReceivedNoCalls();
		assertThat(this.siliconflow).hasReceivedNoCalls();
	}

	@Test
	void theConfiguredKeyIsThereForTenantsWithoutOne() {
		this.deepseek.acceptKeys("test-key");
		this.deepseek.answers("Hello");
		ChatCompletionTemplate chat = start(TenantKeys.class, "deepseek.providers.deepseek.api-key=test-key");
		assertThat(ask(chat, "red").provider()).isEqualTo("deepseek");
		assertThat(this.deepseek).hasReceivedCalls(1);
	}

	@Test
	void headersOfARequestGoToWhoeverAnswers() {
		this.deepseek.fails(503);
		this.siliconflow.answers("Hello");
		ChatCompletionTemplate chat = start(Decorators.class, "deepseek.providers.deepseek.api-key=test-key",
				"deepseek.providers.siliconflow.api-key=test-key", "deepseek.providers.siliconflow.headers.x-trace=no");
		// tag::header[]
		ChatRequest request = ChatRequest.builder().user("Hi").header("X-Trace", "7").build();
		// end::header[]
		chat.complete(request);
		assertThat(this.deepseek).hasReceivedCalls(1).lastCall().hasHeader("X-Trace", "7");
		assertThat(this.siliconflow).hasReceivedCalls(1).lastCall().hasHeader("X-Trace", "7");
	}

	@Test
	void decoratorsOfTheApplicationStandBesideOurs() {
		this.deepseek.answers("Hello");
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
