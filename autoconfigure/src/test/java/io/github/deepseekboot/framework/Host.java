package io.github.deepseekboot.framework;

import java.util.List;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekLangChain4jAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekSpringAiAutoConfiguration;

/**
 * A provider whose answers are written down, and an application that asks it through
 * other frameworks.
 */
public final class Host extends WireMockExtension {

	private static final String USAGE = """
			{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_cache_hit_tokens":4,\
			"prompt_cache_miss_tokens":6,"completion_tokens_details":{"reasoning_tokens":2}}""";

	public Host() {
		super(extensionOptions().options(WireMockConfiguration.options().dynamicPort()));
	}

	public ApplicationContextRunner application(String... properties) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(WebClientAutoConfiguration.class, DeepSeekAutoConfiguration.class,
					DeepSeekLangChain4jAutoConfiguration.class, DeepSeekSpringAiAutoConfiguration.class))
			.withPropertyValues("deepseek.providers.deepseek.base-url=" + baseUrl(),
					"deepseek.providers.deepseek.api-key=test-key", "deepseek.retry.max-attempts=2",
					"deepseek.retry.backoff=1ms")
			.withPropertyValues(properties);
	}

	public void answers(ResponseDefinitionBuilder... answers) {
		String state = Scenario.STARTED;
		for (int i = 0; i < answers.length; i++) {
			stubFor(WireMock.post(WireMock.anyUrl())
				.inScenario("answers")
				.whenScenarioStateIs(state)
				.willSetStateTo((i + 1 < answers.length) ? "answer " + (i + 1) : state)
				.willReturn(answers[i]));
			state = "answer " + (i + 1);
		}
	}

	public static ResponseDefinitionBuilder message(String message, String finishReason) {
		return json(200, """
				{"id":"1","object":"chat.completion","created":1,"model":"deepseek-chat","choices":[{"index":0,\
				"message":%s,"finish_reason":"%s"}],"usage":%s}""".formatted(message, finishReason, USAGE));
	}

	public static ResponseDefinitionBuilder text(String text) {
		return message("{\"role\":\"assistant\",\"content\":\"" + text + "\"}", "stop");
	}

	public static ResponseDefinitionBuilder error(int status) {
		return json(status, "{\"error\":{\"message\":\"said the host\",\"code\":\"none\"}}");
	}

	private static ResponseDefinitionBuilder json(int status, String body) {
		return WireMock.aResponse().withStatus(status).withHeader("Content-Type", "application/json").withBody(body);
	}

	public static ResponseDefinitionBuilder stream(boolean complete, String finishReason, String... deltas) {
		StringBuilder body = new StringBuilder();
		for (String delta : deltas) {
			body.append(event(delta, "null", "null"));
		}
		if (complete) {
			body.append(event("{}", "\"" + finishReason + "\"", USAGE)).append("data: [DONE]\n\n");
		}
		return WireMock.aResponse().withHeader("Content-Type", "text/event-stream").withBody(body.toString());
	}

	private static String event(String delta, String finishReason, String usage) {
		return """
				data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"deepseek-chat","choices":\
				[{"index":0,"delta":%s,"finish_reason":%s}],"usage":%s}

				""".formatted(delta, finishReason, usage);
	}

	public List<JsonNode> requests() {
		return findAll(WireMock.postRequestedFor(WireMock.anyUrl())).stream()
			.map((request) -> JsonMapper.shared().readTree(request.getBodyAsString()))
			.toList();
	}

}
