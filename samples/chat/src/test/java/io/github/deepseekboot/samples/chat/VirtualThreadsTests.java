package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the blocking API on virtual threads.
 */
class VirtualThreadsTests {

	private static final int CALLS = 10_000;

	// loading a class pins the thread that does it
	private static final int WARM_UP = 20;

	private static final Duration PATIENCE = Duration.ofMinutes(3);

	private static final long MEBIBYTE = 1 << 20;

	// connections are made while the first calls wait already
	private static final Duration UNTIL_ANSWERED = Duration.ofSeconds(30);

	@Test
	void tenThousandBlockingCallsAreInFlightWithoutPinning(@TempDir Path directory) throws Exception {
		Assumptions.assumeTrue(Runtime.version().feature() >= 21, "virtual threads need JDK 21 or later");
		try (PatientSimulator simulator = PatientSimulator.start(WARM_UP, UNTIL_ANSWERED);
				ConfigurableApplicationContext context = application(simulator.baseUrl());
				Recording recording = new Recording()) {
			ChatCompletionTemplate chat = context.getBean(ChatCompletionTemplate.class);
			RoutingClient client = context.getBean(RoutingClient.class);
			ExecutorService executor = virtualThreads();
			for (int i = 0; i < WARM_UP; i++) {
				assertThat(executor.submit(() -> chat.complete("Hi").content()).get()).isEqualTo("Hello");
			}
			recording.enable("jdk.VirtualThreadPinned").withoutThreshold();
			recording.start();
			List<Future<String>> answers = new ArrayList<>(CALLS);
			for (int i = 0; i < CALLS; i++) {
				answers.add(executor.submit(() -> chat.complete("Hi").content()));
			}
			Awaitility.await().atMost(PATIENCE).until(() -> inFlight(client) == CALLS);
			System.gc();
			long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEBIBYTE;
			int platformThreads = ManagementFactory.getThreadMXBean().getThreadCount();
			for (Future<String> answer : answers) {
				assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("Hello");
			}
			executor.shutdown();
			List<RecordedEvent> pinned = pinned(recording, directory.resolve("pinned.jfr"));
			System.out.printf("%d calls in flight: %d MiB of heap, %d platform threads, pinned %d times%n", CALLS, used,
					platformThreads, pinned.size());
			assertThat(pinned).isEmpty();
			assertThat(used).isLessThan(512);
			assertThat(platformThreads).isLessThan(100);
			Awaitility.await().atMost(PATIENCE).until(() -> inFlight(client) == 0);
		}
	}

	private static ConfigurableApplicationContext application(String baseUrl) {
		// arguments win over the page's application.yaml
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.run("--deepseek.provider=deepseek", "--deepseek.fallback=",
					"--deepseek.providers.deepseek.base-url=" + baseUrl,
					"--deepseek.providers.deepseek.api-key=not-a-real-key", "--deepseek.limit.max-concurrent=" + CALLS,
					"--deepseek.timeout.connect=60s", "--deepseek.timeout.acquire=60s");
	}

	private static int inFlight(RoutingClient client) {
		return client.states().statuses().stream().mapToInt(ProviderStatus::inFlight).sum();
	}

	// this is compiled for Java 17
	private static ExecutorService virtualThreads() throws ReflectiveOperationException {
		return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
	}

	private static List<RecordedEvent> pinned(Recording recording, Path file) throws IOException {
		recording.stop();
		recording.dump(file);
		assertThat(Files.size(file)).isPositive();
		return RecordingFile.readAllEvents(file)
			.stream()
			.filter((event) -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
			.toList();
	}

	/**
	 * An application without the page.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
