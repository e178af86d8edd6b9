package io.github.deepseekboot.chat;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * One message of a conversation.
 *
 * @param role who speaks
 * @param content the text; {@code null} where there is none, as in an assistant's turn
 * that only calls tools, or where {@code parts} are given
 * @param parts the content in parts, where it is more than text; else empty
 * @param name a name to tell participants of one role apart
 * @param toolCallId for the role {@code tool}: which call this answers
 * @param toolCalls for the role {@code assistant}: the tools it called
 * @param reasoningContent for the role {@code assistant}: its chain of thought. Keep it
 * as it came: whether it is sent back is decided by the rule of the provider that answers
 * @param prefix for the role {@code assistant}, as the last message: the answer must
 * begin with this content (DeepSeek's beta)
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChatMessage(@JsonProperty("role") MessageRole role, @JsonProperty("content") @Nullable String content,
		@JsonProperty("parts") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ContentPart> parts,
		@JsonProperty("name") @Nullable String name, @JsonProperty("toolCallId") @Nullable String toolCallId,
		@JsonProperty("toolCalls") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ToolCall> toolCalls,
		@JsonProperty("reasoningContent") @Nullable String reasoningContent,
		@JsonProperty("prefix") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean prefix) {

	@SuppressWarnings("NullAway") // the lists may be absent when read from JSON
	public ChatMessage {
		Assert.notNull(role, "'role' must not be null");
		parts = (parts != null) ? List.copyOf(parts) : List.of();
		toolCalls = (toolCalls != null) ? List.copyOf(toolCalls) : List.of();
		Assert.isTrue(content == null || parts.isEmpty(), "only one of 'content' and 'parts' may be set");
	}

	// a mapper may refuse JSON in which a boolean is missing
	@JsonCreator
	static ChatMessage fromJson(@JsonProperty("role") MessageRole role,
			@JsonProperty("content") @Nullable String content, @JsonProperty("parts") List<ContentPart> parts,
			@JsonProperty("name") @Nullable String name, @JsonProperty("toolCallId") @Nullable String toolCallId,
			@JsonProperty("toolCalls") List<ToolCall> toolCalls,
			@JsonProperty("reasoningContent") @Nullable String reasoningContent,
			@JsonProperty("prefix") @Nullable Boolean prefix) {
		return new ChatMessage(role, content, parts, name, toolCallId, toolCalls, reasoningContent,
				Boolean.TRUE.equals(prefix));
	}

	/**
	 * A system message.
	 * @param content the instructions
	 * @return the message
	 */
	public static ChatMessage system(String content) {
		return builder(MessageRole.SYSTEM).content(content).build();
	}

	/**
	 * A user's message.
	 * @param content the text
	 * @return the message
	 */
	public static ChatMessage user(String content) {
		return builder(MessageRole.USER).content(content).build();
	}

	/**
	 * A user's message in parts.
	 * @param parts texts and images
	 * @return the message
	 */
	public static ChatMessage user(ContentPart... parts) {
		return builder(MessageRole.USER).parts(List.of(parts)).build();
	}

	/**
	 * An assistant's message.
	 * @param content the text
	 * @return the message
	 */
	public static ChatMessage assistant(String content) {
		return builder(MessageRole.ASSISTANT).content(content).build();
	}

	/**
	 * The result of a tool call.
	 * @param toolCallId the id of the call
	 * @param content the result, as text or JSON
	 * @return the message
	 */
	public static ChatMessage tool(String toolCallId, String content) {
		return builder(MessageRole.TOOL).toolCallId(toolCallId).content(content).build();
	}

	/**
	 * Start a message.
	 * @param role who speaks
	 * @return a builder
	 */
	public static Builder builder(MessageRole role) {
		return new Builder(role);
	}

	/**
	 * Builds a message.
	 */
	public static final class Builder {

		private final MessageRole role;

		private @Nullable String content;

		private List<ContentPart> parts = List.of();

		private @Nullable String name;

		private @Nullable String toolCallId;

		private List<ToolCall> toolCalls = List.of();

		private @Nullable String reasoningContent;

		private boolean prefix;

		private Builder(MessageRole role) {
			this.role = role;
		}

		/**
		 * The text.
		 * @param content the text
		 * @return this builder
		 */
		public Builder content(@Nullable String content) {
			this.content = content;
			return this;
		}

		/**
		 * The content in parts.
		 * @param parts texts and images
		 * @return this builder
		 */
		public Builder parts(List<ContentPart> parts) {
			this.parts = parts;
			return this;
		}

		/**
		 * A name to tell participants of one role apart.
		 * @param name the name
		 * @return this builder
		 */
		public Builder name(@Nullable String name) {
			this.name = name;
			return this;
		}

		/**
		 * Which tool call this answers.
		 * @param toolCallId the call's id
		 * @return this builder
		 */
		public Builder toolCallId(@Nullable String toolCallId) {
			this.toolCallId = toolCallId;
			return this;
		}

		/**
		 * The tools that the assistant called.
		 * @param toolCalls the calls
		 * @return this builder
		 */
		public Builder toolCalls(List<ToolCall> toolCalls) {
			this.toolCalls = toolCalls;
			return this;
		}

		/**
		 * The assistant's chain of thought.
		 * @param reasoningContent the text; an empty one is kept as such
		 * @return this builder
		 */
		public Builder reasoningContent(@Nullable String reasoningContent) {
			this.reasoningContent = reasoningContent;
			return this;
		}

		/**
		 * Whether the answer must begin with this message's content.
		 * @param prefix {@code true} to have it continued
		 * @return this builder
		 */
		public Builder prefix(boolean prefix) {
			this.prefix = prefix;
			return this;
		}

		/**
		 * Make the message.
		 * @return the message
		 */
		public ChatMessage build() {
			return new ChatMessage(this.role, this.content, this.parts, this.name, this.toolCallId, this.toolCalls,
					this.reasoningContent, this.prefix);
		}

	}

}
