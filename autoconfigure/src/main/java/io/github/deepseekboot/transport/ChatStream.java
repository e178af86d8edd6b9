package io.github.deepseekboot.transport;

import java.time.Duration;
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
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.codec.SseDecoder;
import io.github.deepseekboot.provider.DoneMarker;

/**
 * The deltas of one attempt, decoded from the buffers of its response as the subscriber
 * asks for them: at most a few buffers wait here, whatever the subscriber's pace.
 *
 * <p>
 * The first delta that is emitted has content, reasoning or a tool call: what comes
 * before is held back, so that a failure without any emitted delta may be tried again
 * elsewhere. A failure after it is a {@code StreamInterruptedException}. The states of a
 * stream are drawn in {@code docs/architecture.md}.
 */
final class ChatStream extends Flux<ChatDelta> {

	private static final int PREFETCH = 16;

	private static final int REPLENISH = 12;

	private static final int MAX_WRONG_SHAPE = 64 * 1024;

	private static final Duration DRAIN = Duration.ofSeconds(1);

	private final ChatExchange exchange;

	ChatStream(ChatExchange exchange) {
		this.exchange = exchange;
	}

	@Override
	public void subscribe(CoreSubscriber<? super ChatDelta> actual) {
		this.exchange.begin(actual, (head) -> new DecodingSubscriber(this.exchange, head, actual));
	}

	private static final class DecodingSubscriber
			implements ChatExchange.Reader, Subscription, StreamTimeouts.Listener {

		private static final AtomicIntegerFieldUpdater<DecodingSubscriber> WORK = AtomicIntegerFieldUpdater
			.newUpdater(DecodingSubscriber.class, "work");

		private static final AtomicLongFieldUpdater<DecodingSubscriber> REQUESTED = AtomicLongFieldUpdater
			.newUpdater(DecodingSubscriber.class, "requested");

		private final ChatExchange exchange;

		private final ResponseHead head;

		private final CoreSubscriber<? super ChatDelta> actual;

		// a bounded queue would take half a kilobyte of each open stream
		private final Queue<DataBuffer> inbox = Queues.<DataBuffer>unbounded(PREFETCH / 2).get();

		private final SseDecoder decoder;

		private final DeltaAssembler deltas;

		private final StreamTimeouts timeouts;

		private final Disposable.Swap closing = Disposables.swap();

		private volatile int work;

		private volatile long requested;

		// the thread that works is in the code of the subscriber, and reads nothing
		private volatile boolean delivering;

		private volatile boolean cancelled;

		private volatile boolean sourceDone;

		private volatile @Nullable DeepSeekException sourceFailure;

		private volatile @Nullable DeepSeekException expired;

		private volatile boolean graceExpired;

		// the last delta is known, and may wait for the subscriber: no more is read
		private volatile boolean answered;

		private volatile boolean finished;

		private volatile @Nullable Subscription source;

		// from here on: only touched while draining

		// what came of a response that does not say that it is an event stream

		private final ResponseBody beginning = new ResponseBody();

		private boolean shapeKnown;

		private boolean wrongShape;

		private long emitted;

		private int consumedBuffers;

		private @Nullable DeepSeekException failure;

		private boolean terminated;

		// a token was delivered since the stream was last out of bytes
		private boolean tokenTaken;

		// guarded by the decoder
		private boolean usageReported;

		DecodingSubscriber(ChatExchange exchange, ResponseHead head, CoreSubscriber<? super ChatDelta> actual) {
			this.exchange = exchange;
			this.head = head;
			this.actual = actual;
			this.decoder = new SseDecoder(exchange.limits().maxEventBytes());
			this.deltas = new DeltaAssembler(exchange, head);
			this.timeouts = new StreamTimeouts(exchange, true, this);
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
				this.exchange.attempt().abort().listen(this::drain);
				this.timeouts.start();
				subscription.request(PREFETCH);
			}
		}

