package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.reactor.autoconfigure.ReactorAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.hook.ApiKeyResolver;
import io.github.deepseekboot.hook.ChatAttempt;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;
import io.github.deepseekboot.hook.ChatRequestCustomizer;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what belongs to the caller's thread - the MDC, a security context, a trace,
 * what the application registers - reaches tools and hooks on whichever thread they run.
 */
@ExtendWith(OutputCaptureExtension.class)
class ContextPropagationTests {

	private static final String KEY = "context-propagation-tests.tenant";

	private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

	private static final Tracer TRACER = new OtelTracer(SdkTracerProvider.builder().build().get("test"),
			new OtelCurrentTraceContext(), (event) -> {
			});

	private static final List<String> SEEN = new CopyOnWriteArrayList<>();

	private final ObservationRegistry observations = ObservationRegistry.create();

	private final TestServer server = TestServer.start(ContextPropagationTests::answer);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class,
				JacksonAutoConfiguration.class, ReactorAutoConfiguration.class,
				DeepSeekObservationAutoConfiguration.class))
		.withBean(ObservationRegistry.class, () -> this.observations)
		.withBean(ChatRequestCustomizer.class, () -> (request) -> {
			see("customizer");
			return request;
		})
		.withBean(ApiKeyResolver.class, () -> (info, call) -> {
			see("resolver");
			return Mono.empty();
		})
		.withBean(RecordingInterceptor.class, RecordingInterceptor::new)
		.withBean(RoutingListener.class, () -> (event) -> {
			if (event instanceof RoutingEvent.AttemptEnded || event instanceof RoutingEvent.CallEnded) {
				see(event.getClass().getSimpleName());
			}
		})
		.withPropertyValues("deepseek.fallback=siliconflow,deepseek",
				"deepseek.providers.siliconflow.base-url=" + this.server.baseUrl() + "/siliconflow",
				"deepseek.providers.deepseek.base-url=" + this.server.baseUrl() + "/deepseek",
				"deepseek.providers.siliconflow.api-key=test-key", "deepseek.providers.deepseek.api-key=test-key");

	@BeforeEach
	void register() {
		ContextRegistry.getInstance()
			.registerThreadLocalAccessor(KEY, TENANT)
			.registerThreadLocalAccessor(new Slf4jThreadLocalAccessor());
		this.observations.observationConfig().observationHandler(new DefaultTracingObservationHandler(TRACER));
		SEEN.clear();
	}

	@AfterEach
	void unregister() {
		Hooks.disableAutomaticContextPropagation();
		ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
		ContextRegistry.getInstance().removeThreadLocalAccessor(Slf4jThreadLocalAccessor.KEY);
		TENANT.remove();
		MDC.clear();
		SecurityContextHolder.clearContext();
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theContextReachesToolsAndHooks(boolean blocking) {
		this.runner.withPropertyValues("spring.reactor.context-propagation=auto").run((context) -> {
			Hooks.enableAutomaticContextPropagation();
			String trace = call(context.getBean(ChatCompletionTemplate.class), blocking);
			assertThat(SEEN).allMatch((seen) -> seen.endsWith(": acme, r-1, alice, " + trace));
			assertThat(places()).containsExactlyInAnyOrder("customizer", "resolver", "before 1", "before 2", "after 1",
					"after 2", "AttemptEnded", "CallEnded", "tool");
		});
	}

	@Test
	void withoutThePropertyTheStartNamesIt(CapturedOutput output) {
		this.runner.run((context) -> assertThat(output).contains("do not reach ")
			.contains("ContextPropagationTests.RecordingInterceptor: set spring.reactor.context-propagation=auto\n"));
	}

	@Test
	void withoutTheLibraryTheStartNamesIt(CapturedOutput output) {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer.context"))
			.run((context) -> assertThat(output).contains(
					": set spring.reactor.context-propagation=auto and add the dependency io.micrometer:context-propagation\n"));
	}

	@Test
	void withBothTheStartIsSilent(CapturedOutput output) {
		this.runner.withPropertyValues("spring.reactor.context-propagation=auto")
			.run((context) -> assertThat(output).doesNotContain("do not reach"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withoutThePropertyToolsAreReachedAndInterceptorsOfAnotherThreadAreNot(boolean blocking) {
		this.runner.run((context) -> {
			String trace = call(context.getBean(ChatCompletionTemplate.class), blocking);
			assertThat(SEEN).contains("tool: acme, r-1, alice, " + trace, "customizer: acme, r-1, alice, " + trace)
				.contains("after 1: null, null, null, null");
		});
	}

	private String call(ChatCompletionTemplate template, boolean blocking) {
		ChatCompletionOperations chat = template.withTools(Tool.of("look", "Looks", () -> {
			see("tool");
			return "seen";
		}));
		TENANT.set("acme");
		MDC.put("request", "r-1");
		SecurityContextHolder
			.setContext(new SecurityContextImpl(new TestingAuthenticationToken("alice", "test-secret", "USER")));
		return Observation.createNotStarted("request", this.observations).observe(() -> {
			if (blocking) {
				assertThat(chat.complete("hi").content()).isEqualTo("done");
			}
			else {
				assertThat(chat.stream("hi").collectList().contextCapture().block(Duration.ofSeconds(20))).isNotEmpty();
			}
			return trace();
		});
	}

	private static String trace() {
		Span span = TRACER.currentSpan();
		return (span != null) ? span.context().traceId() : null;
	}

	private static Set<String> places() {
		return SEEN.stream().map((seen) -> seen.substring(0, seen.indexOf(':'))).collect(Collectors.toSet());
	}

	private static void see(String place) {
		Authentication user = SecurityContextHolder.getContext().getAuthentication();
		SEEN.add(place + ": " + TENANT.get() + ", " + MDC.get("request") + ", "
				+ ((user != null) ? user.getName() : null) + ", " + trace());
	}

	private static void answer(TestServer.Exchange exchange) throws IOException {
		String request = exchange.request().text();
		if (exchange.request().path().startsWith("/siliconflow")) {
			exchange.respond(503, "{}", "Content-Type", "application/json");
			return;
		}
		boolean last = request.contains("\"role\":\"tool\"");
		String message = last ? "\"content\": \"done\"" : """
				"tool_calls": [{"index": 0, "id": "1", "type": "function",
				"function": {"name": "look", "arguments": "{}"}}]""".replace("\n", "");
		String reason = last ? "stop" : "tool_calls";
		if (request.contains("\"stream\":true")) {
			exchange.head(200, "Content-Type", "text/event-stream");
			exchange.chunk("""
					data: {"choices": [{"index": 0, "delta": {%s}, "finish_reason": "%s"}]}

					data: [DONE]

					""".formatted(message, reason));
			exchange.end();
			return;
		}
		exchange.respond(200, """
				{"choices": [{"index": 0, "message": {"role": "assistant", %s}, "finish_reason": "%s"}]}"""
			.formatted(message, reason), "Content-Type", "application/json");
	}

	static class RecordingInterceptor implements ChatAttemptInterceptor {

		@Override
		public void beforeAttempt(ChatAttempt attempt) {
			see("before " + attempt.number());
		}

		@Override
		public void afterAttempt(ChatAttempt attempt, AttemptReport report) {
			see("after " + attempt.number());
		}

	}

}
