package io.github.deepseekboot.provider;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ModelPrice;

/**
 * A model as one provider has it: what a logical name such as {@code chat} stands for
 * there.
 *
 * @param id the provider's own id
 * @param thinking whether it shall think; {@code null} leaves the provider's default
 * @param price what it costs, where configured
 */
public record ProviderModel(String id, @Nullable Boolean thinking, @Nullable ModelPrice price) {

	public ProviderModel {
		Assert.hasText(id, "'id' must not be empty");
	}

	/**
	 * A model by its native id.
	 * @param id the provider's own id
	 * @return the model, with the provider's default of thinking
	 */
	public static ProviderModel of(String id) {
		return new ProviderModel(id, null, null);
	}

}
