package io.github.deepseekboot.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Message of a conversation.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "role", "content", "parts", "name", "toolCallId", "toolCalls", "reasoningContent", "prefix",
		"extra" })
public final class ChatMessage {

	private final MessageRole role;

	private final @Nullable String content;

	private final List<ContentPart> parts;

	private final @Nullable String name;

	private final @Nullable String toolCallId;

	private final List<ToolCall> toolCalls;

	private final @Nullable String reasoningContent;

	private final boolean prefix;

	private final Map<String, @Nullable Object> extra;

	private ChatMessage(Builder builder) {
		Assert.notNull(builder.role, "'role' must not be null");
		Assert.isTrue(builder.content == null || builder.parts.isEmpty(),
				"only one of 'content' and 'parts' may be set");
		this.role = builder.role;
		this.content = builder.content;
		this.parts = List.copyOf(builder.parts);
		this.name = builder.name;
		this.toolCallId = builder.toolCallId;
		this.toolCalls = List.copyOf(builder.toolCalls);
		this.reasoningContent = builder.reasoningContent;
		this.prefix = builder.prefix;
		this.extra = builder.extra.isEmpty() ? Map.of()
				: Collections.unmodifiableMap(new LinkedHashMap<>(builder.extra));
	}

	@JsonCreator
	static ChatMessage fromJson(@JsonProperty("role") MessageRole role,
			@JsonProperty("content") @Nullable String content, @JsonProperty("parts") @Nullable List<ContentPart> parts,
			@JsonProperty("name") @Nullable String name, @JsonProperty("toolCallId") @Nullable String toolCallId,
			@JsonProperty("toolCalls") @Nullable List<ToolCall> toolCalls,
			@JsonProperty("reasoningContent") @Nullable String reasoningContent,
			@JsonProperty("prefix") @Nullable Boolean prefix,
			@JsonProperty("extra") @Nullable Map<String, @Nullable Object> extra) {
		Builder builder = new Builder(role).content(content)
			.name(name)
			.toolCallId(toolCallId)
			.reasoningContent(reasoningContent);
		if (parts != null) {
			builder.parts(parts);
		}
		if (toolCalls != null) {
			builder.toolCalls(toolCalls);
		}
		if (prefix != null) {
			builder.prefix(prefix);
		}
		if (extra != null) {
			builder.extra(extra);
		}
		return builder.build();
	}

	/**
	 * Create a builder for a message.
	 * @param role the role
	 * @return a new builder
	 */
	public static Builder builder(MessageRole role) {
		return new Builder(role);
	}

	/**
	 * Return the role of the author.
	 * @return the role
	 */
	@JsonProperty("role")
	public MessageRole role() {
		return this.role;
	}

	/**
	 * Return the text.
	 * @return the text, or {@code null} where there is none, as in a message of the
	 * assistant that only calls tools, or where {@link #parts()} are given
	 */
	@JsonProperty("content")
	public @Nullable String content() {
		return this.content;
	}

	/**
	 * Return the content in parts, where it is more than text.
	 * @return texts and images; empty for none
	 */
	@JsonProperty("parts")
	@JsonInclude(JsonInclude.Include.NON_EMPTY)
	public List<ContentPart> parts() {
		return this.parts;
	}

	/**
	 * Return a name to distinguish participants of one role.
	 * @return the name, or {@code null} for none
	 */
	@JsonProperty("name")
	public @Nullable String name() {
		return this.name;
	}

	/**
	 * Return for the role {@code tool}: the id of the call that this answers.
	 * @return the id, or {@code null} for other roles
	 */
	@JsonProperty("toolCallId")
	public @Nullable String toolCallId() {
		return this.toolCallId;
	}

	/**
	 * Return for the role {@code assistant}: the tools that it called.
	 * @return the calls; empty for none
	 */
	@JsonProperty("toolCalls")
	@JsonInclude(JsonInclude.Include.NON_EMPTY)
	public List<ToolCall> toolCalls() {
		return this.toolCalls;
	}

	/**
	 * Return for the role {@code assistant}: its reasoning. Keep it as it came: whether
	 * it is sent back is decided by the rule of the provider that answers.
	 * @return the text, an empty one as such, or {@code null} for none
	 */
	@JsonProperty("reasoningContent")
	public @Nullable String reasoningContent() {
		return this.reasoningContent;
	}

	/**
	 * Return whether the answer must begin with the content of this message, the last one
	 * and of the role {@code assistant} (a beta feature of DeepSeek).
	 * @return {@code true} to have it continued
	 */
	@JsonProperty("prefix")
	@JsonInclude(JsonInclude.Include.NON_DEFAULT)
	public boolean prefix() {
		return this.prefix;
	}

	/**
	 * Return the fields that have no accessor of their own. Those of an answer are what
	 * the provider added, such as {@code annotations}; only what the provider wants back
	 * is sent again. Those of other messages are sent as they are.
	 * @return the fields by their wire names; empty for none
	 */
	@JsonProperty("extra")
	@JsonInclude(JsonInclude.Include.NON_EMPTY)
	public Map<String, @Nullable Object> extra() {
		return this.extra;
	}

	/**
	 * Create a system message.
	 * @param content the instructions
	 * @return the message
	 */
	public static ChatMessage system(String content) {
		return builder(MessageRole.SYSTEM).content(content).build();
	}

