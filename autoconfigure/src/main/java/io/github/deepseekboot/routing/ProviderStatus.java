package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.routing.RoutingEvent.CircuitState;

/**
 * How a provider does, as one key sees it, at this moment.
 *
 * @param provider the provider's id
 * @param credential the fingerprint of the key; empty for none
 * @param circuit the circuit
 * @param coolDown why the provider is passed over; {@code null} if it is not
 * @param coolDownLeft for how long it is still passed over
 * @param missingModels the models that are passed over, by the provider's ids
 * @param inFlight the calls that are running
 * @param lastError the latest failed attempt, if there was one
 * @param lastErrorAge how long ago that was
 * @param lastSuccessAge how long ago the latest attempt succeeded, if one did
 */
public record ProviderStatus(String provider, String credential, CircuitState circuit, @Nullable ErrorKind coolDown,
		@Nullable Duration coolDownLeft, List<String> missingModels, int inFlight, @Nullable AttemptReport lastError,
		@Nullable Duration lastErrorAge, @Nullable Duration lastSuccessAge) {

	/**
	 * Whether calls go to the provider.
	 * @return {@code false} during a cool-down and while the circuit is open
	 */
	public boolean isUsable() {
		return this.coolDown == null && this.circuit != CircuitState.OPEN;
	}

}
