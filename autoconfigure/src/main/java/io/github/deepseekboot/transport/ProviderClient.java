package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.provider.Provider;

/**
 * Makes single attempts at one provider. Knows nothing of other providers, retries or
 * state.
 */
public final class ProviderClient {

	private static final int MAX_ERROR_BODY = 64 * 1024;

	private final Provider provider;

	private final WebClient webClient;

	private final ChatRequestWriter writer;

	private final ResponseLimits limits;

	private final TransportClock clock;

	private final LongAdder reconnects = new LongAdder();

	/**
	 * A client of one provider.
	 * @param provider the provider
	 * @param webClient the HTTP client, without the provider's address and headers
	 */
	public ProviderClient(Provider provider, WebClient webClient) {
		this(provider, webClient, ResponseLimits.DEFAULTS, TransportClock.system());
	}

	ProviderClient(Provider provider, WebClient webClient, ResponseLimits limits, TransportClock clock) {
		this.provider = provider;
		this.webClient = webClient;
		this.writer = new ChatRequestWriter(provider);
		this.limits = limits;
		this.clock = clock;
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
	 * Ask for an answer as it is made.
	 * @param attempt what to ask
	 * @return the deltas. The first has content, reasoning or a tool call, so that a
	 * failure without a delta before it delivered nothing; the last carries the usage.
	 * Fails with a {@link DeepSeekException}.
	 */
	public Flux<ChatDelta> stream(Attempt attempt) {
		return new ChatStream(this.provider, attempt, this.limits, this.clock,
				(head) -> send(attempt, Flux.defer(() -> request(attempt, true).exchangeToFlux((response) -> {
					head.set(requestId(response), response.statusCode().value(), response.headers().asHttpHeaders());
					return streamBody(attempt, response);
				}))));
	}

	/**
	 * Ask for a whole answer.
	 * @param attempt what to ask
	 * @return the completion, or a {@link DeepSeekException}
	 */
	public Mono<ChatCompletion> complete(Attempt attempt) {
		Flux<ChatCompletion> exchange = Flux
			.defer(() -> request(attempt, false).exchangeToMono((response) -> completion(attempt, response)));
		Mono<ChatCompletion> answer = send(attempt, exchange).singleOrEmpty()
			.timeout(attempt.remaining(),
					Mono.error(() -> failures(attempt, null).of(ErrorKind.TIMEOUT,
							"the total clock ran out (deepseek.timeout.total)", null)),
					this.clock.scheduler());
		// takeUntilOther would leave the exchange running
		return Mono.firstWithSignal(attempt.abort().asMono(), answer)
			.onErrorMap((failure) -> failures(attempt, null).translate(failure));
	}

	// a connection from the pool may have been closed while it was idle: that costs a
	// reconnect, not an attempt, as long as the provider cannot have seen the request
	private <T> Flux<T> send(Attempt attempt, Flux<T> exchange) {
		return Flux.defer(() -> {
			SendState state = new SendState();
			return exchange.contextWrite(state::putInto).doOnCancel(state::cancel).onErrorResume(state::isUnsent, (failure) -> {
				if (!state.isReused()) {
					return Flux.error(unsent(attempt, failure));
				}
				this.reconnects.increment();
				SendState again = new SendState();
				return exchange.contextWrite(again::putInto)
					.doOnCancel(again::cancel)
					.onErrorMap(again::isUnsent, (secondFailure) -> unsent(attempt, secondFailure));
			});
		});
	}

	private DeepSeekException unsent(Attempt attempt, Throwable failure) {
		return failures(attempt, null).of(ErrorKind.CONNECTION, "the connection was closed before the request was sent",
				(failure instanceof WebClientException) ? failure.getCause() : failure);
	}

	private WebClient.RequestHeadersSpec<?> request(Attempt attempt, boolean stream) {
		byte[] body = body(attempt, stream);
		return this.webClient.post().uri(this.provider.completionsUri()).headers((headers) -> {
			headers.setContentType(MediaType.APPLICATION_JSON);
			headers.setAccept(List.of(stream ? MediaType.TEXT_EVENT_STREAM : MediaType.APPLICATION_JSON));
			headers.set(HttpHeaders.ACCEPT_ENCODING, "identity");
			if (attempt.apiKey() != null) {
				headers.setBearerAuth(attempt.apiKey().value());
			}
			this.provider.headers().forEach(headers::set);
		}).bodyValue(body);
	}

	private byte[] body(Attempt attempt, boolean stream) {
		try {
			return this.writer.write(attempt.request(), attempt.model(), stream);
		}
		catch (JacksonException ex) {
			throw failures(attempt, null).of(ErrorKind.INVALID_REQUEST,
					"the request cannot be written as JSON: " + ErrorBody.snippet(ex.getOriginalMessage()), ex);
		}
	}

	private Flux<DataBuffer> streamBody(Attempt attempt, ClientResponse response) {
		if (response.statusCode().value() == 200 && !isEncoded(response) && isEventStream(response)) {
			return response.body(BodyExtractors.toDataBuffers());
		}
		return failure(attempt, response).flatMapMany(Flux::error);
	}

	private Mono<ChatCompletion> completion(Attempt attempt, ClientResponse response) {
		if (response.statusCode().value() != 200 || isEncoded(response)
				|| isOf(response, MediaType.TEXT_EVENT_STREAM)) {
			return failure(attempt, response).flatMap(Mono::error);
		}
		Failures failures = failures(attempt, response);
		// an operator that drops a buffer must not be between the connection and the copy
		Body body = new Body();
		Mono<?> never = Mono.never();
		Duration idle = this.provider.timeouts().idleBytes();
		return response.body(BodyExtractors.toDataBuffers()).map((buffer) -> {
			if (!body.take(buffer, this.limits.maxBodyBytes())) {
				throw failures.of(ErrorKind.LOCAL_LIMIT,
						"the answer is larger than " + this.limits.maxBodyBytes() + " bytes", null);
			}
			return body;
		})
			.timeout(never, (taken) -> Mono.delay(idle, this.clock.scheduler()),
					Mono.error(() -> failures.of(ErrorKind.TIMEOUT,
							"the idle-bytes clock ran out (deepseek.timeout.idle-bytes)", null)))
			.then(Mono.fromSupplier(() -> parse(attempt, body, response, failures)));
	}

	private ChatCompletion parse(Attempt attempt, Body body, ClientResponse response, Failures failures) {
		int start = body.firstNonBlank();
		if (start == body.length) {
			throw failures.of(ErrorKind.EMPTY_RESPONSE, "the answer is empty", null);
		}
		AnswerReader reader = new AnswerReader();
		try {
			reader.read(body.octets, start, body.length - start);
		}
		catch (JacksonException ex) {
			throw failures.of(ErrorKind.MALFORMED_RESPONSE, "the answer is not the JSON of a chat completion: "
					+ ErrorBody.snippet(body.text(start, Math.min(body.length, start + 1000))), ex);
		}
		if (reader.error() != null) {
			throw failures.told(null, ErrorBody.of(reader.error()), response.headers().asHttpHeaders());
		}
		boolean blank = true;
		FinishReason finishReason = null;
		List<ChatCompletion.Choice> choices = new ArrayList<>(reader.choiceCount());
		for (int i = 0; i < reader.choiceCount(); i++) {
			AnswerReader.Choice choice = reader.choice(i);
			blank &= isBlank(choice, attempt.request().responseFormat());
			finishReason = choice.finishReason;
			choices.add(new ChatCompletion.Choice(choice.index, message(choice), choice.finishReason, choice.logprobs));
		}
		DeepSeekException refusal = (blank || choices.isEmpty()) ? failures.emptyAnswer(finishReason)
				: failures.gaveUp(finishReason);
		if (refusal == null && choices.isEmpty()) {
			refusal = failures.of(ErrorKind.EMPTY_RESPONSE, "the answer has no choices", null);
		}
		if (refusal != null) {
			throw refusal;
		}
		return new ChatCompletion(this.provider.id(), reader.id(), reader.model(), reader.created(),
				reader.systemFingerprint(), choices, reader.usage(), requestId(response), List.of(),
				body.text(start, body.length));
	}

	private static boolean isBlank(AnswerReader.Choice choice, @Nullable ResponseFormat format) {
		if (choice.hasToolCalls()) {
			return false;
		}
		if (format != null && !format.equals(ResponseFormat.TEXT)) {
			return !StringUtils.hasText(choice.content);
		}
		return !StringUtils.hasLength(choice.content) && !StringUtils.hasLength(choice.reasoning);
	}

	private static ChatMessage message(AnswerReader.Choice choice) {
		List<ToolCall> toolCalls = new ArrayList<>();
		if (choice.toolCalls != null) {
			for (ToolCallDelta call : choice.toolCalls) {
				toolCalls.add(new ToolCall(call.id(), (call.name() != null) ? call.name() : "",
						(call.arguments() != null) ? call.arguments() : ""));
			}
		}
		return ChatMessage.builder(MessageRole.ASSISTANT)
			.content(choice.content)
			.reasoningContent(choice.reasoning)
			.toolCalls(toolCalls)
			.build();
	}

	private Mono<DeepSeekException> failure(Attempt attempt, ClientResponse response) {
		Failures failures = failures(attempt, response);
		int status = response.statusCode().value();
		if (status >= 300 && status < 400) {
			return response.releaseBody()
				.thenReturn(failures.of(ErrorKind.REDIRECTED,
						"the provider redirects to another address, which is never followed; check the base-url",
						null));
		}
		Body collected = new Body();
		return response.body(BodyExtractors.toDataBuffers())
			.map((buffer) -> collected.take(buffer, MAX_ERROR_BODY))
			.takeWhile((fits) -> fits)
			.then()
			.timeout(this.provider.timeouts().idleBytes(), this.clock.scheduler())
			.onErrorComplete()
			.then(Mono.fromSupplier(() -> failure(status, collected, response, failures)));
	}

	private static DeepSeekException failure(int status, Body body, ClientResponse response, Failures failures) {
		HttpHeaders headers = response.headers().asHttpHeaders();
		byte[] octets = Arrays.copyOf(body.octets, body.length);
		if (status >= 400 || status < 200) {
			return failures.told(status, ErrorBody.read(octets), headers);
		}
		if (isEncoded(response)) {
			return failures.of(ErrorKind.MALFORMED_RESPONSE,
					"the answer is compressed ("
							+ ErrorBody.snippet(String.valueOf(headers.getFirst(HttpHeaders.CONTENT_ENCODING)))
							+ ") though that was not asked for",
					null);
		}
		if (body.firstNonBlank() == body.length) {
			return failures.of(ErrorKind.EMPTY_RESPONSE, "the answer is empty (status " + status + ")", null);
		}
		AnswerReader reader = new AnswerReader();
		try {
			reader.read(octets, 0, octets.length);
			if (reader.error() != null) {
				return failures.told(null, ErrorBody.of(reader.error()), headers);
			}
		}
		catch (JacksonException ex) {
			// not an error in JSON: said below
		}
		return failures.of(ErrorKind.MALFORMED_RESPONSE,
				"the answer has the wrong content type "
						+ ErrorBody.snippet(String.valueOf(headers.getFirst(HttpHeaders.CONTENT_TYPE))) + ": "
						+ ErrorBody.snippet(new String(octets, StandardCharsets.UTF_8).strip()),
				null);
	}

	private Failures failures(Attempt attempt, @Nullable ClientResponse response) {
		return new Failures(this.provider, attempt.model().id(), (response != null) ? requestId(response) : null,
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

	// some gateways send no type, or none that says anything
	private static boolean isEventStream(ClientResponse response) {
		return response.headers().asHttpHeaders().getFirst(HttpHeaders.CONTENT_TYPE) == null
				|| isOf(response, MediaType.TEXT_EVENT_STREAM) || isOf(response, MediaType.APPLICATION_OCTET_STREAM);
	}

	private static boolean isOf(ClientResponse response, MediaType type) {
		String contentType = response.headers().asHttpHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
		return contentType != null && StringUtils.startsWithIgnoreCase(contentType.strip(), type.toString());
	}

	/**
	 * A body being collected.
	 */
	private static final class Body {

		private byte[] octets = new byte[1024];

		private int length;

		/**
		 * Add what a buffer holds, up to the limit, and release it.
		 * @param buffer the buffer
		 * @param limit the most bytes to hold
		 * @return {@code false} if the buffer holds more
		 */
		boolean take(DataBuffer buffer, int limit) {
			try {
				int count = Math.min(buffer.readableByteCount(), limit - this.length);
				boolean fits = count == buffer.readableByteCount();
				if (this.length + count > this.octets.length) {
					this.octets = Arrays.copyOf(this.octets, Math.max(this.length + count, 2 * this.octets.length));
				}
				buffer.read(this.octets, this.length, count);
				this.length += count;
				return fits;
			}
			finally {
				DataBufferUtils.release(buffer);
			}
		}

		int firstNonBlank() {
			int position = 0;
			while (position < this.length && (this.octets[position] == ' ' || this.octets[position] == '\n'
					|| this.octets[position] == '\r' || this.octets[position] == '\t')) {
				position++;
			}
			return position;
		}

		String text(int from, int to) {
			return new String(this.octets, from, to - from, StandardCharsets.UTF_8);
		}

	}

}
