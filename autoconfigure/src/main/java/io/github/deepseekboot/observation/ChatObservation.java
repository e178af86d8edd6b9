package io.github.deepseekboot.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations, named in one place.
 */
public enum ChatObservation implements ObservationDocumentation {

	/**
	 * A call: the span {@code chat <model>}.
	 */
	CALL {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultChatCallObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return LowCardinality.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return HighCardinality.values();
		}

	},

	/**
	 * An attempt at one provider, a child of the call.
	 */
	ATTEMPT {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultChatAttemptObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return LowCardinality.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return HighCardinality.values();
		}

	};

	/**
	 * Keys with few values.
	 */
	public enum LowCardinality implements KeyName {

		/**
		 * What is done: always {@code chat}.
		 */
		OPERATION("gen_ai.operation.name"),

		/**
		 * The provider's id, as configured.
		 */
		PROVIDER("gen_ai.provider.name"),

		/**
		 * The model that is asked for.
		 */
		REQUEST_MODEL("gen_ai.request.model"),

		/**
		 * The error's kind, or {@code none}.
		 */
		ERROR_TYPE("error.type");

		private final String key;

		LowCardinality(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

	/**
	 * Keys with many values.
	 */
	public enum HighCardinality implements KeyName {

		/**
		 * The model that answered.
		 */
		RESPONSE_MODEL("gen_ai.response.model"),

		/**
		 * Prompt tokens.
		 */
		INPUT_TOKENS("gen_ai.usage.input_tokens"),

		/**
		 * Completion tokens.
		 */
		OUTPUT_TOKENS("gen_ai.usage.output_tokens"),

		/**
		 * The attempt's number in its call.
		 */
		ATTEMPT("deepseek.attempt"),

		/**
		 * The provider's id of the request.
		 */
		REQUEST_ID("deepseek.request_id"),

		/**
		 * The HTTP status.
		 */
		STATUS("http.response.status_code"),

		/**
		 * The prompt, only where content is included.
		 */
		PROMPT("gen_ai.input.messages"),

		/**
		 * The answer, only where content is included.
		 */
		COMPLETION("gen_ai.output.messages");

		private final String key;

		HighCardinality(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
