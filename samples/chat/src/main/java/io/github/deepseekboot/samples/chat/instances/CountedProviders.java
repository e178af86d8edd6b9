package io.github.deepseekboot.samples.chat.instances;

import java.util.List;

import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * The providers that all instances ask, on one port of loopback.
 */
final class CountedProviders implements AutoCloseable {

	private final List<CountedProvider> providers;

	private final List<String> ids;

	private final DisposableServer server;

	CountedProviders(List<String> ids) {
		this.ids = ids;
		this.providers = ids.stream().map(CountedProvider::new).toList();
		this.server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.route((routes) -> this.providers.forEach(
					(provider) -> routes.post("/" + provider.count().id() + "/chat/completions", provider::answer)))
			.bindNow();
	}

	String baseUrl(String id) {
		return "http://127.0.0.1:" + this.server.port() + "/" + id;
	}

	CountedProvider provider(String id) {
		return this.providers.get(this.ids.indexOf(id));
	}

	List<CountedProvider.Count> counts() {
		return this.providers.stream().map(CountedProvider::count).toList();
	}

	@Override
	public void close() {
		this.server.disposeNow();
	}

}
