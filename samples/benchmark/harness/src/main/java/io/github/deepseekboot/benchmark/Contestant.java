package io.github.deepseekboot.benchmark;

import java.util.ArrayList;
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

}
