package io.github.deepseekboot.tool;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

import com.sun.management.ThreadMXBean;
import io.micrometer.context.ContextRegistry;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.tool.CallingModel.Api;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ToolLoop} over a client that answers on the thread that asks: what
 * large answers and many rounds cost, and what goes along with a call.
 */
@NullUnmarked
class ToolLoopScaleTests {

	private static final ChatDelta.Origin ORIGIN = ChatDelta.Origin.builder("lab").id("1").model("m").build();

	private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

	private static final String TENANT_KEY = "tool-tests-tenant";

	@AfterEach
	void forgetTenant() {
		ContextRegistry.getInstance().removeThreadLocalAccessor(TENANT_KEY);
		TENANT.remove();
	}

	@Test
	void argumentsInSmallPiecesCostWhatTheyAreLong() {
		// a megabyte, which would be a hundred gigabytes if each piece copied the others
		assertThat(allocated(1 << 18)).isLessThan(500L << 20);
	}

	private static long allocated(int pieces) {
		AtomicReference<Integer> length = new AtomicReference<>();
		Tool tool = Tool.of("write", "Writes", "{\"type\":\"object\"}", (arguments) -> {
			length.set(arguments.path("text").asString().length());
			return "written";
		});
		Client client = new Client(2) {

			@Override
			Flux<ChatDelta> calls() {
				return Flux.range(-1, pieces + 2)
					.map((number) -> fragment((number == -1) ? "{\"text\":\"" : (number == pieces) ? "\"}" : "abcd"));
			}

		};
		ToolLoop loop = new ToolLoop(client, List.of(tool),
				ToolOptions.builder().scheduler(Schedulers.immediate()).build(), JsonMapper.shared(),
				(type) -> Map.of());
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long before = threads.getCurrentThreadAllocatedBytes();
		ChatCompletion answer = loop.stream(ChatRequest.of("?"))
			.collect(ChatCompletion.collector())
			.block(CallingModel.PATIENCE);
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		assertThat(answer.content()).isEqualTo("Done");
		assertThat(length).hasValue(4 * pieces);
		return allocated;
	}

	private static ChatDelta fragment(String arguments) {
		boolean first = arguments.startsWith("{");
		return ChatDelta.of(ORIGIN, 0, null, null, null,
				List.of(new ToolCallDelta(0, first ? "c1" : null, first ? "write" : null, arguments)), null);
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void manyRoundsDoNotGrowTheStack(Api api) throws InterruptedException {
		Tool tool = Tool.of("write", "Writes", () -> "written");
		Client client = new Client(2000);
		ChatCompletionOperations chat = new ChatCompletionTemplate(client).withTools(List.of(tool),
				ToolOptions.builder().maxRounds(2000).scheduler(Schedulers.immediate()).build());
		AtomicReference<Object> outcome = new AtomicReference<>();
		Thread thread = new Thread(null, () -> {
			try {
				outcome.set(api.call(chat, "?"));
			}
			catch (Throwable ex) {
				outcome.set(ex);
			}
		}, "small stack", 512 << 10);
		thread.start();
		thread.join(CallingModel.PATIENCE.toMillis());
		assertThat(outcome.get()).isInstanceOfSatisfying(ChatCompletion.class, (answer) -> {
			assertThat(answer.content()).isEqualTo("Done");
			assertThat(answer.toolMessages()).hasSize(2 * 1999);
		});
	}

	@ParameterizedTest
	@EnumSource(value = Api.class, names = { "MONO", "FLUX" })
	void theReactorContextReachesToolsAndRounds(Api api) {
		Client client = new Client(3);
		Tool tool = Tool.of("write", "Writes",
				() -> Mono.deferContextual((context) -> Mono.just(context.<String>get(TENANT_KEY))));
		ChatCompletionOperations chat = new ChatCompletionTemplate(client).withTools(tool);
		ChatCompletion answer = api.later(chat, "?")
			.contextWrite((context) -> context.put(TENANT_KEY, "acme"))
			.block(CallingModel.PATIENCE);
		assertThat(answer.toolMessages()).filteredOn((message) -> message.role() == MessageRole.TOOL)
			.extracting(ChatMessage::content)
			.containsExactly("acme", "acme");
		assertThat(client.tenants).containsExactly("acme", "acme", "acme");
	}

	@ParameterizedTest
	@EnumSource(Api.class)
	void whatBelongsToTheThreadGoesAlong(Api api) {
		ContextRegistry.getInstance().registerThreadLocalAccessor(TENANT_KEY, TENANT);
		TENANT.set("acme");
		Client client = new Client(3);
		Tool tool = Tool.of("write", "Writes", () -> TENANT.get() + " on " + Thread.currentThread().getName());
		ChatCompletionOperations chat = new ChatCompletionTemplate(client).withTools(tool);
		assertThat(api.call(chat, "?").toolMessages()).filteredOn((message) -> message.role() == MessageRole.TOOL)
			.hasSize(2)
			.allSatisfy((message) -> assertThat(message.content()).startsWith("acme on boundedElastic"));
		assertThat(client.tenants).containsExactly("acme", "acme", "acme");
		if (api != Api.BLOCKING) {
			// but not over what the caller has put into the context
			ChatCompletion answer = api.later(chat, "?")
				.contextWrite((context) -> context.put(TENANT_KEY, "globex"))
				.block(CallingModel.PATIENCE);
			assertThat(answer.toolMessages()).filteredOn((message) -> message.role() == MessageRole.TOOL)
				.allSatisfy((message) -> assertThat(message.content()).startsWith("globex on boundedElastic"));
		}
	}

	/**
	 * Calls a tool in all rounds but the last.
	 */
	private static class Client implements ChatCompletionClient {

		private final int rounds;

		private final List<String> tenants = new CopyOnWriteArrayList<>();

		Client(int rounds) {
			this.rounds = rounds;
		}

		Flux<ChatDelta> calls() {
			return Flux.just(fragment("{}"));
		}

		@Override
		public Mono<ChatCompletion> complete(ChatRequest request) {
			return stream(request).collect(ChatCompletion.collector());
		}

		@Override
		public Flux<ChatDelta> stream(ChatRequest request) {
			return Flux.deferContextual((context) -> {
				this.tenants.add(context.getOrDefault(TENANT_KEY, ""));
				boolean done = request.messages().size() == 2 * this.rounds - 1;
				return (done ? Flux.just(ChatDelta.of(ORIGIN, 0, "Done", null, FinishReason.STOP, null, null))
						: calls())
					.concatWithValues(ChatDelta.last(ORIGIN, null, List.of()));
			});
		}

	}

}
