package io.github.deepseekboot.structured;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.InvalidAnswerException;
import io.github.deepseekboot.chat.TypedCompletion;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.schema.JsonSchemaGenerator;

/**
 * Client for answers of a Java type. A blank or broken answer is asked for again once,
 * with the mistake described to the model; then it is an {@link InvalidAnswerException}.
 * Thread-safe.
 */
public final class TypedAnswers {

	private static final Log logger = LogFactory.getLog(TypedAnswers.class);

	private static final int PREFETCH = 32;

	private static final int MAX_CORRECTION = 2000;

	// what a list's first answer is shown to the model of, when asked again
	private static final int MAX_SHOWN = 1 << 16;

	private final JsonMapper mapper;

	private final JsonSchemaGenerator generator;

	private final AnswerValidator validator;

	/**
	 * Create it.
	 * @param mapper reads the answers: the application's
	 * @param generator makes the schemas that are sent to the model
	 * @param validator checks what was read
	 */
	public TypedAnswers(JsonMapper mapper, JsonSchemaGenerator generator, AnswerValidator validator) {
		Assert.notNull(mapper, "'mapper' must not be null");
		Assert.notNull(generator, "'generator' must not be null");
		Assert.notNull(validator, "'validator' must not be null");
		this.mapper = mapper;
		this.generator = generator;
		this.validator = validator;
	}

	/**
	 * Ask for a complete answer.
	 * @param <T> the type of the answer
	 * @param client answers the request; may run tools for it
	 * @param plain answers the second time, without any tool
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer
	 * @return the answer with its completion, or a {@link DeepSeekException}
	 */
	public <T> Mono<TypedCompletion<T>> complete(ChatCompletionClient client, ChatCompletionClient plain,
			ChatRequest request, Type type) {
		return Mono.defer(() -> {
			AnswerType<T> answerType = AnswerType.answer(this.mapper, this.generator, this.validator, type);
			ChatRequest typed = request.toBuilder().responseFormat(answerType.format()).build();
			return ask(client, typed).flatMap((first) -> {
				Reading<T> reading = first.read(answerType);
				Problem problem = reading.problem();
				if (problem == null) {
					return Mono.just(first.typed(reading));
				}
				// without the results of its tools the model would make something up
				if (problem.correction() == null || (first.completion() == null && client != plain)) {
					return Mono.error(first.invalid(answerType.name(), problem));
				}
				log(problem.reason());
				return ask(plain, again(typed, problem.correction(), first.messages()))
					.onErrorMap(DeepSeekException.class,
							(failure) -> failure.withAttempts(both(first.attempts(), failure.getAttempts())))
					.map((second) -> {
						Reading<T> secondReading = second.read(answerType);
						if (secondReading.problem() != null) {
							throw second.invalidAfter(first, answerType.name(), secondReading.problem());
						}
						return second.typedAfter(first, secondReading);
					});
			});
		});
	}

	/**
	 * Ask for a list, item by item.
	 * @param <T> the type of an item
	 * @param client answers the request; may run tools for it
	 * @param plain answers the second time, without any tool
	 * @param request what to ask; its response format is replaced
	 * @param item the type of an item
	 * @return the items, each as soon as it is complete; or a {@link DeepSeekException}
	 * after those that were complete before
	 */
	public <T> Flux<T> streamList(ChatCompletionClient client, ChatCompletionClient plain, ChatRequest request,
			Type item) {
		return Flux.defer(() -> {
			AnswerType<T> itemType = AnswerType.item(this.mapper, this.generator, this.validator, item);
			ChatRequest typed = request.toBuilder().responseFormat(AnswerType.listFormat(this.generator, item)).build();
			ListAnswer<T> first = new ListAnswer<>(itemType, client != plain);
			return first.items(client, typed).onErrorResume(DeepSeekException.class, (failure) -> {
				String correction = first.correctionOf(failure);
				if (correction == null) {
					return Flux.error(failure);
				}
				log(first.reason());
				ListAnswer<T> second = new ListAnswer<>(itemType, false);
				return second.items(plain, again(typed, correction, first.messages()))
					.onErrorMap(DeepSeekException.class,
							(secondFailure) -> second.after(first, failure, secondFailure));
			});
		});
	}

