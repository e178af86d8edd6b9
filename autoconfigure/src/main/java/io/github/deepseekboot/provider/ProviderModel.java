package io.github.deepseekboot.provider;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ModelPrice;

/**
 * A model as one provider has it: what a logical name such as {@code chat} stands for
 * there.
 */
public final class ProviderModel {

	private final String id;

	private final @Nullable Boolean thinking;

	private final @Nullable ModelPrice price;

	private ProviderModel(Builder builder) {
		Assert.hasText(builder.id, "'id' must not be empty");
		this.id = builder.id;
		this.thinking = builder.thinking;
		this.price = builder.price;
	}

	/**
	 * Create a builder for a model.
	 * @param id the id
	 * @return a new builder
	 */
	public static Builder builder(String id) {
		return new Builder(id);
	}

	/**
	 * Return the provider's own id of the model.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Return whether the model shall think.
	 * @return whether it shall think, or {@code null} for the provider's default
	 */
	public @Nullable Boolean thinking() {
		return this.thinking;
	}

	/**
	 * Return what its tokens cost.
	 * @return the price, or {@code null} if none is configured
	 */
	public @Nullable ModelPrice price() {
		return this.price;
	}

	/**
	 * Create a model of its native id.
	 * @param id the provider's own id
	 * @return the model, with the provider's default of thinking
	 */
	public static ProviderModel of(String id) {
		return builder(id).build();
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder(this.id);
		builder.thinking = this.thinking;
		builder.price = this.price;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ProviderModel that && this.id.equals(that.id)
				&& Objects.equals(this.thinking, that.thinking) && Objects.equals(this.price, that.price);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.id, this.thinking, this.price);
	}

	@Override
	public String toString() {
		return "ProviderModel[id=" + this.id + ", thinking=" + this.thinking + ", price=" + this.price + "]";
	}

	/**
	 * Builder for {@link ProviderModel}.
	 */
	public static final class Builder {

		private String id;

		private @Nullable Boolean thinking;

		private @Nullable ModelPrice price;

		private Builder(String id) {
			this.id = id;
		}

		/**
		 * Set the provider's own id of the model.
		 * @param id the id
		 * @return this builder
		 */
		public Builder id(String id) {
			this.id = id;
			return this;
		}

		/**
		 * Set whether the model shall think.
		 * @param thinking whether it shall think; {@code null} for the provider's default
		 * @return this builder
		 */
		public Builder thinking(@Nullable Boolean thinking) {
			this.thinking = thinking;
			return this;
		}

		/**
		 * Set what its tokens cost.
		 * @param price the price; {@code null} if none is configured
		 * @return this builder
		 */
		public Builder price(@Nullable ModelPrice price) {
			this.price = price;
			return this;
		}

		/**
		 * Build the ProviderModel.
		 * @return a new ProviderModel
		 */
		public ProviderModel build() {
			return new ProviderModel(this);
		}

	}

}
