package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AbortSignal}.
 */
class AbortSignalTests {

	private final AbortSignal signal = new AbortSignal();

	private final DeepSeekException reason = new DeepSeekException(ErrorKind.CANCELLED, "enough");

	@Test
	void callsItsListenerOnce() {
		AtomicInteger calls = new AtomicInteger();
		this.signal.listen(calls::incrementAndGet);
		assertThat(this.signal.reason()).isNull();
		this.signal.abort(this.reason);
		this.signal.abort(new DeepSeekException(ErrorKind.CANCELLED, "again"));
		assertThat(calls).hasValue(1);
		assertThat(this.signal.reason()).isSameAs(this.reason);
	}

	@Test
	void theLatestListenerTakesThePlaceOfTheOneBefore() {
		List<String> called = new ArrayList<>();
		this.signal.listen(() -> called.add("first"));
		this.signal.listen(() -> called.add("second"));
		this.signal.abort(this.reason);
		this.signal.listen(() -> called.add("late"));
		assertThat(called).containsExactly("second", "late");
	}

	@Test
	void whatIsPreparedIsDeliveredOnce() {
		List<String> called = new ArrayList<>();
		this.signal.deliver();
		this.signal.listen(() -> called.add("listening"));
		this.signal.deliver();
		assertThat(this.signal.prepare(this.reason)).isTrue();
		assertThat(this.signal.prepare(new DeepSeekException(ErrorKind.CANCELLED, "again"))).isFalse();
		assertThat(this.signal.reason()).isSameAs(this.reason);
		assertThat(called).isEmpty();
		this.signal.deliver();
		this.signal.deliver();
		assertThat(called).containsExactly("listening");
	}

	@Test
	void whoListensToWhatIsPreparedIsCalledAtOnceAndOnce() {
		List<String> called = new ArrayList<>();
		this.signal.listen(() -> called.add("before"));
		this.signal.prepare(this.reason);
		this.signal.listen(() -> called.add("late"));
		this.signal.deliver();
		assertThat(called).containsExactly("late");
	}

	@Test
	void emitsTheReason() {
		List<DeepSeekException> reasons = new ArrayList<>();
		this.signal.asMono().subscribe(reasons::add);
		assertThat(reasons).isEmpty();
		this.signal.abort(this.reason);
		this.signal.asMono().subscribe(reasons::add);
		assertThat(reasons).containsExactly(this.reason, this.reason);
	}

	@Test
	void aReasonThatMeetsACancellationIsDroppedWithoutAWord() {
		List<Throwable> dropped = new ArrayList<>();
		Hooks.onErrorDropped(dropped::add);
		try {
			Disposable waiting = this.signal.asMono().subscribe();
			waiting.dispose();
			this.signal.abort(this.reason);
		}
		finally {
			Hooks.resetOnErrorDropped();
		}
		assertThat(dropped).isEmpty();
	}

}
