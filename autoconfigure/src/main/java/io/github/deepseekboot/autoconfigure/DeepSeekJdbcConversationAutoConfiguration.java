package io.github.deepseekboot.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.jdbc.init.PlatformPlaceholderDatabaseDriverResolver;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;

import io.github.deepseekboot.conversation.TurnCodec;
import io.github.deepseekboot.hook.ConversationEncryption;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.jdbc.ConversationSweep;
import io.github.deepseekboot.jdbc.JdbcConversationStore;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Auto-configuration for conversations that are kept in a database.
 */
@AutoConfiguration(before = DeepSeekAutoConfiguration.class,
		afterName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnClass({ JdbcTemplate.class, DataSourceScriptDatabaseInitializer.class })
@ConditionalOnBooleanProperty(name = "deepseek.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "deepseek.conversation.store", havingValue = "jdbc")
@ConditionalOnBean(DataSource.class)
@ConditionalOnMissingBean(ConversationStore.class)
@EnableConfigurationProperties(DeepSeekProperties.class)
public final class DeepSeekJdbcConversationAutoConfiguration {

	private static final String SCHEMA = "classpath:io/github/deepseekboot/jdbc/schema-@@platform@@.sql";

	@Bean
	@DependsOnDatabaseInitialization
	JdbcConversationStore deepSeekConversationStore(DataSource dataSource, DeepSeekProperties properties,
			ObjectProvider<ConversationEncryption> encryption) {
		return new JdbcConversationStore(dataSource,
				new TurnCodec(encryption.getIfAvailable(() -> ConversationEncryption.NONE)),
				new ConversationSettings(properties.conversation()).timeToLive(), TransportClock.system().scheduler());
	}

	@Bean
	ConversationSweep deepSeekConversationSweep(JdbcConversationStore store, DeepSeekProperties properties) {
		return new ConversationSweep(store, new ConversationSettings(properties.conversation()).cleanupInterval(),
				TransportClock.system().scheduler());
	}

	@Bean
	DataSourceScriptDatabaseInitializer deepSeekConversationSchemaInitializer(DataSource dataSource,
			DeepSeekProperties properties) {
		DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
		DatabaseInitializationMode mode = DatabaseInitializationMode
			.valueOf(properties.conversation().jdbc().initializeSchema().name());
		settings.setMode(mode);
		if (mode != DatabaseInitializationMode.NEVER) {
			settings.setSchemaLocations(schema(dataSource));
		}
		return new DataSourceScriptDatabaseInitializer(dataSource, settings);
	}

	private static List<String> schema(DataSource dataSource) {
		return new PlatformPlaceholderDatabaseDriverResolver().withDriverPlatform(DatabaseDriver.MARIADB, "mysql")
			.resolveAll(dataSource, SCHEMA);
	}

}
