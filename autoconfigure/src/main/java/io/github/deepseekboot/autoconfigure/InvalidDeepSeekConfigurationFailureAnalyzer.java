package io.github.deepseekboot.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Failure analyzer that describes a wrong configuration and how to correct it.
 */
final class InvalidDeepSeekConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidDeepSeekConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidDeepSeekConfigurationException cause) {
		return new FailureAnalysis("The property '" + cause.getProperty() + "' is invalid: " + cause.getReason() + ".",
				cause.getAction(), cause);
	}

}
