package io.github.deepseekboot.operations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;

/**
 * An application like that of a user, with all actuator endpoints.
 */
final class RunningApplication implements AutoCloseable {

	static final JsonMapper JSON = JsonMapper.builder().build();

	private final ConfigurableApplicationContext context;

	private final HttpClient http = HttpClient.newHttpClient();

	private RunningApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static RunningApplication start(WebApplicationType type, Class<?> configuration, String... properties) {
		return start(new SpringApplicationBuilder(configuration).web(type), properties);
	}

	static RunningApplication start(SpringApplicationBuilder builder, String... properties) {
		// of two arguments with one name Boot makes a list: the later one shall win
		Map<String, String> arguments = new LinkedHashMap<>();
		Stream
			.concat(Stream.of("server.port=0", "management.endpoints.web.exposure.include=*",
					"management.endpoint.health.show-details=always"), Arrays.stream(properties))
			.forEach((property) -> arguments.put(property.substring(0, property.indexOf('=')), "--" + property));
		return new RunningApplication(builder.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.run(arguments.values().toArray(String[]::new)));
	}

	/**
	 * Properties for the three built-in providers, all at one host.
	 * @param baseUrl the host
	 * @param more further properties
	 * @return the properties
	 */
	static String[] threeProviders(String baseUrl, String... more) {
		return Stream.concat(Stream.of("deepseek.provider=deepseek", "deepseek.fallback=deepseek,siliconflow,alayanew"),
				Stream.concat(Stream.of("deepseek", "siliconflow", "alayanew")
					.flatMap((id) -> Stream.of("deepseek.providers." + id + ".base-url=" + baseUrl + "/" + id,
							"deepseek.providers." + id + ".api-key=test-key-of-" + id)),
						Arrays.stream(more)))
			.toArray(String[]::new);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	ConfigurableApplicationContext context() {
		return this.context;
	}

	ChatCompletionTemplate template() {
		return bean(ChatCompletionTemplate.class);
	}

	HttpResponse<String> get(String path) {
		return send("GET", path, null);
	}

	JsonNode json(String path) {
		return JSON.readTree(get(path).body());
	}

	CompletableFuture<HttpResponse<String>> getAsync(String path) {
		return this.http.sendAsync(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
	}

	HttpResponse<String> send(String method, String path, String body) {
		try {
			HttpRequest.BodyPublisher publisher = (body != null) ? HttpRequest.BodyPublishers.ofString(body)
					: HttpRequest.BodyPublishers.noBody();
			// a connection of its own: Tomcat closes kept ones after a hundred requests
			return HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(uri(path))
					.header("Content-Type", "application/json")
					.method(method, publisher)
					.build(), HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private URI uri(String path) {
		return URI.create("http://localhost:" + this.context.getEnvironment().getProperty("local.server.port") + path);
	}

	@Override
	public void close() {
		this.context.close();
	}

}
