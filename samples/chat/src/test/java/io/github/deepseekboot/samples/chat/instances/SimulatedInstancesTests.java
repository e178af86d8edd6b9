package io.github.deepseekboot.samples.chat.instances;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.actuate.DeepSeekEndpoint.KeyState;
import io.github.deepseekboot.actuate.DeepSeekEndpoint.ProviderDescription;
import io.github.deepseekboot.samples.chat.instances.SimulatedInstances.InstanceView;
import io.github.deepseekboot.samples.chat.instances.SimulatedInstances.View;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SimulatedInstances}.
 */
class SimulatedInstancesTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final SimulatedInstances instances = new SimulatedInstances(TIMEOUT);

	@AfterEach
	void stop() {
		this.instances.stop();
	}

	@Test
	void theLimitHoldsForAllTogether() throws IOException {
		this.instances.start();
		await((view) -> deepseek(view).running() == SimulatedInstances.LIMIT);
		await((view) -> inFlight(view, 1) > 0 && inFlight(view, 2) > 0 && inFlight(view, 3) > 0);
		assertThat(deepseek(this.instances.look()).most()).isEqualTo(SimulatedInstances.LIMIT);
	}

	@Test
	void aKilledInstanceGivesItsPermitsBackWithItsLease() throws IOException {
		this.instances.start();
		await((view) -> deepseek(view).running() == SimulatedInstances.LIMIT && inFlight(view, 3) > 0);
		this.instances.kill(3);
		View killed = this.instances.look();
		assertThat(killed.instances().get(2).endpoint()).isNull();
		await((view) -> deepseek(view).running() < SimulatedInstances.LIMIT);
		await((view) -> inFlight(view, 1) + inFlight(view, 2) == SimulatedInstances.LIMIT
				&& deepseek(view).running() == SimulatedInstances.LIMIT);
		this.instances.startInstance(3);
		await((view) -> inFlight(view, 3) > 0);
		assertThat(deepseek(this.instances.look()).most()).isEqualTo(SimulatedInstances.LIMIT);
	}

	@Test
	void aRefusalOfOneIsKnownByTheOthers() throws IOException {
		this.instances.start();
		await((view) -> deepseek(view).running() == SimulatedInstances.LIMIT);
		this.instances.refuseNext("deepseek");
		await((view) -> view.instances().stream().allMatch((instance) -> state(instance).coolDown() != null));
		View view = this.instances.look();
		assertThat(deepseek(view).refused()).isOne();
		assertThat(view.instances().stream().filter((instance) -> state(instance).lastError() != null)).hasSize(1);
		await((later) -> later.providers().get(1).running() > 0 && deepseek(later).running() == 0);
		await((later) -> deepseek(later).running() > 0);
		assertThat(this.instances.look().providers()).allMatch((count) -> count.most() <= SimulatedInstances.LIMIT);
	}

	@Test
	void aSwitchAtOneHoldsForAll() throws IOException {
		this.instances.start();
		this.instances.askFirst(1, "siliconflow");
		await((view) -> view.instances()
			.stream()
			.allMatch((instance) -> Objects.requireNonNull(instance.endpoint())
				.chain()
				.equals(List.of("siliconflow", "deepseek"))));
	}

	@Test
	void allStopWhenNobodyLooks() throws IOException {
		SimulatedInstances unseen = new SimulatedInstances(Duration.ofMillis(10));
		unseen.start();
		Awaitility.await().atMost(TIMEOUT).pollInterval(Duration.ofSeconds(2)).until(() -> !unseen.look().running());
		unseen.start();
		assertThat(unseen.look().running()).isTrue();
		unseen.stop();
	}

	private void await(Predicate<View> condition) {
		Awaitility.await().atMost(TIMEOUT).until(this.instances::look, condition);
	}

	private static CountedProvider.Count deepseek(View view) {
		return view.providers().get(0);
	}

	private static int inFlight(View view, int number) {
		InstanceView instance = view.instances().get(number - 1);
		return (instance.endpoint() != null) ? state(instance).inFlight() : 0;
	}

	private static KeyState state(InstanceView instance) {
		return Objects.requireNonNull(instance.endpoint())
			.providers()
			.stream()
			.filter((provider) -> provider.id().equals("deepseek"))
			.map(ProviderDescription::keys)
			.findFirst()
			.orElseThrow()
			.get(0);
	}

}
