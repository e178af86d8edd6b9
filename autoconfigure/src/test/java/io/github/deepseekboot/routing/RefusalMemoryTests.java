package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.routing.ScriptedProvider.Reply;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is remembered of models that refused what a request asks for.
 */
class RefusalMemoryTests {

	private static final ChatRequest PLAIN = ChatRequest.of("hi");

	private static final ChatRequest TOOLS = PLAIN.toBuilder().tool(tool()).build();

	private static final ChatRequest TOOLS_AND_JSON = TOOLS.toBuilder()
		.responseFormat(ResponseFormat.JSON_OBJECT)
		.build();

	private static final Reply REFUSAL = ScriptedProvider.json(400,
			"{\"error\":{\"message\":\"m does not support tools\",\"type\":\"api_error\"}}");

	private static final Reply FINE = ScriptedProvider.answer("fine");

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final ScriptedProvider a = ScriptedProvider.of("a", REFUSAL, FINE);

	private final ScriptedProvider b = ScriptedProvider.of("b", FINE);

	private final RoutingFixture fixture = fixture(RoutingSettings.DEFAULTS.refusalMemory());

	@AfterEach
	void stopTime() {
		this.time.dispose();
		this.fixture.close();
	}

	private static ToolDefinition tool() {
		return ToolDefinition.of("weather", "Tells the weather", Map.of("type", "object"));
	}

	private RoutingFixture fixture(Duration refusalMemory) {
		return new RoutingFixture().clock(TransportClock.of(this.time))
			.settings(RoutingFixture.settings(6, 10, 20).toBuilder().refusalMemory(refusalMemory).build())
			.provider(this.a.client())
			.provider(this.b.client());
	}

	private String path(ChatRequest request) {
		return this.fixture.call(request, false).path();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void requestsThatAskForTheSameGoElsewhereFirst(boolean stream) {
		assertThat(this.fixture.call(TOOLS, stream).path()).isEqualTo("a UNSUPPORTED, b ok");
		assertThat(this.fixture.call(TOOLS, stream).path()).isEqualTo("b ok");
		assertThat(this.fixture.call(TOOLS_AND_JSON, stream).path()).isEqualTo("b ok");
		assertThat(this.fixture.call(PLAIN, stream).path()).isEqualTo("a ok");
		assertThat(this.fixture.status("a").isUsable()).isTrue();
		assertThat(this.fixture.status("a").refusals()).containsExactly("a-chat: tools");
		assertThat(this.fixture.events(RoutingEvent.CoolDownStarted.class)).isEmpty();
	}

	@Test
	void whatWasNotRefusedIsStillAskedFor() {
		assertThat(path(TOOLS_AND_JSON)).isEqualTo("a UNSUPPORTED, b ok");
		assertThat(path(TOOLS_AND_JSON)).isEqualTo("b ok");
		assertThat(path(TOOLS)).isEqualTo("a ok");
	}

	@Test
	void itIsForgottenAfterFiveMinutes() {
		path(TOOLS);
		this.time.advanceTimeBy(Duration.ofMinutes(5).minusMillis(1));
		assertThat(path(TOOLS)).isEqualTo("b ok");
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(this.fixture.status("a").refusals()).isEmpty();
		assertThat(path(TOOLS)).isEqualTo("a ok");
	}

	@Test
	void itIsRememberedForAsLongAsConfigured() {
		try (RoutingFixture fixture = fixture(Duration.ofSeconds(10))) {
			assertThat(fixture.call(TOOLS, false).path()).isEqualTo("a UNSUPPORTED, b ok");
			this.time.advanceTimeBy(Duration.ofSeconds(10).minusMillis(1));
			assertThat(fixture.call(TOOLS, false).path()).isEqualTo("b ok");
			this.time.advanceTimeBy(Duration.ofMillis(1));
			assertThat(fixture.call(TOOLS, false).path()).isEqualTo("a ok");
		}
	}

	@Test
	void nothingIsRememberedWhereThatIsSwitchedOff() {
		this.a.then(REFUSAL, REFUSAL);
		try (RoutingFixture fixture = fixture(Duration.ZERO)) {
			assertThat(fixture.call(TOOLS, false).path()).isEqualTo("a UNSUPPORTED, b ok");
			assertThat(fixture.call(TOOLS, false).path()).isEqualTo("a UNSUPPORTED, b ok");
			assertThat(fixture.status("a").refusals()).isEmpty();
		}
	}

	@Test
	void itIsForgottenByAReset() {
		path(TOOLS);
		this.fixture.client().states().reset("a");
		assertThat(path(TOOLS)).isEqualTo("a ok");
	}

	@Test
	void theOneThatRefusedIsAskedLastIfNobodyElseCan() {
		path(TOOLS);
		this.b.then(ScriptedProvider.error(402, "empty"));
		assertThat(path(TOOLS)).isEqualTo("b OUT_OF_CREDIT, a ok");
	}

	@Test
	void anAnswerTakesItBack() {
		path(TOOLS);
		assertThat(path(TOOLS.toBuilder().provider("a").build())).isEqualTo("a ok");
		assertThat(path(TOOLS)).isEqualTo("a ok");
	}

	@Test
	void aPinnedCallGoesToItsProvider() {
		this.a.then(REFUSAL);
		path(TOOLS);
		assertThat(path(TOOLS.toBuilder().provider("a").build())).isEqualTo("a UNSUPPORTED");
	}

	@Test
	void anotherModelOfTheSameProviderIsAsked() {
		assertThat(path(TOOLS)).isEqualTo("a UNSUPPORTED, b ok");
		assertThat(path(TOOLS.toBuilder().model("another").build())).isEqualTo("a ok");
	}

	@Test
	void otherFailuresAndPlainRequestsLeaveNothing() {
		this.a.then(ScriptedProvider.error(413, "too large"), REFUSAL, FINE);
		assertThat(path(TOOLS)).isEqualTo("a INVALID_REQUEST, b ok");
		assertThat(path(PLAIN)).isEqualTo("a UNSUPPORTED, b ok");
		assertThat(path(TOOLS)).isEqualTo("a ok");
		assertThat(this.fixture.status("a").refusals()).isEmpty();
	}

	@Test
	void whatIsRememberedIsBounded() {
		this.a.then(REFUSAL);
		for (int i = 0; i < 1000; i++) {
			path(PLAIN.toBuilder().extra("field" + i, true).build());
		}
		assertThat(this.fixture.status("a").refusals()).hasSize(32);
		assertThat(this.fixture.call(PLAIN.toBuilder().extra("field999", true).build(), false).attempts())
			.singleElement()
			.satisfies((attempt) -> assertThat(attempt.error()).isNotEqualTo(ErrorKind.UNSUPPORTED));
	}

}
