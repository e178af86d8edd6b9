package io.github.deepseekboot.tool;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.schema.JsonSchemaGenerator;

/**
 * Client that runs the tools which the model calls, sends it the results, and asks again,
 * until it answers without calling any. Each answer of the model is a round, and a call
 * of its own to the client below, which may retry it or ask another provider.
 *
 * <ul>
 * <li>The calls of a round run at once and are answered in their order, on threads that
 * may block.</li>
 * <li>A stream continues through the rounds; each delta has its
 * {@linkplain ChatDelta#round() round}. The last delta, and a complete answer, has usage
 * and attempts of all rounds, and the messages in between.</li>
 * <li>A request may bring tool definitions of its own. A round that calls one of these is
 * the answer, and nothing of it is run: its calls are for the caller. A definition with
 * the name of a tool here replaces its definition.</li>
 * <li>A forced {@link ToolChoice} holds for the first round only. {@link ToolChoice#NONE}
 * runs nothing.</li>
 * <li>An answer that ended early, such as by its token limit, is never executed: the call
 * fails.</li>
 * <li>If no provider answers a later round, a stream ends with a
 * {@link StreamInterruptedException}, since deltas were delivered. Its partial text is
 * that of the round that broke, its attempts are those of all rounds.</li>
 * </ul>
 */
public final class ToolLoop implements ChatCompletionClient {

	private final ChatCompletionClient client;

	private final ToolOptions options;

	private final ToolRunner runner;

	private final Map<String, ToolDefinition> definitions = new LinkedHashMap<>();

	/**
	 * Create a loop.
	 * @param client answers each round
	 * @param tools the tools, with names that differ
	 * @param options how they are run
	 * @param mapper reads arguments and writes results: the application's own
	 * @param schemas makes the schemas of arguments
	 * @throws IllegalArgumentException if there are two tools of one name
	 * @throws IllegalStateException if a schema must be made and nothing on the class
	 * path can
	 */
	public ToolLoop(ChatCompletionClient client, Collection<Tool> tools, ToolOptions options, JsonMapper mapper,
			JsonSchemaGenerator schemas) {
		Assert.notNull(client, "'client' must not be null");
		Assert.noNullElements(tools, "'tools' must not contain null");
		Assert.notNull(options, "'options' must not be null");
		Assert.notNull(mapper, "'mapper' must not be null");
		Assert.notNull(schemas, "'schemas' must not be null");
		this.client = client;
		this.options = options;
		Map<String, Tool> byName = new LinkedHashMap<>();
		for (Tool tool : tools) {
			Assert.isTrue(byName.put(tool.name(), tool) == null,
					() -> "there are two tools of the name '" + tool.name() + "'");
			this.definitions.put(tool.name(), tool.definition(schemas));
		}
		this.runner = new ToolRunner(byName, options, mapper, schemas);
	}

	@Override
	public Mono<ChatCompletion> complete(ChatRequest request) {
		return Mono.deferContextual((caller) -> {
			Run run = new Run(request);
			return Mono.defer(run::completeRound)
				.repeat(run::goesOn)
				.singleOrEmpty()
				// later rounds and tools run on other threads: what belongs to this one
				// goes along, under what the caller has put into the context
				.contextWrite((captured) -> captured.putAll(caller))
				.contextCapture();
		});
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		return Flux.deferContextual((caller) -> {
			Run run = new Run(request);
			return Flux.defer(run::streamRound)
				.repeat(run::goesOn)
				.contextWrite((captured) -> captured.putAll(caller))
				.contextCapture();
		});
	}

	private static @Nullable ErrorKind cutBy(@Nullable FinishReason reason) {
		if (FinishReason.LENGTH.equals(reason)) {
			return ErrorKind.MALFORMED_RESPONSE;
		}
		if (FinishReason.CONTENT_FILTER.equals(reason)) {
			return ErrorKind.CONTENT_FILTERED;
		}
		boolean gaveUp = FinishReason.INSUFFICIENT_SYSTEM_RESOURCE.equals(reason)
				|| FinishReason.ABORTED.equals(reason);
		return gaveUp ? ErrorKind.OVERLOADED : null;
	}

