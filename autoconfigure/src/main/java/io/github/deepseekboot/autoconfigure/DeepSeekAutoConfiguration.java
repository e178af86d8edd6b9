package io.github.deepseekboot.autoconfigure;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import jakarta.validation.Validator;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.util.StringUtils;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.conversation.Conversations;
import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.hook.ApiKeyResolver;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;
import io.github.deepseekboot.hook.ChatRequestCustomizer;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.hook.TokenEstimator;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.routing.CallDecorators;
import io.github.deepseekboot.routing.ProviderQuotas;
import io.github.deepseekboot.routing.ProviderSwitch;
import io.github.deepseekboot.routing.RateBuckets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.routing.RoutingLog;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.structured.BeanAnswerValidator;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.ProviderConnections;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Auto-configuration for a {@link ChatCompletionTemplate} that talks to the providers
 * under {@code deepseek.providers}.
 */
@AutoConfiguration(after = { WebClientAutoConfiguration.class, SslAutoConfiguration.class })
@ConditionalOnClass({ WebClient.class, HttpClient.class })
@ConditionalOnBooleanProperty(name = "deepseek.enabled", matchIfMissing = true)
@EnableConfigurationProperties(DeepSeekProperties.class)
@ImportRuntimeHints(DeepSeekRuntimeHints.class)
public final class DeepSeekAutoConfiguration {

	static final String TEMPLATE = "chatCompletionTemplate";

	@Bean
	static PropertyNamesCheck deepSeekPropertyNamesCheck(Environment environment) {
		return new PropertyNamesCheck(environment);
	}

	@Bean
	static PrimaryTemplatePostProcessor deepSeekPrimaryTemplatePostProcessor() {
		return new PrimaryTemplatePostProcessor();
	}

	// templates of the application stand beside it; one of its name takes its place
	@Bean(TEMPLATE)
	@ConditionalOnBean(ChatCompletionClient.class)
	@ConditionalOnMissingBean(name = TEMPLATE)
	ChatCompletionTemplate chatCompletionTemplate(ChatCompletionClient client, DeepSeekProperties properties,
			ObjectProvider<ChatRequestCustomizer> customizers, Conversations conversations,
			ObjectProvider<JsonMapper> mapper, JsonSchemaGenerator schemaGenerator,
			ObjectProvider<AnswerValidator> validator) {
		return ChatCompletionTemplate.builder(client)
			.defaults(new ChatDefaults(properties.chat()))
			.customizers(customizers.orderedStream().toList())
			.conversations(conversations)
			.jsonMapper(mapper.getIfUnique(JsonMapper::shared))
			.schemaGenerator(schemaGenerator)
			.answerValidator(validator.getIfUnique(() -> AnswerValidator.NONE))
			.build();
	}

	@Bean
	@ConditionalOnMissingBean
	Conversations deepSeekConversations(DeepSeekProperties properties, ObjectProvider<ConversationStore> store,
			ObjectProvider<TokenEstimator> estimator) {
		ConversationSettings settings = new ConversationSettings(properties.conversation());
		return Conversations.builder()
			.store(store.getIfAvailable(settings::store))
			.window(settings.window(estimator.getIfAvailable(() -> TokenEstimator.BY_CHARACTERS)))
			.maxWait(settings.maxWait())
			.turnLease(settings.turnLease())
			.scheduler(TransportClock.system().scheduler())
			.build();
	}

	@Bean
	@ConditionalOnMissingBean
	JsonSchemaGenerator deepSeekJsonSchemaGenerator(ObjectProvider<JsonMapper> mapper) {
		return JsonSchemaGenerator.create(mapper.getIfUnique(JsonMapper::shared));
	}