	/**
	 * Create a user message.
	 * @param content the text
	 * @return the message
	 */
	public static ChatMessage user(String content) {
		return builder(MessageRole.USER).content(content).build();
	}

	/**
	 * Create a user message in parts.
	 * @param parts texts and images
	 * @return the message
	 */
	public static ChatMessage user(ContentPart... parts) {
		return builder(MessageRole.USER).parts(List.of(parts)).build();
	}

	/**
	 * Create an assistant message.
	 * @param content the text
	 * @return the message
	 */
	public static ChatMessage assistant(String content) {
		return builder(MessageRole.ASSISTANT).content(content).build();
	}

	/**
	 * Create the result of a tool call.
	 * @param toolCallId the id of the call
	 * @param content the result, as text or JSON
	 * @return the message
	 */
	public static ChatMessage tool(String toolCallId, String content) {
		return builder(MessageRole.TOOL).toolCallId(toolCallId).content(content).build();
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder(this.role);
		builder.content = this.content;
		builder.parts = this.parts;
		builder.name = this.name;
		builder.toolCallId = this.toolCallId;
		builder.toolCalls = this.toolCalls;
		builder.reasoningContent = this.reasoningContent;
		builder.prefix = this.prefix;
		builder.extra = this.extra;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ChatMessage that && this.role.equals(that.role)
				&& Objects.equals(this.content, that.content) && this.parts.equals(that.parts)
				&& Objects.equals(this.name, that.name) && Objects.equals(this.toolCallId, that.toolCallId)
				&& this.toolCalls.equals(that.toolCalls) && Objects.equals(this.reasoningContent, that.reasoningContent)
				&& this.prefix == that.prefix && this.extra.equals(that.extra);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.role, this.content, this.parts, this.name, this.toolCallId, this.toolCalls,
				this.reasoningContent, this.prefix, this.extra);
	}

	@Override
	public String toString() {
		return "ChatMessage[role=" + this.role + ", content=" + this.content + ", parts=" + this.parts + ", name="
				+ this.name + ", toolCallId=" + this.toolCallId + ", toolCalls=" + this.toolCalls
				+ ", reasoningContent=" + this.reasoningContent + ", prefix=" + this.prefix + ", extra=" + this.extra
				+ "]";
	}

	/**
	 * Builder for {@link ChatMessage}.
	 */
	public static final class Builder {

		private MessageRole role;

		private @Nullable String content;

		private List<ContentPart> parts = List.of();

		private @Nullable String name;

		private @Nullable String toolCallId;

		private List<ToolCall> toolCalls = List.of();

		private @Nullable String reasoningContent;

		private boolean prefix = false;

		private Map<String, @Nullable Object> extra = Map.of();

		private Builder(MessageRole role) {
			this.role = role;
		}

		/**
		 * Set the role of the author.
		 * @param role the role
		 * @return this builder
		 */
		public Builder role(MessageRole role) {
			this.role = role;
			return this;
		}

		/**
		 * Set the text.
		 * @param content the text; {@code null} where there is none, as in a message of
		 * the assistant that only calls tools, or where {@link #parts()} are given
		 * @return this builder
		 */
		public Builder content(@Nullable String content) {
			this.content = content;
			return this;
		}

		/**
		 * Set the content in parts, where it is more than text.
		 * @param parts texts and images; empty for none
		 * @return this builder
		 */
		public Builder parts(List<ContentPart> parts) {
			this.parts = Elements.of(parts, "parts");
			return this;
		}

		/**
		 * Set a name to distinguish participants of one role.
		 * @param name the name; {@code null} for none
		 * @return this builder
		 */
		public Builder name(@Nullable String name) {
			this.name = name;
			return this;
		}

		/**
		 * Set for the role {@code tool}: the id of the call that this answers.
		 * @param toolCallId the id; {@code null} for other roles
		 * @return this builder
		 */
		public Builder toolCallId(@Nullable String toolCallId) {
			this.toolCallId = toolCallId;
			return this;
		}

		/**
		 * Set for the role {@code assistant}: the tools that it called.
		 * @param toolCalls the calls; empty for none
		 * @return this builder
		 */
		public Builder toolCalls(List<ToolCall> toolCalls) {
			this.toolCalls = Elements.of(toolCalls, "toolCalls");
			return this;
		}

		/**
		 * Set for the role {@code assistant}: its reasoning. Keep it as it came: whether
		 * it is sent back is decided by the rule of the provider that answers.
		 * @param reasoningContent the text, an empty one as such; {@code null} for none
		 * @return this builder
		 */
		public Builder reasoningContent(@Nullable String reasoningContent) {
			this.reasoningContent = reasoningContent;
			return this;
		}

		/**
		 * Set whether the answer must begin with the content of this message, the last
		 * one and of the role {@code assistant} (a beta feature of DeepSeek).
		 * @param prefix {@code true} to have it continued
		 * @return this builder
		 */
		public Builder prefix(boolean prefix) {
			this.prefix = prefix;
			return this;
		}

		/**
		 * Set the fields that have no method of their own.
		 * @param extra the fields by their wire names
		 * @return this builder
		 */
		public Builder extra(Map<String, @Nullable Object> extra) {
			this.extra = Elements.ofKeys(extra, "extra");
			return this;
		}

		/**
		 * Build the ChatMessage.
		 * @return a new ChatMessage
		 */
		public ChatMessage build() {
			return new ChatMessage(this);
		}

	}

}