	/**
	 * One call. Used by one thread at a time, as Reactor's signals are.
	 */
	private final class Run {

		private final Set<String> callersTools = new HashSet<>();

		private final boolean runsTools;

		private final List<ChatMessage> toolMessages = new ArrayList<>();

		private final List<AttemptReport> attempts = new ArrayList<>();

		private ChatRequest request;

		private @Nullable Usage usage;

		private int round;

		private boolean goesOn;

		private boolean delivered;

		Run(ChatRequest request) {
			if (request.n() != null && request.n() > 1) {
				throw new DeepSeekException(ErrorKind.INVALID_REQUEST,
						"tools cannot be run for several choices: leave out n, or handle the calls yourself");
			}
			Map<String, ToolDefinition> tools = new LinkedHashMap<>(ToolLoop.this.definitions);
			for (ToolDefinition definition : request.tools()) {
				if (tools.put(definition.name(), definition) == null) {
					this.callersTools.add(definition.name());
				}
			}
			this.runsTools = !ToolChoice.NONE.equals(request.toolChoice());
			this.request = request.toBuilder().replaceTools(List.copyOf(tools.values())).build();
		}

		boolean goesOn() {
			return this.goesOn;
		}

		private ChatRequest begin() {
			this.goesOn = false;
			this.round++;
			return this.request;
		}

		Mono<ChatCompletion> completeRound() {
			return ToolLoop.this.client.complete(begin())
				.onErrorMap(DeepSeekException.class, this::failed)
				.flatMap((answer) -> {
					List<ToolCall> calls = callsToRun(answer);
					return calls.isEmpty() ? Mono.just(complete(answer)) : run(answer, calls).then(Mono.empty());
				});
		}

		private ChatCompletion complete(ChatCompletion answer) {
			return (this.round == 1) ? answer
					: answer.toBuilder()
						.usage(this.usage)
						.attempts(this.attempts)
						.toolMessages(this.toolMessages)
						.build();
		}

		Flux<ChatDelta> streamRound() {
			StreamedRound streamed = new StreamedRound(this);
			return ToolLoop.this.client.stream(begin())
				.onErrorMap(DeepSeekException.class, this::failed)
				.handle(streamed)
				.concatWith(Mono.defer(streamed::runTools));
		}

		/**
		 * What an answer asks to be run.
		 * @param answer the answer
		 * @return the calls; empty if it is the last answer
		 * @throws DeepSeekException if they must not be run
		 */
		private List<ToolCall> callsToRun(ChatCompletion answer) {
			this.usage = (this.round == 1) ? answer.usage()
					: (this.usage != null && answer.usage() != null) ? this.usage.plus(answer.usage()) : null;
			this.attempts.addAll(answer.attempts());
			List<ToolCall> calls = answer.toolCalls();
			if (calls.isEmpty() || !this.runsTools
					|| calls.stream().anyMatch((call) -> this.callersTools.contains(call.name()))) {
				return List.of();
			}
			String names = ToolRunner.shown(String.join(", ", calls.stream().map(ToolCall::name).toList()));
			ErrorKind cut = cutBy(answer.finishReason());
			if (cut != null) {
				throw failure(answer, cut,
						"the answer ended early (" + answer.finishReason() + ") while it called " + names
								+ ", so nothing was run"
								+ ((cut == ErrorKind.MALFORMED_RESPONSE) ? "; allow more tokens (maxTokens)" : ""));
			}
			if (this.round >= ToolLoop.this.options.maxRounds()) {
				throw failure(answer, ErrorKind.LOCAL_LIMIT, "the model still calls tools (" + names + ") in round "
						+ this.round + ", the last that ToolOptions.maxRounds allows; nothing of it was run");
			}
			return identified(calls);
		}

		// some hosts leave out ids, or repeat one
		private List<ToolCall> identified(List<ToolCall> calls) {
			List<ToolCall> identified = new ArrayList<>(calls.size());
			Set<String> ids = new HashSet<>();
			for (ToolCall call : calls) {
				String id = call.id();
				for (int number = identified.size(); id == null || !ids.add(id); number++) {
					id = "call_" + this.round + "_" + number;
				}
				identified.add(new ToolCall(id, call.name(), call.arguments().isBlank() ? "{}" : call.arguments(),
						call.extra()));
			}
			return identified;
		}

