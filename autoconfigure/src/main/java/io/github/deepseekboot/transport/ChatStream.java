package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.codec.AnswerChoice;
import io.github.deepseekboot.codec.AnswerReader;
import io.github.deepseekboot.codec.SseDecoder;
import io.github.deepseekboot.codec.ThinkTags;
import io.github.deepseekboot.provider.DoneMarker;

/**
 * The deltas of one attempt, decoded from the buffers of its response as the subscriber
 * asks for them: at most a few buffers wait here, whatever the subscriber's pace.
 *
 * <p>
 * The first delta that is emitted has content, reasoning or a tool call: what comes
 * before is held back, so that a failure without any emitted delta may be tried again
 * elsewhere. A failure after it is a {@code StreamInterruptedException}.
 */
final class ChatStream extends Flux<ChatDelta> {

	private static final int PREFETCH = 16;

	private static final int REPLENISH = 12;

	private static final int MAX_PARTIAL_TEXT = 4 << 20;

	private static final Duration DRAIN = Duration.ofSeconds(1);

	private final ChatExchange exchange;

	ChatStream(ChatExchange exchange) {
		this.exchange = exchange;
	}

	@Override
	public void subscribe(CoreSubscriber<? super ChatDelta> actual) {
		this.exchange.begin(actual, (head) -> new DecodingSubscriber(this.exchange, head, actual));
	}

	private static final class DecodingSubscriber implements CoreSubscriber<DataBuffer>, Subscription {

		private static final AtomicIntegerFieldUpdater<DecodingSubscriber> WORK = AtomicIntegerFieldUpdater
			.newUpdater(DecodingSubscriber.class, "work");

		private static final AtomicLongFieldUpdater<DecodingSubscriber> REQUESTED = AtomicLongFieldUpdater
			.newUpdater(DecodingSubscriber.class, "requested");

		private final ChatExchange exchange;

		private final ResponseHead head;

		private final CoreSubscriber<? super ChatDelta> actual;

		private final Queue<DataBuffer> inbox = Queues.<DataBuffer>get(PREFETCH).get();

		private final SseDecoder decoder;

		private final AnswerReader reader = AnswerReader.ofStream();

		private final @Nullable ThinkTags tags;

		private final Alarm alarm;

		private final Disposable.Swap closing = Disposables.swap();

		private final long startedAt;

		private volatile int work;

		private volatile long requested;

		private volatile boolean cancelled;

		private volatile boolean sourceDone;

		private volatile @Nullable DeepSeekException sourceFailure;

		private volatile @Nullable String expiredClock;

		private volatile long lastBytesAt;

		private volatile long lastTokenAt;

		// the idle clocks run only while all that came has been taken, so that a slow
		// subscriber is never mistaken for a silent provider
		private volatile boolean starving = true;

		private volatile boolean bodyBegun;

		private volatile boolean committed;

		private volatile boolean finished;

		private volatile @Nullable Subscription source;

		// from here on: only touched while draining

		private long emitted;

		private int consumedBuffers;

		private @Nullable ChatDelta ready;

		private @Nullable DeepSeekException failure;

		private final ArrayDeque<ChatDelta> more = new ArrayDeque<>(0);

		private ChatDelta.@Nullable Origin origin;

		private @Nullable FinishReason finishReason;

		private boolean emptyReasoning;

		private boolean reasoned;

		// something came or went since the stream was last out of bytes
		private boolean moved;

		private boolean tokenMoved;

		private final StringBuilder text = new StringBuilder();

		private final StringBuilder reasoningText = new StringBuilder();

		DecodingSubscriber(ChatExchange exchange, ResponseHead head, CoreSubscriber<? super ChatDelta> actual) {
			this.exchange = exchange;
			this.head = head;
			this.actual = actual;
			this.decoder = new SseDecoder(exchange.limits().maxEventBytes());
			this.tags = ThinkTags.of(exchange.provider().dialect(), exchange.attempt().request(),
					exchange.attempt().model());
			this.alarm = new Alarm(exchange.clock().scheduler(), this::checkClocks);
			this.startedAt = exchange.clock().nanos().getAsLong();
			this.lastBytesAt = this.startedAt;
			this.lastTokenAt = this.startedAt;
		}