	private static void log(String reason) {
		if (logger.isDebugEnabled()) {
			logger.debug("A typed answer is requested again: " + reason);
		}
	}

	private static Mono<Asked> ask(ChatCompletionClient client, ChatRequest request) {
		return client.complete(request)
			.map((completion) -> new Asked(completion, completion.attempts()))
			.onErrorResume(DeepSeekException.class, (failure) -> isBlankAnswer(failure)
					? Mono.just(new Asked(null, failure.getAttempts())) : Mono.error(failure));
	}

	private static boolean isBlankAnswer(DeepSeekException failure) {
		return failure.getKind() == ErrorKind.EMPTY_RESPONSE;
	}

	private static ChatRequest again(ChatRequest request, String correction, List<ChatMessage> answer) {
		String problem = (correction.length() > MAX_CORRECTION) ? correction.substring(0, MAX_CORRECTION) + "…"
				: correction;
		return request.toBuilder()
			.messages(answer)
			.user("Your last answer is not what was asked for: " + problem
					+ ". Answer again with the corrected JSON object and nothing else.")
			.replaceTools(List.of())
			.toolChoice(null)
			.build();
	}

	// not left out: some models refuse two messages of the user in a row
	private static ChatMessage blankMessage() {
		return ChatMessage.assistant("(blank)");
	}

	private static Problem ofBlank(String text, @Nullable FinishReason finishReason, boolean callsTools) {
		if (callsTools) {
			return Problem.toolCall();
		}
		// cut while it was thinking; blanks until the limit are the model's fault
		return text.isEmpty() ? ended(Problem.blank(), finishReason) : Problem.blank();
	}

	private static Problem ended(Problem problem, @Nullable FinishReason finishReason) {
		if (FinishReason.LENGTH.equals(finishReason)) {
			return Problem.cut();
		}
		return FinishReason.CONTENT_FILTER.equals(finishReason) ? Problem.filtered() : problem;
	}

	private static InvalidAnswerException invalid(String type, Problem problem, boolean second, String rawText,
			ChatDelta.@Nullable Origin origin, List<AttemptReport> attempts, List<Usage> usages) {
		DeepSeekException.Builder builder = DeepSeekException
			.builder(problem.kind(),
					"the answer" + (second ? ", requested twice," : "") + " is not the requested " + type + ": "
							+ problem.reason())
			.attempts(attempts);
		if (origin != null) {
			builder.provider(origin.provider()).model(origin.model()).requestId(origin.requestId());
		}
		return new InvalidAnswerException(builder, rawText, usages);
	}

	private static <E> List<E> both(List<E> first, List<E> second) {
		return Stream.concat(first.stream(), second.stream()).toList();
	}

	/**
	 * A complete answer.
	 *
	 * @param completion the answer; {@code null} for a blank one
	 * @param attempts the attempts made for it
	 */
	private record Asked(@Nullable ChatCompletion completion, List<AttemptReport> attempts) {

		String text() {
			return (this.completion != null) ? this.completion.content() : "";
		}

		List<ChatMessage> messages() {
			if (this.completion == null) {
				return List.of(blankMessage());
			}
			return both(toolMessages(), List.of(text().isBlank() ? blankMessage() : this.completion.message()));
		}

		private List<ChatMessage> toolMessages() {
			return (this.completion != null) ? this.completion.toolMessages() : List.of();
		}

		<T> Reading<T> read(AnswerType<T> type) {
			if (this.completion == null) {
				return Reading.failed(Problem.blank());
			}
			FinishReason finishReason = this.completion.finishReason();
			if (text().isBlank()) {
				return Reading.failed(ofBlank(text(), finishReason, !this.completion.toolCalls().isEmpty()));
			}
			Reading<T> reading = type.readAnswer(text());
			return (reading.problem() != null) ? Reading.failed(ended(reading.problem(), finishReason)) : reading;
		}

		<T> TypedCompletion<T> typed(Reading<T> reading) {
			return TypedCompletion.of(Objects.requireNonNull(reading.value()), Objects.requireNonNull(this.completion));
		}

