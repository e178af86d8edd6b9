package io.github.deepseekboot.provider;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a host in advance. Presets are data: one JSON file each, named after
 * the preset.
 *
 * @param id the preset's name
 * @param title the host's name in messages
 * @param baseUrl the address below which its paths lie; {@code null} if it has to be
 * configured
 * @param completionsPath the path of chat completions below the base URL
 * @param modelsPath the path of the list of models below the base URL
 * @param balancePath the path of the account's balance below the base URL; {@code null}
 * if there is none
 * @param ping how it is asked whether it is well
 * @param apiKeyRequired whether calls need a key
 * @param apiKeyHeader the request header for the key as it is; {@code null} for
 * {@code Authorization: Bearer}
 * @param models the logical models
 * @param retiredModels models announced as retired, with their successors
 * @param thinking how it is told to think
 * @param replay whether it takes back the chain of thought
 * @param errors what its errors mean, before the rules that hold for all
 * @param traceHeaders the response headers with its id of the request, the best first
 * @param doneMarker whether its streams end with {@code [DONE]}
 * @param streamOptions whether it knows {@code stream_options}
 * @param userField the request field for the end user's id
 * @param unsupported what requests to it must not ask for
 * @param structuredOutput how it is asked for an answer that follows a schema
 */
public record ProviderPreset(String id, String title, @Nullable String baseUrl, String completionsPath,
		String modelsPath, @Nullable String balancePath, Ping ping, boolean apiKeyRequired,
		@Nullable String apiKeyHeader, Map<String, ProviderModel> models, Map<String, String> retiredModels,
		ThinkingRule thinking, ReasoningReplay replay, List<ErrorRule> errors, List<String> traceHeaders,
		DoneMarker doneMarker, boolean streamOptions, String userField, Set<Feature> unsupported,
		StructuredOutput structuredOutput) {

	@SuppressWarnings("NullAway") // what a preset file leaves out
	public ProviderPreset {
		completionsPath = (completionsPath != null) ? completionsPath : "/chat/completions";
		modelsPath = (modelsPath != null) ? modelsPath : "/models";
		ping = (ping != null) ? ping : Ping.MODELS;
		models = (models != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(models)) : Map.of();
		retiredModels = (retiredModels != null) ? Map.copyOf(retiredModels) : Map.of();
		thinking = (thinking != null) ? thinking : ThinkingRule.NONE;
		replay = (replay != null) ? replay : ReasoningReplay.NEVER;
		errors = (errors != null) ? List.copyOf(errors) : List.of();
		traceHeaders = (traceHeaders != null) ? List.copyOf(traceHeaders) : List.of();
		doneMarker = (doneMarker != null) ? doneMarker : DoneMarker.REQUIRED;
		userField = (userField != null) ? userField : "user";
		unsupported = (unsupported != null) ? Set.copyOf(unsupported) : Set.of();
		structuredOutput = (structuredOutput != null) ? structuredOutput : StructuredOutput.JSON_OBJECT;
	}

	/**
	 * What some providers cannot do.
	 */
	public enum Feature {

		/**
		 * Answers that follow a JSON Schema ({@code response_format}).
		 */
		JSON_SCHEMA,

		/**
		 * A forced tool call while thinking is on.
		 */
		FORCED_TOOL_WHILE_THINKING,

		/**
		 * Log probabilities ({@code logprobs}, {@code top_logprobs}).
		 */
		LOGPROBS,

		/**
		 * Likelihood adjustments of tokens ({@code logit_bias}).
		 */
		LOGIT_BIAS,

		/**
		 * More than one choice ({@code n}).
		 */
		SEVERAL_CHOICES,

		/**
		 * The name of who wrote a message ({@code messages[].name}).
		 */
		MESSAGE_NAMES

	}

}
