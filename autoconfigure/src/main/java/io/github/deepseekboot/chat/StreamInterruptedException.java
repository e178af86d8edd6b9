package io.github.deepseekboot.chat;

import java.util.List;

/**
 * Exception that is thrown when a stream breaks off after a part of the answer was
 * delivered. It was not sent again, since that would repeat text and cost twice. What the
 * provider had counted by then is its {@link #getUsage() usage}, if it reported any.
 */
public class StreamInterruptedException extends DeepSeekException {

	private final ErrorKind causeKind;

	private final String partialContent;

	private final String partialReasoningContent;

	private final List<ToolCall> partialToolCalls;

	StreamInterruptedException(Builder builder, ErrorKind causeKind, String partialContent,
			String partialReasoningContent, List<ToolCall> partialToolCalls) {
		super(builder);
		this.causeKind = causeKind;
		this.partialContent = partialContent;
		this.partialReasoningContent = partialReasoningContent;
		this.partialToolCalls = List.copyOf(partialToolCalls);
	}

	/**
	 * Return the kind of the failure that broke the stream.
	 * @return the kind the failure would have had before the first delta
	 */
	public ErrorKind getCauseKind() {
		return this.causeKind;
	}

	/**
	 * Return the answer as far as it came (of the first choice; with tools, of the round
	 * that broke).
	 * @return the text; may be empty
	 */
	public String getPartialContent() {
		return this.partialContent;
	}

	/**
	 * Return the reasoning as far as it came (of the first choice; with tools, of the
	 * round that broke).
	 * @return the text; may be empty
	 */
	public String getPartialReasoningContent() {
		return this.partialReasoningContent;
	}

	/**
	 * Return the tool calls as far as they came (of the first choice; with tools, of the
	 * round that broke). They are for logs and displays: the arguments of the last one
	 * usually stop in the middle, and the model may have wanted further calls. None of
	 * them was run, even if it {@link ToolCall#isComplete() is complete}.
	 * @return the calls, in the order of the answer; empty for none
	 */
	public List<ToolCall> getPartialToolCalls() {
		return this.partialToolCalls;
	}

	@Override
	protected DeepSeekException copy(Builder builder) {
		return new StreamInterruptedException(builder, this.causeKind, this.partialContent,
				this.partialReasoningContent, this.partialToolCalls);
	}

}
