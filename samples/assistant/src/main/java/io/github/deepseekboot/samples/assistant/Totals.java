package io.github.deepseekboot.samples.assistant;

import java.util.ArrayList;
import java.util.List;

import org.springframework.stereotype.Component;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Adds up what all calls took. An application that runs for long has
 * <a href="https://docs.micrometer.io">meters</a> for this.
 */
@Component
class Totals implements RoutingListener {

	private final List<AttemptReport> attempts = new ArrayList<>();

	private Usage usage = Usage.of(0, 0);

	@Override
	public synchronized void onEvent(RoutingEvent event) {
		if (event instanceof CallEnded ended) {
			this.attempts.addAll(ended.attempts());
			if (ended.usage() != null) {
				this.usage = this.usage.plus(ended.usage());
			}
		}
	}

	synchronized void print() {
		long failed = this.attempts.stream().filter((attempt) -> attempt.error() != null).count();
		System.out.printf("%d tokens asked, %d answered; %d attempts, %d of them failed%n", this.usage.promptTokens(),
				this.usage.completionTokens(), this.attempts.size(), failed);
	}

}
