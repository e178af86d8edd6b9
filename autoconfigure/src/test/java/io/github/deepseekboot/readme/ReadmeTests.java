package io.github.deepseekboot.readme;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.ProviderPresets;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the README keeps its promises: its Java is the Java of this package, its
 * YAML binds, its application runs, its links lead somewhere.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadmeTests {

	private static final Path ROOT = Path.of("..");

	private static final Path SOURCES = Path.of("src/test/java/io/github/deepseekboot/readme");

	private static final Pattern BLOCK = Pattern.compile("^```(\\w+)\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

	private static final Pattern REGION = Pattern.compile("^(\\t*)// tag::\\w+\\[]\\n(.*?)^\\t*// end::",
			Pattern.MULTILINE | Pattern.DOTALL);

	private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)[^)]*\\)");

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private final String readme = Files.readString(ROOT.resolve("README.md"));

	ReadmeTests() throws IOException {
	}

	@Test
	void itsJavaIsCompiled() throws IOException {
		List<String> regions = new ArrayList<>();
		try (Stream<Path> files = Files.list(SOURCES)) {
			for (Path file : files.sorted().toList()) {
				Matcher matcher = REGION.matcher(Files.readString(file));
				while (matcher.find()) {
					regions.add(matcher.group(2).replaceAll("(?m)^" + matcher.group(1), ""));
				}
			}
		}
		assertThat(blocks("java")).isNotEmpty().containsExactlyInAnyOrderElementsOf(regions);
	}

	@Test
	void itsYamlBinds() throws IOException {
		List<String> blocks = blocks("yaml");
		assertThat(blocks).isNotEmpty();
		for (String block : blocks) {
			MutablePropertySources sources = new MutablePropertySources();
			new YamlPropertySourceLoader().load("readme", new ByteArrayResource(block.getBytes(StandardCharsets.UTF_8)))
				.forEach(sources::addLast);
			sources.addLast(new MapPropertySource("environment", Map.of("DEEPSEEK_API_KEY", "test-key",
					"SILICONFLOW_API_KEY", "test-key", "ALAYA_API_KEY", "test-key")));
			BindHandler strict = new NoUnboundElementsBindHandler(BindHandler.DEFAULT,
					(source) -> source.getUnderlyingSource() instanceof PropertySource<?> file
							&& file.getName().equals("readme"));
			DeepSeekProperties properties = new Binder(ConfigurationPropertySources.from(sources),
					new PropertySourcesPlaceholdersResolver(sources))
				.bind("deepseek", Bindable.of(DeepSeekProperties.class), strict)
				.get();
			assertThat(properties.providers()).isNotEmpty().allSatisfy((id, provider) -> {
				assertThat(provider.baseUrl() != null || ProviderPresets.exists(id)).as(id).isTrue();
				assertThat(provider.apiKey()).isIn("test-key", null);
			});
			assertThat(properties.providers().keySet()).containsAll(properties.fallback());
		}
	}

	@Test
	void itsApplicationRuns(CapturedOutput output) throws IOException {
		host.stubFor(post(urlEqualTo("/chat/completions")).willReturn(okJson("""
				{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Drip, drop"},
				"finish_reason": "stop"}]}""")));
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(PoemApplication.class)
			.web(WebApplicationType.NONE)
			.properties("deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl())
			.run()) {
			assertThat(output).contains("Drip, drop").doesNotContain("WARN");
			host.verify(postRequestedFor(urlEqualTo("/chat/completions"))
				.withHeader("Authorization", equalTo("Bearer test-key"))
				.withRequestBody(matchingJsonPath("$.messages[0].content", equalTo("Write a poem about rain"))));
			assertThat(context.getBean(Poet.class).poem("snow")).isEqualTo("Drip, drop");
			assertThat(new PatientPoet(context.getBean(ChatCompletionTemplate.class)).poem("hail"))
				.isEqualTo("Drip, drop");
		}
	}

	@Test
	void itsTableOfErrorsIsWhole() {
		assertThat(Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE)
			.matcher(this.readme)
			.results()
			.map((result) -> result.group(1)))
			.containsExactlyElementsOf(Arrays.stream(ErrorKind.values()).map(Enum::name).toList());
	}

	@Test
	void linksOfTheDocumentsLeadSomewhere() throws IOException {
		List<Path> documents = new ArrayList<>();
		for (Path directory : List.of(ROOT, ROOT.resolve("docs"))) {
			try (Stream<Path> files = Files.list(directory)) {
				files.filter((file) -> file.toString().endsWith(".md")).forEach(documents::add);
			}
		}
		assertThat(documents).hasSizeGreaterThan(3);
		for (Path document : documents) {
			Matcher link = LINK.matcher(Files.readString(document));
			while (link.find()) {
				if (!link.group(1).startsWith("http")) {
					assertThat(document.resolveSibling(link.group(1))).as(document.toString()).exists();
				}
			}
		}
	}

	private List<String> blocks(String language) {
		List<String> blocks = new ArrayList<>();
		Matcher matcher = BLOCK.matcher(this.readme);
		while (matcher.find()) {
			if (matcher.group(1).equals(language)) {
				blocks.add(matcher.group(2));
			}
		}
		return blocks;
	}

}
