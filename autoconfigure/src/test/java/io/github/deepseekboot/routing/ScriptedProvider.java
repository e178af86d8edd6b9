package io.github.deepseekboot.routing;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * A provider without a network: its answers follow a script, the last one again and
 * again, and come on the thread that asks.
 */
final class ScriptedProvider {

	private final Provider provider;

	private final List<Reply> script = new CopyOnWriteArrayList<>();

	private final AtomicInteger requests = new AtomicInteger();

	private ScriptedProvider(Provider provider, Reply... script) {
		this.provider = provider;
		this.script.addAll(List.of(script));
	}

	static ScriptedProvider of(String id, Reply... script) {
		return of(id, "key-of-" + id, script);
	}

	static ScriptedProvider of(String id, String key, Reply... script) {
		return of(provider(id, key).build(), script);
	}

	static ScriptedProvider of(Provider provider, Reply... script) {
		return new ScriptedProvider(provider, script);
	}

	static Provider.Builder provider(String id, String key) {
		return Provider.builder(id, ProviderPresets.get(ProviderPresets.OPENAI))
			.baseUrl("http://" + id + ".invalid/v1")
			.apiKey(ApiKey.of(key))
			.models(Map.of("chat", ProviderModel.of(id + "-chat")));
	}

	/**
	 * Go on with another script.
	 */
	void then(Reply... replies) {
		this.script.clear();
		this.script.addAll(List.of(replies));
		this.requests.set(0);
	}

	int requests() {
		return this.requests.get();
	}

	ProviderClient client() {
		return new ProviderClient(this.provider, WebClient.builder().exchangeFunction((request) -> {
			int number = this.requests.getAndIncrement();
			return this.script.get(Math.min(number, this.script.size() - 1)).to(request);
		}).build());
	}

	static boolean wantsStream(ClientRequest request) {
		return request.headers().getAccept().contains(MediaType.TEXT_EVENT_STREAM);
	}

	static Reply answer(String text) {
		return (request) -> wantsStream(request)
				? stream(Flux.just(MisbehavingServer.delta(text), "data: [DONE]\n\n")).to(request)
				: json(200, MisbehavingServer.completion(text)).to(request);
	}

	static Reply json(int status, String body, String... headers) {
		return (request) -> {
			ClientResponse.Builder response = ClientResponse.create(HttpStatusCode.valueOf(status))
				.header(HttpHeaders.CONTENT_TYPE, "application/json")
				.body(buffers(Flux.just(body)));
			for (int i = 0; i < headers.length; i += 2) {
				response.header(headers[i], headers[i + 1]);
			}
			return Mono.just(response.build());
		};
	}

	static Reply error(int status, String code, String... headers) {
		return json(status, "{\"error\":{\"message\":\"reported by the script\",\"code\":\"" + code + "\"}}", headers);
	}

	static Reply stream(Flux<String> body) {
		return (request) -> Mono.just(ClientResponse.create(HttpStatusCode.valueOf(200))
			.header(HttpHeaders.CONTENT_TYPE, "text/event-stream")
			.body(buffers(body))
			.build());
	}

	static Reply typed(String contentType, Flux<String> body) {
		return (request) -> Mono.just(ClientResponse.create(HttpStatusCode.valueOf(200))
			.header(HttpHeaders.CONTENT_TYPE, contentType)
			.body(buffers(body))
			.build());
	}

	static Reply failure(Throwable failure) {
		return (request) -> Mono.error(new WebClientRequestException(failure, request.method(),
				URI.create("http://provider.invalid/v1"), request.headers()));
	}

	static Reply silence() {
		return (request) -> Mono.never();
	}

	private static Flux<DataBuffer> buffers(Flux<String> body) {
		Function<String, DataBuffer> buffer = (text) -> DefaultDataBufferFactory.sharedInstance
			.wrap(text.getBytes(StandardCharsets.UTF_8));
		return body.map(buffer);
	}

	/**
	 * What the provider does about a request.
	 */
	@FunctionalInterface
	interface Reply {

		Mono<ClientResponse> to(ClientRequest request);

	}

}
