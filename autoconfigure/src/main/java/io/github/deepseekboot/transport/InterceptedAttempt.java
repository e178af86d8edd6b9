package io.github.deepseekboot.transport;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.type.TypeReference;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.codec.WireJson;
import io.github.deepseekboot.hook.ChatAttempt;

/**
 * Attempt as interceptors see it.
 */
final class InterceptedAttempt implements ChatAttempt {

	private static final TypeReference<LinkedHashMap<String, @Nullable Object>> FIELDS = new TypeReference<>() {
	};

	private final String provider;

	private final Attempt attempt;

	private final boolean stream;

	private final HttpHeaders headers;

	private final byte[] written;

	private @Nullable Map<String, @Nullable Object> body;

	InterceptedAttempt(String provider, Attempt attempt, boolean stream, HttpHeaders headers, byte[] written) {
		this.provider = provider;
		this.attempt = attempt;
		this.stream = stream;
		this.headers = headers;
		this.written = written;
	}

	@Override
	public String provider() {
		return this.provider;
	}

	@Override
	public String model() {
		return this.attempt.model().id();
	}

	@Override
	public int number() {
		return this.attempt.number();
	}

	@Override
	public boolean stream() {
		return this.stream;
	}

	@Override
	public ChatRequest request() {
		return this.attempt.request();
	}

	@Override
	public HttpHeaders headers() {
		return this.headers;
	}

	@Override
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
