package io.github.deepseekboot.transport.netty;

import javax.net.ssl.SSLException;

/**
 * Exception for a host whose port speaks the other protocol: TLS in place of plain HTTP,
 * or the other way round.
 */
public final class OtherProtocolException extends SSLException {

	private final boolean tls;

	OtherProtocolException(boolean tls) {
		super(tls ? "the host speaks TLS" : "the host speaks plain HTTP");
		this.tls = tls;
	}

	/**
	 * Whether the port speaks TLS.
	 * @return {@code false} if it speaks plain HTTP
	 */
	public boolean isTls() {
		return this.tls;
	}

}
