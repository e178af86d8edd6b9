package io.github.deepseekboot.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Accumulator of the deltas of one stream, in time linear in their number and size. Of a
 * stream with rounds of tools, the last round is the answer. Who has a complete stream
 * uses {@link ChatCompletion#collector()}. Not thread-safe.
 */
public final class ChatDeltaAccumulator {

	private final Map<Integer, ChoiceAccumulator> choices = new TreeMap<>();

	private @Nullable ChatDelta latest;

	/**
	 * Add the next delta.
	 * @param delta the delta
	 */
	public void add(ChatDelta delta) {
		if (this.latest != null && this.latest.round() != delta.round()) {
			this.choices.clear();
		}
		this.latest = delta;
		if (!delta.isLast() || (!delta.extra().isEmpty() && !this.choices.isEmpty())) {
			this.choices.computeIfAbsent(delta.choiceIndex(), (index) -> new ChoiceAccumulator()).add(delta);
		}
	}

	/**
	 * Return the last delta.
	 * @return the delta, or {@code null} before it came
	 */
	public @Nullable ChatDelta last() {
		return (this.latest != null && this.latest.isLast()) ? this.latest : null;
	}

	/**
	 * Return the completion of the deltas so far.
	 * @return the completion
	 * @throws DeepSeekException of the kind {@code EMPTY_RESPONSE} if there was no delta
	 * but the last one
	 */
	public ChatCompletion toCompletion() {
		ChatDelta last = this.latest;
		if (last == null || this.choices.isEmpty()) {
			throw DeepSeekException.builder(ErrorKind.EMPTY_RESPONSE, "the stream ended without an answer")
				.provider((last != null) ? last.origin().provider() : null)
				.build();
		}
		List<ChatCompletion.Choice> choices = new ArrayList<>(this.choices.size());
		this.choices.forEach((index, choice) -> choices.add(choice.toChoice(index)));
		ChatDelta.Origin origin = last.origin();
		return ChatCompletion.builder(origin.provider())
			.id(origin.id())
			.model(origin.model())
			.created(origin.created())
			.systemFingerprint(origin.systemFingerprint())
			.choices(choices)
			.usage(last.usage())
			.requestId(origin.requestId())
			.attempts(last.attempts())
			.toolMessages(last.toolMessages())
			.build();
	}

	private static @Nullable StringBuilder append(@Nullable StringBuilder builder, @Nullable String text) {
		if (text == null) {
			return builder;
		}
		return ((builder != null) ? builder : new StringBuilder()).append(text);
	}

	private static @Nullable String text(@Nullable StringBuilder builder) {
		return (builder != null) ? builder.toString() : null;
	}

	private static final class ChoiceAccumulator {

		private @Nullable StringBuilder content;

		private @Nullable StringBuilder reasoningContent;

		private @Nullable FinishReason finishReason;

		private final Map<Integer, ToolCallAccumulator> toolCalls = new TreeMap<>();

		private final List<Logprobs> logprobs = new ArrayList<>();

		private final ExtraAccumulator extra = new ExtraAccumulator();

		void add(ChatDelta delta) {
			this.content = append(this.content, delta.content());
			this.reasoningContent = append(this.reasoningContent, delta.reasoningContent());
			if (delta.finishReason() != null) {
				this.finishReason = delta.finishReason();
			}
			if (delta.logprobs() != null) {
				this.logprobs.add(delta.logprobs());
			}
			this.extra.add(delta.extra());
			List<ToolCallDelta> fragments = delta.toolCalls();
			for (int i = 0; i < fragments.size(); i++) {
				ToolCallDelta fragment = fragments.get(i);
				this.toolCalls.computeIfAbsent(fragment.index(), (index) -> new ToolCallAccumulator()).add(fragment);
			}
		}

		ChatCompletion.Choice toChoice(int index) {
			ChatMessage message = ChatMessage.builder(MessageRole.ASSISTANT)
				.content(text(this.content))
				.reasoningContent(text(this.reasoningContent))
				.toolCalls(this.toolCalls.values().stream().map(ToolCallAccumulator::toToolCall).toList())
				.extra(this.extra.fields())
				.build();
			return ChatCompletion.Choice.builder(message)
				.index(index)
				.finishReason(this.finishReason)
				.logprobs(this.logprobs.isEmpty() ? null : Logprobs.concat(this.logprobs))
				.build();
		}

	}

	private static final class ToolCallAccumulator {

		private @Nullable String id;

		private @Nullable String name;

		private @Nullable StringBuilder arguments;

		private final ExtraAccumulator extra = new ExtraAccumulator();

		void add(ToolCallDelta fragment) {
			this.id = (fragment.id() != null) ? fragment.id() : this.id;
			this.name = (fragment.name() != null) ? fragment.name() : this.name;
			String arguments = fragment.arguments();
			if (this.arguments != null && arguments != null && this.arguments.length() == 2 && arguments.startsWith("{")
					&& this.arguments.toString().equals("{}")) {
				// some gateways begin each call with an empty object
				this.arguments = null;
			}
			this.arguments = append(this.arguments, arguments);
			this.extra.add(fragment.extra());
		}

		ToolCall toToolCall() {
			String arguments = text(this.arguments);
			return new ToolCall(this.id, (this.name != null) ? this.name : "", (arguments != null) ? arguments : "",
					this.extra.fields());
		}

	}

}
