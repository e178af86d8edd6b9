package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.javapoet.ClassName;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.chat.ProviderOperations;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderConnections;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link DeepSeekAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class DeepSeekAutoConfigurationTests {

	private static final JsonMapper JSON = JsonMapper.shared();

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	@RegisterExtension
	static final WireMockExtension otherHost = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class, SslAutoConfiguration.class));

	@BeforeEach
	void answer() {
		host.stubFor(answer("the host"));
		otherHost.stubFor(answer("the other host"));
	}

	private static MappingBuilder answer(String content) {
		return post(urlPathMatching("/.*")).willReturn(okJson("""
				{"id": "1", "object": "chat.completion", "created": 1760000000, "model": "some-model", "choices": [
				{"index": 0, "message": {"role": "assistant", "content": "%s"}, "finish_reason": "stop"}],
				"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}""".formatted(content)));
	}

	@Test
	void theProviderWhoseHostEndedIsReported() {
		for (String property : List.of("deepseek.providers.github.api-key=test-key",
				"deepseek.providers.p.preset=github")) {
			this.runner.withPropertyValues(property)
				.run((context) -> assertThat(context).getFailure()
					.rootCause()
					.hasMessageContaining(".preset")
					.hasMessageContaining("GitHub Models ended on 2026-07-30"));
		}
		this.runner.withPropertyValues("deepseek.providers.github.api-key=test-key",
				"deepseek.providers.github.base-url=http://127.0.0.1:1", "deepseek.providers.github.models.chat.id=m")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void needsNothingButAKey() {
		this.runner.withPropertyValues("deepseek.providers.deepseek.api-key=test-key").run((context) -> {
			assertThat(context).hasSingleBean(ChatCompletionTemplate.class)
				.hasSingleBean(RoutingClient.class)
				.hasSingleBean(ProviderOperations.class)
				.hasSingleBean(DeepSeekConnectionDetails.class);
			assertThat(chain(context)).containsExactly("deepseek");
			Provider provider = provider(context, "deepseek");
			assertThat(provider.completionsUri()).hasToString("https://api.deepseek.com/chat/completions");
			assertThat(provider.timeouts()).isEqualTo(ProviderTimeouts.DEFAULTS);
			assertThat(provider.models()).containsOnlyKeys("chat", "reasoner", "pro");
		});
	}

	@Test
	void asksTheProvider() {
		deepseek().run((context) -> {
			ChatCompletion completion = template(context).complete("Hello");
			assertThat(completion.content()).isEqualTo("the host");
			assertThat(completion.provider()).isEqualTo("deepseek");
			LoggedRequest request = sent(host);
			assertThat(request.getUrl()).isEqualTo("/chat/completions");
			assertThat(request.getHeader("Authorization")).isEqualTo("Bearer test-key");
			assertThat(body(request)).isEqualTo(json("""
					{"model": "deepseek-flash", "messages": [{"role": "user", "content": "Hello"}], "stream": false,
					"thinking": {"type": "disabled"}}"""));
		});
	}

	@Test
	void streams() {
		host.stubFor(post(urlPathMatching("/.*"))
			.willReturn(aResponse().withHeader("Content-Type", "text/event-stream").withBody("""
					data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]}

					data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}

					data: [DONE]

					""")));
		deepseek().run((context) -> {
			List<ChatDelta> deltas = template(context).stream("Hello").collectList().block(PATIENCE);
			assertThat(deltas).isNotNull().extracting(ChatDelta::content).startsWith("Hel", "lo");
			assertThat(body(sent(host)).get("stream_options")).isEqualTo(json("{\"include_usage\": true}"));
		});
	}

	@Test
	void switchesProvidersByOneProperty() {
		Map<String, String> expected = new HashMap<>();
		expected.put("deepseek", """
				{"model": "deepseek-flash", "messages": [{"role": "user", "content": "Why?"}], "stream": false,
				"temperature": 0.5, "thinking": {"type": "enabled"}}""");
		expected.put("siliconflow", """
				{"model": "deepseek-ai/DeepSeek-V4-Flash", "messages": [{"role": "user", "content": "Why?"}],
				"stream": false, "temperature": 0.5, "enable_thinking": true}""");
		expected.put("alayanew", """
				{"model": "deepseek-r1", "messages": [{"role": "user", "content": "Why?"}], "stream": false,
				"temperature": 0.5}""");
		ChatRequest request = ChatRequest.builder().user("Why?").model("reasoner").temperature(0.5).build();
		expected.forEach((id, body) -> {
			host.resetRequests();
			threeProviders().withPropertyValues("deepseek.provider=" + id).run((context) -> {
				assertThat(template(context).complete(request).provider()).isEqualTo(id);
				LoggedRequest sent = sent(host);
				assertThat(sent.getUrl()).isEqualTo("/" + id + "/v1/chat/completions");
				assertThat(sent.getHeader("Authorization")).isEqualTo("Bearer test-key-of-" + id);
				assertThat(body(sent)).isEqualTo(json(body));
			});
		});
	}

	@Test
	void switchesTheThinkingOfTheDefaultModelToo() {
		Map<String, String> expected = Map.of("deepseek", "{\"thinking\": {\"type\": \"disabled\"}}", "siliconflow",
				"{\"enable_thinking\": false}", "alayanew", "{}");
		expected.forEach((id, fields) -> {
			host.resetRequests();
			threeProviders().withPropertyValues("deepseek.provider=" + id).run((context) -> {
				template(context).complete("Why?");
				Map<String, JsonNode> thinking = new HashMap<>();
				body(sent(host)).properties()
					.stream()
					.filter((field) -> field.getKey().contains("thinking") || field.getKey().contains("reasoning"))
					.forEach((field) -> thinking.put(field.getKey(), field.getValue()));
				assertThat(JSON.<JsonNode>valueToTree(thinking)).isEqualTo(json(fields));
			});
		});
	}

	@Test
	void pinsACallToAProvider() {
		threeProviders().withPropertyValues("deepseek.provider=deepseek").run((context) -> {
			ChatCompletionTemplate template = template(context);
			assertThat(template.withProvider("siliconflow").complete("Hi").provider()).isEqualTo("siliconflow");
			assertThat(template.complete("Hi").provider()).isEqualTo("deepseek");
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> template.withProvider("nobody").complete("Hi"))
				.withMessageContaining("there is no provider 'nobody'")
				.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST));
		});
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			'',                    -,                         /chat/completions
			/,                     -,                         /chat/completions
			/v1,                   -,                         /v1/chat/completions
			/v1/,                  -,                         /v1/chat/completions
			/api/v3,               -,                         /api/v3/chat/completions
			/compatible-mode/v1/,  -,                         /compatible-mode/v1/chat/completions
			/v2,                   '',                        /v2/chat/completions
			/api/v3,               /bots/chat/completions,    /api/v3/bots/chat/completions
			/api/v3,               bots/chat/completions,     /api/v3/bots/chat/completions
			/openai,               /chat?api-version=2026-01, /openai/chat?api-version=2026-01
			""")
	void takesTheBaseUrlAsWritten(String path, @Nullable String completionsPath, String url) {
		ApplicationContextRunner lab = this.runner
			.withPropertyValues("deepseek.providers.lab.base-url=" + host.baseUrl() + path);
		if (completionsPath != null) {
			lab = lab.withPropertyValues("deepseek.providers.lab.completions-path=" + completionsPath);
		}
		lab.run((context) -> {
			template(context).complete(ChatRequest.builder().user("Hi").model("some-model").build());
			assertThat(sent(host).getUrl()).isEqualTo(url);
		});
	}

	@Test
	void aHostWithoutAKeyIsAskedWithoutOne() {
		this.runner.withPropertyValues("deepseek.providers.lab.base-url=" + host.baseUrl()).run((context) -> {
			template(context).complete(ChatRequest.builder().user("Hi").model("some-model").build());
			assertThat(sent(host).containsHeader("Authorization")).isFalse();
		});
	}

	@Test
	void sendsHeadersAndExtraFields() {
		lab("""
				headers:
				  X-Title: A title
				  X_Team: a-team
				extra:
				  top_k: 50
				  min_p: 0.05
				  store: false
				  "[search.mode]": "on"
				  version: '"2"'
				  stops: [ a, b ]
				  nested: { inner_list: [ { deep_value: 1 } ] }
				""").run((context) -> {
			template(context).complete(request("some-model").extra("top_k", 20).build());
			LoggedRequest request = sent(host);
			assertThat(request.getHeader("X-Title")).isEqualTo("A title");
			assertThat(request.getHeader("X_Team")).isEqualTo("a-team");
			assertThat(body(request)).isEqualTo(json("""
					{"model": "some-model", "messages": [{"role": "user", "content": "Hi"}], "stream": false,
					"top_k": 20, "min_p": 0.05, "store": false, "search.mode": "on", "version": "2",
					"stops": ["a", "b"], "nested": {"inner_list": [{"deep_value": 1}]}}"""));
		});
	}

	@Test
	void extraFieldsOfAPropertiesFileHaveTypesToo() {
		this.runner
			.withPropertyValues("deepseek.providers.lab.base-url=" + host.baseUrl(),
					"deepseek.providers.lab.extra.top_k=50", "deepseek.providers.lab.extra.min_p=0.05",
					"deepseek.providers.lab.extra.store=true", "deepseek.providers.lab.extra.mode=fast",
					"deepseek.providers.lab.extra.version=\"2\"", "deepseek.providers.lab.extra.list[1]=b",
					"deepseek.providers.lab.extra.list[0]=1", "deepseek.providers.lab.extra.map[2]=a",
					"deepseek.providers.lab.extra.map[0]=b")
			.run((context) -> {
				template(context).complete(request("some-model").build());
				JsonNode body = body(sent(host));
				assertThat(body.get("top_k")).isEqualTo(json("50"));
				assertThat(body.get("min_p")).isEqualTo(json("0.05"));
				assertThat(body.get("store")).isEqualTo(json("true"));
				assertThat(body.get("mode")).isEqualTo(json("\"fast\""));
				assertThat(body.get("version")).isEqualTo(json("\"2\""));
				assertThat(body.get("list")).isEqualTo(json("[1, \"b\"]"));
				assertThat(body.get("map")).isEqualTo(json("{\"2\": \"a\", \"0\": \"b\"}"));
			});
	}

	@Test
	void aModelThatThePresetKnowsNeedsAPriceOnly() {
		this.runner
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.models.chat.price.input=1",
					"deepseek.providers.deepseek.models.chat.price.output=4",
					"deepseek.providers.deepseek.models.reasoner=deepseek-flash",
					"deepseek.providers.deepseek.models.pro.id=deepseek-r1")
			.run((context) -> {
				Map<String, ProviderModel> preset = ProviderPresets.get("deepseek").models();
				Map<String, ProviderModel> models = provider(context, "deepseek").models();
				ProviderModel chat = models.get("chat");
				assertThat(chat.id()).isEqualTo(preset.get("chat").id());
				assertThat(chat.thinking()).isFalse();
				assertThat(chat.price()).isNotNull();
				assertThat(models.get("reasoner").thinking()).isTrue();
				assertThat(models.get("pro").thinking()).isEqualTo(null);
			});
	}

	@Test
	void modelsHaveAShortAndALongForm() {
		lab("""
				models:
				  chat: deepseek-v3
				  reasoner: { id: deepseek-r1, thinking: true, price: { input: 4, cached-input: 1, output: 16 } }
				  cheap: { id: deepseek-lite, price: { input: 0.5, output: 1, currency: USD } }
				  "[deepseek.v3/latest]": latest
				""").run((context) -> {
			assertThat(provider(context, "lab").models())
				.isEqualTo(Map.of("chat", ProviderModel.of("deepseek-v3"), "reasoner",
						ProviderModel.builder("deepseek-r1")
							.thinking(true)
							.price(ModelPrice.builder(new BigDecimal(4), new BigDecimal(16), "CNY")
								.cachedInput(new BigDecimal(1))
								.build())
							.build(),
						"cheap",
						ProviderModel.builder("deepseek-lite")
							.price(ModelPrice.builder(new BigDecimal("0.5"), new BigDecimal(1), "USD").build())
							.build(),
						"deepseek.v3/latest", ProviderModel.of("latest")));
			template(context).complete("Hi");
			assertThat(body(sent(host)).get("model")).isEqualTo(json("\"deepseek-v3\""));
		});
	}

	@Test
	void configuredModelsStandBesideThePresets() {
		this.runner
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.models.chat=deepseek-v4-pro",
					"deepseek.providers.deepseek.models.mine=deepseek-v4-flash")
			.run((context) -> assertThat(provider(context, "deepseek").models())
				.containsEntry("chat", ProviderModel.of("deepseek-v4-pro"))
				.containsEntry("mine", ProviderModel.of("deepseek-v4-flash"))
				.containsEntry("reasoner", ProviderModel.builder("deepseek-flash").thinking(true).build()));
	}

	@Test
	void aProviderMayHaveAnyIdAndAPreset() {
		this.runner
			.withPropertyValues("deepseek.providers.second.preset=siliconflow",
					"deepseek.providers.second.api-key=test-key")
			.run((context) -> {
				Provider provider = provider(context, "second");
				assertThat(provider.baseUrl()).isEqualTo("https://api.siliconflow.cn/v1");
				assertThat(provider.preset().id()).isEqualTo("siliconflow");
			});
	}

	@Test
	void defaultsOfRequestsStandUnderTheRequest() {
		deepseek()
			.withPropertyValues("deepseek.chat.model=reasoner", "deepseek.chat.temperature=0.7",
					"deepseek.chat.top-p=0.9", "deepseek.chat.top-k=40", "deepseek.chat.max-tokens=2048",
					"deepseek.chat.presence-penalty=0.1", "deepseek.chat.frequency-penalty=0.2",
					"deepseek.chat.stop=END,STOP", "deepseek.chat.reasoning-effort=low", "deepseek.chat.user-id=u1")
			.run((context) -> {
				template(context).complete("Hi");
				assertThat(body(sent(host))).isEqualTo(json("""
						{"model": "deepseek-flash", "messages": [{"role": "user", "content": "Hi"}], "stream": false,
						"temperature": 0.7, "top_p": 0.9, "top_k": 40, "max_tokens": 2048, "presence_penalty": 0.1,
						"frequency_penalty": 0.2, "user_id": "u1", "stop": ["END", "STOP"],
						"thinking": {"type": "enabled"}, "reasoning_effort": "low"}"""));
				host.resetRequests();
				template(context)
					.complete(request("chat").temperature(0.0).maxTokens(10).stop("DONE").thinking(false).build());
				assertThat(body(sent(host))).isEqualTo(json("""
						{"model": "deepseek-flash", "messages": [{"role": "user", "content": "Hi"}], "stream": false,
						"temperature": 0.0, "top_p": 0.9, "top_k": 40, "max_tokens": 10, "presence_penalty": 0.1,
						"frequency_penalty": 0.2, "user_id": "u1", "stop": ["DONE"],
						"thinking": {"type": "disabled"}}"""));
			});
	}

	@Test
	void emptyPropertiesAreNotSet() {
		deepseek()
			.withPropertyValues("deepseek.provider=", "deepseek.fallback=", "deepseek.chat.model=",
					"deepseek.chat.temperature=", "deepseek.chat.user-id=", "deepseek.providers.deepseek.preset=",
					"deepseek.providers.deepseek.completions-path=", "deepseek.providers.deepseek.proxy=",
					"deepseek.providers.deepseek.ssl.bundle=", "deepseek.timeout.total=")
			.run((context) -> {
				template(context).complete("Hi");
				assertThat(sent(host).getUrl()).isEqualTo("/chat/completions");
			});
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", delimiter = ';', textBlock = """
			siliconflow; deepseek,siliconflow,alayanew; siliconflow,deepseek,alayanew
			deepseek;    deepseek,siliconflow,alayanew; deepseek,siliconflow,alayanew
			alayanew;    siliconflow;                   alayanew,siliconflow
			alayanew;    -;                             alayanew
			-;           siliconflow,deepseek;          siliconflow,deepseek
			deepseek;    siliconflow,siliconflow;       deepseek,siliconflow
			""")
	void theChainIsTheProviderAndThenTheFallback(@Nullable String provider, @Nullable String fallback, String chain) {
		ApplicationContextRunner runner = threeProviders();
		if (provider != null) {
			runner = runner.withPropertyValues("deepseek.provider=" + provider);
		}
		if (fallback != null) {
			runner = runner.withPropertyValues("deepseek.fallback=" + fallback);
		}
		runner.run((context) -> assertThat(chain(context)).containsExactly(chain.split(",")));
	}

	@Test
	void aProviderWithoutAKeyIsLeftOutWithOneWarning(CapturedOutput output) {
		this.runner
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.fallback=siliconflow,deepseek,alayanew",
					"deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.siliconflow.api-key=${SILICONFLOW_KEY_THAT_NOBODY_SET}",
					"deepseek.providers.alayanew.api-key=test-key")
			.run((context) -> {
				assertThat(warnings(output)).singleElement()
					.asString()
					.contains("Provider 'siliconflow' has no key and is left out; set"
							+ " deepseek.providers.siliconflow.api-key");
				assertThat(chain(context)).containsExactly("deepseek", "alayanew");
				assertThat(providers(context)).containsOnlyKeys("deepseek", "alayanew");
			});
	}

	@ParameterizedTest
	@CsvSource({ "deepseek.providers.deepseek.models.old=deepseek-chat, deepseek-chat, chat",
			"deepseek.providers.deepseek.models.old=deepseek-reasoner, deepseek-reasoner, reasoner",
			"deepseek.chat.model=deepseek-chat, deepseek-chat, chat" })
	void warnsOfModelsThatAreAnnouncedAsRetired(String property, String model, String successor,
			CapturedOutput output) {
		deepseek().withPropertyValues(property).run((context) -> {
			template(context).complete(request("deepseek-chat").build());
			assertThat(body(sent(host)).get("model")).isEqualTo(json("\"deepseek-chat\""));
		});
		assertThat(warnings(output)).singleElement()
			.asString()
			.contains("Model '" + model + "' of provider 'deepseek' is announced as retired; use the logical name '"
					+ successor + "'");
	}

	@Test
	void warnsOfNothingElse(CapturedOutput output) {
		threeProviders()
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.fallback=siliconflow,alayanew",
					"deepseek.chat.model=chat")
			.run((context) -> template(context).complete("Hi"));
		assertThat(output.getAll()).doesNotContain("WARN").doesNotContain("test-key");
	}

	@Test
	void canBeSwitchedOff() {
		this.runner.withPropertyValues("deepseek.enabled=false", "deepseek.provider=nobody")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ChatCompletionOperations.class)
				.doesNotHaveBean(ChatCompletionClient.class)
				.doesNotHaveBean(DeepSeekProperties.class));
	}

	@Test
	void backsOffFromAClientOfTheApplication() {
		this.runner.withUserConfiguration(OwnClient.class)
			.withPropertyValues("deepseek.chat.model=mine")
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(ChatCompletionClient.class)
					.doesNotHaveBean(RoutingClient.class)
					.doesNotHaveBean(ProviderConnections.class)
					.doesNotHaveBean(DeepSeekConnectionDetails.class);
				template(context).completeAsync("Hi").block(PATIENCE);
				assertThat(context.getBean(OwnClient.class).requests).singleElement()
					.satisfies((request) -> assertThat(request.model()).isEqualTo("mine"));
			});
	}

	@Test
	void backsOffFromATemplateOfTheApplication() {
		this.runner
			.withBean("mine", ChatCompletionTemplate.class,
					() -> new ChatCompletionTemplate(new OwnClient().ownChatCompletionClient()))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ChatCompletionTemplate.class)
				.hasBean("mine")
				.doesNotHaveBean(ChatCompletionClient.class));
	}

	@Test
	void backsOffFromOperationsOfTheApplication() {
		this.runner
			.withBean("mine", ChatCompletionOperations.class,
					() -> new ChatCompletionTemplate(new OwnClient().ownChatCompletionClient()))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ChatCompletionOperations.class)
				.hasBean("mine")
				.doesNotHaveBean(ChatCompletionClient.class));
	}

	@Test
	void templatesOfTheApplicationStandBesideIt() {
		deepseek().withUserConfiguration(SeveralTemplates.class).run((context) -> {
			assertThat(context).hasNotFailed()
				.hasBean("chatCompletionTemplate")
				.hasBean("cheap")
				.hasBean("second")
				.hasSingleBean(RoutingClient.class);
			assertThat(context.getBean(ChatCompletionOperations.class))
				.isSameAs(context.getBean("chatCompletionTemplate"))
				.isSameAs(context.getBean(ChatCompletionTemplate.class));
			assertThat(context.getBean("cheap", ChatCompletionOperations.class).complete("Hi").content())
				.isEqualTo("the host");
			assertThat(context.getBean("second", ChatCompletionTemplate.class).complete("Hi").content())
				.isEqualTo("the host");
		});
	}

	@Test
	void aPrimaryTemplateOfTheApplicationIsTheOneThatIsInjected() {
		deepseek().withUserConfiguration(PrimaryOperations.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.getBean(ChatCompletionOperations.class)
				.isSameAs(context.getBean("cheap"))
				.isNotSameAs(context.getBean("chatCompletionTemplate")));
	}

	@Test
	void aTemplateOfTheSameNameTakesThePlaceOfTheAutoConfigured() {
		deepseek()
			.withBean("chatCompletionTemplate", ChatCompletionTemplate.class,
					() -> new ChatCompletionTemplate(new OwnClient().ownChatCompletionClient()))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(ChatCompletionTemplate.class));
	}

	@Test
	void connectionDetailsTakeThePlaceOfPropertiesAndAddProviders() {
		DeepSeekConnectionDetails details = () -> Map.of("deepseek",
				new Connection(host.baseUrl() + "/details", "test-key-of-details"), "added",
				new Connection(otherHost.baseUrl() + "/added", null), "siliconflow",
				new Connection(null, "test-key-of-siliconflow"));
		this.runner.withBean(DeepSeekConnectionDetails.class, () -> details)
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.fallback=added",
					"deepseek.providers.deepseek.base-url=http://unused.example.com",
					"deepseek.providers.deepseek.api-key=unused-key",
					"deepseek.providers.deepseek.models.mine=my-model",
					"deepseek.providers.lab.base-url=" + host.baseUrl() + "/lab",
					"deepseek.providers.lab.api-key=test-key-of-lab")
			.run((context) -> {
				assertThat(context).doesNotHaveBean(PropertiesDeepSeekConnectionDetails.class);
				assertThat(chain(context)).containsExactly("deepseek", "added");
				assertThat(providers(context)).containsOnlyKeys("deepseek", "added", "siliconflow", "lab");
				assertThat(provider(context, "siliconflow").baseUrl()).isEqualTo("https://api.siliconflow.cn/v1");
				template(context).complete(request("mine").build());
				LoggedRequest request = sent(host);
				assertThat(request.getUrl()).isEqualTo("/details/chat/completions");
				assertThat(request.getHeader("Authorization")).isEqualTo("Bearer test-key-of-details");
				assertThat(body(request).get("model")).isEqualTo(json("\"my-model\""));
				template(context).withProvider("added").complete(request("some-model").build());
				assertThat(sent(otherHost).getUrl()).isEqualTo("/added/chat/completions");
				host.resetRequests();
				template(context).withProvider("lab").complete(request("some-model").build());
				assertThat(sent(host).getHeader("Authorization")).isEqualTo("Bearer test-key-of-lab");
			});
	}

	@Test
	void connectionDetailsDoNotShowTheirKeys() {
		assertThat(new Connection("https://api.example.com", "test-key")).asString().doesNotContain("test-key");
		this.runner.withPropertyValues("deepseek.providers.deepseek.api-key=test-key")
			.run((context) -> assertThat(context.getBean(DeepSeekProperties.class)).asString()
				.doesNotContain("test-key"));
	}

	@Test
	void environmentVariablesConfigureAProvider() {
		this.runner
			.withInitializer(environment(Map.of("DEEPSEEK_PROVIDERS_DEEPSEEK_APIKEY", "test-key",
					"DEEPSEEK_PROVIDERS_DEEPSEEK_BASEURL", host.baseUrl(), "DEEPSEEK_PROVIDERS_DEEPSEEK_MODELS_CHAT",
					"my-model", "DEEPSEEK_PROVIDERS_DEEPSEEK_TIMEOUT_IDLEBYTES", "7s", "DEEPSEEK_CHAT_MAXTOKENS", "7")))
			.run(this::answersAsTheEnvironmentSays);
		host.resetRequests();
		this.runner
			.withInitializer(environment(
					Map.of("DEEPSEEK_PROVIDERS_DEEPSEEK_API_KEY", "test-key", "DEEPSEEK_PROVIDERS_DEEPSEEK_BASE_URL",
							host.baseUrl(), "DEEPSEEK_PROVIDERS_DEEPSEEK_MODELS_CHAT", "my-model",
							"DEEPSEEK_PROVIDERS_DEEPSEEK_TIMEOUT_IDLE_BYTES", "7s", "DEEPSEEK_CHAT_MAX_TOKENS", "7")))
			.run(this::answersAsTheEnvironmentSays);
	}

	private void answersAsTheEnvironmentSays(AssertableApplicationContext context) {
		template(context).complete("Hi");
		LoggedRequest request = sent(host);
		assertThat(request.getHeader("Authorization")).isEqualTo("Bearer test-key");
		assertThat(body(request).get("model")).isEqualTo(json("\"my-model\""));
		assertThat(body(request).get("max_tokens")).isEqualTo(json("7"));
		assertThat(provider(context, "deepseek").timeouts().idleBytes()).isEqualTo(Duration.ofSeconds(7));
	}

	@Test
	void anEnvironmentVariableOverridesAFile() {
		lab("api-key: test-key-of-file")
			.withInitializer(environment(Map.of("DEEPSEEK_PROVIDERS_LAB_APIKEY", "test-key-of-environment")))
			.run((context) -> {
				assertThat(providers(context)).containsOnlyKeys("lab");
				template(context).complete(request("m").build());
				assertThat(sent(host).getHeader("Authorization")).isEqualTo("Bearer test-key-of-environment");
			});
	}

	@Test
	void theApplicationsJacksonSettingsDoNotChangeTheWire() {
		deepseek().withConfiguration(AutoConfigurations.of(JacksonAutoConfiguration.class))
			.withPropertyValues("spring.jackson.property-naming-strategy=KEBAB_CASE",
					"spring.jackson.default-property-inclusion=always",
					"spring.jackson.serialization.indent-output=true",
					"spring.jackson.deserialization.fail-on-unknown-properties=true",
					"deepseek.providers.deepseek.extra.a_b.c_d=e")
			.run((context) -> {
				ChatCompletion completion = template(context)
					.complete(request("reasoner").maxTokens(5).extra("given", Map.of("x_y", 1)).build());
				assertThat(completion.content()).isEqualTo("the host");
				assertThat(sent(host).getBodyAsString()).doesNotContain("\n");
				assertThat(body(sent(host))).isEqualTo(
						json("""
								{"model": "deepseek-flash", "messages": [{"role": "user", "content": "Hi"}], "stream": false,
								"max_tokens": 5, "thinking": {"type": "enabled"}, "given": {"x_y": 1}, "a_b": {"c_d": "e"}}"""));
			});
	}

	@Test
	void doesNotChangeTheApplicationsWebClientBuilder() {
		WebClient.Builder builder = WebClient.builder().defaultHeader("X-App", "app");
		threeProviders().withBean(WebClient.Builder.class, () -> builder)
			.withPropertyValues("deepseek.provider=deepseek",
					"deepseek.providers.deepseek.headers.X-Secret=test-secret")
			.run((context) -> {
				template(context).complete("Hi");
				assertThat(sent(host).getHeader("X-App")).isEqualTo("app");
				assertThat(sent(host).getHeader("X-Secret")).isEqualTo("test-secret");
				builder.build().post().uri(otherHost.baseUrl() + "/app").retrieve().toBodilessEntity().block(PATIENCE);
				LoggedRequest request = sent(otherHost);
				assertThat(request.getHeader("X-App")).isEqualTo("app");
				assertThat(request.containsHeader("X-Secret")).isFalse();
				assertThat(request.containsHeader("Authorization")).isFalse();
			});
	}

	@Test
	void honoursCustomizersOfTheWebClient() {
		List<String> asked = new ArrayList<>();
		WebClientCustomizer customizer = (builder) -> builder.defaultHeader("X-Customized", "yes")
			.filter((request, next) -> {
				asked.add(request.url().getPath());
				return next.exchange(request);
			});
		deepseek().withBean(WebClientCustomizer.class, () -> customizer).run((context) -> {
			template(context).complete("Hi");
			assertThat(sent(host).getHeader("X-Customized")).isEqualTo("yes");
			assertThat(asked).containsExactly("/chat/completions");
		});
	}

	@Test
	void startsBesideSeveralWebClientBuilders() {
		deepseek().withBean("one", WebClient.Builder.class, () -> WebClient.builder().defaultHeader("X-App", "one"))
			.withBean("two", WebClient.Builder.class, () -> WebClient.builder().defaultHeader("X-App", "two"))
			.run((context) -> {
				template(context).complete("Hi");
				assertThat(sent(host).containsHeader("X-App")).isFalse();
			});
	}

	@Test
	void providersShareNeitherAddressesNorKeysNorHeaders() {
		this.runner
			.withPropertyValues("deepseek.provider=one", "deepseek.providers.one.base-url=" + host.baseUrl() + "/one",
					"deepseek.providers.one.api-key=test-key-of-one", "deepseek.providers.one.headers.X-One=1",
					"deepseek.providers.one.extra.one=1",
					"deepseek.providers.two.base-url=" + otherHost.baseUrl() + "/two",
					"deepseek.providers.two.headers.X-Two=2", "deepseek.providers.two.extra.two=2")
			.run((context) -> {
				for (int i = 0; i < 3; i++) {
					template(context).withProvider("one").complete(request("m").build());
					template(context).withProvider("two").complete(request("m").build());
				}
				assertThat(host.findAll(anyRequestedFor(anyUrl()))).hasSize(3).allSatisfy((request) -> {
					assertThat(request.getUrl()).startsWith("/one/");
					assertThat(request.getHeader("Authorization")).isEqualTo("Bearer test-key-of-one");
					assertThat(request.getHeader("X-One")).isEqualTo("1");
					assertThat(request.containsHeader("X-Two")).isFalse();
					assertThat(body(request).has("two")).isFalse();
				});
				assertThat(otherHost.findAll(anyRequestedFor(anyUrl()))).hasSize(3).allSatisfy((request) -> {
					assertThat(request.getUrl()).startsWith("/two/");
					assertThat(request.containsHeader("Authorization")).isFalse();
					assertThat(request.getHeader("X-Two")).isEqualTo("2");
					assertThat(request.containsHeader("X-One")).isFalse();
					assertThat(body(request).has("one")).isFalse();
				});
			});
	}

	@Test
	void goesThroughAProxy() {
		host.stubFor(answer("through the proxy"));
		this.runner
			.withPropertyValues("deepseek.providers.lab.base-url=http://nowhere.invalid/v1",
					"deepseek.providers.lab.proxy=http://user:secret@localhost:" + host.getPort())
			.run((context) -> {
				assertThat(provider(context, "lab").baseUrl()).isEqualTo("http://nowhere.invalid/v1");
				template(context).complete(request("m").build());
				assertThat(sent(host).getAbsoluteUrl()).contains("nowhere.invalid");
			});
	}

	@Test
	void usesAnSslBundle() {
		this.runner
			.withPropertyValues("spring.ssl.bundle.jks.lab.options.enabled-protocols=TLSv1.3",
					"deepseek.providers.lab.base-url=https://localhost:1", "deepseek.providers.lab.ssl.bundle=lab")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void clocksOfAProviderStandBeforeTheCommonOnes() {
		this.runner
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.timeout.connect=1s",
					"deepseek.timeout.first-token=30s", "deepseek.timeout.finish-grace=4s", "deepseek.timeout.total=2m",
					"deepseek.providers.deepseek.api-key=test-key", "deepseek.providers.siliconflow.api-key=test-key",
					"deepseek.providers.siliconflow.timeout.first-token=40s",
					"deepseek.providers.siliconflow.timeout.tls=3s")
			.run((context) -> {
				ProviderTimeouts defaults = ProviderTimeouts.DEFAULTS;
				assertThat(provider(context, "deepseek").timeouts()).isEqualTo(ProviderTimeouts.builder()
					.connect(Duration.ofSeconds(1))
					.tls(defaults.tls())
					.acquire(defaults.acquire())
					.idleBytes(defaults.idleBytes())
					.firstToken(Duration.ofSeconds(30))
					.idleTokens(defaults.idleTokens())
					.finishGrace(Duration.ofSeconds(4))
					.total(Duration.ofMinutes(2))
					.build());
				assertThat(provider(context, "siliconflow").timeouts()).isEqualTo(ProviderTimeouts.builder()
					.connect(Duration.ofSeconds(1))
					.tls(Duration.ofSeconds(3))
					.acquire(defaults.acquire())
					.idleBytes(defaults.idleBytes())
					.firstToken(Duration.ofSeconds(40))
					.idleTokens(defaults.idleTokens())
					.finishGrace(Duration.ofSeconds(4))
					.total(Duration.ofMinutes(2))
					.build());
			});
	}

	@Test
	void connectionsAreLimitedApartFromTheCallsOfOneKey() {
		this.runner
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.limit.max-concurrent=7",
					"deepseek.providers.deepseek.api-key=test-key", "deepseek.providers.siliconflow.api-key=test-key",
					"deepseek.providers.siliconflow.limit.max-connections=9",
					"deepseek.providers.siliconflow.limit.max-tool-calls=3")
			.run((context) -> {
				ProvidersFactory factory = context.getBean(ProvidersFactory.class);
				// one key alone cannot take all of them
				assertThat(factory.maxConnections("deepseek")).isEqualTo(14);
				assertThat(factory.maxConnections("siliconflow")).isEqualTo(9);
				assertThat(factory.maxToolCalls("deepseek")).isEqualTo(128);
				assertThat(factory.maxToolCalls("siliconflow")).isEqualTo(3);
			});
	}

	@Test
	void runsOnTheApplicationsEventLoops() {
		LoopResources loops = LoopResources.create("my-loops", 1, true);
		List<String> threads = new ArrayList<>();
		ReactorResourceFactory resources = new ReactorResourceFactory();
		resources.setUseGlobalResources(false);
		resources.setLoopResources(loops);
		deepseek().withBean(ReactorResourceFactory.class, () -> resources).run((context) -> {
			template(context).completeAsync("Hi")
				.doOnNext((completion) -> threads.add(Thread.currentThread().getName()))
				.block(PATIENCE);
			assertThat(threads).singleElement().asString().startsWith("my-loops");
		});
		loops.dispose();
	}

	@Test
	void startsNoCallWhileTheContextIsStoppedAndContinuesWhenItIsStartedAgain() {
		deepseek().run((context) -> {
			ConfigurableApplicationContext source = (ConfigurableApplicationContext) context
				.getSourceApplicationContext();
			source.stop();
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> template(context).complete("Hi"))
				.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.CANCELLED));
			source.start();
			assertThat(template(context).complete("Hi").content()).isNotEmpty();
		});
	}

	@Test
	void closesItsPoolsWithTheContext() {
		List<ProviderConnections> connections = new ArrayList<>();
		deepseek().run((context) -> {
			template(context).complete("Hi");
			connections.add(context.getBean(ProviderConnections.class));
		});
		assertThat(connections).singleElement()
			.extracting("connections.pools")
			.asInstanceOf(InstanceOfAssertFactories.list(ConnectionProvider.class))
			.isNotEmpty()
			.allMatch((pool) -> pool.isDisposed());
	}

	@Test
	void isOffWithoutWebClient() {
		this.runner.withClassLoader(new FilteredClassLoader(WebClient.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ChatCompletionTemplate.class));
	}

	@Test
	void isOffWithoutReactorNetty() {
		this.runner.withClassLoader(new FilteredClassLoader(HttpClient.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ChatCompletionTemplate.class));
	}

	@Test
	void worksWithoutBootsWebClientAndSslConfigurations() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class))
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl())
			.run((context) -> assertThat(template(context).complete("Hi").content()).isEqualTo("the host"));
	}

	@Test
	void canBeProcessedAheadOfTime() {
		InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
		this.runner.withPropertyValues("deepseek.providers.deepseek.api-key=test-key").prepare((context) -> {
			DefaultGenerationContext generation = new DefaultGenerationContext(
					new ClassNameGenerator(ClassName.get(DeepSeekAutoConfigurationTests.class)), files);
			new ApplicationContextAotGenerator()
				.processAheadOfTime((GenericApplicationContext) context.getSourceApplicationContext(), generation);
			generation.writeGeneratedContent();
		});
		assertThat(files.getGeneratedFiles(GeneratedFiles.Kind.SOURCE).keySet())
			.anyMatch((file) -> file.contains("DeepSeekAutoConfiguration__"));
	}

	private ApplicationContextRunner deepseek() {
		return this.runner.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
				"deepseek.providers.deepseek.base-url=" + host.baseUrl());
	}

	private ApplicationContextRunner threeProviders() {
		return this.runner
			.withPropertyValues(
					List.of("deepseek", "siliconflow", "alayanew")
						.stream()
						.flatMap(
								(id) -> List
									.of("deepseek.providers." + id + ".api-key=test-key-of-" + id,
											"deepseek.providers." + id + ".base-url=" + host.baseUrl() + "/" + id
													+ "/v1")
									.stream())
						.toArray(String[]::new));
	}

	private ApplicationContextRunner lab(String yaml) {
		String text = "deepseek.providers.lab:\n  base-url: " + host.baseUrl() + "\n" + yaml.indent(2);
		return this.runner.withInitializer((context) -> {
			try {
				new YamlPropertySourceLoader().load("lab", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)))
					.forEach((source) -> context.getEnvironment().getPropertySources().addLast(source));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> environment(
			Map<String, Object> variables) {
		return (context) -> context.getEnvironment()
			.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
	}

	private static ChatRequest.Builder request(String model) {
		return ChatRequest.builder().user("Hi").model(model);
	}

	private static ChatCompletionTemplate template(AssertableApplicationContext context) {
		return context.getBean(ChatCompletionTemplate.class);
	}

	private static List<String> chain(AssertableApplicationContext context) {
		return context.getBean(ConfiguredProviders.class).chain().providers();
	}

	private static Map<String, Provider> providers(AssertableApplicationContext context) {
		return context.getBean(ConfiguredProviders.class).providers();
	}

	private static Provider provider(AssertableApplicationContext context, String id) {
		return Objects.requireNonNull(providers(context).get(id));
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getAll().lines().filter((line) -> line.contains("WARN")).toList();
	}

	private static LoggedRequest sent(WireMockExtension host) {
		List<LoggedRequest> requests = host.findAll(anyRequestedFor(anyUrl()));
		assertThat(requests).hasSize(1);
		return requests.get(0);
	}

	private static JsonNode body(LoggedRequest request) {
		return json(request.getBodyAsString());
	}

	private static JsonNode json(String json) {
		return JSON.readTree(json);
	}

	@Configuration(proxyBeanMethods = false)
	static class SeveralTemplates {

		@Bean
		ChatCompletionOperations cheap(ChatCompletionTemplate chat) {
			return chat.withProvider("deepseek");
		}

		@Bean
		ChatCompletionTemplate second(ChatCompletionClient client) {
			return ChatCompletionTemplate.builder(client).defaults((request) -> request.temperature(0.0)).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryOperations {

		@Bean
		@Primary
		ChatCompletionOperations cheap(@Qualifier("chatCompletionTemplate") ChatCompletionTemplate chat) {
			return chat.withProvider("deepseek");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnClient {

		final List<ChatRequest> requests = new ArrayList<>();

		@Bean
		ChatCompletionClient ownChatCompletionClient() {
			return new ChatCompletionClient() {

				@Override
				public Mono<ChatCompletion> complete(ChatRequest request) {
					OwnClient.this.requests.add(request);
					return Mono.empty();
				}

				@Override
				public Flux<ChatDelta> stream(ChatRequest request) {
					return Flux.empty();
				}

			};
		}

	}

}
