package io.github.deepseekboot.guide;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.CallLimiter;
import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;

class LimitedStreams {

	private final ChatCompletionTemplate chat;

	private final CallLimiter limiter;

	// tag::limits[]
	LimitedStreams(ChatCompletionTemplate chat, CallLimiterFactory limiters) {
		this.chat = chat;
		this.limiter = limiters.create("tenant acme",
				CallLimits.builder().maxConcurrent(20).requestsPerMinute(600).tokensPerMinute(1_000_000).build());
	}

	Flux<ChatDelta> stream(ChatRequest request) {
		return Flux.usingWhen(this.limiter.acquire(request), (permit) -> this.chat.stream(request).doOnNext((delta) -> {
			if (delta.usage() != null) {
				permit.used(delta.usage());
			}
		}), (permit) -> Mono.fromRunnable(permit::release));
	}
	// end::limits[]

}
