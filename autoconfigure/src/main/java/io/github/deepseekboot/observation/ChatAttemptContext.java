package io.github.deepseekboot.observation;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;

/**
 * What is observed of an attempt.
 */
public class ChatAttemptContext extends Observation.Context {

	private final AttemptStarted attempt;

	private @Nullable AttemptReport report;

	ChatAttemptContext(AttemptStarted attempt) {
		this.attempt = attempt;
	}

	/**
	 * The attempt.
	 * @return the attempt
	 */
	public AttemptStarted getAttempt() {
		return this.attempt;
	}

	/**
	 * What it came to.
	 * @return the report, or {@code null} while it runs
	 */
	public @Nullable AttemptReport getReport() {
		return this.report;
	}

	void setReport(AttemptReport report) {
		this.report = report;
	}

}
