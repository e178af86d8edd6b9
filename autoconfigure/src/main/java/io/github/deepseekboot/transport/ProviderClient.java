package io.github.deepseekboot.transport;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.codec.AnswerReader;
import io.github.deepseekboot.codec.ChatRequestWriter;
import io.github.deepseekboot.codec.ErrorBody;
import io.github.deepseekboot.codec.WireJson;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.StructuredOutput;

/**
 * Makes single attempts at one provider. Independent of other providers, retries or
 * state.
 */
public final class ProviderClient {

	private static final Pattern FORMAT_REFUSED = Pattern.compile(
			"^(?!.*invalid schema).*(response[ _]format|json[ _](schema|object|mode)|structured[ _]outputs?)",
			Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

	// in lower case: others are converted for each comparison
	private static final String ACCEPT = "accept";

	private static final String AUTHORIZATION = "authorization";

	private static final String CONTENT_TYPE = "content-type";

	private static final Set<Integer> NOT_THERE = Set.of(404, 405, 410, 501);

	private static final Pattern VERSION = Pattern.compile("/(v1|beta)/?$");

	private static final int MAX_ERROR_BODY = 64 * 1024;

	private static final Duration MAX_ERROR_TIME = Duration.ofSeconds(5);

	private final Provider provider;

	private final WebClient webClient;

	// with the headers of most requests, which would take two maps each time; made when
	// they are first needed, since making a client takes its time

	private final SingletonSupplier<WebClient> streamClient;

	private final SingletonSupplier<WebClient> answerClient;

	private final SingletonSupplier<WebClient> pingClient;

	private final ChatRequestWriter writer;

	private final ResponseLimits limits;

	private final TransportClock clock;

	private final List<ChatAttemptInterceptor> interceptors;

	private final LongAdder reconnects = new LongAdder();

	private final LongAdder endsWithoutMarker = new LongAdder();

	/**
	 * A client of one provider.
	 * @param provider the provider
	 * @param webClient the HTTP client, without the provider's address and headers; it
	 * says itself which compression it understands
	 */
	public ProviderClient(Provider provider, WebClient webClient) {
		this(provider, webClient, ResponseLimits.DEFAULTS, TransportClock.system());
	}

	/**
	 * A client of one provider whose timeouts go by a given time.
	 * @param provider the provider
	 * @param webClient the HTTP client, without the provider's address and headers
	 * @param clock the time that timeouts go by
	 */
	public ProviderClient(Provider provider, WebClient webClient, TransportClock clock) {
		this(provider, webClient, ResponseLimits.DEFAULTS, clock);
	}

	ProviderClient(Provider provider, WebClient webClient, ResponseLimits limits, TransportClock clock) {
		this(provider, webClient, () -> webClient, limits, clock, List.of());
	}

	ProviderClient(Provider provider, WebClient webClient, Supplier<WebClient> pingClient, ResponseLimits limits,
			TransportClock clock, List<ChatAttemptInterceptor> interceptors) {
		this.provider = provider;
		this.webClient = webClient;
		this.streamClient = SingletonSupplier.of(() -> prepared(webClient, true));
		this.answerClient = SingletonSupplier.of(() -> prepared(webClient, false));
		this.pingClient = SingletonSupplier.of(pingClient);
		this.writer = new ChatRequestWriter(provider);
		this.limits = limits;
		this.clock = clock;
		this.interceptors = List.copyOf(interceptors);
	}

	private WebClient prepared(WebClient client, boolean stream) {
		return client.mutate().defaultHeaders((headers) -> {
			headers(headers, this.provider.apiKey(), stream);
			this.provider.headers().forEach(headers::set);
		}).build();
	}

	/**
	 * The provider that this client asks.
	 * @return the provider
	 */
	public Provider provider() {
		return this.provider;
	}

	/**
	 * How often a connection from the pool turned out to be closed before a request was
	 * sent, and was replaced without a word.
	 * @return the number since the start
	 */
	public long reconnects() {
		return this.reconnects.sum();
	}

	/**
	 * How many streams were complete by their finish reasons only: {@code [DONE]} did not
	 * come, and perhaps no usage.
	 * @return the number since the start
	 */
	public long endsWithoutMarker() {
		return this.endsWithoutMarker.sum();
	}

	/**
	 * Ask for an answer as it is made.
	 * @param attempt what to ask
	 * @return the deltas. The first has content, reasoning or a tool call, so that a
	 * failure without a delta before it delivered nothing; the last carries the usage.
	 * Fails with a {@link DeepSeekException}.
	 */
	public Flux<ChatDelta> stream(Attempt attempt) {
		StructuredOutput asked = asked(attempt);
		if (asked == null) {
			return streamAsAsked(attempt);
		}
		return Flux.defer(() -> {
			long begunAt = this.clock.nanos().getAsLong();
			return streamAsAsked(attempt).onErrorResume(DeepSeekException.class,
					(failure) -> isFormatRefused(failure, attempt, asked) ? stream(rest(attempt, begunAt))
							: Flux.error(failure));
		});
	}

	private Attempt rest(Attempt attempt, long begunAt) {
		return attempt.after(Duration.ofNanos(this.clock.nanos().getAsLong() - begunAt));
	}

	// how an answer by whatever means is asked for
	private @Nullable StructuredOutput asked(Attempt attempt) {
		ResponseFormat format = attempt.request().responseFormat();
		if (format == null || !format.isAnyMeans() || format.isInPrompt()) {
			return null;
		}
		return this.provider.dialect().structuredOutput(attempt.model());
	}

	// nothing was answered, and the same call continues with weaker means
	private boolean isFormatRefused(DeepSeekException failure, Attempt attempt, StructuredOutput asked) {
		boolean refused = failure.getStatus() != null && failure.getStatus() / 100 == 4
				&& FORMAT_REFUSED.matcher(failure.getReason()).find()
				&& (failure.getKind() == ErrorKind.INVALID_REQUEST || failure.getKind() == ErrorKind.UNSUPPORTED
						|| failure.getKind() == ErrorKind.MODEL_NOT_FOUND);
		return refused && this.provider.dialect().refused(attempt.model(), asked);
	}

	private Flux<ChatDelta> streamAsAsked(Attempt attempt) {
		if (this.interceptors.isEmpty()) {
			return stream(attempt, null);
		}
		return Flux.defer(() -> {
			InterceptedAttempt intercepted = intercepted(attempt, true);
			return intercept(attempt, intercepted).watch(stream(attempt, intercepted));
		});
	}

	private Flux<ChatDelta> stream(Attempt attempt, @Nullable InterceptedAttempt intercepted) {
		return new ChatStream(exchange(this.webClient, attempt, true, intercepted));
	}

	/**
	 * Ask for a complete answer.
	 * @param attempt what to ask
	 * @return the completion, or a {@link DeepSeekException}
	 */
	public Mono<ChatCompletion> complete(Attempt attempt) {
		StructuredOutput asked = asked(attempt);
		if (asked == null) {
			return completeAsAsked(attempt);
		}
		return Mono.defer(() -> {
			long begunAt = this.clock.nanos().getAsLong();
			return completeAsAsked(attempt).onErrorResume(DeepSeekException.class,
					(failure) -> isFormatRefused(failure, attempt, asked) ? complete(rest(attempt, begunAt))
							: Mono.error(failure));
		});
	}

	private Mono<ChatCompletion> completeAsAsked(Attempt attempt) {
		if (this.interceptors.isEmpty()) {
			return complete(attempt, null);
		}
		return Mono.defer(() -> {
			InterceptedAttempt intercepted = intercepted(attempt, false);
			return intercept(attempt, intercepted).watch(complete(attempt, intercepted));
		});
	}

	private InterceptedAttempt intercepted(Attempt attempt, boolean stream) {
		return new InterceptedAttempt(this.provider.id(), attempt, stream, extraHeaders(attempt, new HttpHeaders()),
				write(attempt, stream));
	}

	private Interception intercept(Attempt attempt, InterceptedAttempt intercepted) {
		return new Interception(this.interceptors, intercepted, this.clock.nanos(), failures(attempt, null));
	}

	/**
	 * Ask for a complete answer to find out whether the provider is healthy: on
	 * connections that no call waits for, and past all interceptors.
	 * @param attempt what to ask
	 * @return the completion, or a {@link DeepSeekException}
	 */
	public Mono<ChatCompletion> ping(Attempt attempt) {
		return new ChatAnswer(exchange(this.pingClient.obtain(), attempt, false, null));
	}

	private Mono<ChatCompletion> complete(Attempt attempt, @Nullable InterceptedAttempt intercepted) {
		return new ChatAnswer(exchange(this.webClient, attempt, false, intercepted));
	}

	/**
	 * Ask for the models that the provider offers.
	 * @return the models, or a {@link DeepSeekException}
	 */
	public Mono<List<ModelInfo>> models() {
		return get(baseUrl(), this.provider.preset().modelsPath(), ProviderClient::isModels).map((json) -> {
			List<ModelInfo> models = new ArrayList<>();
			// some hosts leave out the object around the list
			for (JsonNode model : json.isArray() ? json : json.path("data")) {
				models.add(new ModelInfo(model.path("id").asString(""),
						model.path("owned_by").asString(model.path("organization").asString(null)),
						count(model, "context_window", "context_length", "max_model_len", "context_size",
								"max_context_length"),
						count(model, "max_output_tokens", "max_completion_tokens", "max_output_length")));
			}
			this.provider.dialect().listed(models.stream().map(ModelInfo::id).toList());
			return models;
		});
	}

	// hosts have no common name for it
	private static @Nullable Long count(JsonNode model, String... names) {
		for (String name : names) {
			JsonNode value = model.path(name);
			if (value.isIntegralNumber() && value.canConvertToLong() && value.longValue() > 0) {
				return value.longValue();
			}
		}
		return null;
	}

	/**
	 * Ask what is left on the account.
	 * @return the balance, or a {@link DeepSeekException}, of the kind
	 * {@code UNSUPPORTED} if the provider does not report it
	 */
	public Mono<AccountBalance> balance() {
		String path = this.provider.preset().balancePath();
		if (path == null) {
			return Mono.error(() -> failures(null, null).of(ErrorKind.UNSUPPORTED,
					"the provider does not report the balance", null));
		}
		return balance(path).map((json) -> {
			List<AccountBalance.Amount> amounts = new ArrayList<>();
			for (JsonNode amount : json.path("balance_infos")) {
				amounts.add(new AccountBalance.Amount(amount.path("currency").asString(""),
						amount.path("total_balance").asDecimal(BigDecimal.ZERO),
						amount.path("granted_balance").asDecimal(null),
						amount.path("topped_up_balance").asDecimal(null)));
			}
			return new AccountBalance(json.path("is_available").asBoolean(false), amounts);
		});
	}

	// it stands beside the paths for a version or for what is in beta
	private Mono<JsonNode> balance(String path) {
		Mono<JsonNode> balance = get(baseUrl(), path, ProviderClient::isBalance);
		String root = VERSION.matcher(baseUrl()).replaceFirst("");
		return root.equals(baseUrl()) ? balance : balance.onErrorResume(ProviderClient::isUnsupported,
				(failure) -> get(root, path, ProviderClient::isBalance));
	}

	private static boolean isBalance(JsonNode json) {
		return json.has("is_available");
	}

	private static boolean isUnsupported(Throwable failure) {
		return failure instanceof DeepSeekException known && known.getKind() == ErrorKind.UNSUPPORTED;
	}

	private String baseUrl() {
		return this.provider.baseUrl().toString();
	}

	// an empty list may be null
	private static boolean isModels(JsonNode json) {
		return json.isArray() || json.path("data").isArray() || json.path("object").asString("").equals("list");
	}

	private Mono<JsonNode> get(String baseUrl, String path, Predicate<JsonNode> isAnswer) {
		return this.pingClient.obtain().get().uri(URI.create(baseUrl + path)).headers((headers) -> {
			headers(headers, this.provider.apiKey(), MediaType.APPLICATION_JSON_VALUE);
			this.provider.headers().forEach(headers::set);
		}).exchangeToMono((response) -> {
			Failures failures = failures(null, response);
			if (!response.statusCode().is2xxSuccessful() || isEncoded(response)) {
				return failure(response, failures)
					.<JsonNode>flatMap((failure) -> Mono.error(orUnsupported(failure, path, failures)));
			}
			ResponseBody body = new ResponseBody();
			return collect(response, body, failures)
				.then(Mono.fromSupplier(() -> read(body, isAnswer, response.headers().asHttpHeaders(), failures)));
		})
			.timeout(this.provider.timeouts().idleBytes(), this.clock.scheduler())
			.onErrorMap((failure) -> failures(null, null).translate(failure));
	}

	private static JsonNode read(ResponseBody body, Predicate<JsonNode> isAnswer, HttpHeaders headers,
			Failures failures) {
		JsonNode json = null;
		try {
			json = WireJson.MAPPER.readTree(body.bytes(), 0, body.length());
		}
		catch (JacksonException ex) {
			// what it is instead is said below
		}
		if (json == null || !isAnswer.test(json)) {
			throw wrongShape(body, headers, failures, "the answer is not what was asked for");
		}
		return json;
	}

	// hosts need not have it, and say so in their own ways
	private static DeepSeekException orUnsupported(DeepSeekException failure, String path, Failures failures) {
		Integer status = failure.getStatus();
		return (status != null && NOT_THERE.contains(status))
				? failures.of(ErrorKind.UNSUPPORTED, "the provider has no " + path, null) : failure;
	}

	private void headers(HttpHeaders headers, @Nullable ApiKey apiKey, String accept) {
		headers.set(ACCEPT, accept);
		if (apiKey != null) {
			String keyHeader = this.provider.preset().apiKeyHeader();
			if (keyHeader != null) {
				headers.set(keyHeader, apiKey.value());
			}
			else {
				headers.set(AUTHORIZATION, "Bearer " + apiKey.value());
			}
		}
	}

	private ChatExchange exchange(WebClient client, Attempt attempt, boolean stream,
			@Nullable InterceptedAttempt intercepted) {
		return new ChatExchange(this.provider, attempt, this.limits, this.clock, this.endsWithoutMarker,
				(head) -> buffers(client, attempt, stream, intercepted, head));
	}

	private ResponseBuffers buffers(WebClient client, Attempt attempt, boolean stream,
			@Nullable InterceptedAttempt intercepted, ResponseHead head) {
		return new ResponseBuffers(() -> request(client, attempt, stream, intercepted), (response) -> {
			Failures failures = failures(attempt, response);
			head.set(failures.requestId(), response.statusCode().value(), response.headers().asHttpHeaders());
			return (response.statusCode().is2xxSuccessful() && !isEncoded(response)) ? null
					: failure(response, failures);
		}, (failure, unsent) -> unsent ? unsent(attempt, failure) : failure(attempt, head, failure),
				this.reconnects::increment);
	}

	// what comes from the connection is a WebClientException: all else that comes before
	// the response is of the application's own
	private Throwable failure(Attempt attempt, ResponseHead head, Throwable failure) {
		boolean own = head.status() == null && !(failure instanceof WebClientException);
		return own ? failures(attempt, null).ofApplication(failure) : failure;
	}

	private DeepSeekException unsent(Attempt attempt, Throwable failure) {
		return failures(attempt, null).of(ErrorKind.CONNECTION, "the connection was closed before the request was sent",
				(failure instanceof WebClientException) ? failure.getCause() : failure);
	}

	private WebClient.RequestHeadersSpec<?> request(WebClient client, Attempt attempt, boolean stream,
			@Nullable InterceptedAttempt intercepted) {
		byte[] body = (intercepted != null) ? body(attempt, intercepted) : write(attempt, stream);
		return addressed(client, attempt, stream, intercepted)
			// past the codecs, which have nothing to do with bytes but look for a writer
			.body((request, context) -> request.writeWith(Mono.just(request.bufferFactory().wrap(body))));
	}

	private WebClient.RequestBodySpec addressed(WebClient client, Attempt attempt, boolean stream,
			@Nullable InterceptedAttempt intercepted) {
		URI uri = this.provider.completionsUri();
		if (client == this.webClient && intercepted == null && attempt.request().headers().isEmpty()
				&& Objects.equals(attempt.apiKey(), this.provider.apiKey())) {
			return (stream ? this.streamClient : this.answerClient).obtain().post().uri(uri);
		}
		return client.post().uri(uri).headers((headers) -> {
			headers(headers, attempt.apiKey(), stream);
			if (intercepted != null) {
				intercepted.headers().forEach(headers::put);
			}
			else {
				extraHeaders(attempt, headers);
			}
		});
	}

	private void headers(HttpHeaders headers, @Nullable ApiKey apiKey, boolean stream) {
		headers.set(CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE);
		headers(headers, apiKey, stream ? MediaType.TEXT_EVENT_STREAM_VALUE : MediaType.APPLICATION_JSON_VALUE);
	}

	private HttpHeaders extraHeaders(Attempt attempt, HttpHeaders headers) {
		this.provider.headers().forEach(headers::set);
		attempt.request().headers().forEach(headers::set);
		return headers;
	}

	private byte[] body(Attempt attempt, InterceptedAttempt intercepted) {
		try {
			return intercepted.bytes();
		}
		catch (JacksonException ex) {
			Failures failures = failures(attempt, null);
			throw failures.of(ErrorKind.INVALID_REQUEST,
					"what an interceptor put into the body cannot be written as JSON: "
							+ failures.snippet(String.valueOf(ex.getOriginalMessage())),
					null);
		}
	}

	private byte[] write(Attempt attempt, boolean stream) {
		try {
			return this.writer.write(attempt.request(), attempt.model(), stream);
		}
		catch (JacksonException ex) {
			Failures failures = failures(attempt, null);
			throw failures.of(ErrorKind.INVALID_REQUEST, "the request cannot be written as JSON: "
					+ failures.snippet(String.valueOf(ex.getOriginalMessage())), null);
		}
	}

	private Flux<ResponseBody> collect(ClientResponse response, ResponseBody body, Failures failures) {
		return response.body(BodyExtractors.toDataBuffers()).map((buffer) -> {
			if (!body.take(buffer, this.limits.maxBodyBytes())) {
				throw failures.of(ErrorKind.LOCAL_LIMIT,
						"the answer is larger than " + this.limits.maxBodyBytes() + " bytes", null);
			}
			return body;
		});
	}

	private Mono<DeepSeekException> failure(ClientResponse response, Failures failures) {
		int status = response.statusCode().value();
		DeepSeekException known = knownAtHead(status, response, failures);
		if (known != null) {
			// whatever the body has to say, and however long it takes to, does not matter
			return response.body(BodyExtractors.toDataBuffers()).take(0, false).then(Mono.just(known));
		}
		ResponseBody body = new ResponseBody();
		Duration idleBytes = this.provider.timeouts().idleBytes();
		return response.body(BodyExtractors.toDataBuffers())
			.map((buffer) -> body.take(buffer, MAX_ERROR_BODY))
			.takeWhile((fits) -> fits)
			.then()
			.timeout((idleBytes.compareTo(MAX_ERROR_TIME) < 0) ? idleBytes : MAX_ERROR_TIME, this.clock.scheduler())
			.onErrorComplete()
			.then(Mono.fromSupplier(() -> failures.reported(status, Arrays.copyOf(body.bytes(), body.length()),
					response.headers().asHttpHeaders())));
	}

	private static @Nullable DeepSeekException knownAtHead(int status, ClientResponse response, Failures failures) {
		if (status >= 300 && status < 400) {
			return failures.of(ErrorKind.REDIRECTED,
					"the provider redirects to another address, which is never followed; check the base-url", null);
		}
		if (status < 200) {
			return failures.of(ErrorKind.MALFORMED_RESPONSE, "the answer has the status " + status, null);
		}
		HttpHeaders headers = response.headers().asHttpHeaders();
		if (!isEncoded(response)) {
			return null;
		}
		return (status >= 400) ? failures.reported(status, new byte[0], headers)
				: failures.of(ErrorKind.MALFORMED_RESPONSE,
						"the answer is compressed ("
								+ failures.snippet(String.valueOf(headers.getFirst(HttpHeaders.CONTENT_ENCODING)))
								+ ") though that was not asked for",
						null);
	}

	/**
	 * A response that is not what was asked for: an error in place of it, or something
	 * else.
	 * @param body its beginning
	 * @param headers its headers
	 * @param failures makes the exception
	 * @return the exception
	 */
	static DeepSeekException wrongShape(ResponseBody body, HttpHeaders headers, Failures failures) {
		return wrongShape(body, headers, failures, "the answer has the wrong content type "
				+ failures.snippet(String.valueOf(headers.getFirst(HttpHeaders.CONTENT_TYPE))));
	}

	private static DeepSeekException wrongShape(ResponseBody body, HttpHeaders headers, Failures failures,
			String what) {
		int start = body.firstNonBlank();
		if (start == body.length()) {
			return failures.of(ErrorKind.EMPTY_RESPONSE, "the answer is empty", null);
		}
		AnswerReader reader = new AnswerReader();
		try {
			reader.read(body.bytes(), start, body.length() - start);
			if (reader.error() != null) {
				return failures.reported(reader.error(), headers);
			}
		}
		catch (JacksonException ex) {
			// not an error in JSON: said below
		}
		return failures.of(ErrorKind.MALFORMED_RESPONSE, what + ": " + failures.words(body.beginning()), null);
	}

	private Failures failures(@Nullable Attempt attempt, @Nullable ClientResponse response) {
		return new Failures(this.provider, attempt, (response != null) ? requestId(response) : null,
				(response != null) ? response.statusCode().value() : null);
	}

	private @Nullable String requestId(ClientResponse response) {
		HttpHeaders headers = response.headers().asHttpHeaders();
		for (String name : this.provider.dialect().traceHeaders()) {
			String requestId = ErrorBody.requestId(headers.getFirst(name));
			if (requestId != null) {
				return requestId;
			}
		}
		return null;
	}

	private static boolean isEncoded(ClientResponse response) {
		String encoding = response.headers().asHttpHeaders().getFirst(HttpHeaders.CONTENT_ENCODING);
		return encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity");
	}

}
