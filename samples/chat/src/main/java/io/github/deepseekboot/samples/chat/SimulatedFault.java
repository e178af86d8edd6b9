package io.github.deepseekboot.samples.chat;

import java.util.function.UnaryOperator;

import io.github.deepseekboot.test.provider.Fault;
import io.github.deepseekboot.test.provider.Script;

/**
 * What the control room can do to a simulated provider.
 */
enum SimulatedFault {

	/**
	 * Nothing is wrong.
	 */
	NONE("Healthy", "answers", (script) -> script),

	/**
	 * No answer, not even a status.
	 */
	REFUSE("Refuse", "resets every connection", (script) -> script.fault(Fault.REFUSE)),

	/**
	 * Status 429 that asks for a pause.
	 */
	RATE_LIMIT("429", "answers 429 and asks to be left alone for 15 s",
			(script) -> script.error(429).header("Retry-After", "15")),

	/**
	 * Status 402.
	 */
	OUT_OF_CREDIT("402", "answers 402, as if its account were empty", (script) -> script.error(402)),

	/**
	 * Status 500.
	 */
	SERVER_ERROR("500", "answers 500", (script) -> script.error(500)),

	/**
	 * A page of a proxy under status 200.
	 */
	HTML_PAGE("HTML", "answers with the HTML page of a proxy", (script) -> script.fault(Fault.HTML_PAGE)),

	/**
	 * Headers, then no token.
	 */
	STALL("Stall", "takes the call, then says nothing", (script) -> script.fault(Fault.STALL_BEFORE_FIRST_TOKEN)),

	/**
	 * A part of an answer.
	 */
	CUT("Cut", "breaks off in the middle of an answer", (script) -> script.fault(Fault.CUT_AFTER, 70));

	private final String label;

	private final String description;

	private final UnaryOperator<Script.Builder> change;

	SimulatedFault(String label, String description, UnaryOperator<Script.Builder> change) {
		this.label = label;
		this.description = description;
		this.change = change;
	}

	String label() {
		return this.label;
	}

	String description() {
		return this.description;
	}

	Script in(Script script) {
		return this.change.apply(script.toBuilder()).build();
	}

}
