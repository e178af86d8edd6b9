package io.github.deepseekboot.benchmark;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.tool.Tool;

/**
 * Lets the auto-configured template do work of growing size, without a network, and says
 * what a unit costs.
 */
final class Growth implements AutoCloseable {

	private static final int MESSAGE = 1024;

	private static final ChatRequest QUESTION = ChatRequest.of(ClientUnderTest.QUESTION);

	private static final int[] CHUNKS = { 100, 1000, 10_000, 100_000 };

	private static final int[] KIBIBYTES = { 10 << 10, 100 << 10, 1 << 20 };

	private final ConfigurableApplicationContext context = TemplateClient.start("http://127.0.0.1:1",
			Application.class);

	private final ChatCompletionTemplate chat = this.context.getBean(ChatCompletionTemplate.class);

	private final Exchange exchange = this.context.getBean(Exchange.class);

	private final Meter meter = new Meter();

	List<Work> all() {
		int piece = WireAnswer.PIECE.length();
		return List.of(new Work("streamed chunks", "chunk", CHUNKS, this::streamed),
				new Work("collected chunks", "chunk", CHUNKS,
						(size) -> collected(WireAnswer.content(size), (completion) -> completion.content().length(),
								size * piece)),
				new Work("reasoning in small chunks, collected", "byte", KIBIBYTES,
						(size) -> collected(WireAnswer.reasoning(size / piece),
								(completion) -> Objects.requireNonNull(completion.reasoningContent()).length(),
								size / piece * piece)),
				new Work("arguments of a tool call in small fragments, collected", "byte", KIBIBYTES,
						(size) -> collected(WireAnswer.toolCall(size / piece + 2),
								(completion) -> completion.toolCalls().get(0).arguments().length(),
								size / piece * piece + 8)),
				new Work("the same through the tool loop, in two rounds", "byte", KIBIBYTES,
						(size) -> toolLoop(size / piece + 2)),
				new Work("history of the request, in messages of 1 KiB", "byte", KIBIBYTES, this::history),
				new Work("one message of the request", "byte", KIBIBYTES, this::message));
	}

	private Runnable streamed(int chunks) {
		WireAnswer answer = WireAnswer.content(chunks);
		return () -> {
			this.exchange.answer = answer;
			// the chunks, the finish reason, the end
			check(this.chat.stream(QUESTION).count().block(), chunks + 2L);
		};
	}

	private Runnable collected(WireAnswer answer, Function<ChatCompletion, Integer> length, int expected) {
		return () -> {
			this.exchange.answer = answer;
			ChatCompletion completion = this.chat.stream(QUESTION).collect(ChatCompletion.collector()).block();
			check(length.apply(Objects.requireNonNull(completion)), expected);
		};
	}

	private Runnable toolLoop(int fragments) {
		WireAnswer call = WireAnswer.toolCall(fragments);
		WireAnswer answer = WireAnswer.content(1);
		ChatCompletionOperations equipped = this.chat
			.withTools(Tool.of("note", "Takes a note", "{\"type\":\"object\"}", (arguments) -> {
				this.exchange.answer = answer;
				return arguments.path("t").asString().length();
			}));
		return () -> {
			this.exchange.answer = call;
			ChatCompletion completion = equipped.stream(QUESTION).collect(ChatCompletion.collector()).block();
			check(Objects.requireNonNull(completion).toolMessages().size(), 2);
		};
	}

	private Runnable history(int bytes) {
		ChatRequest.Builder request = ChatRequest.builder();
		String text = "x".repeat(MESSAGE);
		for (int i = 0; i < bytes / MESSAGE; i++) {
			request.message((i % 2 == 0) ? ChatMessage.user(text) : ChatMessage.assistant(text));
		}
		return answered(request.user("And now?").build());
	}

	private Runnable message(int bytes) {
		return answered(ChatRequest.of("x".repeat(bytes)));
	}

	private Runnable answered(ChatRequest request) {
		WireAnswer answer = WireAnswer.content(1);
		return () -> {
			this.exchange.answer = answer;
			check(this.chat.stream(request).count().block(), 3L);
		};
	}

	private static void check(@Nullable Object actual, Object expected) {
		if (!Objects.equals(actual, expected)) {
			throw new IllegalStateException("%s in place of %s".formatted(actual, expected));
		}
	}

	/**
	 * Do some work again and again.
	 * @param task the work
	 * @param units how many units it has
	 * @param times how often to do it
	 * @return the cost of a unit
	 */
	Cost measure(Runnable task, int units, int times) {
		for (int i = 0; i < times; i++) {
			task.run();
		}
		Meter.Reading before = this.meter.read();
		for (int i = 0; i < times; i++) {
			task.run();
		}
		Meter.Reading after = this.meter.read();
		double all = (double) units * times;
		return new Cost(after.allocatedSince(before) / all, (after.cpuNanos() - before.cpuNanos()) / all);
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * Work that can be of any size.
	 *
	 * @param title what it is
	 * @param unit what its size is counted in
	 * @param sizes the sizes to measure
	 * @param task makes the work of a size
	 */
	record Work(String title, String unit, int[] sizes, IntFunction<Runnable> task) {

	}

	/**
	 * What a unit of work costs.
	 *
	 * @param bytes allocated
	 * @param cpuNanos CPU time of the process
	 */
	record Cost(double bytes, double cpuNanos) {

	}

	/**
	 * Answers in place of the network.
	 */
	static final class Exchange implements ExchangeFilterFunction {

		private volatile WireAnswer answer = WireAnswer.content(1);

		@Override
		public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
			return this.answer.filter(request, next);
		}

	}

	/**
	 * The application.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Exchange exchange() {
			return new Exchange();
		}

		@Bean
		WebClientCustomizer exchangeCustomizer(Exchange exchange) {
			return (builder) -> builder.filter(exchange);
		}

	}

}
