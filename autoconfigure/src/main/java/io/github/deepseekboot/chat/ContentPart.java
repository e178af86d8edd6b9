package io.github.deepseekboot.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Part of a message whose content is more than plain text: a text, an image, or whatever
 * else the provider takes.
 *
 * @param text a piece of text
 * @param imageUrl the address of an image, {@code https:} or {@code data:}; only some
 * models take images (DeepSeek: {@code deepseek-flash}), the others refuse the request
 * @param extra further fields of the part by their wire names, such as
 * {@code cache_control}; all of them, with {@code type}, for a part that is neither text
 * nor image. Empty for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContentPart(@JsonProperty("text") @Nullable String text,
		@JsonProperty("imageUrl") @Nullable String imageUrl,
		@JsonProperty("extra") @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Object> extra) {

	public ContentPart {
		extra = (extra != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(extra)) : Map.of();
		Assert.isTrue(text == null || imageUrl == null, "only one of 'text' and 'imageUrl' may be set");
		Assert.isTrue(text != null || imageUrl != null || extra.containsKey("type"),
				"a part that is neither text nor image must have a 'type'");
	}

	/**
	 * Create a part of any kind, such as audio or a file.
	 * @param fields all fields of the part by their wire names, with {@code type}
	 * @return the part
	 */
	public static ContentPart of(Map<String, Object> fields) {
		return new ContentPart(null, null, fields);
	}

	/**
	 * Create an image part with the detail in which the model looks at it.
	 * @param url the address of the image
	 * @param detail such as {@code low} or {@code high}
	 * @return the part
	 */
	public static ContentPart imageUrl(String url, String detail) {
		return imageUrl(url).withExtra("image_url", Map.of("detail", detail));
	}

	/**
	 * Return the same part with another field.
	 * @param name the field's name on the wire; those of {@code image_url} are added to
	 * the address
	 * @param value the value
	 * @return a copy
	 */
	public ContentPart withExtra(String name, Object value) {
		Map<String, Object> extra = new LinkedHashMap<>(this.extra);
		extra.put(name, value);
		return new ContentPart(this.text, this.imageUrl, extra);
	}

	/**
	 * Create a text part.
	 * @param text the text
	 * @return the part
	 */
	public static ContentPart text(String text) {
		Assert.notNull(text, "'text' must not be null");
		return new ContentPart(text, null, Map.of());
	}

	/**
	 * Create an image part.
	 * @param url the image's {@code https:} or {@code data:} address
	 * @return the part
	 */
	public static ContentPart imageUrl(String url) {
		Assert.hasText(url, "'url' must not be empty");
		return new ContentPart(null, url, Map.of());
	}

}