		@Override
		public Context currentContext() {
			return this.actual.currentContext();
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			if (Operators.validate(this.source, subscription)) {
				this.source = subscription;
				this.actual.onSubscribe(this);
				this.exchange.attempt().abort().listen(this::drain);
				checkClocks();
				subscription.request(PREFETCH);
			}
		}

		@Override
		public void onNext(DataBuffer buffer) {
			if (this.cancelled || this.finished) {
				DataBufferUtils.release(buffer);
				return;
			}
			if (!this.inbox.offer(buffer)) {
				DataBufferUtils.release(buffer);
				cancelSource();
				onError(new IllegalStateException("more buffers arrived than were requested"));
				return;
			}
			drain();
		}

		@Override
		public void onError(Throwable failure) {
			this.sourceFailure = failures().translate(failure);
			onComplete();
		}

		@Override
		public void onComplete() {
			this.sourceDone = true;
			this.closing.dispose();
			drain();
		}

		@Override
		public void request(long count) {
			if (Operators.validate(count)) {
				Operators.addCap(REQUESTED, this, count);
				drain();
			}
		}

		@Override
		public void cancel() {
			if (this.cancelled) {
				return;
			}
			this.cancelled = true;
			// a whole answer was delivered: its connection may go back to the pool
			if (!this.finished) {
				cancelSource();
				this.alarm.off();
				drain();
			}
		}

		private void cancelSource() {
			Subscription source = this.source;
			if (source != null) {
				source.cancel();
			}
		}

		private void drain() {
			if (WORK.getAndIncrement(this) != 0) {
				return;
			}
			int missed = 1;
			do {
				if (this.cancelled || this.finished) {
					discard();
				}
				else {
					emit();
				}
				missed = WORK.addAndGet(this, -missed);
			}
			while (missed != 0);
		}

		private void emit() {
			this.starving = false;
			while (true) {
				if (this.cancelled) {
					discard();
					return;
				}
				DeepSeekException abortReason = this.exchange.attempt().abort().reason();
				if (abortReason != null) {
					this.ready = null;
					this.failure = failures().translate(abortReason);
				}
				else if (this.expiredClock != null) {
					this.ready = null;
					this.failure = failures().of(ErrorKind.TIMEOUT,
							"the " + this.expiredClock + " clock ran out (deepseek.timeout." + this.expiredClock + ")",
							null);
				}
				else if (this.ready == null && this.failure == null) {
					decodeNext();
				}
				ChatDelta delta = this.ready;
				if (delta != null) {
					if (this.emitted == this.requested) {
						return;
					}
					this.ready = this.more.poll();
					deliver(delta);
					if (delta.isLast()) {
						complete();
						return;
					}
				}
				else if (this.failure != null) {
					fail(this.failure);
					return;
				}
				else {
					starve();
					return;
				}
			}
		}

		private void deliver(ChatDelta delta) {
			this.emitted++;
			this.moved = true;
			this.tokenMoved = true;
			if (delta.isLast()) {
				this.finished = true;
				this.alarm.off();
			}
			else if (delta.choiceIndex() == 0) {
				append(this.text, delta.content());
				append(this.reasoningText, delta.reasoningContent());
			}
			this.actual.onNext(delta);
		}

		private void starve() {
			if (this.moved) {
				long now = this.exchange.clock().nanos().getAsLong();
				this.lastBytesAt = now;
				if (this.tokenMoved) {
					this.lastTokenAt = now;
				}
				this.moved = false;
				this.tokenMoved = false;
			}
			this.starving = true;
		}

