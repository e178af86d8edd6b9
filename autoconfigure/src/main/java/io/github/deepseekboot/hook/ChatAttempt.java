package io.github.deepseekboot.hook;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

import io.github.deepseekboot.chat.ChatRequest;

/**
 * One attempt at one provider as a {@link ChatAttemptInterceptor} sees it. Its text form
 * shows neither headers nor the body.
 */
public interface ChatAttempt {

	/**
	 * The provider that is asked.
	 * @return the provider's id
	 */
	String provider();

	/**
	 * The model that is asked.
	 * @return the provider's id of the model
	 */
	String model();

	/**
	 * The attempt's number in its call.
	 * @return the number, from 1
	 */
	int number();

	/**
	 * Whether the answer is streamed.
	 * @return {@code true} for a stream
	 */
	boolean stream();

	/**
	 * What the application asked.
	 * @return the request
	 */
	ChatRequest request();

	/**
	 * The headers of the provider's configuration and of the request, to change. The
	 * key's header and those of the exchange itself are not among them; one that is set
	 * here takes their place, so that an interceptor can sign requests.
	 * @return the headers, mutable until the attempt is sent
	 */
	HttpHeaders headers();

	/**
	 * The fields of the body as they go over the wire, to change.
	 * @return the fields by their wire names, mutable until the attempt is sent: what
	 * Jackson can write, in mutable maps and lists
	 */
	Map<String, @Nullable Object> body();

}
