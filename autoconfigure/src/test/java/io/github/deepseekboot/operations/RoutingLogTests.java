package io.github.deepseekboot.operations;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import reactor.core.Disposable;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.routing.ProviderSwitch;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.test.provider.ProviderError;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what is logged and published about routing.
 */
@ExtendWith(OutputCaptureExtension.class)
class RoutingLogTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final String JSON = "application/json";

	private final ScriptedServer server = ScriptedServer.start();

	private final ScriptedProvider deepseek = this.server.addProvider("deepseek", "deepseek");

	private final ScriptedProvider siliconflow = this.server.addProvider("siliconflow", "siliconflow");

	private final ScriptedProvider alayanew = this.server.addProvider("alayanew", "alayanew");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
		.withPropertyValues(RunningApplication.threeProviders("http://127.0.0.1:" + this.server.port(),
				"deepseek.retry.backoff=1ms"));

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aLineForEachFailedAttemptAndFailover(CapturedOutput output) {
		this.deepseek.fails(new ProviderError(401, JSON,
				"{\"error\":{\"message\":\"words\\r\\nof the provider\",\"code\":\"bad_key\"}}",
				Map.of("x-ds-trace-id", "trace-1")));
		this.siliconflow.fails(new ProviderError(500, JSON,
				"{\"code\":\"words\\nof the provider\",\"message\":\"more words\"}", Map.of()));
		this.alayanew.answers("Hello there");
		this.runner.run((context) -> {
			context.getBean(ChatCompletionTemplate.class).stream("Hi").collectList().block(PATIENCE);
			List<String> lines = output.getAll()
				.lines()
				.filter((line) -> line.contains("deepseekboot.routing  "))
				.toList();
			assertThat(lines).hasSize(5);
			assertThat(lines.get(0)).contains("ERROR")
				.containsPattern("Attempt 1 at deepseek failed: AUTHENTICATION, model deepseek-flash, status 401,"
						+ " code bad_key, request id trace-1 after [\\d.]+ m?s\\."
						+ " Check deepseek\\.providers\\.deepseek\\.api-key\\.$");
			assertThat(lines.get(1)).endsWith("Provider deepseek is passed over for 5 min: AUTHENTICATION");
			assertThat(lines.get(2)).endsWith("Failover from deepseek to siliconflow after AUTHENTICATION");
			assertThat(lines.get(3)).contains("WARN")
				.containsPattern(
						"Attempt 2 at siliconflow failed: SERVER_ERROR, model deepseek-ai/[\\w-.]+, status 500,"
								+ " request id [\\w-]+ after [\\d.]+ m?s$");
			assertThat(lines.get(4)).endsWith("Failover from siliconflow to alayanew after SERVER_ERROR");
			assertThat(output.getAll()).doesNotContain("of the provider")
				.doesNotContain("more words")
				.doesNotContain("\tat ");
		});
	}

	@Test
	void theCallersOwnFaultIsOneLine(CapturedOutput output) {
		this.deepseek.fails(new ProviderError(400, JSON, "{\"error\":{\"message\":\"words\"}}", Map.of()));
		this.runner.run((context) -> {
			context.getBean(ChatCompletionTemplate.class).completeAsync("Hi").onErrorComplete().block(PATIENCE);
			assertThat(output.getAll().lines().filter((line) -> line.contains("deepseekboot.routing  ")))
				.singleElement()
				.asString()
				.containsPattern(
						"WARN.*Attempt 1 at deepseek failed: INVALID_REQUEST, model deepseek-flash, status 400,"
								+ " request id [\\w-]+ after [\\d.]+ m?s$");
		});
	}

	@Test
	void aTimeoutIsLoggedWithItsProperty(CapturedOutput output) {
		this.deepseek.stalls();
		this.siliconflow.answers("Hello there");
		this.runner.withPropertyValues("deepseek.timeout.first-token=300ms").run((context) -> {
			context.getBean(ChatCompletionTemplate.class).stream("Hi").blockLast(PATIENCE);
			assertThat(output.getAll())
				.containsPattern("WARN.*Attempt 1 at deepseek failed: TIMEOUT, model deepseek-flash,"
						+ " status 200, code deepseek.timeout.first-token, request id");
		});
	}

	@Test
	void anInterruptedStreamIsLoggedWithItsCause(CapturedOutput output) {
		this.deepseek.answersInPieces("Hello", " there", " you").cutsAfter(2);
		this.runner.run((context) -> {
			context.getBean(ChatCompletionTemplate.class).stream("Hi").onErrorComplete().blockLast(PATIENCE);
			assertThat(output.getAll()).containsPattern("WARN.*Attempt 1 at deepseek failed:"
					+ " STREAM_INTERRUPTED by STREAM_CLOSED, model deepseek-flash, status 200,");
		});
	}

	@Test
	void whatASettingCausesIsLoggedWithTheAdvice(CapturedOutput output) {
		this.deepseek.fails(new ProviderError(200, "text/html", "<html><title>Sign in</title></html>", Map.of()));
		this.siliconflow.stalls();
		this.alayanew.answers("Hello there");
		this.runner
			.withPropertyValues("deepseek.providers.siliconflow.limit.max-concurrent=1",
					"deepseek.providers.siliconflow.limit.max-wait=10ms")
			.run((context) -> {
				ChatCompletionTemplate chat = context.getBean(ChatCompletionTemplate.class);
				Disposable running = chat.withProvider("siliconflow").stream("Hi").onErrorComplete().subscribe();
				chat.complete("Hi");
				running.dispose();
				assertThat(output.getAll())
					.containsPattern("WARN.*Attempt 1 at deepseek failed: MALFORMED_RESPONSE, .*"
							+ "\\. Check deepseek\\.providers\\.deepseek\\.base-url, and what stands between")
					.containsPattern("WARN.*Attempt 2 at siliconflow failed: LOCAL_LIMIT, .*"
							+ ", code deepseek\\.limit\\.max-concurrent after .*\\. Raise the limit under")
					.doesNotContain("Sign in");
			});
	}

	@Test
	void aResetIsLogged(CapturedOutput output) {
		this.runner.run((context) -> {
			context.getBean(RoutingClient.class).states().reset("deepseek");
			assertThat(output.getAll()).contains("Cool-downs, circuit and failures of provider deepseek were reset");
		});
	}

	@Test
	void whatAGatewayRefusesWithEachCallIsSaidOnce(CapturedOutput output) {
		this.deepseek
			.fails(new ProviderError(413, "text/html",
					"<html><head><title>413 Request Entity Too Large</title></head></html>", Map.of()))
			.always();
		this.siliconflow.answers("Hello there").always();
		this.runner.run((context) -> {
			for (int i = 0; i < 3; i++) {
				context.getBean(ChatCompletionTemplate.class).complete("Hi");
			}
			List<String> lines = output.getAll()
				.lines()
				.filter((line) -> line.contains("deepseekboot.routing  "))
				.toList();
			assertThat(lines).hasSize(2);
			assertThat(lines.get(0)).containsPattern(
					"WARN.*Attempt 1 at deepseek failed: INVALID_REQUEST, model deepseek-flash, status 413");
			assertThat(lines.get(1)).contains("WARN")
				.endsWith("Failover from deepseek to siliconflow after INVALID_REQUEST");
		});
	}

	@Test
	void listenersAndEventListenersReceiveEvents(CapturedOutput output) {
		this.deepseek.fails(503).retryAfter(Duration.ofSeconds(7));
		this.siliconflow.answers("Hello there");
		this.runner.withUserConfiguration(Listeners.class).run((context) -> {
			context.getBean(ChatCompletionTemplate.class).complete("Hi");
			context.getBean(ProviderSwitch.class).switchTo("alayanew");
			Listeners listeners = context.getBean(Listeners.class);
			assertThat(listeners.failedOver).singleElement().satisfies((event) -> {
				assertThat(event.from()).isEqualTo("deepseek");
				assertThat(event.to()).isEqualTo("siliconflow");
				assertThat(event.reason()).hasToString("OVERLOADED");
				assertThat(event.call().request().messages()).hasSize(1);
			});
			assertThat(listeners.published).extracting((event) -> event.getClass().getSimpleName())
				.containsExactly("CoolDownStarted", "FailedOver", "ChainChanged");
			assertThat(listeners.heard).extracting((event) -> event.getClass().getSimpleName())
				.containsExactly("CallStarted", "AttemptStarted", "AttemptEnded", "CoolDownStarted", "FailedOver",
						"AttemptStarted", "AttemptEnded", "CallEnded", "ChainChanged");
			assertThat(output.getAll())
				.contains("Providers are now asked in the order [alayanew, deepseek, siliconflow]");
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		private final List<RoutingEvent> heard = new CopyOnWriteArrayList<>();

		private final List<RoutingEvent> published = new CopyOnWriteArrayList<>();

		private final List<RoutingEvent.FailedOver> failedOver = new CopyOnWriteArrayList<>();

		@Bean
		RoutingListener hearing() {
			return this.heard::add;
		}

		@EventListener
		void any(RoutingEvent event) {
			this.published.add(event);
		}

		@EventListener
		void failedOver(RoutingEvent.FailedOver event) {
			this.failedOver.add(event);
		}

	}

}
