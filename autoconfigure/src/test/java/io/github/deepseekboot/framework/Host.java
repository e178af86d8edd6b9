package io.github.deepseekboot.framework;

import java.util.List;
import java.util.function.Consumer;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekLangChain4jAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekSpringAiAutoConfiguration;
import io.github.deepseekboot.test.provider.ReceivedRequest;
import io.github.deepseekboot.test.provider.ScriptedAnswer;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * A provider whose answers are written down, and an application that asks it through
 * other frameworks.
 */
public final class Host implements BeforeEachCallback, AfterEachCallback {

	private static final String USAGE = """
			{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_cache_hit_tokens":4,\
			"prompt_cache_miss_tokens":6,"completion_tokens_details":{"reasoning_tokens":2}}""";

	private ScriptedProvider provider;

	@Override
	public void beforeEach(ExtensionContext context) {
		this.provider = ScriptedProvider.start("deepseek");
	}

	@Override
	public void afterEach(ExtensionContext context) {
		this.provider.close();
	}

	public String baseUrl() {
		return this.provider.baseUrl();
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

	@SafeVarargs
	public final void answers(Consumer<ScriptedAnswer>... answers) {
		for (int i = 0; i < answers.length; i++) {
			ScriptedAnswer answer = this.provider.reply();
			answers[i].accept((i < answers.length - 1) ? answer : answer.always());
		}
	}

	public static Consumer<ScriptedAnswer> message(String message, String finishReason) {
		return (answer) -> answer.sends("application/json", """
				{"id":"1","object":"chat.completion","created":1,"model":"deepseek-chat","choices":[{"index":0,\
				"message":%s,"finish_reason":"%s"}],"usage":%s}""".formatted(message, finishReason, USAGE));
	}

	public static Consumer<ScriptedAnswer> text(String text) {
		return message("{\"role\":\"assistant\",\"content\":\"" + text + "\"}", "stop");
	}

	public static Consumer<ScriptedAnswer> error(int status) {
		return (answer) -> answer.fails(status);
	}

	public static Consumer<ScriptedAnswer> stream(boolean complete, String finishReason, String... deltas) {
		StringBuilder body = new StringBuilder();
		for (String delta : deltas) {
			body.append(event(delta, "null", "null"));
		}
		if (complete) {
			body.append(event("{}", "\"" + finishReason + "\"", USAGE)).append("data: [DONE]\n\n");
		}
		return (answer) -> answer.sends("text/event-stream", body.toString());
	}

	private static String event(String delta, String finishReason, String usage) {
		return """
				data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"deepseek-chat","choices":\
				[{"index":0,"delta":%s,"finish_reason":%s}],"usage":%s}

				""".formatted(delta, finishReason, usage);
	}

	public List<JsonNode> requests() {
		return this.provider.requests().stream().map(ReceivedRequest::json).toList();
	}

}
