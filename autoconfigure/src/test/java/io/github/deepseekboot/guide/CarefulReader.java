package io.github.deepseekboot.guide;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.StreamInterruptedException;

class CarefulReader {

	private static final Logger logger = LoggerFactory.getLogger(CarefulReader.class);

	private final ChatCompletionTemplate chat;

	CarefulReader(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	// tag::interrupted[]
	Flux<String> readable(String topic) {
		return this.chat.stream("Write a poem about " + topic)
			.mapNotNull(ChatDelta::content)
			.onErrorResume(StreamInterruptedException.class, (ex) -> Flux.just("\n(the poet was interrupted)"));
	}
	// end::interrupted[]

	// tag::collect[]
	ChatCompletion whole(String topic) {
		return this.chat.stream("Write a poem about " + topic)
			.doOnNext((delta) -> show(delta.content()))
			.collect(ChatCompletion.collector())
			.block();
	}
	// end::collect[]

	// tag::facts[]
	String poemOrReason(String topic) {
		try {
			return this.chat.complete("Write a poem about " + topic).content();
		}
		catch (DeepSeekException ex) {
			logger.warn("No poem: {}, provider {}, status {}, code {}, request {}, {} attempts", ex.getKind(),
					ex.getProvider(), ex.getStatus(), ex.getCode(), ex.getRequestId(), ex.getAttempts().size());
			Duration wait = ex.getRetryAfter();
			return (wait != null) ? "Try again in " + wait.toSeconds() + " seconds" : "No poem today";
		}
	}
	// end::facts[]

	private static void show(String text) {
	}

}
