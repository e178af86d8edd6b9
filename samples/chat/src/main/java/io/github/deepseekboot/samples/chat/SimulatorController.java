package io.github.deepseekboot.samples.chat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpStatus;
import org.springframework.util.Assert;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * The switches of the control room. Their effects are shown by the actuator alone.
 */
@RestController
@ConditionalOnBooleanProperty("chat.simulated")
class SimulatorController {

	private final ProviderSimulator simulator;

	private final Script healthy;

	private final Map<String, SimulatedFault> faults = new ConcurrentHashMap<>();

	SimulatorController(ProviderSimulator simulator, Script simulatedAnswers) {
		this.simulator = simulator;
		this.healthy = simulatedAnswers;
		simulator.providers().forEach((provider) -> this.faults.put(provider.id(), SimulatedFault.NONE));
	}

	@GetMapping("/api/simulator")
	Switches switches() {
		return new Switches(Arrays.stream(SimulatedFault.values()).map(Position::of).toList(),
				new TreeMap<>(this.faults));
	}

	@PutMapping("/api/simulator/{id}")
	Switches change(@PathVariable String id, @RequestBody Change change) {
		ScriptedProvider provider = this.simulator.providers()
			.stream()
			.filter((candidate) -> candidate.id().equals(id))
			.findFirst()
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		provider.script(change.fault().in(this.healthy));
		this.faults.put(id, change.fault());
		return switches();
	}

	/**
	 * All switches.
	 *
	 * @param positions what a switch can be set to
	 * @param providers what the switch of each provider is set to
	 */
	record Switches(List<Position> positions, Map<String, SimulatedFault> providers) {

	}

	/**
	 * A position of a switch.
	 *
	 * @param fault what it does
	 * @param label the same in a word
	 * @param description what the provider then does, in words
	 */
	record Position(SimulatedFault fault, String label, String description) {

		static Position of(SimulatedFault fault) {
			return new Position(fault, fault.label(), fault.description());
		}

	}

	/**
	 * A wish.
	 *
	 * @param fault what shall be wrong
	 */
	record Change(SimulatedFault fault) {

		Change {
			Assert.notNull(fault, "'fault' must not be null");
		}

	}

}
