package io.github.deepseekboot.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * One part of a message whose content is more than plain text. Exactly one of
 * {@code text} and {@code imageUrl} is set.
 *
 * @param text a piece of text
 * @param imageUrl the address of an image, {@code https:} or {@code data:}; only some
 * models take images (DeepSeek: {@code deepseek-flash}), the others refuse the request
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContentPart(@JsonProperty("text") @Nullable String text,
		@JsonProperty("imageUrl") @Nullable String imageUrl) {

	public ContentPart {
		Assert.isTrue((text == null) != (imageUrl == null), "exactly one of 'text' and 'imageUrl' must be set");
	}

	/**
	 * A text part.
	 * @param text the text
	 * @return the part
	 */
	public static ContentPart text(String text) {
		Assert.notNull(text, "'text' must not be null");
		return new ContentPart(text, null);
	}

	/**
	 * An image part.
	 * @param url the image's {@code https:} or {@code data:} address
	 * @return the part
	 */
	public static ContentPart imageUrl(String url) {
		Assert.hasText(url, "'url' must not be empty");
		return new ContentPart(null, url);
	}

}
