package io.github.deepseekboot.operations;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.observation.ChatMeter;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.test.provider.ProviderError;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of the spans of an application. The reactive one includes content.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AbstractTracingTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final ScriptedServer server = ScriptedServer.start();

	private final ScriptedProvider deepseek = this.server.addProvider("deepseek", "deepseek");

	private final ScriptedProvider siliconflow = this.server.addProvider("siliconflow", "siliconflow");

	private final WebApplicationType type;

	private RunningApplication application;

	private InMemorySpanExporter exporter;

	AbstractTracingTests(WebApplicationType type) {
		this.type = type;
	}

	@BeforeAll
	void start() {
		this.application = RunningApplication.start(this.type, Application.class,
				RunningApplication.threeProviders("http://127.0.0.1:" + this.server.port(),
						"management.tracing.sampling.probability=1", "deepseek.retry.budget=0",
						"deepseek.observations.include-content=" + (this.type == WebApplicationType.REACTIVE),
						"deepseek.observations.max-content-length=9"));
		this.exporter = this.application.bean(Spans.class).exporter();
	}

	@AfterAll
	void close() {
		this.application.close();
		this.server.close();
	}

	@BeforeEach
	void forget() {
		this.application.bean(RoutingClient.class).states().reset("deepseek");
		this.exporter.reset();
		this.deepseek.reset();
		this.deepseek.fails(error(503, "{\"error\":{\"message\":\"secret words\",\"code\":\"busy\"}}")).always();
		this.siliconflow.reset();
		this.siliconflow.whenLastMessage("Hi").answers("Hello there").model("answering-model").usage(10, 5).always();
	}

	private static ProviderError error(int status, String body) {
		return new ProviderError(status, "application/json", body, Map.of());
	}

	@Test
	void aTraceShowsTheFailover() {
		assertThat(this.application.template().complete("Hi").provider()).isEqualTo("siliconflow");
		List<SpanData> spans = spans(5);
		SpanData call = named(spans, "chat deepseek-ai/DeepSeek-V4-Flash").get(0);
		assertThat(spans).extracting(SpanData::getTraceId).containsOnly(call.getTraceId());
		assertThat(call.getKind()).isEqualTo(SpanKind.CLIENT);
		assertThat(call.getParentSpanContext().isValid()).isFalse();
		assertThat(attributes(call)).containsEntry("gen_ai.operation.name", "chat")
			.containsEntry("gen_ai.provider.name", "siliconflow")
			.containsEntry("gen_ai.request.model", "deepseek-ai/DeepSeek-V4-Flash")
			.containsEntry("gen_ai.response.model", "answering-model")
			.containsEntry("gen_ai.usage.input_tokens", "10")
			.containsEntry("gen_ai.usage.output_tokens", "5")
			.containsEntry("error.type", "none");
		SpanData failed = named(spans, "attempt deepseek").get(0);
		SpanData succeeded = named(spans, "attempt siliconflow").get(0);
		assertThat(List.of(failed, succeeded)).extracting(SpanData::getParentSpanId).containsOnly(call.getSpanId());
		assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
		assertThat(attributes(failed)).containsEntry("deepseek.attempt", "1")
			.containsEntry("error.type", "overloaded")
			.containsEntry("http.response.status_code", "503");
		assertThat(attributes(succeeded)).containsEntry("deepseek.attempt", "2").containsEntry("error.type", "none");
		assertThat(spans).filteredOn((span) -> span.getName().startsWith("http post"))
			.hasSize(2)
			.allSatisfy((span) -> assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT))
			.extracting(SpanData::getParentSpanId)
			.containsExactlyInAnyOrder(failed.getSpanId(), succeeded.getSpanId());
		if (this.type == WebApplicationType.REACTIVE) {
			assertThat(attributes(call)).containsEntry("gen_ai.input.messages", "user: Hi\n")
				.containsEntry("gen_ai.output.messages", "Hello the");
		}
		else {
			assertThat(spans.toString()).doesNotContain("Hello there")
				.doesNotContain("user: Hi")
				.doesNotContain("secret words");
		}
	}

	@Test
	void aFailedCallIsAnErrorWithoutTheProvidersWords() {
		this.siliconflow.fails(error(400, "{\"code\":20015,\"message\":\"secret words\"}"));
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> this.application.template().withProvider("siliconflow").complete("Fail"))
			.withMessageContaining("secret words");
		List<SpanData> spans = spans(3);
		SpanData call = named(spans, "chat deepseek-ai/DeepSeek-V4-Flash").get(0);
		assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
		assertThat(attributes(call)).containsEntry("error.type", "invalid_request");
		if (this.type == WebApplicationType.SERVLET) {
			assertThat(spans.toString()).doesNotContain("secret words");
			assertThat(call.getEvents().toString()).contains("the call failed").contains("20015");
		}
	}

	@Test
	void aStreamIsOneCallAndACancelledOneEnds() {
		this.siliconflow.answersInPieces("Hello", " there").usage(10, 5);
		this.application.template().withProvider("siliconflow").stream("Stream").collectList().block(PATIENCE);
		SpanData call = named(spans(3), "chat deepseek-ai/DeepSeek-V4-Flash").get(0);
		assertThat(attributes(call)).containsEntry("gen_ai.usage.output_tokens", "5");
		if (this.type == WebApplicationType.REACTIVE) {
			assertThat(attributes(call)).containsEntry("gen_ai.output.messages", "Hello the");
		}
		this.exporter.reset();
		this.siliconflow.answersInPieces("Hello", " there").stallsAfter(1);
		this.application.template().withProvider("siliconflow").stream("Cancel").next().block(PATIENCE);
		List<SpanData> cancelled = spans(3);
		assertThat(attributes(named(cancelled, "chat deepseek-ai/DeepSeek-V4-Flash").get(0)))
			.containsEntry("error.type", "cancelled");
		assertThat(attributes(named(cancelled, "attempt siliconflow").get(0))).containsEntry("error.type", "cancelled");
	}

	@Test
	void theCurrentObservationIsTheParent() {
		Observation parent = Observation.start("parent", this.application.bean(ObservationRegistry.class));
		parent.scoped(() -> this.application.template().complete("Hi"));
		parent.stop();
		assertParent(spans(6), "parent");
	}

	@Test
	void theObservationInTheReactorContextIsTheParent() {
		Observation parent = Observation.start("parent", this.application.bean(ObservationRegistry.class));
		this.application.template()
			.completeAsync("Hi")
			.subscribeOn(Schedulers.parallel())
			.contextWrite((context) -> context.put("micrometer.observation", parent))
			.block(PATIENCE);
		parent.stop();
		assertParent(spans(6), "parent");
	}

	@Test
	void theObservationOfAControllerIsTheParent() {
		this.siliconflow.answersInPieces("Hello", " there").times(2);
		// in a reactive application nothing tells a thread what it works for
		if (this.type == WebApplicationType.SERVLET) {
			assertThat(this.application.get("/blocking").body()).isEqualTo("Hello there");
			assertParent(spans(6), "http get /blocking");
			this.exporter.reset();
		}
		assertThat(this.application.get("/streaming").body()).contains("Hello");
		assertParent(spans(4), "http get /streaming");
	}

	@Test
	void noMeterIsMadeOfObservations() {
		this.application.template().complete("Hi");
		spans(5);
		List<String> known = Arrays.stream(ChatMeter.values()).map(ChatMeter::meterName).toList();
		assertThat(this.application.bean(MeterRegistry.class).getMeters())
			.extracting((meter) -> meter.getId().getName())
			.filteredOn((name) -> name.startsWith("deepseek") || name.startsWith("gen_ai"))
			.isNotEmpty()
			.isSubsetOf(known);
	}

	private static void assertParent(List<SpanData> spans, String parent) {
		SpanData call = named(spans, "chat deepseek-ai/DeepSeek-V4-Flash").get(0);
		assertThat(call.getParentSpanId()).isEqualTo(named(spans, parent).get(0).getSpanId());
		assertThat(spans).extracting(SpanData::getTraceId).containsOnly(call.getTraceId());
	}

	private List<SpanData> spans(int count) {
		return Awaitility.await()
			.atMost(PATIENCE)
			.until(this.exporter::getFinishedSpanItems, (spans) -> spans.size() >= count);
	}

	private static List<SpanData> named(List<SpanData> spans, String name) {
		List<SpanData> named = spans.stream().filter((span) -> span.getName().equals(name)).toList();
		assertThat(named).as(name + " of " + spans).isNotEmpty();
		return named;
	}

	private static Map<String, String> attributes(SpanData span) {
		return span.getAttributes()
			.asMap()
			.entrySet()
			.stream()
			.collect(Collectors.toMap((entry) -> ((AttributeKey<?>) entry.getKey()).getKey(),
					(entry) -> entry.getValue().toString()));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Controller.class)
	static class Application {

		@Bean
		Spans spans() {
			return new Spans(InMemorySpanExporter.create());
		}

		@Bean
		SpanProcessor spanProcessor(Spans spans) {
			return SimpleSpanProcessor.create(spans.exporter());
		}

	}

	// an exporter that is a bean gets each span from Boot's batches, too
	record Spans(InMemorySpanExporter exporter) {
	}

	@RestController
	static class Controller {

		private final ChatCompletionTemplate template;

		Controller(ChatCompletionTemplate template) {
			this.template = template;
		}

		@GetMapping("/blocking")
		String blocking() {
			return this.template.complete("Hi").content();
		}

		@GetMapping(path = "/streaming", produces = "text/event-stream")
		Flux<ChatDelta> streaming() {
			return this.template.withProvider("siliconflow").stream("From a controller");
		}

	}

}
