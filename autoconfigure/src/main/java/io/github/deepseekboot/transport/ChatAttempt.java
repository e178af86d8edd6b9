package io.github.deepseekboot.transport;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.type.TypeReference;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.codec.WireJson;

/**
 * One attempt at one provider as a {@link ChatAttemptInterceptor} sees it. Its text form
 * shows neither headers nor the body.
 */
public final class ChatAttempt {

	private static final TypeReference<LinkedHashMap<String, @Nullable Object>> FIELDS = new TypeReference<>() {
	};

	private final String provider;

	private final Attempt attempt;

	private final boolean stream;

	private final HttpHeaders headers;

	private final byte[] written;

	private @Nullable Map<String, @Nullable Object> body;

	ChatAttempt(String provider, Attempt attempt, boolean stream, HttpHeaders headers, byte[] written) {
		this.provider = provider;
		this.attempt = attempt;
		this.stream = stream;
		this.headers = headers;
		this.written = written;
	}

	/**
	 * The provider that is asked.
	 * @return the provider's id
	 */
	public String provider() {
		return this.provider;
	}

	/**
	 * The model that is asked.
	 * @return the provider's id of the model
	 */
	public String model() {
		return this.attempt.model().id();
	}

	/**
	 * The attempt's number in its call.
	 * @return the number, from 1
	 */
	public int number() {
		return this.attempt.number();
	}

	/**
	 * Whether the answer is streamed.
	 * @return {@code true} for a stream
	 */
	public boolean stream() {
		return this.stream;
	}

	/**
	 * What the application asked.
	 * @return the request
	 */
	public ChatRequest request() {
		return this.attempt.request();
	}

	/**
	 * The headers of the provider's configuration and of the request, to change. The
	 * key's header and those of the exchange itself are not among them; one that is set
	 * here takes their place, so that an interceptor can sign requests.
	 * @return the headers, mutable until the attempt is sent
	 */
	public HttpHeaders headers() {
		return this.headers;
	}

	/**
	 * The fields of the body as they go over the wire, to change.
	 * @return the fields by their wire names, mutable until the attempt is sent: what
	 * Jackson can write, in mutable maps and lists
	 */
	public Map<String, @Nullable Object> body() {
		if (this.body == null) {
			this.body = WireJson.MAPPER.readValue(this.written, FIELDS);
		}
		return this.body;
	}

	/**
	 * The body to send.
	 * @return the body as it was written, unless an interceptor looked at it
	 */
	byte[] bytes() {
		return (this.body != null) ? WireJson.MAPPER.writeValueAsBytes(this.body) : this.written;
	}

	@Override
	public String toString() {
		return "ChatAttempt[" + this.provider + ", " + model() + ", " + number() + "]";
	}

}
