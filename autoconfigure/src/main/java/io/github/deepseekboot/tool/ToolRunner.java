package io.github.deepseekboot.tool;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.schema.SchemaCheck;

/**
 * Runs the calls of one round.
 */
final class ToolRunner {

	private static final int MAX_SHOWN = 300;

	private final Map<String, Tool> tools;

	private final ToolOptions options;

	private final JsonMapper mapper;

	private final JsonSchemaGenerator schemas;

	// it goes through all that a type consists of
	private final Map<String, SchemaCheck> checks = new ConcurrentHashMap<>();

	ToolRunner(Map<String, Tool> tools, ToolOptions options, JsonMapper mapper, JsonSchemaGenerator schemas) {
		this.tools = tools;
		this.options = options;
		this.mapper = mapper;
		this.schemas = schemas;
	}

	/**
	 * Run calls, as many at once as the options allow.
	 * @param calls the calls
	 * @return what the tools answered, in the order of the calls
	 */
	Mono<List<ChatMessage>> run(List<ToolCall> calls) {
		return Flux.fromIterable(calls).flatMapSequential(this::answer, this.options.concurrency()).collectList();
	}

	private Mono<ChatMessage> answer(ToolCall call) {
		return Mono.defer(() -> call(call))
			.onErrorResume(Exception.class, (failure) -> Mono.fromCallable(() -> handle(call, failure)))
			.map((text) -> ChatMessage.builder(MessageRole.TOOL).toolCallId(call.id()).content(text).build());
	}

	private String handle(ToolCall call, Exception failure) throws Exception {
		return Objects.requireNonNull(
				ending("the failure handler", () -> this.options.failureHandler().answer(call, failure)),
				"a failure handler must return a text for the model, or throw");
	}

	// Reactor gives up on these errors, and the call would never end
	private static <T> T ending(String who, Callable<T> code) throws Exception {
		try {
			return code.call();
		}
		catch (LinkageError | VirtualMachineError ex) {
			throw new IllegalStateException(who + " failed: " + ex, ex);
		}
	}

	private Mono<String> call(ToolCall call) {
		Tool tool = this.tools.get(call.name());
		if (tool == null) {
			return Mono.error(new DeepSeekException(ErrorKind.MALFORMED_RESPONSE,
					"there is no tool '" + shown(call.name()) + "'; there are " + this.tools.keySet()));
		}
		String arguments = arguments(call);
		if (arguments == null) {
			return Mono.error(new DeepSeekException(ErrorKind.MALFORMED_RESPONSE, "the arguments for the tool '"
					+ call.name() + "' are not a JSON object: " + shown(call.arguments())));
		}
		AtomicBoolean cancelled = new AtomicBoolean();
		// 'handle' restores thread-locals from the Reactor context, 'map' does not
		return Mono.just(call).publishOn(this.options.scheduler()).<Outcome>handle((current, sink) -> {
			Outcome outcome = outcome(tool, arguments);
			if (!cancelled.get()) {
				sink.next(outcome);
			}
			else if (outcome.value() instanceof Future<?> future) {
				// no subscriber is left that waits for it or learns that it failed
				future.cancel(true);
			}
		})
			.doOnCancel(() -> cancelled.set(true))
			.flatMap(this::text)
			// who listens to this call does not listen to those that a tool makes
			.contextWrite((context) -> context.delete(RoutingListener.class));
	}

	// the application's mapper decides what is JSON
	private @Nullable String arguments(ToolCall call) {
		try {
			JsonNode arguments = this.mapper.readTree(call.arguments());
			if (arguments.isString()) {
				arguments = this.mapper.readTree(arguments.stringValue());
			}
			if (arguments.isObject()) {
				return this.mapper.writeValueAsString(arguments);
			}
			boolean none = arguments.isNull() || arguments.isMissingNode()
					|| (arguments.isArray() && arguments.isEmpty());
			return none ? "{}" : null;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	private Outcome outcome(Tool tool, String arguments) {
		try {
			return ending("the tool", () -> {
				check(tool, arguments);
				return new Outcome(tool.call(arguments, this.mapper), null);
			});
		}
		catch (Exception ex) {
			return new Outcome(null, ex);
		}
	}

	private void check(Tool tool, String arguments) {
		SchemaCheck check = this.checks.computeIfAbsent(tool.name(), (name) -> tool.check(this.mapper, this.schemas));
		if (check != null) {
			List<String> problems = check.problems(this.mapper.readTree(arguments));
			if (!problems.isEmpty()) {
				throw Tool.misfit(tool.name(), String.join("; ", problems)).build();
			}
		}
	}

	private Mono<String> text(Outcome outcome) {
		if (outcome.failure() != null) {
			return Mono.error(outcome.failure());
		}
		Object value = outcome.value();
		ReactiveAdapter adapter = (value != null) ? ReactiveAdapterRegistry.getSharedInstance().getAdapter(null, value)
				: null;
		if (adapter == null) {
			return Mono.fromCallable(() -> write(value));
		}
		Publisher<Object> publisher = adapter.toPublisher(value);
		Mono<?> result = adapter.isMultiValue() ? Flux.from(publisher).collectList() : Mono.from(publisher);
		return result.<String>flatMap((element) -> Mono.fromCallable(() -> write(element)))
			.switchIfEmpty(Mono.fromCallable(() -> write(null)));
	}

	private String write(@Nullable Object value) throws Exception {
		return (value instanceof CharSequence text) ? text.toString()
				: ending("writing the result of the tool", () -> this.mapper.writeValueAsString(value));
	}

	/**
	 * Text of a model, fit for a message and a log line.
	 * @param text the text
	 * @return its beginning, without control characters
	 */
	static String shown(String text) {
		String start = (text.length() > MAX_SHOWN) ? text.substring(0, MAX_SHOWN) + "…" : text;
		return start.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\u2028\u2029]", " ");
	}

	private record Outcome(@Nullable Object value, @Nullable Exception failure) {

	}

}
