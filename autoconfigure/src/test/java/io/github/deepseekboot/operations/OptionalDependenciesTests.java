package io.github.deepseekboot.operations;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationTextPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.actuate.DeepSeekEndpoint;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekEndpointAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekHealthAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekMetricsAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekObservationAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.health.ProvidersHealthContributor;
import io.github.deepseekboot.observation.ChatAttemptContext;
import io.github.deepseekboot.observation.ChatAttemptObservationConvention;
import io.github.deepseekboot.observation.ChatCallContext;
import io.github.deepseekboot.observation.ChatCallObservationConvention;
import io.github.deepseekboot.observation.ChatMeters;
import io.github.deepseekboot.observation.ChatObservations;
import io.github.deepseekboot.observation.DefaultChatAttemptObservationConvention;
import io.github.deepseekboot.observation.DefaultChatCallObservationConvention;
import io.github.deepseekboot.observation.NoMeterObservationHandler;
import io.github.deepseekboot.observation.ProviderStateMeters;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests that chat works without what is optional, and that each part backs off alone.
 */
class OptionalDependenciesTests {

	private final ScriptedServer server = ScriptedServer.start();

	private final ScriptedProvider deepseek = this.server.addProvider("deepseek", "deepseek");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withUserConfiguration(Application.class)
		.withPropertyValues(RunningApplication.threeProviders("http://127.0.0.1:" + this.server.port(),
				"management.endpoints.web.exposure.include=deepseek"));

	private final ApplicationContextRunner all = this.runner
		.withBean("meterRegistry", MeterRegistry.class, SimpleMeterRegistry::new)
		.withBean("observationRegistry", ObservationRegistry.class, ObservationRegistry::create);

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void withAllOfThem() {
		this.all.run((context) -> {
			assertThat(context).hasSingleBean(ChatMeters.class)
				.hasSingleBean(ProviderStateMeters.class)
				.hasSingleBean(ChatObservations.class)
				.hasSingleBean(NoMeterObservationHandler.class)
				.hasSingleBean(ProvidersHealthContributor.class)
				.hasSingleBean(DeepSeekEndpoint.class)
				.hasSingleBean(SanitizingFunction.class);
			answers(context);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.health", "org.springframework.boot.actuate",
			"io.micrometer.core", "io.micrometer.tracing", "io.micrometer.context" })
	void withoutOneOfThem(String missing) {
		// a registry of what is missing cannot be there
		ApplicationContextRunner some = missing.equals("io.micrometer.core")
				? this.runner.withBean("observationRegistry", ObservationRegistry.class, ObservationRegistry::create)
				: this.all;
		some.withClassLoader(new FilteredClassLoader(missing)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.containsBean("deepseekHealthContributor"))
				.isEqualTo(!missing.equals("org.springframework.boot.health"));
			assertThat(context.containsBean("deepSeekEndpoint"))
				.isEqualTo(!missing.equals("org.springframework.boot.actuate"));
			assertThat(context.containsBean("deepSeekChatMeters")).isEqualTo(!missing.equals("io.micrometer.core"));
			assertThat(context.containsBean("deepSeekNoMeterObservationHandler"))
				.isEqualTo(!missing.equals("io.micrometer.core"));
			assertThat(context.containsBean("deepSeekChatObservations")).isTrue();
			answers(context);
		});
	}

	@Test
	void withoutAnyOfThem() {
		this.runner
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.health",
					"org.springframework.boot.actuate", "io.micrometer.core", "io.micrometer.tracing",
					"io.micrometer.context", "org.springframework.boot.micrometer"))
			.run((context) -> {
				assertThat(context).doesNotHaveBean(ChatObservations.class);
				assertThat(context.containsBean("deepSeekChatMeters")).isFalse();
				answers(context);
			});
	}

	@Test
	void withoutRegistries() {
		this.runner.run((context) -> {
			assertThat(context).doesNotHaveBean(ChatMeters.class)
				.doesNotHaveBean(MeterBinder.class)
				.doesNotHaveBean(ChatObservations.class);
			answers(context);
		});
	}

	@Test
	void healthCanBeSwitchedOff() {
		this.all.withPropertyValues("management.health.deepseek.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ReactiveHealthContributor.class));
		this.all.withPropertyValues("management.health.defaults.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ReactiveHealthContributor.class));
	}

	@Test
	void conventionsOfTheApplicationTakeTheDefaultsPlaces() {
		List<String> names = new CopyOnWriteArrayList<>();
		this.all.withBean(ChatCallObservationConvention.class, () -> new DefaultChatCallObservationConvention(0) {

			@Override
			public String getContextualName(ChatCallContext context) {
				return "our call";
			}

		}).withBean(ChatAttemptObservationConvention.class, () -> new DefaultChatAttemptObservationConvention() {

			@Override
			public String getContextualName(ChatAttemptContext context) {
				return "our attempt";
			}

		}).run((context) -> {
			context.getBean(ObservationRegistry.class)
				.observationConfig()
				.observationHandler(new ObservationTextPublisher(names::add));
			answers(context);
			assertThat(names).anyMatch((name) -> name.contains("contextualName='our call'"))
				.anyMatch((name) -> name.contains("contextualName='our attempt'"));
		});
	}

	@Test
	void anApplicationsOwnClientIsNotWatched() {
		this.all.withBean(ChatCompletionClient.class, () -> mock(ChatCompletionClient.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ChatMeters.class)
				.doesNotHaveBean(ChatObservations.class)
				.doesNotHaveBean(ProvidersHealthContributor.class)
				.doesNotHaveBean(DeepSeekEndpoint.class)
				.hasSingleBean(SanitizingFunction.class));
	}

	@Test
	void allIsOffWithTheStarter() {
		this.all.withPropertyValues("deepseek.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ChatMeters.class)
				.doesNotHaveBean(ProvidersHealthContributor.class)
				.doesNotHaveBean(DeepSeekEndpoint.class));
	}

	private void answers(AssertableApplicationContext context) {
		this.deepseek.answers("Hello there");
		assertThat(context.getBean(ChatCompletionTemplate.class).complete("Hi").content()).isEqualTo("Hello there");
	}

	// imports are read without loading them, so that a missing annotation is ignored as
	// it is without its jar
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class,
			DeepSeekEndpointAutoConfiguration.class, DeepSeekHealthAutoConfiguration.class,
			DeepSeekMetricsAutoConfiguration.class, DeepSeekObservationAutoConfiguration.class })
	static class Application {

	}

}
