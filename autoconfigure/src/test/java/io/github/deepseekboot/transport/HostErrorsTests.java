package io.github.deepseekboot.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.FailureScope;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The complete bodies with which hosts and gateways tell of errors, under their status,
 * in place of an answer and in a stream: kind, words and scope are the same.
 */
@NullUnmarked
class HostErrorsTests {

	@TestFactory
	Stream<DynamicTest> errors() throws IOException {
		String table;
		try (InputStream file = HostErrorsTests.class.getResourceAsStream("/corpus/error-bodies.lst")) {
			table = new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		List<Row> rows = table.lines().filter((line) -> !line.startsWith("#")).map(Row::of).toList();
		assertThat(rows).hasSizeGreaterThan(190);
		return rows.stream()
			.flatMap((row) -> row.statuses.stream()
				.map((status) -> DynamicTest.dynamicTest(status + " " + row.kinds + " " + row.words,
						() -> row.verify(status))));
	}

	private record Row(List<String> kinds, boolean thisRequest, List<Integer> statuses, String preset, String words,
			String body) {

		static Row of(String line) {
			String[] columns = line.split("\t", -1);
			assertThat(columns).hasSize(6);
			boolean json = columns[5].startsWith("{") || columns[5].startsWith("[") || columns[5].startsWith("\"");
			return new Row(List.of(columns[0].split(",")), columns[1].equals("request"),
					Stream.of(columns[2].split(",")).map(Integer::valueOf).toList(), columns[3], columns[4],
					json ? columns[5] : columns[5].replace("\\n", "\n"));
		}

		void verify(int status) {
			for (DeepSeekException failure : (status == 200) ? insideOfAnswers() : underStatus(status)) {
				assertThat(failure.getKind().name()).as(failure.getMessage()).isIn(this.kinds);
				assertThat(failure.getReason()).contains(this.words).doesNotContain("{\"", "<html", "</");
				assertThat(failure.getScope() == FailureScope.REQUEST)
					.as("about this request only: %s", failure.getMessage())
					.isEqualTo(this.thisRequest);
			}
		}

		private List<DeepSeekException> underStatus(int status) {
			String type = this.body.startsWith("<") ? "text/html" : "application/json";
			return List.of(failure(status, type, this.body, true), failure(status, type, this.body, false));
		}

		private List<DeepSeekException> insideOfAnswers() {
			String role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
			String event = "data: " + this.body + "\n\n";
			List<DeepSeekException> failures = new ArrayList<>();
			failures.add(failure(200, "application/json", this.body, false));
			failures.add(failure(200, "application/json", this.body, true));
			failures.add(failure(200, "text/event-stream", this.body, true));
			failures.add(failure(200, "text/event-stream", this.body + "\n", false));
			failures.add(failure(200, "text/event-stream", event, true));
			failures.add(failure(200, "text/event-stream", "event: error\n" + event + "data: [DONE]\n\n", true));
			failures.add(failure(200, "text/event-stream", role + event, true));
			failures.add(failure(200, "text/event-stream", role + this.body, true));
			failures.add(failure(200, "text/plain", event, true));
			return failures;
		}

		private DeepSeekException failure(int status, String type, String body, boolean stream) {
			ProviderClient client = new ProviderClient(
					TestProviders.builder(this.preset, "http://host.invalid/v1").build(),
					WebClient.builder()
						.exchangeFunction((request) -> Mono.just(ClientResponse.create(HttpStatusCode.valueOf(status))
							.header(HttpHeaders.CONTENT_TYPE, type)
							.body(Flux.just(DefaultDataBufferFactory.sharedInstance
								.wrap(body.getBytes(StandardCharsets.UTF_8))))
							.build()))
						.build());
			Publisher<?> answer = stream ? client.stream(TestProviders.attempt())
					: client.complete(TestProviders.attempt());
			return Failure.of(answer);
		}

	}

}
