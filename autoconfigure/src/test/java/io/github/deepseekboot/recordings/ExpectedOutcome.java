package io.github.deepseekboot.recordings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a client should make of an exchange: one row of an {@code outcomes.tsv}. The
 * numbers are those that the body holds, whatever the outcome; where there are several
 * choices they are those of the lowest index.
 *
 * @param name the exchange
 * @param mode {@code stream}, {@code blocking}, {@code models} or {@code error} (a status
 * other than 2xx)
 * @param preset the preset to read it with
 * @param outcome {@code complete}, or the name of an error kind
 * @param finishReason the raw finish reason
 * @param contentLength the length of the content in UTF-16 units; {@code null} if there
 * was never any, not even an empty string
 * @param reasoningLength the same of the reasoning
 * @param toolCalls the number of tool calls; {@code null} if there is no choice
 * @param promptTokens tokens of the prompt
 * @param completionTokens tokens of the answer
 * @param totalTokens the provider's sum
 * @param cacheHitTokens prompt tokens from the cache
 * @param reasoningTokens completion tokens that were reasoning
 * @param note what is special about it
 */
public record ExpectedOutcome(String name, String mode, String preset, String outcome, @Nullable String finishReason,
		@Nullable Integer contentLength, @Nullable Integer reasoningLength, @Nullable Integer toolCalls,
		@Nullable Long promptTokens, @Nullable Long completionTokens, @Nullable Long totalTokens,
		@Nullable Long cacheHitTokens, @Nullable Long reasoningTokens, String note) {

	/**
	 * The {@link #outcome()} of an answer that was read to its end.
	 */
	public static final String COMPLETE = "complete";

	/**
	 * The outcomes of the recorded traffic.
	 * @return the rows, by name, in the order of the table
	 */
	public static Map<String, ExpectedOutcome> recorded() {
		return read("/recordings/outcomes.tsv");
	}

	/**
	 * The outcomes of the handmade corpus.
	 * @return the rows, by name, in the order of the table
	 */
	public static Map<String, ExpectedOutcome> corpus() {
		return read("/corpus/outcomes.tsv");
	}

	/**
	 * Whether a client should read the answer to its end.
	 * @return {@code false} if it should fail
	 */
	public boolean isComplete() {
		return COMPLETE.equals(this.outcome);
	}

	private static Map<String, ExpectedOutcome> read(String resource) {
		List<String> lines;
		try (InputStream stream = ExpectedOutcome.class.getResourceAsStream(resource)) {
			if (stream == null) {
				throw new IllegalStateException("No " + resource + " on the class path");
			}
			lines = new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Map<String, ExpectedOutcome> rows = new LinkedHashMap<>();
		lines.stream().filter((line) -> !line.isBlank() && !line.startsWith("#")).skip(1).forEach((line) -> {
			ExpectedOutcome row = row(line.split("\t", -1));
			if (rows.put(row.name(), row) != null) {
				throw new IllegalStateException("Twice in " + resource + ": " + row.name());
			}
		});
		return Collections.unmodifiableMap(rows);
	}

	private static ExpectedOutcome row(String[] cells) {
		if (cells.length != 14) {
			throw new IllegalStateException("Not 14 columns: " + String.join(" | ", cells));
		}
		return new ExpectedOutcome(cells[0], cells[1], cells[2], cells[3], text(cells[4]), size(cells[5]),
				size(cells[6]), size(cells[7]), count(cells[8]), count(cells[9]), count(cells[10]), count(cells[11]),
				count(cells[12]), cells[13]);
	}

	private static @Nullable String text(String cell) {
		return "-".equals(cell) ? null : cell;
	}

	private static @Nullable Integer size(String cell) {
		return "-".equals(cell) ? null : Integer.valueOf(cell);
	}

	private static @Nullable Long count(String cell) {
		return "-".equals(cell) ? null : Long.valueOf(cell);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
