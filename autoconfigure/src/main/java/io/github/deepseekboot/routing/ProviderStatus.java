package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;

/**
 * Status of a provider at one moment, as one key sees it.
 */
public final class ProviderStatus {

	private final String provider;

	private final String credential;

	private final CircuitState circuit;

	private final @Nullable ErrorKind coolDown;

	private final @Nullable Duration coolDownLeft;

	private final List<String> missingModels;

	private final List<String> refusals;

	private final int inFlight;

	private final @Nullable AttemptReport lastError;

	private final @Nullable Duration lastErrorAge;

	private final @Nullable Duration lastSuccessAge;

	private ProviderStatus(Builder builder) {
		this.provider = builder.provider;
		this.credential = builder.credential;
		this.circuit = builder.circuit;
		this.coolDown = builder.coolDown;
		this.coolDownLeft = builder.coolDownLeft;
		this.missingModels = List.copyOf(builder.missingModels);
		this.refusals = List.copyOf(builder.refusals);
		this.inFlight = builder.inFlight;
		this.lastError = builder.lastError;
		this.lastErrorAge = builder.lastErrorAge;
		this.lastSuccessAge = builder.lastSuccessAge;
	}

	/**
	 * Create a builder for a status.
	 * @param provider the id
	 * @param credential the fingerprint; empty for no key
	 * @return a new builder
	 */
	public static Builder builder(String provider, String credential) {
		return new Builder(provider, credential);
	}

	/**
	 * Return the provider's id.
	 * @return the id
	 */
	public String provider() {
		return this.provider;
	}

	/**
	 * Return the fingerprint of the key.
	 * @return the fingerprint; empty for no key
	 */
	public String credential() {
		return this.credential;
	}

	/**
	 * Return the state of the circuit.
	 * @return the state
	 */
	public CircuitState circuit() {
		return this.circuit;
	}

	/**
	 * Return why the provider is passed over.
	 * @return the kind of error, or {@code null} if it is not
	 */
	public @Nullable ErrorKind coolDown() {
		return this.coolDown;
	}

	/**
	 * Return for how long the provider is still passed over.
	 * @return the time, or {@code null} if it is not
	 */
	public @Nullable Duration coolDownLeft() {
		return this.coolDownLeft;
	}

	/**
	 * Return the models that are passed over.
	 * @return the provider's ids; empty for none
	 */
	public List<String> missingModels() {
		return this.missingModels;
	}

	/**
	 * Return what models refused lately, so that requests that ask for it go to other
	 * providers first.
	 * @return the provider's id of the model and what it refused, such as
	 * {@code "deepseek-r1: tools"}; empty for nothing
	 */
	public List<String> refusals() {
		return this.refusals;
	}

	/**
	 * Return the calls that are running.
	 * @return the number
	 */
	public int inFlight() {
		return this.inFlight;
	}

	/**
	 * Return the latest failed attempt.
	 * @return the report, or {@code null} if there was none
	 */
	public @Nullable AttemptReport lastError() {
		return this.lastError;
	}

	/**
	 * Return how long ago the latest attempt failed.
	 * @return the time, or {@code null} if none did
	 */
	public @Nullable Duration lastErrorAge() {
		return this.lastErrorAge;
	}

	/**
	 * Return how long ago the latest attempt succeeded.
	 * @return the time, or {@code null} if none did
	 */
	public @Nullable Duration lastSuccessAge() {
		return this.lastSuccessAge;
	}

