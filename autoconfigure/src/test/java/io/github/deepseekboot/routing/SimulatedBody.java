package io.github.deepseekboot.routing;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * The body of a response whose pieces come at their times, if they were asked for.
 */
final class SimulatedBody extends Flux<DataBuffer> {

	private final SimulatedTime time;

	private final List<Piece> pieces;

	private final Consumer<Piece> beforeEach;

	SimulatedBody(SimulatedTime time, List<Piece> pieces, Consumer<Piece> beforeEach) {
		this.time = time;
		this.pieces = pieces;
		this.beforeEach = beforeEach;
	}

	@Override
	public void subscribe(CoreSubscriber<? super DataBuffer> actual) {
		Exchange exchange = new Exchange(actual, this.pieces.iterator());
		actual.onSubscribe(exchange);
		exchange.wait(exchange.next);
	}

	/**
	 * A piece: bytes, a failure, the end, or nothing ever.
	 *
	 * @param after milliseconds after the piece before
	 * @param text the bytes
	 * @param failure the failure
	 * @param end whether the body ends
	 */
	record Piece(int after, @Nullable String text, @Nullable Throwable failure, boolean end) {

	}

	private final class Exchange implements Subscription {

		private final CoreSubscriber<? super DataBuffer> actual;

		private final Iterator<Piece> pieces;

		private @Nullable Piece next;

		private boolean due;

		private boolean over;

		private long requested;

		Exchange(CoreSubscriber<? super DataBuffer> actual, Iterator<Piece> pieces) {
			this.actual = actual;
			this.pieces = pieces;
			this.next = pieces.next();
		}

		void wait(@Nullable Piece piece) {
			if (piece != null && !this.over && (piece.text() != null || piece.failure() != null || piece.end())) {
				SimulatedBody.this.time.schedule(this::come, piece.after(), TimeUnit.MILLISECONDS);
			}
		}

		private void come() {
			this.due = true;
			emit();
		}

		private void emit() {
			Piece piece = this.next;
			if (!this.due || this.over || piece == null) {
				return;
			}
			if (piece.text() == null) {
				this.over = true;
				SimulatedBody.this.beforeEach.accept(piece);
				if (piece.failure() != null) {
					this.actual.onError(piece.failure());
				}
				else {
					this.actual.onComplete();
				}
			}
			else if (this.requested > 0) {
				this.requested--;
				this.due = false;
				this.next = this.pieces.hasNext() ? this.pieces.next() : null;
				wait(this.next);
				SimulatedBody.this.beforeEach.accept(piece);
				this.actual.onNext(
						DefaultDataBufferFactory.sharedInstance.wrap(piece.text().getBytes(StandardCharsets.UTF_8)));
			}
		}

		@Override
		public void request(long count) {
			this.requested += Math.min(count, Integer.MAX_VALUE);
			if (this.due) {
				// not on the stack of who asks
				SimulatedBody.this.time.schedule(this::emit);
			}
		}

		@Override
		public void cancel() {
			this.over = true;
		}

	}

}
