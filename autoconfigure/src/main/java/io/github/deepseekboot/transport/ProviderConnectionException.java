package io.github.deepseekboot.transport;

import org.springframework.web.reactive.function.client.WebClientException;

/**
 * Exception that marks the cause of a failure as one of the connection to a provider.
 * Spring's web frameworks take a bare "connection reset by peer" for a browser that went
 * away, and end the response as if it were complete; that of a client they do not.
 */
final class ProviderConnectionException extends WebClientException {

	private static final long serialVersionUID = 1L;

	ProviderConnectionException(Throwable cause) {
		super(String.valueOf(cause.getMessage()), cause);
	}

}
