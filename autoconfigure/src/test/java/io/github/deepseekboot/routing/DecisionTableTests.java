package io.github.deepseekboot.routing;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import javax.net.ssl.SSLHandshakeException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.routing.ScriptedProvider.Reply;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The decision table of docs/reliability.md, row by row. The expected values are written
 * here by hand and not taken from the code.
 */
class DecisionTableTests {

	/*
	 * What happens before anything was delivered. "a" and "b" are attempts, "!" means
	 * that the call failed with the kind. The columns: a fails and b would answer; a is
	 * alone, fails once and would then answer; a and b both always fail; whether one
	 * failure counts for the circuit; which cool-down it starts, in seconds.
	 */
	private static final String BEFORE = """
			INVALID_REQUEST    | a !   | a !  | a !         | no  | -
			CONTEXT_LENGTH     | a !   | a !  | a !         | no  | -
			CONTENT_FILTERED   | a !   | a !  | a !         | no  | -
			AUTHENTICATION     | a b   | a !  | a b !       | no  | 300
			OUT_OF_CREDIT      | a b   | a !  | a b !       | no  | 600
			MODEL_NOT_FOUND    | a b   | a !  | a b !       | no  | model
			RATE_LIMITED       | a b   | a a  | a b a b a b ! | no  | 0.5
			OVERLOADED         | a b   | a a  | a b a b a b ! | yes | 0.5
			SERVER_ERROR       | a b   | a a  | a b !       | yes | -
			CONNECTION         | a a b | a a  | a a b b !   | yes | -
			TLS                | a b   | a !  | a b !       | yes | -
			TIMEOUT            | a b   | a !  | a b !       | yes | -
			REDIRECTED         | a b   | a !  | a b !       | no  | -
			MALFORMED_RESPONSE | a b   | a a  | a b !       | yes | -
			STREAM_CLOSED      | a b   | a a  | a b !       | yes | -
			EMPTY_RESPONSE     | a a b | a a  | a a b b !   | yes | -
			LOCAL_LIMIT        | a b   | a !  | a b !       | no  | -
			""";

	/*
	 * What happens after something was delivered: nothing more is sent, whatever the
	 * cause. The columns: whether it counts for the circuit, which cool-down it starts.
	 */
	private static final String AFTER = """
			INVALID_REQUEST    | no  | -
			AUTHENTICATION     | no  | 300
			OUT_OF_CREDIT      | no  | 600
			MODEL_NOT_FOUND    | no  | model
			RATE_LIMITED       | no  | 0.5
			OVERLOADED         | yes | 0.5
			SERVER_ERROR       | yes | -
			MALFORMED_RESPONSE | yes | -
			STREAM_CLOSED      | yes | -
			CONTENT_FILTERED   | no  | -
			""";

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	static Stream<Arguments> before() {
		return rows(BEFORE).flatMap((row) -> Stream.of(false, true)
			.map((stream) -> Arguments.of(ErrorKind.valueOf(row[0]), stream, row[1], row[2], row[3], row[4], row[5])));
	}

	static Stream<Arguments> after() {
		return rows(AFTER).map((row) -> Arguments.of(ErrorKind.valueOf(row[0]), row[1], row[2]));
	}

	private static Stream<String[]> rows(String table) {
		return table.lines().map((line) -> Arrays.stream(line.split("\\|")).map(String::strip).toArray(String[]::new));
	}

	@Test
	void theTableIsComplete() {
		List<ErrorKind> kinds = new ArrayList<>(rows(BEFORE).map((row) -> ErrorKind.valueOf(row[0])).toList());
		// found before anything is sent; only by the subscriber; only after the commit
		kinds.addAll(List.of(ErrorKind.UNSUPPORTED, ErrorKind.CANCELLED, ErrorKind.STREAM_INTERRUPTED));
		assertThat(kinds).containsExactlyInAnyOrder(ErrorKind.values());
	}