		<T> TypedCompletion<T> typedAfter(Asked first, Reading<T> reading) {
			Usage usage = (first.completion != null && first.completion.usage() != null && this.completion != null
					&& this.completion.usage() != null) ? first.completion.usage().plus(this.completion.usage()) : null;
			return TypedCompletion.of(Objects.requireNonNull(reading.value()),
					Objects.requireNonNull(this.completion)
						.toBuilder()
						.usage(usage)
						.attempts(both(first.attempts, this.attempts))
						.toolMessages(both(first.toolMessages(), this.toolMessages()))
						.build());
		}

		InvalidAnswerException invalid(String type, Problem problem) {
			return TypedAnswers.invalid(type, problem, false, text(), origin(), this.attempts, usages());
		}

		InvalidAnswerException invalidAfter(Asked first, String type, Problem problem) {
			return TypedAnswers.invalid(type, problem, true, text(), origin(), both(first.attempts, this.attempts),
					both(first.usages(), usages()));
		}

		private ChatDelta.@Nullable Origin origin() {
			ChatCompletion answer = this.completion;
			return (answer != null) ? ChatDelta.Origin.builder(answer.provider())
				.id(answer.id())
				.model(answer.model())
				.created(answer.created())
				.systemFingerprint(answer.systemFingerprint())
				.requestId(answer.requestId())
				.build() : null;
		}

		private List<Usage> usages() {
			return (this.completion != null && this.completion.usage() != null) ? List.of(this.completion.usage())
					: List.of();
		}

	}

	/**
	 * A list that is read while it arrives.
	 *
	 * @param <T> the type of an item
	 */
	private static final class ListAnswer<T> {

		private final AnswerType<T> type;

		private final boolean mayRunTools;

		private final StringBuilder shown = new StringBuilder();

		private ListReader<T> reader;

		private boolean delivered;

		private boolean ranTools;

		private @Nullable Problem problem;

		private @Nullable FinishReason finishReason;

		private ChatDelta.@Nullable Origin origin;

		private final CallAccount account = new CallAccount();

		private List<AttemptReport> attempts = List.of();

		private List<Usage> usages = List.of();

		ListAnswer(AnswerType<T> type, boolean mayRunTools) {
			this.type = type;
			this.mayRunTools = mayRunTools;
			this.reader = new ListReader<>(type);
		}

		Flux<T> items(ChatCompletionClient client, ChatRequest request) {
			return client.stream(request)
				.concatMap(this::read, PREFETCH)
				.concatWith(Flux.defer(this::end))
				.onErrorResume(Failed.class, this::failure)
				.contextWrite((context) -> context.put(RoutingListener.class, this.account));
		}

		private Flux<T> read(ChatDelta delta) {
			this.origin = delta.origin();
			if (delta.isLast()) {
				this.attempts = delta.attempts();
				this.usages = (delta.usage() != null) ? List.of(delta.usage()) : List.of();
			}
			if (delta.choiceIndex() != 0) {
				return Flux.empty();
			}
			this.finishReason = (delta.finishReason() != null) ? delta.finishReason() : this.finishReason;
			this.ranTools |= !delta.toolCalls().isEmpty();
			if (!delta.toolCalls().isEmpty() && !this.delivered) {
				this.reader = new ListReader<>(this.type);
				this.shown.setLength(0);
			}
			List<T> items = read((delta.content() != null) ? delta.content() : "");
			Problem found = this.reader.problem();
			// text before tool calls is not the answer; the end of the round decides
			boolean certain = !this.mayRunTools || this.delivered || this.finishReason != null;
			return (found != null && certain) ? Flux.fromIterable(items).concatWith(fail(found, this.reader.itemText()))
					: Flux.fromIterable(items);
		}

		private List<T> read(String content) {
			List<T> items = this.reader.read(content);
			this.delivered |= !items.isEmpty();
			if (!this.delivered && this.shown.length() < MAX_SHOWN) {
				this.shown.append(content);
			}
			return items;
		}

