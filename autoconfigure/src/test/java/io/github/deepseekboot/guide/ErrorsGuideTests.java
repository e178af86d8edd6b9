package io.github.deepseekboot.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.ToolDefinition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for what messages of failures say, which the guide to errors shows.
 */
class ErrorsGuideTests {

	private static final Pattern PROPERTY = Pattern.compile("deepseek\\.[a-z<>.-]*[a-z]");

	private static String guide() throws IOException {
		return Files.readString(Path.of("../docs/guide/errors.md"));
	}

	private static DeepSeekException.Builder failure(ErrorKind kind) {
		return DeepSeekException.builder(kind, "no").provider("<id>");
	}

	@ParameterizedTest
	@EnumSource
	void eachKindHasASentenceThatTheGuideHas(ErrorKind kind) throws IOException {
		for (FailureScope scope : List.of(FailureScope.PROVIDER, FailureScope.REQUEST)) {
			DeepSeekException failure = failure(kind).scope(scope).build();
			assertThat(failure.getAdvice()).isNotNull().endsWith(".");
			assertThat(failure.getMessage()).isEqualTo("<id>: no [" + kind + "]. " + failure.getAdvice());
			assertThat(guide()).contains("| `" + failure.getAdvice() + "` |");
		}
		assertThat(guide()).contains("| `" + kind + "` | `" + failure(kind).build().getAdvice() + "` | ");
	}

	@Test
	void theirPropertiesExist() throws IOException {
		String metadata = Files
			.readString(Path.of("src/main/resources/META-INF/additional-spring-configuration-metadata.json"));
		String properties = Files.readString(Path.of("../docs/properties.md"));
		Set<String> named = new TreeSet<>();
		for (ErrorKind kind : ErrorKind.values()) {
			for (FailureScope scope : FailureScope.values()) {
				String advice = failure(kind).scope(scope).build().getAdvice();
				Matcher property = PROPERTY.matcher((advice != null) ? advice : "");
				while (property.find()) {
					named.add(property.group());
				}
			}
		}
		assertThat(named).hasSizeGreaterThan(10).allSatisfy((name) -> assertThat(properties + metadata).contains(name));
	}

	@Test
	void whatTheApplicationDidHasNoSentence() {
		assertThat(failure(ErrorKind.INVALID_REQUEST).scope(FailureScope.APPLICATION).build().getAdvice()).isNull();
		assertThat(new DeepSeekException(ErrorKind.UNSUPPORTED, "nothing was sent"))
			.hasMessage("nothing was sent [UNSUPPORTED]");
	}

	static Stream<Arguments> messages() {
		return Stream.of(Arguments.of("attempts: 1 deepseek RATE_LIMITED 429, 2 siliconflow SERVER_ERROR 500",
				failure(ErrorKind.SERVER_ERROR).attempts(List.of(
						AttemptReport.builder(1, "deepseek", "m").error(ErrorKind.RATE_LIMITED).status(429).build(),
						AttemptReport.builder(2, "siliconflow", "m").error(ErrorKind.SERVER_ERROR).status(500).build()))
					.build()),
				Arguments.of("not asked: siliconflow: OUT_OF_CREDIT, for 9.5 min",
						failure(ErrorKind.SERVER_ERROR).passedOver(List.of("siliconflow: OUT_OF_CREDIT, for 9.5 min"))
							.build()),
				Arguments.of("retry after 1.5 s",
						failure(ErrorKind.RATE_LIMITED).retryAfter(Duration.ofMillis(1500)).build()));
	}

	@ParameterizedTest
	@MethodSource
	void messages(String text, DeepSeekException failure) throws IOException {
		assertThat(failure.getMessage()).contains(text).endsWith(". " + failure.getAdvice());
		assertThat(guide()).contains("| `" + text + "` |");
	}

	@ParameterizedTest
	@CsvSource({ "PT0S, 0 ms", "PT0.25S, 250 ms", "PT1S, 1 s", "PT1.5S, 1.5 s", "PT59.94S, 59.9 s", "PT1M, 1 min",
			"PT5M, 5 min", "PT9M30S, 9.5 min", "PT1H, 1 h", "PT26H, 26 h" })
	void durationsAreAsPeopleWriteThem(Duration duration, String text) {
		assertThat(DurationText.of(duration)).isEqualTo(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\n\t" })
	void aBlankPromptIsRefused(String prompt) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.of(prompt))
			.withMessage("'prompt' must not be null or blank: there is nothing to answer");
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.builder().user(prompt))
			.withMessageContaining("must not be null or blank");
	}

	@Test
	@SuppressWarnings("NullAway") // what Java allows
	void noPromptIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.of((String) null))
			.withMessage("'prompt' must not be null or blank: there is nothing to answer");
	}

	@ParameterizedTest
	@ValueSource(strings = { "get weather", "a.b", "wetter!", "",
			"a2345678901234567890123456789012345678901234567890123456789012345" })
	void aToolNameThatHostsRefuseIsRefused(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> ToolDefinition.of(name, "d", Map.of()));
	}

}