		@Override
		public void onNext(DataBuffer buffer) {
			if (this.cancelled || this.answered || this.finished) {
				DataBufferUtils.release(buffer);
				return;
			}
			if (this.inbox.size() == PREFETCH) {
				DataBufferUtils.release(buffer);
				cancelSource();
				onError(new IllegalStateException("more buffers arrived than were requested"));
				return;
			}
			this.inbox.add(buffer);
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
			this.timeouts.stop();
			this.closing.dispose();
			drain();
		}

		@Override
		public void expired(ErrorKind kind, @Nullable String property, String message, @Nullable Throwable cause) {
			this.expired = failures().of(kind, property, message, cause);
			drain();
		}

		@Override
		public void graceExpired() {
			this.graceExpired = true;
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
			this.exchange.attempt().reported().await();
			this.cancelled = true;
			// a complete answer was read: its connection may go back to the pool
			if (!this.answered && !this.finished) {
				cancelSource();
				this.timeouts.stop();
			}
			if (WORK.getAndIncrement(this) == 0) {
				work();
			}
			else if (this.delivering) {
				// the subscriber has the thread that reads, and may keep it
				reportUsage();
			}
		}

		private void reportUsage() {
			Usage usage;
			synchronized (this.decoder) {
				if (this.usageReported) {
					return;
				}
				this.usageReported = true;
				usage = usageSoFar();
			}
			this.exchange.attempt().reported().complete(usage);
		}

		// what came is read to its end, since it is billed
		private @Nullable Usage usageSoFar() {
			try {
				while (this.shapeKnown && !this.decoder.isDone()) {
					if (this.decoder.next()) {
						this.deltas.look(this.decoder.array(), this.decoder.offset(), this.decoder.length());
						this.decoder.consume();
						continue;
					}
					DataBuffer buffer = this.inbox.poll();
					if (buffer == null) {
						break;
					}
					this.decoder.feed(buffer);
				}
			}
			catch (Throwable ex) {
				// what was understood before it counts, and the call must come to its end
			}
			return this.deltas.usage();
		}

		private void cancelSource() {
			Subscription source = this.source;
			if (source != null) {
				source.cancel();
			}
		}

		private void drain() {
			if (WORK.getAndIncrement(this) == 0) {
				work();
			}
		}

		private void work() {
			Throwable fatal = null;
			int missed = 1;
			do {
				try {
					if (this.cancelled || this.finished) {
						discard();
					}
					else {
						emit();
					}
				}
				catch (Throwable ex) {
					fatal = Exceptions.isFatal(ex) ? ex : fatal;
					crash(ex);
				}
				missed = WORK.addAndGet(this, -missed);
			}
			while (missed != 0);
			if (fatal != null) {
				Exceptions.throwIfFatal(fatal);
			}
		}

		private void emit() {
			while (true) {
				if (this.cancelled) {
					discard();
					return;
				}
				DeepSeekException ended = endedFromOutside();
				if (ended != null) {
					fail(ended);
					return;
				}
				if (this.deltas.next() == null && this.failure == null) {
					decodeNext();
				}
				ChatDelta delta = this.deltas.next();
				if (delta != null) {
					if (delta.isLast()) {
						endExchange();
					}
					if (this.emitted == this.requested) {
						this.timeouts.pause();
						if (this.answered || this.sourceDone) {
							this.exchange.attempt().received().run();
						}
						return;
					}
					this.timeouts.resume();
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
					this.timeouts.idle(this.tokenTaken);
					this.tokenTaken = false;
					if (isComplete()) {
						this.timeouts.complete();
					}
					return;
				}
			}
		}

		private @Nullable DeepSeekException endedFromOutside() {
			DeepSeekException abortReason = this.exchange.attempt().abort().reason();
			if (abortReason != null) {
				return failures().translate(abortReason);
			}
			DeepSeekException expired = this.expired;
			if (expired != null && this.deltas.isCommitted() && StreamTimeouts.FIRST_TOKEN.equals(expired.getCode())) {
				// the token was being read meanwhile
				this.expired = null;
				this.timeouts.start();
				return this.expired;
			}
			return (expired != null && this.wrongShape) ? wrongShape() : expired;
		}

