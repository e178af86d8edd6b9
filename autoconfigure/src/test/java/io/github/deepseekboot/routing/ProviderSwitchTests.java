package io.github.deepseekboot.routing;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.ChainChanged;
import io.github.deepseekboot.hook.RoutingListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ProviderSwitch}.
 */
class ProviderSwitchTests {

	private static final ProviderChain CHAIN = new ProviderChain(List.of("a", "b", "c"));

	private final List<String> announced = new ArrayList<>();

	private void note(RoutingEvent event) {
		this.announced.add(String.join("", ((ChainChanged) event).chain().providers()));
	}

	private ProviderSwitch providerSwitch(RoutingListener... listeners) {
		return new ProviderSwitch(List.of("a", "b", "c", "d"), CHAIN,
				(event) -> List.of(listeners).forEach((listener) -> listener.onEvent(event)));
	}

	@Test
	void oneIsPutInFrontAndTheOthersKeepTheirOrder() {
		ProviderSwitch providers = providerSwitch(this::note);
		providers.switchTo("c");
		providers.switchTo("d");
		providers.reorder(List.of("b", "a"));
		assertThat(providers.chain().providers()).containsExactly("b", "a");
		assertThat(this.announced).containsExactly("cab", "dcab", "ba");
	}

	@Test
	void whatIsUnknownIsRefusedAndChangesNothing() {
		ProviderSwitch providers = providerSwitch(this::note);
		assertThatIllegalArgumentException().isThrownBy(() -> providers.switchTo("x"))
			.withMessageContaining("there is no provider 'x'");
		assertThatIllegalArgumentException().isThrownBy(() -> providers.reorder(List.of("a", "x")));
		assertThatIllegalArgumentException().isThrownBy(() -> providers.reorder(List.of()));
		assertThat(providers.chain()).isEqualTo(CHAIN);
		assertThat(this.announced).isEmpty();
	}

	@Test
	void changesAreAnnouncedInTheOrderInWhichTheyHappened() {
		List<ProviderSwitch> switches = new ArrayList<>();
		ProviderSwitch providers = providerSwitch((event) -> {
			if (((ChainChanged) event).chain().providers().get(0).equals("b")) {
				switches.get(0).switchTo("c");
			}
		}, this::note);
		switches.add(providers);
		providers.switchTo("b");
		assertThat(this.announced).containsExactly("bac", "cba");
	}

}
