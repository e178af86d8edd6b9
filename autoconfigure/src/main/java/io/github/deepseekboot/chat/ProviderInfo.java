package io.github.deepseekboot.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Description of a configured provider.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "id", "title", "inChain", "models" })
public final class ProviderInfo {

	private final String id;

	private final String title;

	private final boolean inChain;

	private final Map<String, Model> models;

	private ProviderInfo(Builder builder) {
		Assert.notNull(builder.id, "'id' must not be null");
		Assert.notNull(builder.title, "'title' must not be null");
		this.id = builder.id;
		this.title = builder.title;
		this.inChain = builder.inChain;
		this.models = Collections.unmodifiableMap(new LinkedHashMap<>(builder.models));
	}

	@JsonCreator
	static ProviderInfo fromJson(@JsonProperty("id") String id, @JsonProperty("title") String title,
			@JsonProperty("inChain") @Nullable Boolean inChain,
			@JsonProperty("models") @Nullable Map<String, Model> models) {
		Builder builder = new Builder(id, title);
		if (inChain != null) {
			builder.inChain(inChain);
		}
		if (models != null) {
			builder.models(models);
		}
		return builder.build();
	}

	/**
	 * Create a builder for a description.
	 * @param id the id
	 * @param title the name
	 * @return a new builder
	 */
	public static Builder builder(String id, String title) {
		return new Builder(id, title);
	}

	/**
	 * Return the id of the provider, as configured.
	 * @return the id
	 */
	@JsonProperty("id")
	public String id() {
		return this.id;
	}

	/**
	 * Return the name of the provider for people.
	 * @return the name
	 */
	@JsonProperty("title")
	public String title() {
		return this.title;
	}

	/**
	 * Return whether the provider is asked by requests that name none.
	 * @return {@code true} if it is part of the chain
	 */
	@JsonProperty("inChain")
	public boolean inChain() {
		return this.inChain;
	}

	/**
	 * Return the models of the provider by their logical names.
	 * @return the models, in the order of the configuration
	 */
	@JsonProperty("models")
	public Map<String, Model> models() {
		return this.models;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ProviderInfo that && this.id.equals(that.id) && this.title.equals(that.title)
				&& this.inChain == that.inChain && this.models.equals(that.models);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.id, this.title, this.inChain, this.models);
	}

	@Override
	public String toString() {
		return "ProviderInfo[id=" + this.id + ", title=" + this.title + ", inChain=" + this.inChain + ", models="
				+ this.models + "]";
	}

	/**
	 * Builder for {@link ProviderInfo}.
	 */
	public static final class Builder {

		private String id;

		private String title;

		private boolean inChain = false;

		private Map<String, Model> models = Map.of();

		private Builder(String id, String title) {
			this.id = id;
			this.title = title;
		}

		/**
		 * Set the id of the provider, as configured.
		 * @param id the id
		 * @return this builder
		 */
		public Builder id(String id) {
			this.id = id;
			return this;
		}

		/**
		 * Set the name of the provider for people.
		 * @param title the name
		 * @return this builder
		 */
		public Builder title(String title) {
			this.title = title;
			return this;
		}

		/**
		 * Set whether the provider is asked by requests that name none.
		 * @param inChain {@code true} if it is part of the chain
		 * @return this builder
		 */
		public Builder inChain(boolean inChain) {
			this.inChain = inChain;
			return this;
		}

		/**
		 * Set the models of the provider by their logical names.
		 * @param models the models, in the order of the configuration
		 * @return this builder
		 */
		public Builder models(Map<String, Model> models) {
			this.models = Elements.of(models, "models");
			return this;
		}

		/**
		 * Build the ProviderInfo.
		 * @return a new ProviderInfo
		 */
		public ProviderInfo build() {
			return new ProviderInfo(this);
		}

	}

	/**
	 * Model of a provider.
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	@JsonPropertyOrder({ "id", "thinking", "price" })
	public static final class Model {

		private final String id;

		private final @Nullable Boolean thinking;

		private final @Nullable ModelPrice price;

		private Model(Builder builder) {
			Assert.notNull(builder.id, "'id' must not be null");
			this.id = builder.id;
			this.thinking = builder.thinking;
			this.price = builder.price;
		}

		@JsonCreator
		static Model fromJson(@JsonProperty("id") String id, @JsonProperty("thinking") @Nullable Boolean thinking,
				@JsonProperty("price") @Nullable ModelPrice price) {
			Builder builder = new Builder(id).thinking(thinking).price(price);
			return builder.build();
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
		@JsonProperty("id")
		public String id() {
			return this.id;
		}

		/**
		 * Return whether it thinks unless a request says otherwise.
		 * @return whether it thinks, or {@code null} if that is up to the provider
		 */
		@JsonProperty("thinking")
		public @Nullable Boolean thinking() {
			return this.thinking;
		}

		/**
		 * Return what its tokens cost, as configured.
		 * @return the price, or {@code null} if none is configured
		 */
		@JsonProperty("price")
		public @Nullable ModelPrice price() {
			return this.price;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof Model that && this.id.equals(that.id)
					&& Objects.equals(this.thinking, that.thinking) && Objects.equals(this.price, that.price);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.id, this.thinking, this.price);
		}

		@Override
		public String toString() {
			return "Model[id=" + this.id + ", thinking=" + this.thinking + ", price=" + this.price + "]";
		}

		/**
		 * Builder for {@link Model}.
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
			 * Set whether it thinks unless a request says otherwise.
			 * @param thinking whether it thinks; {@code null} if that is up to the
			 * provider
			 * @return this builder
			 */
			public Builder thinking(@Nullable Boolean thinking) {
				this.thinking = thinking;
				return this;
			}

			/**
			 * Set what its tokens cost, as configured.
			 * @param price the price; {@code null} if none is configured
			 * @return this builder
			 */
			public Builder price(@Nullable ModelPrice price) {
				this.price = price;
				return this;
			}

			/**
			 * Build the Model.
			 * @return a new Model
			 */
			public Model build() {
				return new Model(this);
			}

		}

	}

}
