package io.github.deepseekboot.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * A client, and what it did.
 */
final class Contestant {

	final Library library;

	final JvmProcess process;

	final List<Result> results = new ArrayList<>();

	String warmUp = "";

	@Nullable String failure;

	Contestant(Library library, JvmProcess process) {
		this.library = library;
		this.process = process;
	}

	/**
	 * Let it do something, unless it failed before.
	 * @param step what it does
	 */
	void attempt(Consumer<Contestant> step) {
		if (this.failure != null) {
			return;
		}
		try {
			step.accept(this);
		}
		catch (JvmProcess.ClientFailedException ex) {
			this.failure = String.valueOf(ex.getMessage());
			System.err.println(this.library.id() + " failed: " + this.failure);
		}
	}

	/**
	 * Let all of them do something again and again, in turns.
	 * @param contestants the clients; each begins a round in its turn
	 * @param rounds how often
	 * @param step what each does
	 */
	static void takeTurns(List<Contestant> contestants, int rounds, Consumer<Contestant> step) {
		for (int round = 0; round < rounds; round++) {
			List<Contestant> order = new ArrayList<>(contestants);
			Collections.rotate(order, round);
			order.forEach((contestant) -> contestant.attempt(step));
			System.err.printf("round %d of %d%n", round + 1, rounds);
		}
	}

	/**
	 * What one of them did, that the others are compared with.
	 * @param contestants the clients
	 * @param id its name
	 * @return its results, round by round; empty if it is not there or failed
	 */
	static List<Result> resultsOf(List<Contestant> contestants, String id) {
		return contestants.stream()
			.filter((contestant) -> contestant.library.id().equals(id) && contestant.failure == null)
			.findFirst()
			.map((contestant) -> contestant.results)
			.orElse(List.of());
	}

}
