package io.github.deepseekboot.autoconfigure;

import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.jdbc.core.JdbcTemplate;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.conversation.Conversations;
import io.github.deepseekboot.conversation.InMemoryConversationStore;
import io.github.deepseekboot.hook.ConversationEncryption;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.jdbc.ConversationSweep;
import io.github.deepseekboot.jdbc.JdbcConversationStore;
import io.github.deepseekboot.redis.RedisConversationStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeepSeekJdbcConversationAutoConfiguration} and
 * {@link DeepSeekRedisConversationAutoConfiguration}.
 */
class ConversationStoreAutoConfigurationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class,
				DeepSeekJdbcConversationAutoConfiguration.class, DeepSeekRedisConversationAutoConfiguration.class,
				DataRedisAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
				"spring.datasource.generate-unique-name=true");

	@Test
	void conversationsStayInMemoryUnlessAPropertySaysSo() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(Conversations.class)
			.doesNotHaveBean(ConversationStore.class)
			.doesNotHaveBean(ConversationSweep.class));
	}

	@Test
	void conversationsInADatabase() {
		this.runner.withPropertyValues("deepseek.conversation.store=jdbc").run((context) -> {
			assertThat(context).hasSingleBean(JdbcConversationStore.class).hasSingleBean(ConversationSweep.class);
			assertThat(context.getBean(ConversationSweep.class).isRunning()).isTrue();
			// the tables of an embedded database are there
			ConversationStore store = context.getBean(ConversationStore.class);
			assertThat(store.append("id", 0, List.of(ChatMessage.user("hi"))).block(PATIENCE)).isTrue();
			assertThat(store.load("id").block(PATIENCE).messages()).hasSize(1);
		});
	}

	@Test
	void tablesAreNotCreatedWhereTheyAreNotAskedFor() {
		this.runner
			.withPropertyValues("deepseek.conversation.store=jdbc",
					"deepseek.conversation.jdbc.initialize-schema=never")
			.run((context) -> {
				assertThat(context).hasSingleBean(JdbcConversationStore.class);
				assertThat(new JdbcTemplate(context.getBean(DataSource.class))
					.queryForList("SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME LIKE 'DEEPSEEK%'"))
					.isEmpty();
			});
	}

	@Test
	void conversationsInRedis() {
		this.runner.withPropertyValues("deepseek.conversation.store=redis")
			.run((context) -> assertThat(context).hasSingleBean(RedisConversationStore.class)
				.doesNotHaveBean(JdbcConversationStore.class));
	}

	@Test
	void anEncryptionOfTheApplicationIsUsed() {
		this.runner.withUserConfiguration(Encryption.class)
			.withPropertyValues("deepseek.conversation.store=jdbc")
			.run((context) -> {
				ConversationStore store = context.getBean(ConversationStore.class);
				store.append("id", 0, List.of(ChatMessage.user("hi"))).block(PATIENCE);
				assertThat(new JdbcTemplate(context.getBean(DataSource.class))
					.queryForObject("SELECT PAYLOAD FROM DEEPSEEK_CONVERSATION_TURN", String.class))
					.isEqualTo("}]}\"ih\":\"tnetnoc\",\"resu\":\"elor\"{[:\"segassem\",1:\"v\"{");
				assertThat(store.load("id").block(PATIENCE).messages()).containsExactly(ChatMessage.user("hi"));
			});
	}

	@Test
	void aStoreOfTheApplicationTakesTheirPlace() {
		this.runner.withBean(ConversationStore.class, InMemoryConversationStore::new)
			.withPropertyValues("deepseek.conversation.store=jdbc")
			.run((context) -> assertThat(context).hasSingleBean(ConversationStore.class)
				.doesNotHaveBean(DataSourceScriptDatabaseInitializer.class));
	}

	@Test
	void whatIsMissingIsNamedAtTheStart() {
		this.runner.withClassLoader(new FilteredClassLoader(ReactiveStringRedisTemplate.class))
			.withPropertyValues("deepseek.conversation.store=redis")
			.run((context) -> assertRefused(context, "'redis' needs Spring Data Redis",
					"org.springframework.boot:spring-boot-starter-data-redis"));
		this.runner.withClassLoader(new FilteredClassLoader(JdbcTemplate.class))
			.withPropertyValues("deepseek.conversation.store=jdbc")
			.run((context) -> assertRefused(context, "'jdbc' needs Spring JDBC",
					"org.springframework.boot:spring-boot-starter-jdbc"));
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class,
					DeepSeekJdbcConversationAutoConfiguration.class))
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key", "deepseek.conversation.store=jdbc")
			.run((context) -> assertRefused(context, "and a DataSource", "spring.datasource.*"));
	}

	private static void assertRefused(AssertableApplicationContext context, String reason, String action) {
		assertThat(context).hasFailed();
		assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(InvalidDeepSeekConfigurationException.class)
			.rootCause()
			.hasMessageContaining("deepseek.conversation.store")
			.hasMessageContaining(reason);
		assertThat(((InvalidDeepSeekConfigurationException) rootCause(context.getStartupFailure())).getAction())
			.contains(action);
	}

	private static Throwable rootCause(Throwable failure) {
		return (failure.getCause() != null) ? rootCause(failure.getCause()) : failure;
	}

	@Test
	void withoutTheOptionalModulesNothingIsMissed() {
		this.runner
			.withClassLoader(new FilteredClassLoader("org.springframework.data.redis", "org.springframework.jdbc",
					"org.springframework.boot.jdbc", "org.springframework.boot.data.redis", "io.lettuce",
					"io.github.bucket4j"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(Conversations.class)
				.doesNotHaveBean(ReactiveRedisConnectionFactory.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Encryption {

		@Bean
		ConversationEncryption encryption() {
			return new ConversationEncryption() {

				@Override
				public String encrypt(String conversationId, String text) {
					return new StringBuilder(text).reverse().toString();
				}

				@Override
				public String decrypt(String conversationId, String stored) {
					return new StringBuilder(stored).reverse().toString();
				}

			};
		}

	}

}