		/**
		 * Set {@code ready} or {@code failure}; neither, if more bytes are needed.
		 */
		private void decodeNext() {
			try {
				while (this.ready == null && this.failure == null) {
					if (this.decoder.next()) {
						if (this.decoder.isDone()) {
							finishAnswer();
							return;
						}
						readEvent();
						continue;
					}
					DataBuffer buffer = this.inbox.poll();
					if (buffer != null) {
						this.bodyBegun = true;
						this.moved = true;
						this.decoder.feed(buffer);
						replenish();
						continue;
					}
					if (!this.sourceDone) {
						return;
					}
					if (!this.inbox.isEmpty()) {
						continue;
					}
					endOfSource();
					return;
				}
			}
			catch (RuntimeException ex) {
				this.failure = failures().translate(ex);
			}
		}

		private void replenish() {
			if (++this.consumedBuffers == REPLENISH) {
				this.consumedBuffers = 0;
				Subscription source = this.source;
				if (source != null) {
					source.request(REPLENISH);
				}
			}
		}

		private void endOfSource() {
			DeepSeekException sourceFailure = this.sourceFailure;
			if (sourceFailure != null) {
				this.failure = sourceFailure;
				return;
			}
			this.decoder.finish();
			boolean whole = this.decoder.isDone()
					|| (this.exchange.provider().doneMarker() == DoneMarker.OPTIONAL && this.finishReason != null);
			if (whole) {
				finishAnswer();
			}
			else {
				this.failure = this.decoder.isBlank()
						? failures().of(ErrorKind.EMPTY_RESPONSE, "the stream is empty", null)
						: failures().of(ErrorKind.STREAM_CLOSED, "the stream ended before the answer did", null);
			}
		}

		private void readEvent() {
			int length = this.decoder.length();
			if (length > 0) {
				this.reader.read(this.decoder.array(), this.decoder.offset(), length);
			}
			this.decoder.consume();
			if (length == 0) {
				return;
			}
			if (this.reader.error() != null) {
				this.failure = failures().told(this.reader.error(), this.head.headers());
				return;
			}
			for (int i = 0; i < this.reader.choiceCount(); i++) {
				readChoice(this.reader.choice(i));
			}
		}

		private void readChoice(AnswerChoice choice) {
			if (this.tags != null) {
				this.tags.read(choice);
			}
			String content = isLeadingBlank(choice.content()) ? null : nonEmpty(choice.content());
			String reasoning = nonEmpty(choice.reasoning());
			this.emptyReasoning |= choice.reasoning() != null && choice.reasoning().isEmpty();
			this.reasoned |= reasoning != null;
			if (choice.finishReason() != null) {
				this.finishReason = choice.finishReason();
				if (!this.reasoned && this.emptyReasoning) {
					// a tool turn must be sent back with its reasoning, even an empty one
					reasoning = "";
				}
			}
			boolean token = content != null || nonEmpty(reasoning) != null || choice.hasToolCalls();
			if (!token && choice.finishReason() == null && choice.logprobs() == null) {
				return;
			}
			add(ChatDelta.of(origin(), choice.index(), content, reasoning, choice.finishReason(),
					choice.hasToolCalls() ? choice.toolCalls() : null, choice.logprobs()), token);
		}

		// JSON mode may bring blanks without end, which are no answer
		private boolean isLeadingBlank(@Nullable String content) {
			if (this.committed || content == null) {
				return false;
			}
			ResponseFormat format = this.exchange.attempt().request().responseFormat();
			return format != null && format.isJson() && content.isBlank();
		}

		private void add(ChatDelta delta, boolean token) {
			if (this.ready == null && (this.committed || token) && this.more.isEmpty()) {
				this.ready = delta;
			}
			else {
				this.more.add(delta);
				if (token && this.ready == null) {
					this.ready = this.more.poll();
				}
			}
			if (token && !this.committed) {
				this.committed = true;
				this.tokenMoved = true;
			}
		}

		private ChatDelta.Origin origin() {
			ChatDelta.Origin origin = this.origin;
			if (origin == null || this.reader.envelopeChanged()) {
				origin = ChatDelta.Origin.builder(this.exchange.provider().id())
					.id(this.reader.id())
					.model(this.reader.model())
					.created(this.reader.created())
					.systemFingerprint(this.reader.systemFingerprint())
					.requestId(this.head.requestId())
					.build();
				this.origin = origin;
			}
			return origin;
		}

