package io.github.deepseekboot.observation;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;

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
		Tags durationTags(String provider, String model, String responseModel, boolean stream, String outcome,
				String errorType) {
			return Tags.of("provider", provider, "model", model, "response.model", responseModel, "operation", "chat",
					"stream", Boolean.toString(stream), "outcome", outcome, "error.type", errorType);
		}

		@Override
		Tags usageTags(String provider, String model, String type) {
			return Tags.of("provider", provider, "model", model, "type", type);
		}

		@Override
		Tags firstTokenTags(String provider, String model) {
			return Tags.of("provider", provider, "model", model);
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
		Tags durationTags(String provider, String model, String responseModel, boolean stream, String outcome,
				String errorType) {
			return common(provider, model).and(Tag.of("gen_ai.response.model", responseModel),
					Tag.of("error.type", errorType));
		}

		@Override
		Tags usageTags(String provider, String model, String type) {
			return common(provider, model).and("gen_ai.token.type", type);
		}

		@Override
		Tags firstTokenTags(String provider, String model) {
			return common(provider, model);
		}

	};

	abstract String name(ChatMeter meter);

	abstract Tags durationTags(String provider, String model, String responseModel, boolean stream, String outcome,
			String errorType);

	abstract Tags usageTags(String provider, String model, String type);

	abstract Tags firstTokenTags(String provider, String model);

	private static Tags common(String provider, String model) {
		return Tags.of("gen_ai.operation.name", "chat", "gen_ai.provider.name", provider, "gen_ai.request.model",
				model);
	}

}
