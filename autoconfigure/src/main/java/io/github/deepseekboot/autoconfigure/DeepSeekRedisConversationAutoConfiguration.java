package io.github.deepseekboot.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

import io.github.deepseekboot.conversation.TurnCodec;
import io.github.deepseekboot.hook.ConversationEncryption;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.redis.RedisConversationStore;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Auto-configuration for conversations that are kept in Redis.
 */
@AutoConfiguration(before = DeepSeekAutoConfiguration.class,
		afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnClass(ReactiveStringRedisTemplate.class)
@ConditionalOnBooleanProperty(name = "deepseek.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "deepseek.conversation.store", havingValue = "redis")
@ConditionalOnBean(ReactiveRedisConnectionFactory.class)
@ConditionalOnMissingBean(ConversationStore.class)
@EnableConfigurationProperties(DeepSeekProperties.class)
public final class DeepSeekRedisConversationAutoConfiguration {

	@Bean
	RedisConversationStore deepSeekConversationStore(ReactiveRedisConnectionFactory connectionFactory,
			DeepSeekProperties properties, ObjectProvider<ConversationEncryption> encryption) {
		return new RedisConversationStore(connectionFactory,
				new TurnCodec(encryption.getIfAvailable(() -> ConversationEncryption.NONE)),
				properties.shared().keyPrefix(), new ConversationSettings(properties.conversation()).timeToLive(),
				TransportClock.system());
	}

}