		private void finishAnswer() {
			if (this.tags != null) {
				this.tags.release().forEach(this::readChoice);
			}
			if (!this.committed) {
				DeepSeekException refusal = failures().emptyAnswer(this.finishReason);
				if (refusal != null) {
					this.failure = refusal;
					return;
				}
			}
			this.more.add(ChatDelta.last(origin(), this.reader.usage(), List.of()));
			this.ready = (this.ready != null) ? this.ready : this.more.poll();
		}

		private DeepSeekException orInterrupted(DeepSeekException failure) {
			if (this.emitted == 0) {
				return failure;
			}
			return failures()
				.builder(ErrorKind.STREAM_INTERRUPTED,
						"the stream broke after a part of the answer was delivered: " + failure.getReason())
				.code(failure.getCode())
				.retryAfter(failure.getRetryAfter())
				.cause(failure)
				.buildInterrupted(failure.getKind(), this.text.toString(), this.reasoningText.toString());
		}

		private void fail(DeepSeekException failure) {
			this.finished = true;
			this.alarm.off();
			if (!this.sourceDone) {
				cancelSource();
			}
			discard();
			this.actual.onError(orInterrupted(failure));
		}

		private void complete() {
			discard();
			Subscription source = this.source;
			if (!this.sourceDone && source != null) {
				// let the connection go back to the pool: read what is left, but not for
				// ever
				this.closing.update(this.exchange.clock()
					.scheduler()
					.schedule(this::cancelSource, DRAIN.toMillis(), TimeUnit.MILLISECONDS));
				source.request(Long.MAX_VALUE);
			}
			if (!this.cancelled) {
				this.actual.onComplete();
			}
		}

		private void discard() {
			this.decoder.release();
			DataBuffer buffer;
			while ((buffer = this.inbox.poll()) != null) {
				DataBufferUtils.release(buffer);
			}
		}

		private Failures failures() {
			return this.exchange.failures(this.head);
		}

		// one task per stream, which sleeps until the next clock could run out at the
		// earliest
		private void checkClocks() {
			if (this.cancelled || this.finished) {
				return;
			}
			long now = this.exchange.clock().nanos().getAsLong();
			boolean paused = !this.starving;
			long left = this.exchange.attempt().remaining().toNanos() - (now - this.startedAt);
			String clock = "total";
			if (!this.committed) {
				long firstTokenLeft = this.exchange.attempt().firstToken().toNanos() - (now - this.startedAt);
				if (firstTokenLeft < left) {
					left = firstTokenLeft;
					clock = "first-token";
				}
			}
			if (this.bodyBegun) {
				long idle = this.exchange.provider().timeouts().idleBytes().toNanos();
				long idleLeft = paused ? idle : idle - (now - this.lastBytesAt);
				if (idleLeft < left) {
					left = idleLeft;
					clock = "idle-bytes";
				}
			}
			if (this.committed) {
				long idle = this.exchange.provider().timeouts().idleTokens().toNanos();
				long idleLeft = paused ? idle : idle - (now - this.lastTokenAt);
				if (idleLeft < left) {
					left = idleLeft;
					clock = "idle-tokens";
				}
			}
			if (left <= 0) {
				this.expiredClock = clock;
				drain();
				return;
			}
			try {
				// the idle clocks start when the body or the first token arrives, so look
				// again by then
				this.alarm.set(Math.min(left, shortestIdle()));
			}
			catch (RejectedExecutionException ex) {
				cancelSource();
				onError(failures().of(ErrorKind.CANCELLED, "the scheduler of the clocks has stopped", ex));
			}
		}

		private long shortestIdle() {
			return Math.min(this.exchange.provider().timeouts().idleBytes().toNanos(),
					this.exchange.provider().timeouts().idleTokens().toNanos());
		}

		private static @Nullable String nonEmpty(@Nullable String text) {
			return (text == null || text.isEmpty()) ? null : text;
		}

		private static void append(StringBuilder builder, @Nullable String text) {
			if (text != null && builder.length() < MAX_PARTIAL_TEXT) {
				builder.append(text);
			}
		}

	}

}
