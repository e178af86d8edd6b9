package io.github.deepseekboot.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How a call is observed. A bean of this type takes the place of the default.
 */
public interface ChatCallObservationConvention extends ObservationConvention<ChatCallContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof ChatCallContext;
	}

}
