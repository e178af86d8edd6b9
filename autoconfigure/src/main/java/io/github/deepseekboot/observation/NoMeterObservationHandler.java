package io.github.deepseekboot.observation;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import org.springframework.core.Ordered;

/**
 * Keeps the default handler from making meters out of our observations:
 * {@link ChatMeters} does that, with tags that are the same on every path.
 */
public final class NoMeterObservationHandler implements MeterObservationHandler<Observation.Context>, Ordered {

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof ChatCallContext || context instanceof ChatAttemptContext;
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

}
