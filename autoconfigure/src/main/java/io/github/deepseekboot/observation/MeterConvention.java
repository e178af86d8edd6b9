package io.github.deepseekboot.observation;

import java.util.List;

import io.github.deepseekboot.observation.ChatObservation.HighCardinality;
import io.github.deepseekboot.observation.ChatObservation.LowCardinality;

/**
 * How the meters are called for which there is a standard name. {@link #DEEPSEEK} is the
 * default: an application with Spring AI has {@code gen_ai.client.token.usage} as a
 * counter already, and a second meter of that name but another kind would be lost.
 */
public enum MeterConvention {

	/**
	 * Names of this library's own.
	 */
	DEEPSEEK {

		@Override
		String name(ChatMeter meter) {
			return meter.meterName();
		}

		@Override
		List<String> durationTags(String provider, String model, String responseModel, boolean stream, String outcome,
				String errorType) {
			return List.of("provider", provider, "model", model, "response.model", responseModel, "operation", "chat",
					"stream", Boolean.toString(stream), "outcome", outcome, "error.type", errorType);
		}

		@Override
		List<String> usageTags(String provider, String model, String type) {
			return List.of("provider", provider, "model", model, "type", type);
		}

		@Override
		List<String> firstTokenTags(String provider, String model) {
			return List.of("provider", provider, "model", model);
		}

	},

	/**
	 * The names and attributes of OpenTelemetry's conventions for generative AI.
	 */
	GEN_AI {

		@Override
		String name(ChatMeter meter) {
			return switch (meter) {
				case OPERATION_DURATION -> "gen_ai.client.operation.duration";
				case TOKEN_USAGE -> "gen_ai.client.token.usage";
				case TIME_TO_FIRST_TOKEN -> "gen_ai.client.operation.time_to_first_chunk";
				default -> meter.meterName();
			};
		}

		@Override
		List<String> durationTags(String provider, String model, String responseModel, boolean stream, String outcome,
				String errorType) {
			return List.of(OPERATION, "chat", PROVIDER, provider, REQUEST_MODEL, model, RESPONSE_MODEL, responseModel,
					ERROR_TYPE, errorType);
		}

		@Override
		List<String> usageTags(String provider, String model, String type) {
			return List.of(OPERATION, "chat", PROVIDER, provider, REQUEST_MODEL, model, "gen_ai.token.type", type);
		}

		@Override
		List<String> firstTokenTags(String provider, String model) {
			return List.of(OPERATION, "chat", PROVIDER, provider, REQUEST_MODEL, model);
		}

	};

	private static final String OPERATION = LowCardinality.OPERATION.asString();

	private static final String PROVIDER = LowCardinality.PROVIDER.asString();

	private static final String REQUEST_MODEL = LowCardinality.REQUEST_MODEL.asString();

	private static final String RESPONSE_MODEL = HighCardinality.RESPONSE_MODEL.asString();

	private static final String ERROR_TYPE = LowCardinality.ERROR_TYPE.asString();

	abstract String name(ChatMeter meter);

	// the tags of each: names and values in turns

	abstract List<String> durationTags(String provider, String model, String responseModel, boolean stream,
			String outcome, String errorType);

	abstract List<String> usageTags(String provider, String model, String type);

	abstract List<String> firstTokenTags(String provider, String model);

}
