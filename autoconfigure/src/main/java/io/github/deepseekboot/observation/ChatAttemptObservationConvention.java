package io.github.deepseekboot.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How an attempt is observed. A bean of this type takes the place of the default.
 */
public interface ChatAttemptObservationConvention extends ObservationConvention<ChatAttemptContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof ChatAttemptContext;
	}

}
