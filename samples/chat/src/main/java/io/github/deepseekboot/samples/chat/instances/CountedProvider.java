package io.github.deepseekboot.samples.chat.instances;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Simulated provider that counts the calls of all instances.
 */
final class CountedProvider {

	static final Duration ASKED_PAUSE = Duration.ofSeconds(10);

	private static final Duration ANSWERS_AFTER = Duration.ofMillis(1500);

	private static final String ANSWER = """
			{"id": "1", "object": "chat.completion", "created": 1760000000, "model": "simulated", "choices": [{"index": 0,
			"message": {"role": "assistant", "content": "This answer is simulated."}, "finish_reason": "stop"}],
			"usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}}""";

	private static final String REFUSAL = """
			{"error": {"message": "Rate limit reached", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}""";

	private final String id;

	private final AtomicBoolean refusesNext = new AtomicBoolean();

	private int running;

	private int most;

	private long refused;

	CountedProvider(String id) {
		this.id = id;
	}

	/**
	 * Answer the next call, and no other, with status 429.
	 */
	void refuseNext() {
		this.refusesNext.set(true);
	}

	Mono<Void> answer(HttpServerRequest request, HttpServerResponse response) {
		response.header("Content-Type", "application/json");
		if (this.refusesNext.compareAndSet(true, false)) {
			refused();
			response.status(429).header("Retry-After", Long.toString(ASKED_PAUSE.toSeconds()));
			return response.sendString(Mono.just(REFUSAL)).then();
		}
		// the end is counted before the answer is sent, and once if the connection is cut
		AtomicBoolean ended = new AtomicBoolean();
		Mono<String> answer = Mono.delay(ANSWERS_AFTER)
			.map((tick) -> ANSWER)
			.doFirst(this::begin)
			.doOnTerminate(() -> end(ended))
			.doOnCancel(() -> end(ended));
		return request.receive().then(response.sendString(answer).then());
	}

	private synchronized void begin() {
		this.running++;
		this.most = Math.max(this.most, this.running);
	}

	private synchronized void end(AtomicBoolean ended) {
		if (ended.compareAndSet(false, true)) {
			this.running--;
		}
	}

	private synchronized void refused() {
		this.refused++;
	}

	synchronized Count count() {
		return new Count(this.id, this.running, this.most, this.refused);
	}

	/**
	 * Counts of a provider.
	 *
	 * @param id its id
	 * @param running the calls that it answers now
	 * @param most the most calls at once so far
	 * @param refused the calls that it answered with status 429
	 */
	record Count(String id, int running, int most, long refused) {

	}

}
