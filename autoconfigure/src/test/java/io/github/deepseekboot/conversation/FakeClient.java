package io.github.deepseekboot.conversation;

import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.TypedCompletion;

/**
 * A client without providers.
 */
final class FakeClient implements ConversationClient {

	final List<ChatRequest> requests = Collections.synchronizedList(new ArrayList<>());

	Function<ChatRequest, Mono<ChatMessage>> answer = (request) -> Mono
		.just(ChatMessage.assistant("re: " + last(request).content()));

	Function<Flux<ChatDelta>, Flux<ChatDelta>> stream = (deltas) -> deltas;

	static ChatMessage last(ChatRequest request) {
		return request.messages().get(request.messages().size() - 1);
	}

	/**
	 * Answer after a while, on another thread.
	 */
	FakeClient slowly(Duration delay) {
		Function<ChatRequest, Mono<ChatMessage>> at = this.answer;
		this.answer = (request) -> Mono.delay(delay).then(at.apply(request));
		return this;
	}

	List<List<String>> contents() {
		return this.requests.stream()
			.map((request) -> request.messages().stream().map((message) -> String.valueOf(message.content())).toList())
			.toList();
	}

	@Override
	public Mono<ChatCompletion> complete(ChatRequest request) {
		this.requests.add(request);
		return this.answer.apply(request)
			.map((message) -> ChatCompletion.builder("fake")
				.id("1")
				.model("m")
				.created(Instant.EPOCH)
				.choices(List.of(ChatCompletion.Choice.builder(message).finishReason(FinishReason.STOP).build()))
				.build());
	}

	@Override
	@SuppressWarnings("unchecked") // for answers of type String
	public <T> Mono<TypedCompletion<T>> completeTyped(ChatRequest request, Type type) {
		return complete(request).map((completion) -> TypedCompletion.of((T) completion.content(), completion));
	}

	@Override
	@SuppressWarnings("unchecked") // for items of type String
	public <T> Flux<T> streamList(ChatRequest request, Type item, Consumer<ChatCompletion> answer) {
		return complete(request).doOnNext(answer)
			.flatMapIterable((completion) -> List.of((T) completion.content(), (T) "end"));
	}

	@Override
	public <T> T await(Mono<T> answer) {
		return Objects.requireNonNull(answer.block(Duration.ofSeconds(10)));
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		this.requests.add(request);
		ChatDelta.Origin origin = ChatDelta.Origin.builder("fake").id("1").model("m").created(Instant.EPOCH).build();
		return this.stream.apply(this.answer.apply(request).flatMapMany((message) -> {
			String content = String.valueOf(message.content());
			int middle = content.length() / 2;
			return Flux.just(ChatDelta.of(origin, 0, null, "thought", null, null, null),
					ChatDelta.of(origin, 0, content.substring(0, middle), null, null, null, null),
					ChatDelta.of(origin, 0, content.substring(middle), null, FinishReason.STOP, null, null),
					ChatDelta.last(origin, null, List.of()));
		}));
	}

}