	/**
	 * Return whether calls go to the provider.
	 * @return {@code false} during a cool-down and while the circuit is open
	 */
	public boolean isUsable() {
		return this.coolDown == null && this.circuit != CircuitState.OPEN;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ProviderStatus that && this.provider.equals(that.provider)
				&& this.credential.equals(that.credential) && this.circuit.equals(that.circuit)
				&& Objects.equals(this.coolDown, that.coolDown) && Objects.equals(this.coolDownLeft, that.coolDownLeft)
				&& this.missingModels.equals(that.missingModels) && this.refusals.equals(that.refusals)
				&& this.inFlight == that.inFlight && Objects.equals(this.lastError, that.lastError)
				&& Objects.equals(this.lastErrorAge, that.lastErrorAge)
				&& Objects.equals(this.lastSuccessAge, that.lastSuccessAge);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.provider, this.credential, this.circuit, this.coolDown, this.coolDownLeft,
				this.missingModels, this.refusals, this.inFlight, this.lastError, this.lastErrorAge,
				this.lastSuccessAge);
	}

	@Override
	public String toString() {
		return "ProviderStatus[provider=" + this.provider + ", credential=" + this.credential + ", circuit="
				+ this.circuit + ", coolDown=" + this.coolDown + ", coolDownLeft=" + this.coolDownLeft
				+ ", missingModels=" + this.missingModels + ", refusals=" + this.refusals + ", inFlight="
				+ this.inFlight + ", lastError=" + this.lastError + ", lastErrorAge=" + this.lastErrorAge
				+ ", lastSuccessAge=" + this.lastSuccessAge + "]";
	}

	/**
	 * Builder for {@link ProviderStatus}.
	 */
	public static final class Builder {

		private String provider;

		private String credential;

		private CircuitState circuit = CircuitState.CLOSED;

		private @Nullable ErrorKind coolDown;

		private @Nullable Duration coolDownLeft;

		private List<String> missingModels = List.of();

		private List<String> refusals = List.of();

		private int inFlight = 0;

		private @Nullable AttemptReport lastError;

		private @Nullable Duration lastErrorAge;

		private @Nullable Duration lastSuccessAge;

		private Builder(String provider, String credential) {
			this.provider = provider;
			this.credential = credential;
		}

		/**
		 * Set the provider's id.
		 * @param provider the id
		 * @return this builder
		 */
		public Builder provider(String provider) {
			this.provider = provider;
			return this;
		}

		/**
		 * Set the fingerprint of the key.
		 * @param credential the fingerprint; empty for no key
		 * @return this builder
		 */
		public Builder credential(String credential) {
			this.credential = credential;
			return this;
		}

		/**
		 * Set the state of the circuit.
		 * @param circuit the state
		 * @return this builder
		 */
		public Builder circuit(CircuitState circuit) {
			this.circuit = circuit;
			return this;
		}

		/**
		 * Set why the provider is passed over.
		 * @param coolDown the kind of error; {@code null} if it is not
		 * @return this builder
		 */
		public Builder coolDown(@Nullable ErrorKind coolDown) {
			this.coolDown = coolDown;
			return this;
		}

		/**
		 * Set for how long the provider is still passed over.
		 * @param coolDownLeft the time; {@code null} if it is not
		 * @return this builder
		 */
		public Builder coolDownLeft(@Nullable Duration coolDownLeft) {
			this.coolDownLeft = coolDownLeft;
			return this;
		}

		/**
		 * Set the models that are passed over.
		 * @param missingModels the provider's ids; empty for none
		 * @return this builder
		 */
		public Builder missingModels(List<String> missingModels) {
			this.missingModels = missingModels;
			return this;
		}

		/**
		 * Set what models refused lately.
		 * @param refusals the provider's id of the model and what it refused; empty for
		 * nothing
		 * @return this builder
		 */
		public Builder refusals(List<String> refusals) {
			this.refusals = refusals;
			return this;
		}

		/**
		 * Set the calls that are running.
		 * @param inFlight the number
		 * @return this builder
		 */
		public Builder inFlight(int inFlight) {
			this.inFlight = inFlight;
			return this;
		}

		/**
		 * Set the latest failed attempt.
		 * @param lastError the report; {@code null} if there was none
		 * @return this builder
		 */
		public Builder lastError(@Nullable AttemptReport lastError) {
			this.lastError = lastError;
			return this;
		}

		/**
		 * Set how long ago the latest attempt failed.
		 * @param lastErrorAge the time; {@code null} if none did
		 * @return this builder
		 */
		public Builder lastErrorAge(@Nullable Duration lastErrorAge) {
			this.lastErrorAge = lastErrorAge;
			return this;
		}

		/**
		 * Set how long ago the latest attempt succeeded.
		 * @param lastSuccessAge the time; {@code null} if none did
		 * @return this builder
		 */
		public Builder lastSuccessAge(@Nullable Duration lastSuccessAge) {
			this.lastSuccessAge = lastSuccessAge;
			return this;
		}

		/**
		 * Build the ProviderStatus.
		 * @return a new ProviderStatus
		 */
		public ProviderStatus build() {
			return new ProviderStatus(this);
		}

	}

}
