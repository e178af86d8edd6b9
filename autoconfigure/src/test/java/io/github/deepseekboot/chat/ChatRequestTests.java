package io.github.deepseekboot.chat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ChatRequest}.
 */
class ChatRequestTests {

	@Test
	void headersAreCopiedAndNeverShown() {
		ChatRequest request = ChatRequest.builder()
			.user("Hi")
			.header("X-Tenant", "test-secret")
			.header("x-tenant", "test-secret-2")
			.header("X-Other", "")
			.build();
		assertThat(request.headers()).containsOnlyKeys("x-tenant", "X-Other")
			.containsEntry("x-tenant", "test-secret-2");
		assertThat(request.toBuilder().header("X-TENANT", "3").build().headers()).containsEntry("X-TENANT", "3")
			.doesNotContainKey("x-tenant");
		assertThat(request.toString()).doesNotContain("test-secret");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "Authorization", "AUTHORIZATION", "Proxy-Authorization", "api-key", "X-Api-Key", "Cookie" })
	void aCredentialIsNoHeaderOfARequest(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.builder().header(name, "test-secret"))
			.withMessageContaining(name)
			.withMessageContaining("ApiKeyResolver")
			.withMessageNotContaining("test-secret");
	}

	@ParameterizedTest
	@CsvSource({ "Content-Type, is set by the exchange itself", "host, is set by the exchange itself",
			"Accept-Encoding, is set by the exchange itself", "a b, must consist of letters",
			"'', must consist of letters" })
	void whatCannotBeAHeaderIsRefused(String name, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.builder().header(name, "test-secret"))
			.withMessageContaining(message)
			.withMessageNotContaining("test-secret");
	}

	@Test
	void aValueMustNotForgeHeaders() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ChatRequest.builder().header("X-A", "1\r\nAuthorization: test-secret"))
			.withMessage("the value of header 'X-A' must consist of ASCII characters and must not have line ends");
	}

	@Test
	void messagesCanBeReplaced() {
		ChatRequest request = ChatRequest.builder().system("old").user("old").temperature(0.5).build();
		ChatRequest replaced = request.toBuilder().replaceMessages(List.of(ChatMessage.user("new"))).build();
		assertThat(replaced.messages()).containsExactly(ChatMessage.user("new"));
		assertThat(replaced.temperature()).isEqualTo(0.5);
	}

}
