package io.github.deepseekboot.chat;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Exception that is thrown when a typed answer is not what was asked for: no JSON, of
 * another shape, against a constraint, cut, or blank. Its kind is
 * {@code MALFORMED_RESPONSE}, {@code EMPTY_RESPONSE} for a blank answer,
 * {@code CONTENT_FILTERED} for one that a filter cut, {@code LOCAL_LIMIT} for a list's
 * item that is too large.
 */
public class InvalidAnswerException extends DeepSeekException {

	private final String rawText;

	private final List<Usage> usages;

	/**
	 * Create an exception.
	 * @param builder describes the failure
	 * @param rawText what the model answered
	 * @param usages the tokens counted, for each answer that was read
	 */
	public InvalidAnswerException(Builder builder, String rawText, List<Usage> usages) {
		super(builder);
		this.rawText = rawText;
		this.usages = List.copyOf(usages);
	}

	/**
	 * Return the last answer of the model, as it was received. It may hold what the end
	 * user must not see, so it is no part of the message.
	 * @return the text; empty for a blank answer. Of a list's items, only the one that
	 * could not be read
	 */
	public String getRawText() {
		return this.rawText;
	}

	/**
	 * Return the tokens counted for the answers that could not be used, the first one
	 * and, where the model was asked again, the second. Of a list that broke while it
	 * arrived, they are those that the provider had reported by then.
	 * @return the usage of each answer, in their order; none for an answer without
	 */
	public List<Usage> getUsages() {
		return this.usages;
	}

	@Override
	public @Nullable String getAdvice() {
		return (getProvider() != null) ? "Say in the prompt what the answer must be like, or use another model." : null;
	}

	@Override
	protected DeepSeekException copy(Builder builder) {
		return new InvalidAnswerException(builder, this.rawText, this.usages);
	}

}
