package io.github.deepseekboot.autoconfigure;

import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.core.io.support.SpringFactoriesLoader;

import io.github.deepseekboot.autoconfigure.SpringBootVersionCheck.UnsupportedSpringBootException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests that an older Spring Boot is named at the start.
 */
class SpringBootVersionCheckTests {

	@ParameterizedTest
	@ValueSource(strings = { "3.5.16", "2.7.18", "3.0.0-SNAPSHOT" })
	void anOlderOneIsRefused(String version) {
		UnsupportedSpringBootException failure = catchThrowableOfType(UnsupportedSpringBootException.class,
				() -> SpringBootVersionCheck.check(version));
		FailureAnalysis analysis = SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, (type, name, ex) -> {
			})
			.stream()
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow();
		assertThat(analysis.getDescription()).isEqualTo(
				"Spring Boot 4.0 or later is needed by deepseek-spring-boot-starter, and " + version + " was found.");
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "4.0.0", "4.1.2", "5.0.0-M1", "10.0.0" })
	void aSupportedOneIsNot(String version) {
		assertThatCode(() -> SpringBootVersionCheck.check(version)).doesNotThrowAnyException();
	}

	@Test
	void itRunsAtEachStart() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
			.load(ApplicationContextInitializer.class, (type, name, ex) -> {
			})).hasAtLeastOneElementOfType(SpringBootVersionCheck.class);
		assertThatCode(() -> SpringBootVersionCheck.check(SpringBootVersion.getVersion())).doesNotThrowAnyException();
	}

}
