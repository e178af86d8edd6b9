package io.github.deepseekboot.operations;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;

/**
 * Answers of providers.
 */
final class Answers {

	static final String USAGE = """
			{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_cache_hit_tokens":4,\
			"prompt_cache_miss_tokens":6,"completion_tokens_details":{"reasoning_tokens":2}}""";

	private Answers() {
	}

	static ResponseDefinitionBuilder json(int status, String body) {
		return aResponse().withStatus(status).withHeader("Content-Type", "application/json").withBody(body);
	}

	static ResponseDefinitionBuilder text(int status, String body) {
		return aResponse().withStatus(status).withHeader("Content-Type", "text/plain").withBody(body);
	}

	static ResponseDefinitionBuilder completion(String model) {
		return completion(model, USAGE);
	}

	static ResponseDefinitionBuilder completion(String model, String usage) {
		return json(200, """
				{"id":"1","object":"chat.completion","created":1,"model":"%s","choices":[{"index":0,"message":\
				{"role":"assistant","content":"Hello there"},"finish_reason":"stop"}],"usage":%s}""".formatted(model,
				usage));
	}

	/**
	 * A stream of two tokens.
	 * @param model the model that answers
	 * @param usageEarly the usage on each chunk with a token
	 * @param usageLast the usage on the last chunk
	 * @return the stream
	 */
	static ResponseDefinitionBuilder stream(String model, String usageEarly, String usageLast) {
		String event = """
				data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"%s","choices":[{"index":0,\
				"delta":{"content":"%s"},"finish_reason":%s}],"usage":%s}

				""";
		return aResponse().withHeader("Content-Type", "text/event-stream")
			.withBody(event.formatted(model, "Hello", "null", usageEarly)
					+ event.formatted(model, " there", "null", usageEarly)
					+ event.formatted(model, "", "\"stop\"", usageLast) + "data: [DONE]\n\n");
	}

}
