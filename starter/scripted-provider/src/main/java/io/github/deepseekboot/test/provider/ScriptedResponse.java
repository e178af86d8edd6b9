package io.github.deepseekboot.test.provider;

import java.util.Map;
import java.util.function.UnaryOperator;

import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;

/**
 * How a scripted provider answers one request, however that gets to the client.
 */
public final class ScriptedResponse {

	private static final int NO_STATUS = 0;

	private final int status;

	private final Map<String, String> headers;

	private final Flux<ByteBuf> body;

	private final End end;

	private final boolean failed;

	private ScriptedResponse(int status, Map<String, String> headers, Flux<ByteBuf> body, End end, boolean failed) {
		this.status = status;
		this.headers = headers;
		this.body = body;
		this.end = end;
		this.failed = failed;
	}

	static ScriptedResponse complete(int status, Map<String, String> headers, Flux<ByteBuf> body) {
		return new ScriptedResponse(status, headers, body, End.COMPLETE, false);
	}

	static ScriptedResponse failed(int status, Map<String, String> headers, Flux<ByteBuf> body, End end) {
		return new ScriptedResponse(status, headers, body, end, true);
	}

	static ScriptedResponse reset() {
		return new ScriptedResponse(NO_STATUS, Map.of(), Flux.empty(), End.RESET, true);
	}

	/**
	 * Return the HTTP status.
	 * @return the status, 0 if the connection is reset before one is sent
	 */
	public int status() {
		return this.status;
	}

	/**
	 * Return the headers.
	 * @return the headers by name
	 */
	public Map<String, String> headers() {
		return this.headers;
	}

	/**
	 * Return the body, in the pieces and at the pace in which it is sent.
	 * @return the body; who subscribes releases the buffers
	 */
	public Flux<ByteBuf> body() {
		return this.body;
	}

	/**
	 * Return what happens after the body.
	 * @return the end
	 */
	public End end() {
		return this.end;
	}

	ScriptedResponse onBody(UnaryOperator<Flux<ByteBuf>> change) {
		return new ScriptedResponse(this.status, this.headers, change.apply(this.body), this.end, this.failed);
	}

	Outcome outcome() {
		return (this.failed) ? Outcome.FAILED : Outcome.COMPLETED;
	}

	/**
	 * What happens after a body.
	 */
	public enum End {

		/**
		 * The response ends as HTTP has it.
		 */
		COMPLETE,

		/**
		 * The connection is reset.
		 */
		RESET,

		/**
		 * Nothing more happens.
		 */
		STALL

	}

}
