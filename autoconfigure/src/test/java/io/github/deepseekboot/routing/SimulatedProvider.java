package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.stream.IntStream;

import io.github.deepseekboot.test.provider.Fault;
import io.github.deepseekboot.test.provider.ReceivedCall;
import io.github.deepseekboot.test.provider.ScriptedAnswer;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

/**
 * A provider that repeats the mark of each request in a text that is known beforehand,
 * and has a bad day on demand.
 */
final class SimulatedProvider {

	static final int PIECES = 12;

	private final ScriptedProvider provider;

	private final Duration pace;

	private volatile Mood mood = Mood.FINE;

	SimulatedProvider(ScriptedServer server, String id, Duration pace) {
		this.pace = pace;
		this.provider = server.addProvider(id, "openai");
		this.provider.reply().always().decides(this::decide);
	}

	/**
	 * The complete answer to a request with a mark.
	 */
	static String text(String mark) {
		return String.join("", pieces(mark));
	}

	private static String[] pieces(String mark) {
		return IntStream.range(0, PIECES).mapToObj((number) -> mark + "/" + number + " ").toArray(String[]::new);
	}

	String id() {
		return this.provider.id();
	}

	String baseUrl() {
		return this.provider.baseUrl();
	}

	void mood(Mood mood) {
		this.mood = mood;
	}

	long requests() {
		return this.provider.received();
	}

	private void decide(ReceivedCall call, ScriptedAnswer answer) {
		answer.answersInPieces(pieces(call.lastUserMessage())).pace(this.pace);
		switch (this.mood) {
			case FINE -> {
			}
			case REFUSING -> answer.fails(Fault.REFUSE);
			case LIMITING -> answer.fails(429).retryAfter(Duration.ofMillis(100));
			case STALLING -> answer.fails(Fault.STALL_BEFORE_HEADERS);
			case CUTTING_BEFORE -> answer.fails(Fault.CUT_BEFORE_FIRST_TOKEN);
			case CUTTING_AFTER -> answer.cutsAfter(PIECES / 2);
		}
	}

	/**
	 * What kind of day the provider has.
	 */
	enum Mood {

		FINE, REFUSING, LIMITING, STALLING, CUTTING_BEFORE, CUTTING_AFTER

	}

}
