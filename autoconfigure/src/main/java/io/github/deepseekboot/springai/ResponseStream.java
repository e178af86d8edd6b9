package io.github.deepseekboot.springai;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.util.StringUtils;
import reactor.core.publisher.SynchronousSink;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;

/**
 * Makes responses of the deltas of one stream. Text and reasoning pass as they come; tool
 * calls come complete, with finish reason, usage and the complete reasoning, on the last
 * response, since Spring AI puts streams together by adding texts and calls up, and by
 * taking the last of everything else.
 */
final class ResponseStream implements BiConsumer<ChatDelta, SynchronousSink<ChatResponse>> {

	private final ChatDeltaAccumulator collected = new ChatDeltaAccumulator();

	private ChatDelta.@Nullable Origin origin;

	private ChatResponseMetadata metadata = new ChatResponseMetadata();

	private boolean answered;

	@Override
	public void accept(ChatDelta delta, SynchronousSink<ChatResponse> sink) {
		this.collected.add(delta);
		if (delta.isLast()) {
			if (this.answered) {
				sink.next(ResponseMapper.response(this.collected.toCompletion(), false));
			}
			return;
		}
		this.answered = true;
		if (delta.origin() != this.origin) {
			this.origin = delta.origin();
			this.metadata = ResponseMapper.metadata(delta.origin());
		}
		AssistantMessage piece = piece(delta);
		if (piece != null) {
			sink.next(new ChatResponse(List.of(new Generation(piece)), this.metadata));
		}
	}

	/**
	 * The complete answer.
	 * @return the answer; empty if the stream has not come to its end
	 */
	Optional<ChatResponse> complete() {
		return (this.answered && this.collected.last() != null)
				? Optional.of(ResponseMapper.response(this.collected.toCompletion(), true)) : Optional.empty();
	}

	private static @Nullable AssistantMessage piece(ChatDelta delta) {
		String content = delta.content();
		String reasoning = StringUtils.hasLength(delta.reasoningContent()) ? delta.reasoningContent() : null;
		if (content == null && reasoning == null) {
			return null;
		}
		String text = (content != null) ? content : "";
		if (reasoning == null && delta.choiceIndex() == 0) {
			return new AssistantMessage(text);
		}
		Map<String, Object> properties = (reasoning != null)
				? Map.of(RoutingChatModel.REASONING_DELTA, reasoning, RoutingChatModel.INDEX, delta.choiceIndex())
				: Map.of(RoutingChatModel.INDEX, delta.choiceIndex());
		return AssistantMessage.builder().content(text).properties(properties).build();
	}

}
