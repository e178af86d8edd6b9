package io.github.deepseekboot.chat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RawJson}.
 */
class RawJsonTests {

	private static RawJson within(String before, String json, String after) {
		int offset = before.getBytes(StandardCharsets.UTF_8).length;
		int length = json.getBytes(StandardCharsets.UTF_8).length;
		return new RawJson((before + json + after).getBytes(StandardCharsets.UTF_8), offset, length);
	}

	@Test
	void isTheTextBetweenItsEnds() {
		assertThat(within("\n ", "{\"content\":\"你好 🐳\"}", "\u0000\u0000")).hasToString("{\"content\":\"你好 🐳\"}");
	}

	@Test
	void partsThatAreNotThereAreRefusedAtOnce() {
		assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> new RawJson(new byte[3], 2, 2));
	}

	@Test
	void isMadeOfAText() {
		assertThat(RawJson.of("{\"你\":1}")).hasToString("{\"你\":1}");
	}

	@Test
	void isKnownByItsText() {
		assertThat(within("", "{}", "")).isEqualTo(within(" ", "{}", "\n"))
			.hasSameHashCodeAs(within(" ", "{}", "\n"))
			.isNotEqualTo(within("", "[]", ""));
	}

}