		private void deliver(ChatDelta delta) {
			this.deltas.deliver(delta);
			this.emitted++;
			if (delta.isLast()) {
				this.finished = true;
			}
			else {
				this.tokenTaken |= delta.content() != null || !delta.toolCalls().isEmpty()
						|| (delta.reasoningContent() != null && !delta.reasoningContent().isEmpty());
			}
			this.delivering = true;
			// whoever cancels before this leaves the reading to this thread
			if (!this.cancelled) {
				this.actual.onNext(delta);
			}
			this.delivering = false;
		}

		/**
		 * Read until there is a delta or a {@code failure}; neither, if more bytes are
		 * needed.
		 */
		private void decodeNext() {
			try {
				while (this.deltas.next() == null) {
					if (this.decoder.next()) {
						if (this.decoder.isDone()) {
							this.failure = strayed();
							if (this.failure == null) {
								this.deltas.finish();
							}
							return;
						}
						readEvent();
						continue;
					}
					DataBuffer buffer = this.inbox.poll();
					if (buffer != null) {
						this.timeouts.busy();
						replenish();
						feed(buffer);
						if (this.failure != null) {
							return;
						}
						continue;
					}
					if (!this.sourceDone) {
						this.failure = strayed();
						if (this.failure == null && this.graceExpired && isComplete()) {
							finishWithoutMarker();
						}
						return;
					}
					if (this.inbox.isEmpty()) {
						endOfSource();
						return;
					}
				}
			}
			catch (RuntimeException ex) {
				this.failure = failures().translate(ex);
			}
		}

		private void feed(DataBuffer buffer) {
			if (this.shapeKnown || this.head.isEventStream()) {
				this.shapeKnown = true;
				this.decoder.feed(buffer);
				return;
			}
			// all of it: the buffer that passes the limit may show that it is a stream
			this.beginning.take(buffer, this.beginning.length() + buffer.readableByteCount());
			int start = this.beginning.firstNonBlank();
			Boolean events = SseDecoder.isEventStream(this.beginning.bytes(), start, this.beginning.length(), false);
			this.wrongShape = Boolean.FALSE.equals(events);
			if (Boolean.TRUE.equals(events)
					|| SseDecoder.isBareStream(this.beginning.bytes(), start, this.beginning.length())) {
				this.shapeKnown = true;
				this.wrongShape = false;
				this.decoder.feed(this.beginning.toBuffer());
				return;
			}
			if (this.beginning.length() > MAX_WRONG_SHAPE || (this.wrongShape && this.beginning.isJsonError())) {
				this.failure = wrongShape();
			}
		}

		// the connection may stay open behind it
		private @Nullable DeepSeekException strayed() {
			String error = this.decoder.strayError();
			return (error != null) ? failures().reported(error, this.head.headers()) : null;
		}

		private DeepSeekException wrongShape() {
			return ProviderClient.wrongShape(this.beginning, this.head.headers(), failures());
		}

		private void readEvent() {
			boolean committed = this.deltas.isCommitted();
			boolean complete = isComplete();
			this.deltas.read(this.decoder.array(), this.decoder.offset(), this.decoder.length(),
					this.decoder.isError());
			this.decoder.consume();
			boolean held = this.deltas.takeTokenHeld();
			if (!committed && (held || this.deltas.isCommitted())) {
				this.timeouts.commit();
			}
			this.tokenTaken |= held;
			if (complete != isComplete()) {
				// a choice began, or the last one ended: another grace follows
				this.graceExpired = false;
			}
			if (complete && !isComplete()) {
				this.timeouts.incomplete();
			}
		}

		private void replenish() {
			if (++this.consumedBuffers == REPLENISH) {
				this.consumedBuffers = 0;
				Subscription source = this.source;
				// behind the grace, what was asked for is all that is read
				if (source != null && !(this.graceExpired && isComplete())) {
					source.request(REPLENISH);
				}
			}
		}

