package io.github.deepseekboot.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Utf8}.
 */
class Utf8Tests {

	@ParameterizedTest
	@ValueSource(strings = { "F4908080", "C080", "C1BF", "EDA080", "EDBFBF", "EDA0BDEDB880", "E08080", "E09FBF",
			"F0808080", "F08FBFBF", "F5808080", "FF", "80", "E4B8", "C3", "C328", "F09F98" })
	void whatIsNoneIsFoundWhereverItStands(String hex) {
		byte[] sequence = HexFormat.of().parseHex(hex);
		for (int before = 0; before < 20; before++) {
			byte[] bytes = new byte[before + sequence.length + 9];
			Arrays.fill(bytes, (byte) 'a');
			System.arraycopy(sequence, 0, bytes, before, sequence.length);
			assertThat(Utf8.isValid(bytes, 0, bytes.length)).isFalse();
			assertThat(Utf8.isValid(bytes, 0, before + sequence.length)).isFalse();
			assertThat(Utf8.isValid(bytes, 0, before)).isTrue();
			assertThat(Utf8.isValid(bytes, before + sequence.length, bytes.length)).isTrue();
		}
	}

	@Test
	void agreesWithTheDecoderOfTheJdk() {
		Random random = new Random(17);
		int valid = 0;
		for (int n = 0; n < 200_000; n++) {
			byte[] bytes = new byte[1 + random.nextInt(12)];
			random.nextBytes(bytes);
			if (n % 2 == 0) {
				byte[] text = new StringBuilder().appendCodePoint(random.nextInt(0x110000))
					.append("é中")
					.toString()
					.getBytes(StandardCharsets.UTF_8);
				System.arraycopy(text, 0, bytes, 0, Math.min(text.length, bytes.length));
			}
			boolean expected = isText(bytes);
			valid += expected ? 1 : 0;
			assertThat(Utf8.isValid(bytes, 0, bytes.length)).as(HexFormat.of().formatHex(bytes)).isEqualTo(expected);
		}
		assertThat(valid).isGreaterThan(1000);
	}

	private static boolean isText(byte[] bytes) {
		try {
			StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
			return true;
		}
		catch (CharacterCodingException ex) {
			return false;
		}
	}

}
