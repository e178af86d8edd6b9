package io.github.deepseekboot.hook;

import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ChatRequest;

/**
 * Request to a {@link ProviderQuota} for the permit to make one attempt.
 */
public final class PermitRequest {

	private final String provider;

	private final String account;

	private final String model;

	private final ChatRequest request;

	PermitRequest(String provider, String account, String model, ChatRequest request) {
		this.provider = provider;
		this.account = account;
		this.model = model;
		this.request = request;
	}

	/**
	 * Create a builder for a request, such as a test of a quota needs.
	 * @param provider the provider's id
	 * @param model the provider's id of the model
	 * @param request the request to be sent
	 * @return a builder
	 */
	public static Builder builder(String provider, String model, ChatRequest request) {
		return new Builder(provider, model, request);
	}

	/**
	 * Return the provider to be asked.
	 * @return the provider's id
	 */
	public String provider() {
		return this.provider;
	}

	/**
	 * Return the account that pays, which is what providers limit.
	 * @return the name that the key has of its account, by default the key's fingerprint;
	 * empty if there is no key
	 */
	public String account() {
		return this.account;
	}

	/**
	 * Return the model to be asked.
	 * @return the provider's id of the model
	 */
	public String model() {
		return this.model;
	}

	/**
	 * Return the request to be sent, from which its tokens can be estimated.
	 * @return the request
	 */
	public ChatRequest request() {
		return this.request;
	}

	@Override
	public String toString() {
		return "PermitRequest[" + this.provider + ", " + this.account + ", " + this.model + "]";
	}

	/**
	 * Builder of a {@link PermitRequest}.
	 */
	public static final class Builder {

		private final String provider;

		private final String model;

		private final ChatRequest request;

		private String account = "";

		private Builder(String provider, String model, ChatRequest request) {
			Assert.hasText(provider, "'provider' must not be empty");
			Assert.hasText(model, "'model' must not be empty");
			Assert.notNull(request, "'request' must not be null");
			this.provider = provider;
			this.model = model;
			this.request = request;
		}

		/**
		 * Set the account.
		 * @param account the account's name; by default an empty string, for none
		 * @return this builder
		 */
		public Builder account(String account) {
			Assert.notNull(account, "'account' must not be null");
			this.account = account;
			return this;
		}

		/**
		 * Build the request.
		 * @return the request
		 */
		public PermitRequest build() {
			return new PermitRequest(this.provider, this.account, this.model, this.request);
		}

	}

}
