package io.github.deepseekboot.test;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

import io.netty.buffer.ByteBufAllocator;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPreset;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.routing.RoutingSettings;
import io.github.deepseekboot.test.provider.ProviderScript;
import io.github.deepseekboot.test.provider.ReceivedCall;
import io.github.deepseekboot.test.provider.ReceivedRequest;
import io.github.deepseekboot.test.provider.ScriptedAnswer;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedResponse;
import io.github.deepseekboot.test.provider.VirtualTime;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Test double of a {@link ChatCompletionClient} that answers by a script, in this process
 * and without HTTP. What it answers has gone through all that the library does to the
 * answer of a real host, but it makes one attempt for each call and keeps no circuit.
 * <p>
 * Its time jumps: pauses of the script and timeouts take no time, and come in their
 * order. Deltas are emitted on a thread of its own, which must not be blocked.
 */
public final class ScriptedChatClient implements ChatCompletionClient, ProviderScript, AutoCloseable {

	private static final RoutingSettings ONE_ATTEMPT = RoutingSettings.builder().maxAttempts(1).build();

	private static final NettyDataBufferFactory BUFFERS = new NettyDataBufferFactory(ByteBufAllocator.DEFAULT);

	private final VirtualTime time = new VirtualTime();

	private final TransportClock clock = TransportClock.of(this.time);

	private final ScriptedProvider provider;

	private final ProviderClient client;

	private ScriptedChatClient(String preset) {
		this.provider = ScriptedProvider.inProcess(preset);
		ProviderPreset known = ProviderPresets.get(preset);
		Provider.Builder builder = Provider.builder(preset, known)
			.baseUrl(this.provider.baseUrl())
			.apiKey(ApiKey.of("test-key"));
		if (known.models().isEmpty()) {
			builder.models(Map.of("chat", ProviderModel.of("scripted-model"), "reasoner",
					ProviderModel.builder("scripted-model").thinking(true).build()));
		}
		this.client = new ProviderClient(builder.build(), WebClient.builder().exchangeFunction(this::exchange).build(),
				this.clock);
	}

	/**
	 * Create a client that answers in the shape of DeepSeek.
	 * @return the client
	 */
	public static ScriptedChatClient create() {
		return create("deepseek");
	}

	/**
	 * Create a client that answers in the shape of a host.
	 * @param preset the id of the host's preset
	 * @return the client
	 */
	public static ScriptedChatClient create(String preset) {
		return new ScriptedChatClient(preset);
	}

	/**
	 * Create a template that asks this client.
	 * @return the template
	 */
	public ChatCompletionTemplate template() {
		return new ChatCompletionTemplate(this);
	}

	/**
	 * Return what answers: the script and what was received.
	 * @return the provider
	 */
	public ScriptedProvider provider() {
		return this.provider;
	}

	/**
	 * Return the calls so far.
	 * @return the calls, oldest first
	 */
	public List<ReceivedCall> calls() {
		return this.provider.calls();
	}

	@Override
	public ScriptedAnswer reply() {
		return this.provider.reply();
	}

	@Override
	public ProviderScript when(Predicate<ReceivedCall> condition) {
		return this.provider.when(condition);
	}

	@Override
	public Mono<ChatCompletion> complete(ChatRequest request) {
		return Mono.defer(() -> router().complete(request)).subscribeOn(this.time);
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		return Flux.defer(() -> router().stream(request)).subscribeOn(this.time, false);
	}

	// one for each call, so that none remembers what another has met
	private RoutingClient router() {
		String id = this.provider.id();
		return RoutingClient.builder(List.of(this.client), new ProviderChain(List.of(id)))
			.settings(Map.of(id, ONE_ATTEMPT))
			.clock(this.clock)
			.build();
	}

	private Mono<ClientResponse> exchange(ClientRequest request) {
		MockClientHttpRequest written = new MockClientHttpRequest(request.method(), request.url());
		Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		request.headers().forEach((name, values) -> headers.put(name, values.get(0)));
		return request.writeTo(written, ExchangeStrategies.withDefaults())
			.then(Mono.defer(written::getBodyAsString))
			.flatMap((body) -> this.provider.exchange(
					new ReceivedRequest(request.method().name(), request.url().getPath(), headers, body), this.time))
			.flatMap((response) -> respond(request, response));
	}

	private static Mono<ClientResponse> respond(ClientRequest request, ScriptedResponse response) {
		if (response.status() == 0) {
			return Mono.error(new WebClientRequestException(new IOException("Connection reset by peer"),
					request.method(), request.url(), new HttpHeaders()));
		}
		Flux<DataBuffer> end = switch (response.end()) {
			case COMPLETE -> Flux.empty();
			case RESET -> Flux.error(new IOException("Connection reset by peer"));
			case STALL -> Flux.never();
		};
		ClientResponse.Builder builder = ClientResponse.create(HttpStatusCode.valueOf(response.status()));
		response.headers().forEach(builder::header);
		return Mono.just(builder.body(response.body().<DataBuffer>map(BUFFERS::wrap).concatWith(end)).build());
	}

	/**
	 * Fail if a call was unexpected, and stop.
	 * @throws AssertionError if there was a call that the script had no answer for
	 */
	@Override
	public void close() {
		this.provider.close();
		this.time.dispose();
		this.provider.verify();
	}

}
