package io.github.deepseekboot.structured;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.test.provider.ProviderError;
import io.github.deepseekboot.test.provider.ReceivedRequest;
import io.github.deepseekboot.test.provider.ScriptedAnswer;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * The hosts of three providers with one script, and an application that asks them.
 */
public final class TypedHost implements AutoCloseable {

	static final JsonMapper JSON = JsonMapper.builder().build();

	private final ScriptedProvider provider = ScriptedProvider.start("openai");

	/**
	 * Give an answer.
	 */
	public TypedHost answer(String content) {
		return answer(content, "stop");
	}

	public TypedHost answer(String content, String finishReason) {
		return stream(finishReason, content);
	}

	/**
	 * Call a tool without arguments.
	 */
	TypedHost call(String tool) {
		return callWith(tool, "{}");
	}

	/**
	 * Call a tool.
	 */
	public TypedHost callWith(String tool, String arguments) {
		return then((answer) -> answer.calls("call-1", tool, arguments));
	}

	/**
	 * Stream some words and the call of a tool.
	 */
	TypedHost streamCall(String words, String tool) {
		return then((answer) -> answer.answersInPieces(words).calls(tool, "{}"));
	}

	/**
	 * Stream an answer in these pieces.
	 */
	public TypedHost stream(String finishReason, String... pieces) {
		return then((answer) -> answer.answersInPieces(pieces).finishReason(finishReason));
	}

	TypedHost fail(int status, String body) {
		return then((answer) -> answer.fails(new ProviderError(status, "application/json", body, Map.of())));
	}

	public TypedHost then(Consumer<ScriptedAnswer> answer) {
		answer.accept(this.provider.reply().usage(10, 5));
		return this;
	}

	ScriptedProvider provider() {
		return this.provider;
	}

	/**
	 * The bodies of the requests so far.
	 */
	public List<JsonNode> requests() {
		return this.provider.requests().stream().map(ReceivedRequest::json).toList();
	}

	/**
	 * Who was asked.
	 */
	List<String> providers() {
		return this.provider.requests().stream().map((request) -> request.path().split("/")[3]).toList();
	}

	/**
	 * What is left of the script.
	 */
	int unused() {
		return this.provider.unused();
	}

	public void run(Consumer<ChatCompletionTemplate> application, String... properties) {
		run(runner(), application, properties);
	}

	/**
	 * Run an application whose class path lacks a package.
	 */
	public void runWithout(String missing, Consumer<ChatCompletionTemplate> application) {
		run(runner().withClassLoader(new FilteredClassLoader(missing)), application);
	}

	private static ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class,
				WebClientAutoConfiguration.class, JacksonAutoConfiguration.class, ValidationAutoConfiguration.class));
	}

	private void run(ApplicationContextRunner runner, Consumer<ChatCompletionTemplate> application,
			String... properties) {
		List<String> all = new ArrayList<>(List.of("deepseek.fallback=siliconflow,deepseek,alayanew"));
		for (String id : List.of("siliconflow", "deepseek", "alayanew")) {
			all.add("deepseek.providers." + id + ".base-url=" + this.provider.baseUrl() + "/" + id);
			all.add("deepseek.providers." + id + ".api-key=test-key");
		}
		all.add("deepseek.providers.siliconflow.structured-output=json-schema");
		all.addAll(List.of(properties));
		runner.withPropertyValues(all.toArray(String[]::new))
			.run((context) -> application.accept(context.getBean(ChatCompletionTemplate.class)));
	}

	@Override
	public void close() {
		this.provider.close();
	}

}
