package io.github.deepseekboot.guide;

import java.util.Base64;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link EncryptedTurns}, which the guide shows.
 */
class EncryptedTurnsTests {

	private final EncryptedTurns turns = new EncryptedTurns(Base64.getEncoder().encodeToString(new byte[32]));

	@Test
	void aTurnComesBack() {
		String stored = this.turns.encrypt("c1", "It rains. 下雨了");
		assertThat(stored).doesNotContain("rains");
		assertThat(this.turns.encrypt("c1", "It rains. 下雨了")).isNotEqualTo(stored);
		assertThat(this.turns.decrypt("c1", stored)).isEqualTo("It rains. 下雨了");
	}

	@Test
	void aTurnOfAnotherConversationIsRefused() {
		String stored = this.turns.encrypt("c1", "It rains.");
		assertThatIllegalStateException().isThrownBy(() -> this.turns.decrypt("c2", stored));
	}

}
