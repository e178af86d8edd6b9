package io.github.deepseekboot.chat;

/**
 * Exception that is thrown when a stream breaks off after a part of the answer was
 * delivered. It was not sent again, since that would repeat text and cost twice. How many
 * tokens the provider counted is unknown.
 */
public class StreamInterruptedException extends DeepSeekException {

	private final ErrorKind causeKind;

	private final String partialContent;

	private final String partialReasoningContent;

	StreamInterruptedException(Builder builder, ErrorKind causeKind, String partialContent,
			String partialReasoningContent) {
		super(builder);
		this.causeKind = causeKind;
		this.partialContent = partialContent;
		this.partialReasoningContent = partialReasoningContent;
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

	@Override
	protected DeepSeekException copy(Builder builder) {
		return new StreamInterruptedException(builder, this.causeKind, this.partialContent,
				this.partialReasoningContent);
	}

}
