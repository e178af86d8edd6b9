package io.github.deepseekboot.codec;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.transport.TestProviders;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link KeyMask}.
 */
class KeyMaskTests {

	private final KeyMask mask = new KeyMask(ApiKey.of(TestProviders.KEY));

	@Test
	void controlCharactersAreEscaped() {
		String evil = "a\r\nb\tc\u001b[31md\u0000e\u0085f\u2028g\u202eh\u007f";
		assertThat(this.mask.snippet(evil))
			.isEqualTo("a\\r\\nb\\tc\\u001b[31md\\u0000e\\u0085f\\u2028g\\u202eh\\u007f");
	}

	@Test
	void longTextsAreCut() {
		assertThat(this.mask.shown("x".repeat(100_000), 500)).hasSize(500).endsWith("…");
		assertThat(this.mask.snippet("x".repeat(100_000))).hasSize(200).endsWith("…");
		assertThat(this.mask.snippet("\u0000".repeat(1000))).hasSizeLessThanOrEqualTo(200).endsWith("…");
		assertThat(this.mask.snippet("\u0000".repeat(34))).hasSizeLessThanOrEqualTo(200).endsWith("…");
		assertThat(this.mask.snippet("x".repeat(200))).isEqualTo("x".repeat(200));
		assertThat(this.mask.snippet("😀".repeat(150)).codePoints())
			.noneMatch((codePoint) -> Character.getType(codePoint) == Character.SURROGATE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "the key " + TestProviders.KEY + " is bad", "key=" + TestProviders.KEY,
			"the key sk-0f1e2d3c is bad", "Your api key: ****e1f0 is invalid",
			"Incorrect key: sk-0f1e****************e1f0.", "got sk-0f1e2d...e1f0",
			"header Bearer abcdefghijklmnopqrstuvwxyz was refused" })
	void keysAreMasked(String text) {
		assertThat(this.mask.snippet(text)).contains("****").doesNotContain("0f1e", "e1f0", "abcdefgh");
	}

	@Test
	void keyOfAnyFormIsMaskedWhereverTheTextIsCut() {
		KeyMask mask = new KeyMask(ApiKey.of("d0a1b2c3-11aa-22bb-33cc-445566778899"));
		for (int padding = 100; padding < 520; padding++) {
			String text = "x".repeat(padding) + "d0a1b2c3-11aa-22bb-33cc-445566778899yyy";
			assertThat(mask.shown(text, 500)).as("behind %d characters", padding).doesNotContain("d0a1", "8899");
		}
	}

	@Test
	void keyInAUrlIsMasked() {
		assertThat(new KeyMask(ApiKey.of("abc+def/ghi==")).mask("?key=abc%2Bdef%2Fghi%3D%3D&x"))
			.isEqualTo("?key=****&x");
	}

	@ParameterizedTest
	@ValueSource(strings = { "x", "token", "context" })
	void keyThatIsAWordIsLeftAlone(String key) {
		String text = "the maximum context of this model is 100 tokens";
		assertThat(new KeyMask(ApiKey.of(key)).snippet(text)).isEqualTo(text);
	}

	@Test
	void causesThatShowTheKeyAreReplaced() {
		IOException harmless = new IOException("reset", new IllegalStateException("closed"));
		assertThat(this.mask.safe(harmless)).isSameAs(harmless);
		IllegalArgumentException telling = new IllegalArgumentException("Content-Length: " + TestProviders.KEY);
		IllegalStateException outer = new IllegalStateException("bad header");
		outer.addSuppressed(new IOException("reading", telling));
		for (Throwable failure : new Throwable[] { telling, outer, new IOException(telling) }) {
			Throwable safe = this.mask.safe(failure);
			assertThat(safe).isNotSameAs(failure).hasNoCause();
			assertThat(safe.getSuppressed()).isEmpty();
			assertThat(safe.getMessage()).startsWith(failure.getClass().getName()).doesNotContain(TestProviders.KEY);
			assertThat(safe.getStackTrace()).isEqualTo(failure.getStackTrace());
		}
	}

	@Test
	void causesThatGoInCirclesAreWalkedOnce() {
		IOException one = new IOException("one");
		IOException two = new IOException("two", one);
		one.initCause(two);
		assertThat(this.mask.safe(one)).isSameAs(one);
	}

}
