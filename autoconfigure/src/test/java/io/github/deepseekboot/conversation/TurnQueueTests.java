package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TurnQueue}.
 */
class TurnQueueTests {

	private static final Duration MAX_WAIT = Duration.ofSeconds(5);

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final TurnQueue queue = new TurnQueue(MAX_WAIT, this.time);

	private final List<String> turns = new ArrayList<>();

	private TurnQueue.Place enter(String id, String name) {
		TurnQueue.Place place = this.queue.enter(id);
		if (place.isFirst()) {
			this.turns.add(name);
		}
		else {
			place.turn()
				.subscribe(null, (failure) -> this.turns.add(name + " " + ((DeepSeekException) failure).getKind()),
						() -> this.turns.add(name));
		}
		return place;
	}

	@Test
	void turnsFollowEachOtherInTheOrderInWhichTheyCame() {
		TurnQueue.Place first = enter("a", "first");
		TurnQueue.Place second = enter("a", "second");
		TurnQueue.Place third = enter("a", "third");
		assertThat(this.turns).containsExactly("first");
		first.leave();
		this.time.advanceTime();
		assertThat(this.turns).containsExactly("first", "second");
		second.leave();
		this.time.advanceTime();
		assertThat(this.turns).containsExactly("first", "second", "third");
		third.leave();
		assertThat(this.queue.size()).isZero();
	}

	@Test
	void conversationsDoNotWaitForEachOther() {
		enter("a", "first");
		enter("b", "second");
		assertThat(this.turns).containsExactly("first", "second");
		assertThat(this.queue.size()).isEqualTo(2);
	}

	@Test
	void leavingTwiceHasNoEffect() {
		TurnQueue.Place first = enter("a", "first");
		enter("a", "second");
		TurnQueue.Place third = enter("a", "third");
		first.leave();
		first.leave();
		this.time.advanceTime();
		assertThat(this.turns).containsExactly("first", "second");
		assertThat(third.isFirst()).isFalse();
	}

	@Test
	void whoGivesUpInTheMiddleLetsTheNextOneCloser() {
		TurnQueue.Place first = enter("a", "first");
		TurnQueue.Place second = enter("a", "second");
		enter("a", "third");
		second.leave();
		this.time.advanceTime();
		assertThat(this.turns).containsExactly("first");
		first.leave();
		this.time.advanceTime();
		assertThat(this.turns).containsExactly("first", "third");
	}

	@Test
	void aWaitEndsAfterItsTime() {
		enter("a", "first");
		enter("a", "second");
		this.time.advanceTimeBy(MAX_WAIT.minusMillis(1));
		assertThat(this.turns).containsExactly("first");
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(this.turns).containsExactly("first", "second LOCAL_LIMIT");
	}

	@Test
	void aHundredMayWait() {
		List<TurnQueue.Place> places = new ArrayList<>();
		for (int i = 0; i < 101; i++) {
			places.add(this.queue.enter("a"));
		}
		assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> this.queue.enter("a"))
			.withMessageContaining("100 turns are waiting already")
			.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT));
		places.get(50).leave();
		this.queue.enter("a").leave();
		places.forEach(TurnQueue.Place::leave);
		assertThat(this.queue.size()).isZero();
	}

	@Test
	void aStoppedSchedulerEndsWaitsWithATypedError() {
		Scheduler scheduler = Schedulers.newSingle("stopped");
		TurnQueue queue = new TurnQueue(MAX_WAIT, scheduler);
		TurnQueue.Place first = queue.enter("a");
		List<Throwable> failures = new ArrayList<>();
		queue.enter("a").turn().subscribe(null, failures::add);
		scheduler.dispose();
		queue.enter("a").turn().subscribe(null, failures::add);
		first.leave();
		assertThat(failures).hasSize(2)
			.allSatisfy(
					(failure) -> assertThat(((DeepSeekException) failure).getKind()).isEqualTo(ErrorKind.CANCELLED));
	}

}
