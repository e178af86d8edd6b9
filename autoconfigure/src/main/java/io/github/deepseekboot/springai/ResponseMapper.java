package io.github.deepseekboot.springai;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.Usage;

/**
 * Makes responses of completions and deltas.
 */
final class ResponseMapper {

	private ResponseMapper() {
	}

	/**
	 * A complete answer.
	 * @param completion the answer
	 * @param withText whether the text is part of the response: not of the last one of a
	 * stream, whose text went before
	 * @return the response, with usage
	 */
	static ChatResponse response(ChatCompletion completion, boolean withText) {
		List<Generation> generations = new ArrayList<>(completion.choices().size());
		for (ChatCompletion.Choice choice : completion.choices()) {
			generations.add(generation(choice, withText));
		}
		ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder();
		describe(metadata, completion.provider(), completion.id(), completion.model());
		metadata.keyValue(RoutingChatModel.REQUEST_ID, completion.requestId())
			.keyValue(RoutingChatModel.ATTEMPTS, completion.attempts())
			.keyValue("created", (completion.created() != null) ? completion.created().getEpochSecond() : null)
			.keyValue("systemFingerprint", completion.systemFingerprint());
		if (completion.usage() != null) {
			metadata.usage(usage(completion.usage()));
		}
		return new ChatResponse(generations, metadata.build());
	}

	/**
	 * What all pieces of a stream from one origin share.
	 * @param origin where they come from
	 * @return the metadata
	 */
	static ChatResponseMetadata metadata(ChatDelta.Origin origin) {
		ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder();
		describe(metadata, origin.provider(), origin.id(), origin.model());
		return metadata.build();
	}

	private static void describe(ChatResponseMetadata.Builder metadata, String provider, @Nullable String id,
			@Nullable String model) {
		metadata.keyValue(RoutingChatModel.PROVIDER, provider);
		if (id != null) {
			metadata.id(id);
		}
		if (model != null) {
			metadata.model(model);
		}
	}

	private static Generation generation(ChatCompletion.Choice choice, boolean withText) {
		ChatMessage message = choice.message();
		Map<String, Object> properties = new HashMap<>();
		if (message.reasoningContent() != null) {
			properties.put(RoutingChatModel.REASONING_CONTENT, message.reasoningContent());
		}
		if (!message.extra().isEmpty()) {
			properties.put(RoutingChatModel.EXTRA, message.extra());
		}
		if (choice.index() != 0) {
			properties.put(RoutingChatModel.INDEX, choice.index());
		}
		String text = message.content();
		AssistantMessage output = AssistantMessage.builder()
			.content((withText && text != null) ? text : "")
			.properties(properties)
			.toolCalls(toolCalls(message.toolCalls()))
			.build();
		ChatGenerationMetadata.Builder metadata = ChatGenerationMetadata.builder()
			.finishReason(finishReason(choice.finishReason()));
		if (choice.logprobs() != null) {
			metadata.metadata(RoutingChatModel.LOGPROBS, choice.logprobs());
		}
		return new Generation(output, metadata.build());
	}

	private static @Nullable String finishReason(@Nullable FinishReason reason) {
		return (reason != null) ? reason.value().toUpperCase(Locale.ROOT) : null;
	}

	// some hosts leave out ids, or repeat one; results are matched by them
	private static List<AssistantMessage.ToolCall> toolCalls(List<ToolCall> calls) {
		List<AssistantMessage.ToolCall> mapped = new ArrayList<>(calls.size());
		Set<String> ids = new HashSet<>();
		for (ToolCall call : calls) {
			String id = call.id();
			for (int number = mapped.size(); id == null || !ids.add(id); number++) {
				id = "call_" + number;
			}
			mapped.add(new AssistantMessage.ToolCall(id, "function", call.name(), call.arguments()));
		}
		return mapped;
	}

	private static DefaultUsage usage(Usage usage) {
		return new DefaultUsage(count(usage.promptTokens()), count(usage.completionTokens()),
				count(usage.totalTokens()), usage, usage.cacheHitTokens(), null);
	}

	private static @Nullable Integer count(@Nullable Long tokens) {
		return (tokens != null) ? Math.toIntExact(Math.min(Math.max(tokens, 0), Integer.MAX_VALUE)) : null;
	}

}
