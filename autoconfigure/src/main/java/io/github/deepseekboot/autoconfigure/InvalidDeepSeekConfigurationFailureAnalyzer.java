package io.github.deepseekboot.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells how to mend a wrong configuration.
 */
final class InvalidDeepSeekConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidDeepSeekConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidDeepSeekConfigurationException cause) {
		return new FailureAnalysis(
				"The property '" + cause.getProperty() + "' is not right: " + cause.getReason() + ".",
				cause.getAction(), cause);
	}

}
