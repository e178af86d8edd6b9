package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.util.StringUtils;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.codec.AnswerChoice;
import io.github.deepseekboot.codec.AnswerReader;
import io.github.deepseekboot.codec.AnswerSubstance;
import io.github.deepseekboot.codec.SseDecoder;
import io.github.deepseekboot.codec.ThinkTags;
import io.github.deepseekboot.codec.ToolMarkup;
import io.github.deepseekboot.provider.DoneMarker;

/**
 * The complete answer of one attempt, collected from the buffers of its response and read
 * when the last has come. One subscriber does what would else be a chain of operators,
 * each with timers and objects of its own for every call.
 */
final class ChatAnswer extends Mono<ChatCompletion> {

	private static final Comparator<ChatCompletion.Choice> BY_INDEX = Comparator
		.comparingInt(ChatCompletion.Choice::index);

	private final ChatExchange exchange;

	ChatAnswer(ChatExchange exchange) {
		this.exchange = exchange;
	}

	@Override
	public void subscribe(CoreSubscriber<? super ChatCompletion> actual) {
		this.exchange.begin(actual, (head) -> new CollectingSubscriber(this.exchange, head, actual));
	}

	private static ChatCompletion read(ChatExchange exchange, ResponseBody body, ResponseHead head) {
		int start = body.firstNonBlank();
		if (start == body.length()) {
			throw exchange.failures(head).of(ErrorKind.EMPTY_RESPONSE, "the answer is empty", null);
		}
		if (Boolean.TRUE.equals(SseDecoder.isEventStream(body.bytes(), start, body.length(), true))) {
			return readEvents(exchange, body, head);
		}
		AnswerReader reader;
		try {
			reader = parse(exchange, body, start);
		}
		catch (JacksonException ex) {
			if (SseDecoder.isBareStream(body.bytes(), start, body.length())) {
				return readEvents(exchange, body, head);
			}
			Failures failures = exchange.failures(head);
			if (head.isEventStream()) {
				throw ProviderClient.wrongShape(body, head.headers(), failures);
			}
			throw failures.unreadable(body.beginning(), body.length(), ex, head.headers());
		}
		if (reader.error() != null) {
			throw exchange.failures(head).reported(reader.error(), head.headers());
		}
		Failures failures = exchange.failures(head);
		if (reader.choiceCount() == 0) {
			throw failures.withoutChoices(body.beginning(), head.headers());
		}
		if (reader.isUnfinishedChunk()) {
			return readEvents(exchange, body, head);
		}
		return ChatCompletion.builder(exchange.provider().id())
			.id(failures.masked(reader.id()))
			.model(failures.masked(reader.model()))
			.created(reader.created())
			.systemFingerprint(failures.masked(reader.systemFingerprint()))
			.choices(choices(exchange, reader, head))
			.usage(reader.usage())
			.requestId(head.requestId())
			.rawJson(body.raw())
			.build();
	}

	private static AnswerReader parse(ChatExchange exchange, ResponseBody body, int start) {
		AnswerReader reader = new AnswerReader().maxToolCalls(exchange.limits().maxToolCalls());
		try {
			reader.read(body.bytes(), start, body.length() - start);
		}
		catch (JacksonException ex) {
			if (!body.dropDoneMarker()) {
				throw ex;
			}
			reader = new AnswerReader().maxToolCalls(exchange.limits().maxToolCalls());
			reader.read(body.bytes(), start, body.length() - start);
		}
		return reader;
	}

	// some gateways stream whatever they are asked for, and it is paid for
	private static ChatCompletion readEvents(ChatExchange exchange, ResponseBody body, ResponseHead head) {
		body.restoreDoneMarker();
		SseDecoder decoder = new SseDecoder(exchange.limits().maxEventBytes());
		DeltaAssembler deltas = new DeltaAssembler(exchange, head);
		ChatDeltaAccumulator answer = new ChatDeltaAccumulator();
		decoder.feed(body.toBuffer());
		while ((decoder.next() && !decoder.isDone()) || decoder.finish()) {
			deltas.read(decoder.array(), decoder.offset(), decoder.length(), decoder.isError());
			decoder.consume();
			collect(deltas, answer);
		}
		String error = decoder.unendedError();
		if (error != null) {
			throw exchange.failures(head).reported(error, head.headers());
		}
		boolean complete = decoder.isDone()
				|| (exchange.provider().doneMarker() == DoneMarker.OPTIONAL && deltas.isComplete());
		String strayed = decoder.stray();
		if (!complete && strayed != null) {
			throw exchange.failures(head).strayed(strayed, head.headers());
		}
		if (!complete) {
			throw exchange.failures(head)
				.of(ErrorKind.STREAM_CLOSED, "the answer came as a stream that ended before the answer did", null);
		}
		deltas.finish();
		collect(deltas, answer);
		return answer.toCompletion();
	}

