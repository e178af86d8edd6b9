package io.github.deepseekboot.langchain4j;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.Usage;

/**
 * Makes LangChain4j's responses of completions.
 */
final class ResponseMapper {

	private ResponseMapper() {
	}

	static ChatResponse response(ChatCompletion completion) {
		List<ToolExecutionRequest> calls = new ArrayList<>(completion.toolCalls().size());
		Set<String> ids = new HashSet<>();
		for (ToolCall call : completion.toolCalls()) {
			calls.add(call(identified(call.id(), calls.size(), ids), call.name(), call.arguments()));
		}
		return response(completion, calls);
	}

	static ChatResponse response(ChatCompletion completion, List<ToolExecutionRequest> calls) {
		AiMessage message = AiMessage.builder()
			.text(orNull(completion.content()))
			.thinking(orNull(completion.reasoningContent()))
			.toolExecutionRequests(calls)
			.attributes(completion.message().extra().isEmpty() ? Map.of()
					: Map.of(RequestMapper.EXTRA, completion.message().extra()))
			.build();
		return ChatResponse.builder()
			.aiMessage(message)
			.metadata(RoutingChatResponseMetadata.builder()
				.id(completion.id())
				.modelName(completion.model())
				.tokenUsage(usage(completion.usage()))
				.finishReason(reason(completion.finishReason()))
				.provider(completion.provider())
				.requestId(completion.requestId())
				.systemFingerprint(completion.systemFingerprint())
				.attempts(completion.attempts())
				.build())
			.build();
	}

	/**
	 * The id of a tool call: some hosts leave it out, or repeat one.
	 * @param id the id that the host sent
	 * @param index the place of the call
	 * @param ids the ids so far
	 * @return an id that no other call has
	 */
	static String identified(@Nullable String id, int index, Set<String> ids) {
		String unique = id;
		for (int number = index; unique == null || !ids.add(unique); number++) {
			unique = "call_" + number;
		}
		return unique;
	}

	static ToolExecutionRequest call(String id, String name, String arguments) {
		return ToolExecutionRequest.builder()
			.id(id)
			.name(name)
			.arguments(arguments.isBlank() ? "{}" : arguments)
			.build();
	}

	private static @Nullable String orNull(@Nullable String text) {
		return (text != null && !text.isEmpty()) ? text : null;
	}

	private static @Nullable RoutingTokenUsage usage(@Nullable Usage usage) {
		return (usage != null)
				? new RoutingTokenUsage(count(usage.promptTokens()), count(usage.completionTokens()),
						count(usage.totalTokens()), count(usage.cacheHitTokens()), count(usage.reasoningTokens()))
				: null;
	}

	private static @Nullable Integer count(@Nullable Long tokens) {
		return (tokens != null) ? Math.toIntExact(Math.min(Math.max(tokens, 0), Integer.MAX_VALUE)) : null;
	}

	private static dev.langchain4j.model.output.@Nullable FinishReason reason(@Nullable FinishReason reason) {
		if (reason == null) {
			return null;
		}
		return switch (reason.value()) {
			case "stop" -> dev.langchain4j.model.output.FinishReason.STOP;
			case "length" -> dev.langchain4j.model.output.FinishReason.LENGTH;
			case "tool_calls" -> dev.langchain4j.model.output.FinishReason.TOOL_EXECUTION;
			case "content_filter" -> dev.langchain4j.model.output.FinishReason.CONTENT_FILTER;
			default -> dev.langchain4j.model.output.FinishReason.OTHER;
		};
	}

}
