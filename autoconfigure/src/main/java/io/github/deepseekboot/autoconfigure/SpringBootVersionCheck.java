package io.github.deepseekboot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Check that stops the start where Spring Boot is older than supported, before anything
 * else fails for that reason. Uses nothing that an older Spring Boot does not have.
 */
final class SpringBootVersionCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

	private static final int NEEDED = 4;

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		if (!"false".equalsIgnoreCase(context.getEnvironment().getProperty("deepseek.enabled"))) {
			check(SpringBootVersion.getVersion());
		}
	}

	static void check(@Nullable String version) {
		if (version != null && version.matches("[123]\\..*")) {
			throw new UnsupportedSpringBootException(version);
		}
	}

	static final class UnsupportedSpringBootException extends RuntimeException {

		UnsupportedSpringBootException(String version) {
			super("Spring Boot " + NEEDED + ".0 or later is needed by deepseek-spring-boot-starter, and " + version
					+ " was found");
		}

	}

	/**
	 * Shows the failure without its stack trace.
	 */
	static final class UnsupportedSpringBootFailureAnalyzer
			extends AbstractFailureAnalyzer<UnsupportedSpringBootException> {

		@Override
		protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedSpringBootException cause) {
			return new FailureAnalysis(cause.getMessage() + ".",
					"Raise the version of Spring Boot in your build, such as that of spring-boot-starter-parent.",
					cause);
		}

	}

}