		private boolean isComplete() {
			return this.exchange.provider().doneMarker() == DoneMarker.OPTIONAL && this.deltas.isComplete();
		}

		private void endOfSource() {
			DeepSeekException sourceFailure = this.sourceFailure;
			if (sourceFailure == null && !this.shapeKnown) {
				this.failure = wrongShape();
				return;
			}
			while (sourceFailure == null && this.decoder.finish()) {
				readEvent();
				if (this.deltas.next() != null) {
					return;
				}
			}
			String error = this.decoder.unendedError();
			if (error != null) {
				this.failure = failures().reported(error, this.head.headers());
			}
			else if (this.decoder.isDone()) {
				this.deltas.finish();
			}
			else if (isComplete()) {
				finishWithoutMarker();
			}
			else if (sourceFailure != null) {
				this.failure = sourceFailure;
			}
			else if (this.decoder.stray() != null) {
				this.failure = failures().strayed(this.decoder.stray(), this.head.headers());
			}
			else {
				this.failure = this.decoder.isBlank()
						? failures().of(ErrorKind.EMPTY_RESPONSE, "the answer is empty", null)
						: failures().of(ErrorKind.STREAM_CLOSED, "the stream ended before the answer did", null);
			}
		}

		private void finishWithoutMarker() {
			this.exchange.endsWithoutMarker().increment();
			this.deltas.finish();
		}

		private DeepSeekException orInterrupted(DeepSeekException failure) {
			return (this.emitted == 0) ? failure : this.deltas.interrupted(failure);
		}

		private void fail(DeepSeekException failure) {
			this.finished = true;
			this.timeouts.stop();
			if (!this.sourceDone) {
				cancelSource();
			}
			discard();
			DeepSeekException reported = orInterrupted(failure);
			this.terminated = true;
			this.actual.onError(reported);
		}

		// when the subscriber asks for the last delta is up to it: neither the connection
		// nor a timeout waits for that
		private void endExchange() {
			if (this.answered) {
				return;
			}
			this.answered = true;
			this.timeouts.stop();
			if (!this.sourceDone) {
				if (this.graceExpired) {
					cancelSource();
				}
				else {
					readRest();
				}
			}
		}

		private void complete() {
			discard();
			if (!this.cancelled) {
				this.terminated = true;
				this.actual.onComplete();
			}
		}

		// lets the connection go back to the pool, but does not wait for that for ever
		private void readRest() {
			Subscription source = this.source;
			if (source == null) {
				return;
			}
			try {
				this.closing.update(this.exchange.clock()
					.scheduler()
					.schedule(this::cancelSource, DRAIN.toMillis(), TimeUnit.MILLISECONDS));
				source.request(Long.MAX_VALUE);
			}
			catch (RejectedExecutionException ex) {
				cancelSource();
			}
		}

		// the subscriber threw something, or there was an error while decoding: end the
		// call, so that nothing of it is left
		private void crash(Throwable thrown) {
			boolean signal = !this.terminated && !this.cancelled;
			this.delivering = false;
			this.finished = true;
			this.terminated = true;
			this.timeouts.stop();
			if (!this.sourceDone) {
				cancelSource();
			}
			discard();
			try {
				if (signal) {
					this.actual.onError(orInterrupted(
							failures().of(ErrorKind.CANCELLED, "the call was ended by " + thrown, thrown)));
				}
				else {
					Operators.onErrorDropped(thrown, currentContext());
				}
			}
			catch (Throwable ex) {
				// there is no subscriber left
				thrown.addSuppressed(ex);
			}
		}

		private void discard() {
			if (this.cancelled) {
				reportUsage();
			}
			this.decoder.release();
			DataBuffer buffer;
			while ((buffer = this.inbox.poll()) != null) {
				DataBufferUtils.release(buffer);
			}
		}

		private Failures failures() {
			return this.exchange.failures(this.head);
		}

	}

}