		private Flux<T> end() {
			Problem found = this.reader.problemAtEnd();
			if (found == null) {
				return Flux.empty();
			}
			String text = this.delivered ? this.reader.itemText() : this.shown.toString();
			if (!this.delivered && text.isBlank()) {
				return fail(ofBlank(text, this.finishReason, FinishReason.TOOL_CALLS.equals(this.finishReason)), text);
			}
			return fail((this.reader.problem() != null) ? found : ended(found, this.finishReason), text);
		}

		private Flux<T> fail(Problem problem, String text) {
			this.problem = problem;
			return Flux.error(new Failed(problem, text));
		}

		// the call that was cancelled for it ends at once, unless another thread reads
		private Mono<T> failure(Failed failed) {
			return this.account.settled().then(Mono.error(() -> {
				if (this.attempts.isEmpty()) {
					this.attempts = this.account.attempts();
					this.usages = this.account.usages();
				}
				return invalid(this.type.listName(), failed.problem, false, failed.text, this.origin, this.attempts,
						this.usages);
			}));
		}

		/**
		 * What to send to the model when it is asked again.
		 * @param failure how this answer failed
		 * @return the text, or {@code null} not to ask again
		 */
		@Nullable String correctionOf(DeepSeekException failure) {
			// without the results of its tools the model would make something up
			if (this.delivered || this.ranTools) {
				return null;
			}
			if (this.problem != null) {
				return this.problem.correction();
			}
			return isBlankAnswer(failure) ? Problem.blank().correction() : null;
		}

		String reason() {
			return (this.problem != null) ? this.problem.reason() : Problem.blank().reason();
		}

		List<ChatMessage> messages() {
			String text = this.shown.toString();
			return List.of(text.isBlank() ? blankMessage() : ChatMessage.assistant(text));
		}

		DeepSeekException after(ListAnswer<T> first, DeepSeekException firstFailure, DeepSeekException failure) {
			List<AttemptReport> all = both(firstFailure.getAttempts(), failure.getAttempts());
			Problem second = (this.problem == null && isBlankAnswer(failure)) ? Problem.blank() : this.problem;
			if (second == null) {
				return failure.withAttempts(all);
			}
			String text = (failure instanceof InvalidAnswerException invalid) ? invalid.getRawText() : "";
			return invalid(this.type.listName(), second, true, text, this.origin, all, both(first.usages, this.usages));
		}

	}

	/**
	 * Ends the stream of a list that cannot be read.
	 */
	private static final class Failed extends RuntimeException {

		private final transient Problem problem;

		private final String text;

		Failed(Problem problem, String text) {
			super(problem.reason(), null, false, false);
			this.problem = problem;
			this.text = text;
		}

	}

	/**
	 * What the calls of a list came to, which are cancelled when it breaks. Thread-safe.
	 */
	private static final class CallAccount implements RoutingListener {

		private final List<AttemptReport> attempts = new ArrayList<>(1);

		private @Nullable Usage usage;

		private int running;

		private Sinks.@Nullable Empty<Void> settled;

		@Override
		public void onEvent(RoutingEvent event) {
			Sinks.Empty<Void> settled = take(event);
			if (settled != null) {
				settled.tryEmitEmpty();
			}
		}

		private synchronized Sinks.@Nullable Empty<Void> take(RoutingEvent event) {
			if (event instanceof RoutingEvent.CallStarted) {
				this.running++;
			}
			else if (event instanceof RoutingEvent.CallEnded ended) {
				this.running--;
				this.attempts.addAll(ended.attempts());
				if (ended.usage() != null) {
					this.usage = (this.usage != null) ? this.usage.plus(ended.usage()) : ended.usage();
				}
			}
			return (this.running == 0) ? this.settled : null;
		}

		/**
		 * Wait until each call that began has ended.
		 * @return a signal, at once if none runs
		 */
		synchronized Mono<Void> settled() {
			if (this.running == 0) {
				return Mono.empty();
			}
			this.settled = (this.settled != null) ? this.settled : Sinks.empty();
			return this.settled.asMono();
		}

		synchronized List<AttemptReport> attempts() {
			return List.copyOf(this.attempts);
		}

		synchronized List<Usage> usages() {
			return (this.usage != null) ? List.of(this.usage) : List.of();
		}

	}

}