	private static void collect(DeltaAssembler deltas, ChatDeltaAccumulator answer) {
		ChatDelta delta;
		while ((delta = deltas.next()) != null) {
			deltas.deliver(delta);
			answer.add(delta);
		}
	}

	private static List<ChatCompletion.Choice> choices(ChatExchange exchange, AnswerReader reader, ResponseHead head) {
		ThinkTags tags = ThinkTags.of(exchange.provider().dialect(), exchange.attempt().request(),
				exchange.attempt().model());
		ToolMarkup markup = ToolMarkup.of(exchange.provider().dialect(), exchange.attempt().request(),
				exchange.limits().maxToolCalls());
		AnswerSubstance substance = new AnswerSubstance(exchange.provider()
			.dialect()
			.thinkingSwitchedOff(exchange.attempt().request(), exchange.attempt().model()));
		boolean blank = true;
		DeepSeekException gaveUp = null;
		List<ChatCompletion.Choice> choices = new ArrayList<>(reader.choiceCount());
		for (int i = 0; i < reader.choiceCount(); i++) {
			AnswerChoice choice = reader.choice(i);
			tags.readComplete(choice);
			if (markup != null) {
				markup.readComplete(choice);
			}
			substance.readComplete(choice);
			blank &= isBlank(choice, exchange.attempt().request().responseFormat());
			gaveUp = (gaveUp != null) ? gaveUp : exchange.failures(head).gaveUp(choice);
			Map<String, Object> extra = (choice.index() == 0) ? reader.takeExtra(choice.extra()) : choice.extra();
			choices.add(ChatCompletion.Choice.builder(message(choice, extra))
				.index(choice.index())
				.finishReason(choice.finishReason())
				.logprobs(choice.logprobs())
				.build());
		}
		choices.sort(BY_INDEX);
		if (gaveUp == null) {
			gaveUp = exchange.failures(head)
				.withoutAnswer(substance, choices.isEmpty() ? null : choices.get(0).finishReason());
		}
		if (gaveUp == null && blank) {
			gaveUp = exchange.failures(head).emptyAnswer(choices.isEmpty() ? null : choices.get(0).finishReason());
		}
		if (gaveUp != null) {
			throw gaveUp;
		}
		return choices;
	}

	private static boolean isBlank(AnswerChoice choice, @Nullable ResponseFormat format) {
		if (choice.hasToolCalls()) {
			return false;
		}
		if (format != null && format.isJson()) {
			return !StringUtils.hasText(choice.content());
		}
		return !StringUtils.hasLength(choice.content()) && !StringUtils.hasLength(choice.reasoning());
	}

	private static ChatMessage message(AnswerChoice choice, @Nullable Map<String, Object> extra) {
		return ChatMessage.builder(MessageRole.ASSISTANT)
			.content(choice.content())
			.reasoningContent(choice.reasoning())
			.toolCalls(toolCalls(choice.toolCalls()))
			.extra((extra != null) ? extra : Map.of())
			.build();
	}

	private static List<ToolCall> toolCalls(@Nullable List<ToolCallDelta> deltas) {
		if (deltas == null) {
			return List.of();
		}
		return deltas.stream()
			.map((call) -> new ToolCall(call.id(), (call.name() != null) ? call.name() : "",
					(call.arguments() != null) ? call.arguments() : "", call.extra()))
			.toList();
	}