	@ParameterizedTest(name = "{0} stream={1}")
	@MethodSource("before")
	void beforeTheCommitWithAnotherProvider(ErrorKind kind, boolean stream, String another, String alone, String all,
			String counts, String coolDown) {
		ScriptedProvider a = ScriptedProvider.of("a", failing(kind, stream));
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.answer("fine"));
		assertCall(kind, stream, another, a, b);
	}

	@ParameterizedTest(name = "{0} stream={1}")
	@MethodSource("before")
	void beforeTheCommitAtTheLastProvider(ErrorKind kind, boolean stream, String another, String alone, String all,
			String counts, String coolDown) {
		ScriptedProvider a = ScriptedProvider.of("a", failing(kind, stream), ScriptedProvider.answer("fine"));
		assertCall(kind, stream, alone, a);
	}

	@ParameterizedTest(name = "{0} stream={1}")
	@MethodSource("before")
	void beforeTheCommitWithAllProvidersFailing(ErrorKind kind, boolean stream, String another, String alone,
			String all, String counts, String coolDown) {
		ScriptedProvider a = ScriptedProvider.of("a", failing(kind, stream));
		ScriptedProvider b = ScriptedProvider.of("b", failing(kind, stream));
		assertCall(kind, stream, all, a, b);
	}

	@ParameterizedTest(name = "{0} stream={1}")
	@MethodSource("before")
	void stateAfterAFailureBeforeTheCommit(ErrorKind kind, boolean stream, String another, String alone, String all,
			String counts, String coolDown) {
		ScriptedProvider a = ScriptedProvider.of("a", failing(kind, stream));
		RoutingClient client = client(RoutingFixture.settings(1, 20, 1), a);
		assertThat(call(client, stream).failure()).isNotNull();
		assertState(client.states().statuses().get(0), kind, counts, coolDown);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("after")
	void afterTheCommit(ErrorKind kind, String counts, String coolDown) {
		ScriptedProvider a = ScriptedProvider.of("a", breaking(kind));
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.answer("never"));
		// the attempt is one result, and a failure: the commit before it does not count
		RoutingClient client = client(RoutingFixture.settings(6, 20, 1), a, b);
		Outcome outcome = call(client, true);
		assertThat(outcome.text()).isEqualTo("part");
		assertThat(outcome.failure()).isInstanceOfSatisfying(StreamInterruptedException.class, (failure) -> {
			assertThat(failure.getKind()).isEqualTo(ErrorKind.STREAM_INTERRUPTED);
			assertThat(failure.getCauseKind()).isEqualTo(kind);
			assertThat(failure.getPartialContent()).isEqualTo("part");
			assertThat(failure.getAttempts()).singleElement()
				.satisfies((attempt) -> assertThat(attempt.error()).isEqualTo(ErrorKind.STREAM_INTERRUPTED));
		});
		assertThat(a.requests()).isEqualTo(1);
		assertThat(b.requests()).isZero();
		assertState(client.states().statuses().get(0), kind, counts, coolDown);
	}

	private void assertCall(ErrorKind kind, boolean stream, String expected, ScriptedProvider... providers) {
		RoutingClient client = client(RoutingFixture.settings(6, 20, 100), providers);
		Outcome outcome = call(client, stream);
		boolean fails = expected.endsWith("!");
		if (fails) {
			assertThat(Objects.requireNonNull(outcome.failure()).getKind()).isEqualTo(kind);
			assertThat(outcome.text()).isEmpty();
		}
		else {
			assertThat(outcome.failure()).isNull();
			assertThat(outcome.text()).isEqualTo("fine");
		}
		assertThat(outcome.path() + (fails ? " !" : "")).isEqualTo(expected);
		int requests = Arrays.stream(providers).mapToInt(ScriptedProvider::requests).sum();
		assertThat(requests).isEqualTo(outcome.path().split(" ").length);
	}

	private static void assertState(ProviderStatus status, ErrorKind kind, String counts, String coolDown) {
		assertThat(status.circuit()).isEqualTo(counts.equals("yes") ? CircuitState.OPEN : CircuitState.CLOSED);
		if (coolDown.equals("model")) {
			assertThat(status.coolDown()).isNull();
			assertThat(status.missingModels()).containsExactly("a-chat");
		}
		else if (coolDown.equals("-")) {
			assertThat(status.coolDown()).isNull();
			assertThat(status.missingModels()).isEmpty();
		}
		else {
			assertThat(status.coolDown()).isEqualTo(kind);
			assertThat(status.coolDownLeft()).isEqualTo(Duration.parse("PT" + coolDown + "S"));
		}
		assertThat(status.inFlight()).isZero();
	}

	private static Reply failing(ErrorKind kind, boolean stream) {
		return switch (kind) {
			case INVALID_REQUEST -> ScriptedProvider.error(400, "bad");
			case CONTEXT_LENGTH -> ScriptedProvider.error(400, "context_length_exceeded");
			case CONTENT_FILTERED -> ScriptedProvider.error(451, "filtered");
			case AUTHENTICATION -> ScriptedProvider.error(401, "who");
			case OUT_OF_CREDIT -> ScriptedProvider.error(402, "empty");
			case MODEL_NOT_FOUND -> ScriptedProvider.error(404, "what");
			case RATE_LIMITED -> ScriptedProvider.error(429, "slow");
			case OVERLOADED -> ScriptedProvider.error(503, "busy");
			case SERVER_ERROR -> ScriptedProvider.error(500, "oops");
			case CONNECTION -> ScriptedProvider.failure(new ConnectException("refused"));
			case TLS -> ScriptedProvider.failure(new SSLHandshakeException("untrusted"));
			case TIMEOUT -> ScriptedProvider.error(408, "late");
			case REDIRECTED -> ScriptedProvider.json(307, "", "Location", "http://elsewhere.invalid/");
			case MALFORMED_RESPONSE -> ScriptedProvider.typed("text/html", Flux.just("<html>not today</html>"));
			case STREAM_CLOSED -> stream
					? ScriptedProvider.stream(Flux.concat(Flux.just(": hello\n\n"), Flux.error(new IOException("cut"))))
					: ScriptedProvider.failure(new IOException("cut"));
			case EMPTY_RESPONSE -> stream ? ScriptedProvider.stream(Flux.empty()) : ScriptedProvider.json(200, " ");
			case LOCAL_LIMIT -> ScriptedProvider.failure(new PoolAcquireTimeoutException(Duration.ofSeconds(5)));
			default -> throw new IllegalArgumentException(kind.name());
		};
	}

	private static Reply breaking(ErrorKind kind) {
		Flux<String> part = Flux.just(MisbehavingServer.delta("part"));
		return ScriptedProvider.stream(part.concatWith(switch (kind) {
			case STREAM_CLOSED -> Flux.error(new IOException("cut"));
			case MALFORMED_RESPONSE -> Flux.just("data: {\"choices\": oops}\n\n");
			case INVALID_REQUEST -> reported("400");
			case AUTHENTICATION -> reported("401");
			case OUT_OF_CREDIT -> reported("402");
			case MODEL_NOT_FOUND -> reported("404");
			case RATE_LIMITED -> reported("429");
			case OVERLOADED -> reported("503");
			case SERVER_ERROR -> reported("500");
			case CONTENT_FILTERED -> reported("content_filter");
			default -> throw new IllegalArgumentException(kind.name());
		}));
	}

	private static Flux<String> reported(String code) {
		return Flux.just("data: {\"error\":{\"message\":\"reported by the script\",\"code\":\"" + code + "\"}}\n\n");
	}

	private RoutingClient client(RoutingSettings settings, ScriptedProvider... providers) {
		RoutingFixture fixture = new RoutingFixture().settings(settings).clock(TransportClock.of(this.time));
		for (ScriptedProvider provider : providers) {
			fixture.provider(provider.client());
		}
		return fixture.client();
	}

	// the providers answer on this thread, and time goes by when nothing else happens
	private Outcome call(RoutingClient client, boolean stream) {
		ChatRequest request = ChatRequest.of("hi");
		Outcome outcome = new Outcome();
		if (stream) {
			client.stream(request).subscribe((delta) -> {
				outcome.text.append((delta.content() != null) ? delta.content() : "");
				delta.attempts().forEach((attempt) -> outcome.providers.add(attempt.provider()));
			}, outcome::failed, () -> outcome.ended = true);
		}
		else {
			client.complete(request).subscribe((completion) -> {
				outcome.text.append(completion.content());
				completion.attempts().forEach((attempt) -> outcome.providers.add(attempt.provider()));
			}, outcome::failed, () -> outcome.ended = true);
		}
		for (int i = 0; i < 20 && !outcome.ended; i++) {
			this.time.advanceTimeBy(Duration.ofMillis(20));
		}
		assertThat(outcome.ended).isTrue();
		return outcome;
	}

	private static final class Outcome {

		private final StringBuilder text = new StringBuilder();

		private final List<String> providers = new ArrayList<>();

		private @Nullable DeepSeekException failure;

		private boolean ended;

		private void failed(Throwable failure) {
			assertThat(failure).isInstanceOf(DeepSeekException.class);
			this.failure = (DeepSeekException) failure;
			this.failure.getAttempts().forEach((attempt) -> this.providers.add(attempt.provider()));
			this.ended = true;
		}

		private String text() {
			return this.text.toString();
		}

		private String path() {
			return String.join(" ", this.providers);
		}

		private @Nullable DeepSeekException failure() {
			return this.failure;
		}

	}

}
