package io.github.deepseekboot.guide;

import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.Usage;

// tag::costs[]
@Service
class Invoices {

	private final Map<String, BigDecimal> spent = new ConcurrentHashMap<>();

	private final ChatCompletionOperations chat;

	Invoices(ChatCompletionOperations chat) {
		this.chat = chat;
	}

	String complete(String customer, String question) {
		ChatCompletion answer = this.chat.complete(question);
		charge(customer, answer.usage());
		return answer.content();
	}

	Flux<ChatDelta> stream(String customer, String question) {
		return this.chat.stream(ChatRequest.of(question)).doOnNext((delta) -> charge(customer, delta.usage()));
	}

	// of a stream, only the last delta has usage
	private void charge(String customer, @Nullable Usage usage) {
		if (usage != null && usage.cost() != null) {
			this.spent.merge(customer, usage.cost().amount(), BigDecimal::add);
		}
	}

	BigDecimal spentBy(String customer) {
		return this.spent.getOrDefault(customer, BigDecimal.ZERO);
	}

}
// end::costs[]
