package io.github.deepseekboot.transport;

import org.springframework.web.reactive.function.client.WebClientException;

/**
 * Exception that marks the cause of a failure as one of the connection to a provider.
 * Without it, Spring's web frameworks take "connection reset by peer" for a browser that
 * closed its connection, and end the response as if it were complete.
 */
final class ProviderConnectionException extends WebClientException {

	private static final long serialVersionUID = 1L;

	ProviderConnectionException(Throwable cause) {
		super(String.valueOf(cause.getMessage()), cause);
	}

}
