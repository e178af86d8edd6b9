package io.github.deepseekboot.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.tool.CallingModel;
import io.github.deepseekboot.tool.Tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for tools in an application: whose mapper and whose schemas they have.
 */
class ToolsOfApplicationTests {

	private static final Tool WEATHER = Tool.of("get_weather", "The weather", Query.class,
			(query) -> new Weather(query.cityName(), 21));

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class));

	@Test
	void argumentsAndResultsAreTheApplicationsJson() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"city_name\": \"Ningbo\"}")),
				CallingModel.saying("Fine"))) {
			runner(model).withConfiguration(AutoConfigurations.of(JacksonAutoConfiguration.class))
				.withPropertyValues("spring.jackson.property-naming-strategy=SNAKE_CASE")
				.run((context) -> {
					ChatCompletionTemplate chat = context.getBean(ChatCompletionTemplate.class);
					assertThat(chat.withTools(WEATHER).complete("?").content()).isEqualTo("Fine");
				});
			assertThat(schema(model).path("properties").propertyNames()).containsExactly("city_name");
			assertThat(model.requests().get(1).at("/messages/2/content").asString())
				.isEqualTo("{\"city_name\":\"Ningbo\",\"degrees_celsius\":21}");
		}
	}

	@Test
	void aPlainMapperWillDo() {
		try (CallingModel model = new CallingModel(
				CallingModel.calling(CallingModel.call("c1", "get_weather", "{\"cityName\": \"Ningbo\"}")),
				CallingModel.saying("Fine"))) {
			runner(model).withBean("one", JsonMapper.class, () -> JsonMapper.builder().build())
				.withBean("other", JsonMapper.class, () -> JsonMapper.builder().build())
				.run((context) -> context.getBean(ChatCompletionTemplate.class).withTools(WEATHER).complete("?"));
			assertThat(model.requests().get(1).at("/messages/2/content").asString())
				.isEqualTo("{\"cityName\":\"Ningbo\",\"degreesCelsius\":21}");
		}
	}

	@Test
	void schemasMayBeTheApplications() {
		try (CallingModel model = new CallingModel(CallingModel.saying("Fine"))) {
			runner(model)
				.withBean(JsonSchemaGenerator.class,
						() -> (type) -> Map.of("type", "object", "title", type.getTypeName()))
				.run((context) -> context.getBean(ChatCompletionTemplate.class).withTools(WEATHER).complete("?"));
			assertThat(schema(model).path("title").asString()).isEqualTo(Query.class.getName());
		}
	}

	@Test
	void withoutAGeneratorToolsNeedASchema() {
		Tool withSchema = Tool.of("get_weather", "The weather", Map.of("type", "object"), (arguments) -> 21);
		try (CallingModel model = new CallingModel(CallingModel.calling(CallingModel.call("c1", "get_weather", "{}")),
				CallingModel.saying("Fine"))) {
			runner(model).withClassLoader(new FilteredClassLoader("com.github.victools")).run((context) -> {
				ChatCompletionTemplate chat = context.getBean(ChatCompletionTemplate.class);
				assertThatIllegalStateException().isThrownBy(() -> chat.withTools(WEATHER))
					.withMessageContaining("com.github.victools:jsonschema-generator");
				assertThat(chat.withTools(withSchema).complete("?").content()).isEqualTo("Fine");
			});
		}
	}

	@Test
	void beansAreNotToolsOfEveryCall() {
		try (CallingModel model = new CallingModel(CallingModel.saying("Fine"))) {
			runner(model).withBean(Tool.class, () -> WEATHER)
				.run((context) -> context.getBean(ChatCompletionTemplate.class).complete("?"));
			assertThat(model.requests()).singleElement()
				.satisfies((request) -> assertThat(request.has("tools")).isFalse());
		}
	}

	private ApplicationContextRunner runner(CallingModel model) {
		return this.runner.withPropertyValues(model.properties());
	}

	private static JsonNode schema(CallingModel model) {
		return model.requests().get(0).at("/tools/0/function/parameters");
	}

	record Query(String cityName) {

	}

	record Weather(String cityName, int degreesCelsius) {

	}

}