	/**
	 * Checks typed answers with Bean Validation.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Validator.class)
	static class ValidationConfiguration {

		@Bean
		@ConditionalOnMissingBean
		AnswerValidator deepSeekAnswerValidator(ObjectProvider<Validator> validator) {
			Validator unique = validator.getIfUnique();
			return (unique != null) ? new BeanAnswerValidator(unique) : AnswerValidator.NONE;
		}

	}

	/**
	 * The client that asks the configured providers, unless the application has its own.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(ChatCompletionClient.class)
	@Conditional(OnProvidersCondition.class)
	static class RoutingConfiguration {

		private static final Duration MAX_DRAIN = Duration.ofDays(24);

		@Bean
		@ConditionalOnMissingBean(DeepSeekConnectionDetails.class)
		PropertiesDeepSeekConnectionDetails deepSeekConnectionDetails(DeepSeekProperties properties,
				Environment environment) {
			return new PropertiesDeepSeekConnectionDetails(properties,
					environment.getProperty(PropertiesDeepSeekConnectionDetails.API_KEY));
		}

		@Bean
		ProviderConnections deepSeekProviderConnections(ObjectProvider<WebClient.Builder> webClientBuilder,
				ObjectProvider<WebClientCustomizer> customizers, ObjectProvider<ReactorResourceFactory> resources,
				ObjectProvider<ChatAttemptInterceptor> interceptors) {
			ReactorResourceFactory factory = resources.getIfAvailable();
			// of several builders none is ours to choose: one may be load-balanced
			return new ProviderConnections(webClientBuilder.getIfUnique(() -> builder(customizers)),
					(factory != null) ? factory.getLoopResources() : null, interceptors.orderedStream().toList());
		}

		private static WebClient.Builder builder(ObjectProvider<WebClientCustomizer> customizers) {
			WebClient.Builder builder = WebClient.builder();
			customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
			return builder;
		}

		@Bean
		ProvidersFactory deepSeekProvidersFactory(DeepSeekProperties properties,
				ObjectProvider<DeepSeekConnectionDetails> connectionDetails,
				ObjectProvider<ApiKeyResolver> apiKeyResolver) {
			return new ProvidersFactory(properties, connectionDetails.orderedStream().toList(),
					apiKeyResolver.getIfAvailable() != null);
		}

		@Bean
		ConfiguredProviders deepSeekProviders(ProvidersFactory factory) {
			return factory.create();
		}

		@Bean
		ContextPropagationNotice deepSeekContextPropagationNotice(ObjectProvider<ApiKeyResolver> resolver,
				ObjectProvider<ChatAttemptInterceptor> interceptors, Environment environment) {
			return new ContextPropagationNotice(
					Stream.concat(resolver.stream(), interceptors.orderedStream()).map(Object.class::cast).toList(),
					environment);
		}

		@Bean
		RoutingLog deepSeekRoutingLog() {
			return new RoutingLog();
		}

		@Bean
		RoutingEventPublisher deepSeekRoutingEventPublisher(ApplicationEventPublisher publisher) {
			return new RoutingEventPublisher(publisher);
		}

		@Bean
		RoutingClient chatCompletionClient(ConfiguredProviders configured, ProvidersFactory factory,
				ProviderConnections connections, ObjectProvider<SslBundles> sslBundles,
				ObjectProvider<RoutingListener> listeners, ObjectProvider<CallDecorator> decorators,
				ObjectProvider<ProviderQuota> quota, ObjectProvider<ApiKeyResolver> apiKeyResolver, RateSettings rates,
				ObjectProvider<InstantSource> instants) {
			List<ProviderClient> clients = new ArrayList<>();
			for (Provider provider : configured.providers().values()) {
				clients.add(connections.client(provider, new ProviderConnections.Settings(
						factory.maxConnections(provider.id()), factory.maxToolCalls(provider.id()),
						sslBundle(provider, factory, sslBundles.getIfAvailable()), factory.proxy(provider.id()))));
			}
			return RoutingClient.builder(clients, configured.chain())
				.settings(configured.routing())
				.listeners(listeners.orderedStream().toList())
				.decorator(CallDecorators.of(decorators.orderedStream().toList()))
				.quota(quota.getIfAvailable())
				.rates(rates.buckets(configured), rates::tokens)
				.apiKeyResolver(apiKeyResolver.getIfAvailable())
				.instants(instants.getIfUnique(InstantSource::system))
				.build();
		}

		@Bean
		RateSettings deepSeekRates(ObjectProvider<RateBuckets> buckets, ObjectProvider<TokenEstimator> estimator,
				DeepSeekProperties properties, BeanFactory beans) {
			if (properties.shared().enabled() && !beans.containsBean("deepSeekSharedRedis")) {
				throw new InvalidDeepSeekConfigurationException("deepseek.shared.enabled",
						"sharing needs Spring Data Redis on the class path and a ReactiveRedisConnectionFactory",
						"Add the dependency org.springframework.boot:spring-boot-starter-data-redis and set spring.data.redis.*"
								+ ", or leave the property out.");
			}
			return new RateSettings(buckets.getIfAvailable(),
					estimator.getIfAvailable(() -> TokenEstimator.BY_CHARACTERS), properties.shared().enabled());
		}

		@Bean
		@ConditionalOnMissingBean(CallLimiterFactory.class)
		QuotaCallLimiterFactory deepSeekCallLimiterFactory(RateSettings rates) {
			return new QuotaCallLimiterFactory(rates,
					(limits) -> ProviderQuotas.create(null, null, limits, rates::tokens, TransportClock.system()));
		}

		@Bean
		ProviderSwitch deepSeekProviderSwitch(RoutingClient client) {
			return client.providerSwitch();
		}

		@Bean
		RoutingLifecycle deepSeekRoutingLifecycle(RoutingClient client, DeepSeekProperties properties) {
			Duration drain = properties.shutdown().drain();
			if (drain.isNegative() || drain.compareTo(MAX_DRAIN) > 0) {
				throw InvalidDeepSeekConfigurationException.outOfRange("deepseek.shutdown.drain", drain,
						"Write a time from 0s to 24d, like 10s");
			}
			return new RoutingLifecycle(client, drain);
		}

		private static @Nullable SslBundle sslBundle(Provider provider, ProvidersFactory factory,
				@Nullable SslBundles bundles) {
			String name = factory.properties(provider.id()).ssl().bundle();
			if (!StringUtils.hasText(name)) {
				return null;
			}
			String property = "deepseek.providers." + provider.id() + ".ssl.bundle";
			try {
				if (bundles != null) {
					return bundles.getBundle(name);
				}
			}
			catch (NoSuchSslBundleException ex) {
				// said below
			}
			throw new InvalidDeepSeekConfigurationException(property, "there is no SSL bundle '" + name + "'",
					"Define it under spring.ssl.bundle, or leave the property out.");
		}

	}

}
