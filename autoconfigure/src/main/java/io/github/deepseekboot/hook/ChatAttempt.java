package io.github.deepseekboot.hook;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

import io.github.deepseekboot.chat.ChatRequest;

/**
 * Attempt at one provider, as passed to a {@link ChatAttemptInterceptor}. Its text form
 * shows neither headers nor the body.
 */
public interface ChatAttempt {

	/**
	 * Return the provider that is asked.
	 * @return the provider's id
	 */
	String provider();

	/**
	 * Return the model that is asked.
	 * @return the provider's id of the model
	 */
	String model();

	/**
	 * Return the attempt's number in its call.
	 * @return the number, from 1
	 */
	int number();

	/**
	 * Return whether the answer is streamed.
	 * @return {@code true} for a stream
	 */
	boolean stream();

	/**
	 * Return the request of the application.
	 * @return the request
	 */
	ChatRequest request();

	/**
	 * Return the headers of the provider's configuration and of the request, to change.
	 * The key's header and those of the exchange itself are not among them; one that is
	 * set here takes their place, so that an interceptor can sign requests.
	 * @return the headers, mutable until the attempt is sent
	 */
	HttpHeaders headers();

	/**
	 * Return the fields of the body as they go over the wire, to change.
	 * @return the fields by their wire names, mutable until the attempt is sent: what
	 * Jackson can write, in mutable maps and lists
	 */
	Map<String, @Nullable Object> body();

}
