package io.github.deepseekboot.autoconfigure;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

import io.github.deepseekboot.ChatCompletionOperations;

/**
 * Condition that matches if providers are to be asked: unless the application has
 * operations of its own and configures no provider.
 */
class OnProvidersCondition extends AnyNestedCondition {

	OnProvidersCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnMissingBean(ChatCompletionOperations.class)
	static class NoOperations {

	}

	@ConditionalOnBean(DeepSeekConnectionDetails.class)
	static class ConnectionDetails {

	}

	@Conditional(Configured.class)
	static class Properties {

	}

	static class Configured extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			ConditionMessage.Builder message = ConditionMessage.forCondition("DeepSeek providers");
			boolean configured = Binder.get(context.getEnvironment())
				.bind("deepseek.providers", Bindable.mapOf(String.class, Object.class))
				.isBound() || context.getEnvironment().containsProperty(PropertiesDeepSeekConnectionDetails.API_KEY);
			return configured ? ConditionOutcome.match(message.because("providers are configured"))
					: ConditionOutcome.noMatch(message.because("no provider is configured"));
		}

	}

}