		private Mono<Void> run(ChatCompletion answer, List<ToolCall> calls) {
			return ToolLoop.this.runner.run(calls).doOnNext((answers) -> {
				List<ChatMessage> messages = new ArrayList<>();
				messages.add(answer.message().toBuilder().toolCalls(calls).build());
				messages.addAll(answers);
				this.toolMessages.addAll(messages);
				ChatRequest.Builder next = this.request.toBuilder().messages(messages);
				if (this.request.toolChoice() != null && this.request.toolChoice().isForced()) {
					next.toolChoice(ToolChoice.AUTO);
				}
				this.request = next.build();
				this.goesOn = true;
			}).then();
		}

		private DeepSeekException failure(ChatCompletion answer, ErrorKind kind, String message) {
			return DeepSeekException.builder(kind, message)
				.provider(answer.provider())
				.model(answer.model())
				.requestId(answer.requestId())
				.attempts(this.attempts)
				.build();
		}

		private DeepSeekException failed(DeepSeekException failure) {
			if (this.round == 1) {
				return failure;
			}
			List<AttemptReport> all = new ArrayList<>(this.attempts);
			all.addAll(failure.getAttempts());
			if (!this.delivered || failure instanceof StreamInterruptedException) {
				return failure.withAttempts(all);
			}
			return DeepSeekException
				.builder(ErrorKind.STREAM_INTERRUPTED,
						"the stream broke at the start of round " + this.round + ", after tools were run: "
								+ failure.getReason())
				.provider(failure.getProvider())
				.model(failure.getModel())
				.status(failure.getStatus())
				.code(failure.getCode())
				.requestId(failure.getRequestId())
				.retryAfter(failure.getRetryAfter())
				.attempts(all)
				.cause(failure)
				.buildInterrupted(failure.getKind(), "", "", List.of());
		}

	}

	/**
	 * Passes the deltas of one round on, and keeps what the next round needs.
	 */
	private static final class StreamedRound implements BiConsumer<ChatDelta, SynchronousSink<ChatDelta>> {

		private final Run run;

		private final ChatDeltaAccumulator collected = new ChatDeltaAccumulator();

		private List<ToolCall> calls = List.of();

		private @Nullable ChatCompletion answer;

		private ChatDelta.@Nullable Origin origin;

		private ChatDelta.@Nullable Origin originInRound;

		StreamedRound(Run run) {
			this.run = run;
		}

		@Override
		public void accept(ChatDelta delta, SynchronousSink<ChatDelta> sink) {
			this.collected.add(delta);
			if (!delta.isLast()) {
				this.run.delivered = true;
				sink.next(inRound(delta));
				return;
			}
			try {
				ChatCompletion answer = this.collected.toCompletion();
				this.calls = this.run.callsToRun(answer);
				if (!this.calls.isEmpty()) {
					this.answer = answer;
				}
				else if (this.run.round == 1) {
					sink.next(delta);
				}
				else {
					sink.next(ChatDelta
						.last(delta.origin().toBuilder().round(this.run.round).build(), this.run.usage,
								this.run.attempts, this.run.toolMessages)
						.withExtra(delta.extra()));
				}
			}
			catch (DeepSeekException ex) {
				sink.error(ex);
			}
		}

		private ChatDelta inRound(ChatDelta delta) {
			if (this.run.round == 1) {
				return delta;
			}
			ChatDelta.Origin origin = this.originInRound;
			if (origin == null || this.origin != delta.origin()) {
				this.origin = delta.origin();
				origin = delta.origin().toBuilder().round(this.run.round).build();
				this.originInRound = origin;
			}
			return delta.withOrigin(origin);
		}

		Mono<ChatDelta> runTools() {
			return (this.answer != null) ? this.run.run(this.answer, this.calls).then(Mono.empty()) : Mono.empty();
		}

	}

}
