package io.github.deepseekboot.test;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.StepVerifier;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.test.provider.Fault;
import io.github.deepseekboot.tool.Tool;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static io.github.deepseekboot.test.ChatAssertions.assertThatStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ScriptedChatClient}, {@link ChatAnswers} and {@link ChatStreamAssert}.
 */
class ScriptedChatClientTests {

	private final ScriptedChatClient model = ScriptedChatClient.create();

	@AfterEach
	void close() {
		this.model.close();
	}

	static Iterable<String> presets() {
		return ProviderPresets.ids();
	}

	@ParameterizedTest
	@MethodSource("presets")
	void eachHostHasItsShape(String preset) {
		try (ScriptedChatClient host = ScriptedChatClient.create(preset)) {
			host.thinks("Let me see").answers("Drip, drop").usage(10, 7).always();
			ChatRequest request = ChatRequest.of("rain");
			assertThatStream(host.stream(request)).isFrom(preset).hasReasoning("Let me see").hasContent("Drip, drop");
			ChatCompletion completion = host.complete(request).block(Duration.ofSeconds(10));
			assertThat(completion.content()).isEqualTo("Drip, drop");
			assertThat(completion.reasoningContent()).isEqualTo("Let me see");
			assertThat(completion.usage().promptTokens()).isEqualTo(10);
			assertThat(completion.usage().completionTokens()).isEqualTo(7);
			assertThat(host.stream(request).collect(ChatCompletion.collector()).block(Duration.ofSeconds(10)).usage())
				.isEqualTo(completion.usage());
		}
	}

	@ParameterizedTest
	@MethodSource("presets")
	void eachHostsErrorsAreUnderstood(String preset) {
		try (ScriptedChatClient host = ScriptedChatClient.create(preset)) {
			host.fails(500);
			assertThatStream(host.stream(ChatRequest.of("rain"))).failsWith(ErrorKind.SERVER_ERROR);
			host.fails(401);
			assertThatStream(host.stream(ChatRequest.of("rain"))).failsWith(ErrorKind.AUTHENTICATION);
		}
	}

	@Test
	void toolsAreRun() {
		this.model.calls("get_weather", Map.of("city", "Oslo"));
		this.model.whenToolResults().answers("Wet");
		Tool weather = Tool.of("get_weather", "The weather", () -> "rain");
		assertThat(this.model.template().withTools(weather).complete("The weather?").content()).isEqualTo("Wet");
		assertThat(this.model.provider()).hasReceivedCalls(2).call(1).hasTools("get_weather").isNotStreamed();
		assertThat(this.model.provider()).lastCall().hasToolResults("rain").isTurn(1);
	}

	@Test
	void timeoutsComeInTheirTimeAndTakeNone() {
		long start = System.nanoTime();
		this.model.answers("slow").stallsBefore(Duration.ofMinutes(9)).keepsAlive(Duration.ofSeconds(15));
		assertThatStream(this.model.stream(ChatRequest.of("a"))).hasContent("slow");
		this.model.answers("too slow").stallsBefore(Duration.ofMinutes(11)).keepsAlive(Duration.ofSeconds(15));
		assertThatStream(this.model.stream(ChatRequest.of("b"))).failsWith(ErrorKind.TIMEOUT);
		this.model.answers("one two three four").stallsAfter(2);
		assertThatStream(this.model.stream(ChatRequest.of("c"))).isInterruptedAfter("one two");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void streamsBreak() {
		this.model.answers("one two three four").cutsAfter(3);
		assertThatStream(this.model.stream(ChatRequest.of("a"))).isInterruptedAfter("one two three");
		this.model.fails(Fault.REFUSE);
		assertThatStream(this.model.stream(ChatRequest.of("b"))).failsWith(ErrorKind.STREAM_CLOSED);
		// the finish reason ends an answer where the marker is optional
		this.model.answers("one two").fails(Fault.END_WITHOUT_DONE);
		assertThatStream(this.model.stream(ChatRequest.of("c"))).hasContent("one two");
	}

	@Test
	void aStepVerifierSeesTheDeltas() {
		this.model.answers("Drip drop").usage(4, 2);
		StepVerifier.create(this.model.stream(ChatRequest.of("rain")))
			.assertNext((delta) -> assertThat(delta.content()).isEqualTo("Drip"))
			.assertNext((delta) -> assertThat(delta.content()).isEqualTo(" drop"))
			.assertNext((delta) -> assertThat(delta.finishReason()).hasToString("stop"))
			.assertNext((delta) -> assertThat(delta.usage().totalTokens()).isEqualTo(6))
			.expectComplete()
			.verify(Duration.ofSeconds(10));
	}

	@Test
	void anUnexpectedCallIsReportedAtTheEnd() {
		ScriptedChatClient careless = ScriptedChatClient.create();
		assertThatStream(careless.stream(ChatRequest.of("Is anybody there?"))).failsWith(ErrorKind.INVALID_REQUEST);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(careless::close)
			.withMessageContaining("user: Is anybody there?");
	}

	@ParameterizedTest
	@EnumSource(ErrorKind.class)
	void eachKindHasAnException(ErrorKind kind) {
		DeepSeekException exception = ChatAnswers.exception(kind);
		assertThat(exception.getKind()).isEqualTo(kind);
		assertThat(exception instanceof StreamInterruptedException).isEqualTo(kind == ErrorKind.STREAM_INTERRUPTED);
	}

	@Test
	void answersAreMadeInTheWordsOfScripts() {
		assertThat(ChatAnswers.completion((answer) -> answer.calls("get_weather", "{}")).toolCalls()).hasSize(1);
		assertThatStream(ChatAnswers.stream((answer) -> answer.answers("one two three").cutsAfter(2)))
			.isInterruptedAfter("one two");
		assertThat(ChatAnswers.exception((answer) -> answer.fails(400, "context-length")).getKind())
			.isEqualTo(ErrorKind.CONTEXT_LENGTH);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ChatAnswers.exception((answer) -> answer.answers("well")));
	}

	@Test
	void failedAssertionsSayWhatWasThere() {
		this.model.answers("Drip");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatStream(this.model.stream(ChatRequest.of("rain"))).hasContent("Drop"))
			.withMessageContaining("Expected content: Drop")
			.withMessageContaining("but was: Drip");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(this.model.provider()).lastCall().hasUserMessage("snow"))
			.withMessageContaining("Expected last message of the user: snow")
			.withMessageContaining("user: rain");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(this.model.provider()).hasReceivedCalls(2))
			.withMessageContaining("user: rain");
	}

}
