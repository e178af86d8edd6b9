package io.github.deepseekboot.samples.chat.instances;

import java.util.concurrent.Callable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.samples.chat.instances.SimulatedInstances.View;

/**
 * Endpoints to start, show and disturb the simulated instances.
 */
@RestController
@RequestMapping("/api/instances")
@ConditionalOnBooleanProperty("chat.simulated")
class SimulatedInstancesController {

	private final SimulatedInstances instances;

	SimulatedInstancesController(SimulatedInstances instances) {
		this.instances = instances;
	}

	@GetMapping
	Mono<View> look() {
		return blocking(this.instances::look);
	}

	@PutMapping
	Mono<View> run(@RequestBody Running wanted) {
		return blocking(() -> {
			if (wanted.running()) {
				this.instances.start();
			}
			else {
				this.instances.stop();
			}
			return this.instances.look();
		});
	}

	@PutMapping("/{number}")
	Mono<View> runOne(@PathVariable int number, @RequestBody Running wanted) {
		return blocking(() -> {
			if (wanted.running()) {
				this.instances.startInstance(number);
			}
			else {
				this.instances.kill(number);
			}
			return this.instances.look();
		});
	}

	@PutMapping("/{number}/provider")
	Mono<View> askFirst(@PathVariable int number, @RequestBody Choice choice) {
		return blocking(() -> {
			this.instances.askFirst(number, known(choice));
			return this.instances.look();
		});
	}

	@PutMapping("/refusal")
	Mono<View> refuseNext(@RequestBody Choice choice) {
		return blocking(() -> {
			this.instances.refuseNext(known(choice));
			return this.instances.look();
		});
	}

	private static String known(Choice choice) {
		if (!SimulatedInstances.PROVIDERS.contains(choice.provider())) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		return choice.provider();
	}

	private static Mono<View> blocking(Callable<View> action) {
		return Mono.fromCallable(action).subscribeOn(Schedulers.boundedElastic());
	}

	/**
	 * Request to start or to stop.
	 *
	 * @param running whether to run
	 */
	record Running(boolean running) {

	}

	/**
	 * Request that names a provider.
	 *
	 * @param provider the provider's id
	 */
	record Choice(String provider) {

	}

}
