package io.github.deepseekboot.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;

@RestController
class PoemStreams {

	private final ChatCompletionTemplate chat;

	PoemStreams(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	// tag::deltas[]
	@GetMapping(path = "/poem", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ChatDelta> poem(@RequestParam String topic) {
		return this.chat.stream("Write a poem about " + topic);
	}
	// end::deltas[]

	// tag::text[]
	@GetMapping(path = "/poem.txt", produces = "text/plain;charset=UTF-8")
	Flux<String> text(@RequestParam String topic) {
		return this.chat.streamText("Write a poem about " + topic);
	}
	// end::text[]

	// tag::events[]
	@GetMapping(path = "/poem/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ServerSentEvent<Object>> events(@RequestParam String topic) {
		return this.chat.stream("Write a poem about " + topic)
			.map((delta) -> event("delta", delta))
			.onErrorResume(DeepSeekException.class, (ex) -> Mono.just(event("failure", ex.getKind())));
	}

	private static ServerSentEvent<Object> event(String name, Object data) {
		return ServerSentEvent.builder(data).event(name).build();
	}
	// end::events[]

	// tag::aloud[]
	@GetMapping(path = "/poem/aloud", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ServerSentEvent<Object>> aloud(@RequestParam String topic) {
		ChatRequest request = ChatRequest.builder().user("Write a poem about " + topic).model("reasoner").build();
		return this.chat.stream(request)
			.concatMapIterable((delta) -> parts(delta))
			.concatWithValues(event("end", Map.of()))
			.onErrorResume(DeepSeekException.class, (ex) -> Mono.just(event("failure", ex.getKind())));
	}

	private static List<ServerSentEvent<Object>> parts(ChatDelta delta) {
		List<ServerSentEvent<Object>> parts = new ArrayList<>();
		if (delta.reasoningContent() != null) {
			parts.add(event("thinking", Map.of("text", delta.reasoningContent())));
		}
		if (delta.content() != null) {
			parts.add(event("text", Map.of("text", delta.content())));
		}
		return parts;
	}
	// end::aloud[]

}