	// no operator that drops a buffer may be between the connection and this
	private static final class CollectingSubscriber
			implements ChatExchange.Reader, Subscription, StreamTimeouts.Listener {

		private static final AtomicIntegerFieldUpdater<CollectingSubscriber> OVER = AtomicIntegerFieldUpdater
			.newUpdater(CollectingSubscriber.class, "over");

		private final ChatExchange exchange;

		private final ResponseHead head;

		private final CoreSubscriber<? super ChatCompletion> actual;

		private final ResponseBody body = new ResponseBody();

		private final StreamTimeouts timeouts;

		private long announced = -1;

		// set by what ends the attempt: provider, timeout, call or subscriber
		private volatile int over;

		private volatile boolean sourceDone;

		private volatile @Nullable Subscription source;

		CollectingSubscriber(ChatExchange exchange, ResponseHead head, CoreSubscriber<? super ChatCompletion> actual) {
			this.exchange = exchange;
			this.head = head;
			this.actual = actual;
			this.timeouts = new StreamTimeouts(exchange, false, this);
		}

		@Override
		public Context currentContext() {
			return this.actual.currentContext();
		}

		@Override
		public boolean isSubscribed() {
			return this.source != null;
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			if (Operators.validate(this.source, subscription)) {
				this.source = subscription;
				this.actual.onSubscribe(this);
				AbortSignal abort = this.exchange.attempt().abort();
				abort.listen(() -> {
					DeepSeekException reason = abort.reason();
					if (reason != null) {
						fail(failures().translate(reason));
					}
				});
				this.timeouts.start();
			}
		}

		@Override
		public void request(long count) {
			Subscription source = this.source;
			if (Operators.validate(count) && source != null) {
				source.request(Long.MAX_VALUE);
			}
		}

		@Override
		public void onNext(DataBuffer buffer) {
			if (this.over != 0) {
				DataBufferUtils.release(buffer);
				return;
			}
			int limit = this.exchange.limits().maxBodyBytes();
			try {
				if (this.body.length() == 0) {
					this.announced = this.head.contentLength();
					this.body.announce(Math.min(this.announced, limit));
				}
				if (!this.body.take(buffer, limit)) {
					fail(failures().of(ErrorKind.LOCAL_LIMIT, "the answer is larger than " + limit + " bytes", null));
					return;
				}
			}
			catch (Throwable ex) {
				crash(ex);
				return;
			}
			this.timeouts.bytesTaken();
			// the connection may stay open behind it; the announced length is its end
			if (this.body.length() != this.announced && this.body.isJsonError()) {
				fail(ProviderClient.wrongShape(this.body, this.head.headers(), failures()));
			}
		}

		@Override
		public void onError(Throwable failure) {
			this.sourceDone = true;
			fail(failures().translate(failure));
		}

		@Override
		public void onComplete() {
			this.sourceDone = true;
			if (this.over != 0) {
				return;
			}
			this.timeouts.stop();
			ChatCompletion completion;
			try {
				completion = read(this.exchange, this.body, this.head);
			}
			catch (RuntimeException ex) {
				fail(failures().translate(ex));
				return;
			}
			catch (Throwable ex) {
				crash(ex);
				return;
			}
			if (end()) {
				try {
					this.actual.onNext(completion);
				}
				catch (Throwable ex) {
					this.actual.onError(crashed(ex));
					Exceptions.throwIfFatal(ex);
					return;
				}
				this.actual.onComplete();
			}
		}

		@Override
		public void cancel() {
			if (end()) {
				cancelSource();
			}
		}

		@Override
		public void expired(ErrorKind kind, @Nullable String property, String message, @Nullable Throwable cause) {
			fail(failures().of(kind, property, message, cause));
		}

		private void fail(DeepSeekException failure) {
			if (end()) {
				cancelSource();
				this.actual.onError(failure);
			}
		}

		// not the provider's fault: end the call and release what it holds
		private void crash(Throwable thrown) {
			fail(crashed(thrown));
			Exceptions.throwIfFatal(thrown);
		}

		private DeepSeekException crashed(Throwable thrown) {
			return failures().of(ErrorKind.CANCELLED, "the call was ended by " + thrown, thrown);
		}

		private boolean end() {
			if (!OVER.compareAndSet(this, 0, 1)) {
				return false;
			}
			this.timeouts.stop();
			return true;
		}

		private void cancelSource() {
			Subscription source = this.source;
			if (!this.sourceDone && source != null) {
				source.cancel();
			}
		}

		private Failures failures() {
			return this.exchange.failures(this.head);
		}

	}

}
