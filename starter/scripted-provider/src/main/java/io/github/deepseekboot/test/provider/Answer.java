package io.github.deepseekboot.test.provider;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a provider says to one call, in pieces but not yet in anyone's words.
 *
 * @param thinking whether the provider thinks first
 * @param reasoning what it thinks
 * @param content what it says
 * @param toolCalls the tools it calls
 * @param finishReason why it ends
 */
record Answer(boolean thinking, List<Piece> reasoning, List<Piece> content, List<ToolCall> toolCalls,
		String finishReason) {

	static Answer of(ReceivedCall call, Script script, Dialect dialect) {
		boolean thinking = dialect.thinks(call, script) || (!script.improvises() && script.hasReasoning());
		List<Piece> reasoning = (thinking) ? reasoning(call, script, dialect) : List.of();
		List<ToolCall> toolCalls = toolCalls(call, script, dialect);
		List<Piece> content = (toolCalls.isEmpty() || !script.improvises()) ? content(call, script, dialect)
				: List.of();
		String finishReason = (toolCalls.isEmpty()) ? "stop" : "tool_calls";
		int limit = call.maxTokens();
		if (script.improvises() && script.chunks() == 0 && toolCalls.isEmpty()) {
			if (dialect.limitsReasoning()) {
				reasoning = head(reasoning, limit);
				limit -= reasoning.size();
			}
			if (content.size() > limit) {
				content = head(content, limit);
				finishReason = "length";
			}
		}
		String scripted = script.finishReason();
		return new Answer(thinking, reasoning, content, toolCalls, (scripted != null) ? scripted : finishReason);
	}

	private static List<Piece> head(List<Piece> pieces, int limit) {
		return (pieces.size() > limit) ? pieces.subList(0, limit) : pieces;
	}

	private static List<Piece> reasoning(ReceivedCall call, Script script, Dialect dialect) {
		if (script.reasoningChunks() > 0) {
			return Piece.ofLength(script.reasoningChunks(), script.chunkBytes());
		}
		Function<ReceivedCall, String> reasoner = script.reasoning();
		if (reasoner != null) {
			return Piece.split(reasoner.apply(call));
		}
		return (script.chunks() > 0 || !script.improvises()) ? List.of()
				: Piece.split(BuiltInText.reasoning(dialect.displayName()));
	}

	private static List<Piece> content(ReceivedCall call, Script script, Dialect dialect) {
		if (script.chunks() > 0) {
			return (script.sendTimes()) ? Collections.nCopies(script.chunks(), Piece.SEND_TIME)
					: Piece.ofLength(script.chunks(), script.chunkBytes());
		}
		List<String> pieces = script.pieces();
		if (pieces != null) {
			return Piece.of(pieces);
		}
		Function<ReceivedCall, String> answerer = script.answerer();
		if (answerer != null) {
			return Piece.split(answerer.apply(call));
		}
		return (script.improvises()) ? Piece.split(BuiltInText.answer(call, dialect.displayName())) : List.of();
	}

	private static List<ToolCall> toolCalls(ReceivedCall call, Script script, Dialect dialect) {
		if (script.improvises() && !call.toolResults().isEmpty()) {
			return List.of();
		}
		List<ToolCall> calls = new ArrayList<>();
		for (Script.ToolCall scripted : script.toolCalls()) {
			if (scripted.condition().test(call)) {
				String id = scripted.id();
				calls.add(new ToolCall((id != null) ? id : dialect.newToolCallId(), scripted.name(),
						Piece.split(scripted.arguments())));
			}
		}
		JsonNode wanted = wantedTool(call, script);
		if (wanted != null) {
			calls.add(new ToolCall(dialect.newToolCallId(), wanted.path("name").asString(""),
					Piece.split(BuiltInText.sample(wanted.path("parameters")).toString())));
		}
		return calls;
	}

	private static @Nullable JsonNode wantedTool(ReceivedCall call, Script script) {
		return (script.improvises() && script.toolCalls().isEmpty() && script.chunks() == 0) ? call.wantedTool() : null;
	}

	// how many pieces of text a stream of it has
	int size() {
		int tools = this.toolCalls.stream().mapToInt((toolCall) -> toolCall.arguments().size()).sum();
		return this.reasoning.size() + this.content.size() + tools;
	}

	Usage usage(ReceivedCall call, Script script) {
		Usage scripted = script.usage();
		return (scripted != null) ? scripted
				: new Usage(call.promptTokens(), call.cachedTokens(), size(), this.reasoning.size());
	}

	/**
	 * A call of a tool.
	 *
	 * @param id the id of the call
	 * @param name the function's name
	 * @param arguments its arguments
	 */
	record ToolCall(String id, String name, List<Piece> arguments) {

	}

}
