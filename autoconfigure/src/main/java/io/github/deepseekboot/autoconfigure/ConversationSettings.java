package io.github.deepseekboot.autoconfigure;

import java.time.Duration;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Conversation;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Store;
import io.github.deepseekboot.conversation.ConversationWindow;
import io.github.deepseekboot.conversation.InMemoryConversationStore;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.TokenEstimator;

/**
 * Checks {@code deepseek.conversation.*}.
 */
final class ConversationSettings {

	// stores count in milliseconds, from now on
	private static final Duration MIN = Duration.ofMillis(1);

	private static final Duration MAX = Duration.ofDays(36_500);

	private final Conversation properties;

	ConversationSettings(Conversation properties) {
		this.properties = properties;
		check("max-tokens", properties.maxTokens());
		check("max-messages", (properties.maxMessages() != null) ? properties.maxMessages() : 1);
		check("max-conversations", properties.maxConversations());
		check("max-characters", properties.maxCharacters());
		checkDuration("max-wait", properties.maxWait());
		checkDuration("time-to-live", properties.timeToLive());
		checkDuration("turn-lease", properties.turnLease());
		checkDuration("jdbc.cleanup-interval", properties.jdbc().cleanupInterval());
	}

	private static void checkDuration(String name, @Nullable Duration value) {
		if (value != null && (value.compareTo(MIN) < 0 || value.compareTo(MAX) > 0)) {
			throw invalid(name, value, "Write a time like 30s or 1m, up to 36500d");
		}
	}

	private static void check(String name, long value) {
		if (value < 1) {
			throw invalid(name, value, "Write a number from 1 on");
		}
	}

	private static InvalidDeepSeekConfigurationException invalid(String name, Object value, String action) {
		return InvalidDeepSeekConfigurationException.outOfRange("deepseek.conversation." + name, value, action);
	}

	ConversationWindow window(TokenEstimator estimator) {
		Integer maxMessages = this.properties.maxMessages();
		return new ConversationWindow(this.properties.maxTokens(),
				(maxMessages != null) ? maxMessages : Integer.MAX_VALUE, estimator);
	}

	ConversationStore store() {
		Store store = this.properties.store();
		if (store != Store.MEMORY) {
			boolean redis = store == Store.REDIS;
			throw new InvalidDeepSeekConfigurationException("deepseek.conversation.store",
					"'" + store.name().toLowerCase(Locale.ROOT) + "' needs "
							+ (redis ? "Spring Data Redis on the class path and a ReactiveRedisConnectionFactory"
									: "Spring JDBC on the class path and a DataSource"),
					"Add the dependency org.springframework.boot:"
							+ (redis ? "spring-boot-starter-data-redis and set spring.data.redis.*"
									: "spring-boot-starter-jdbc and set spring.datasource.*")
							+ ", or leave the property out to keep conversations in memory.");
		}
		return new InMemoryConversationStore(this.properties.maxConversations(), this.properties.maxCharacters());
	}

	Duration maxWait() {
		return this.properties.maxWait();
	}

	@Nullable Duration timeToLive() {
		return this.properties.timeToLive();
	}

	@Nullable Duration turnLease() {
		return this.properties.turnLease();
	}

	Duration cleanupInterval() {
		return this.properties.jdbc().cleanupInterval();
	}

}
