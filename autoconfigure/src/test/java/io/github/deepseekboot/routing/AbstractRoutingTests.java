package io.github.deepseekboot.routing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;

import io.github.deepseekboot.routing.MisbehavingServer.Behaviour;

/**
 * Closes what a test has opened, clients before servers.
 */
abstract class AbstractRoutingTests {

	final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	final MisbehavingServer server(Behaviour... script) throws IOException {
		MisbehavingServer server = MisbehavingServer.start(script);
		this.resources.add(server);
		return server;
	}

	final RoutingFixture fixture() {
		RoutingFixture fixture = new RoutingFixture();
		this.resources.add(0, fixture);
		return fixture;
	}

}
