package io.github.deepseekboot.autoconfigure;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

import io.github.deepseekboot.ChatCompletionOperations;

/**
 * Condition that matches if providers are to be asked: unless the application has
 * operations of its own and configures no provider. Beans are only looked for if no
 * property configures one.
 */
class OnProvidersCondition extends AnyNestedCondition {

	OnProvidersCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		return isConfigured(context.getEnvironment())
				? ConditionOutcome
					.match(ConditionMessage.forCondition("DeepSeek providers").because("providers are configured"))
				: super.getMatchOutcome(context, metadata);
	}

	private static boolean isConfigured(Environment environment) {
		return environment.containsProperty(PropertiesDeepSeekConnectionDetails.API_KEY) || Binder.get(environment)
			.bind("deepseek.providers", Bindable.mapOf(String.class, Object.class))
			.isBound();
	}

	@ConditionalOnMissingBean(ChatCompletionOperations.class)
	static class NoOperations {

	}

	@ConditionalOnBean(DeepSeekConnectionDetails.class)
	static class ConnectionDetails {

	}

}
