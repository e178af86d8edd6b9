/*
 * Asks the application and reads what it sends: server-sent events over a POST, which the browser's own EventSource
 * cannot do.
 */

import { t } from "./language.js";

// the application answers at once, whatever its provider does
const PATIENCE_SECONDS = 20;

/**
 * Fetch, and fail with words that can be shown.
 */
export async function fetchOk(address, options = {}) {
	const late = new AbortController();
	const timer = setTimeout(() => late.abort(new Error(t("The application did not answer within {0} s.", PATIENCE_SECONDS))),
		PATIENCE_SECONDS * 1000);
	const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal;
	try {
		const response = await reached(fetch(address, { ...options, signal }));
		if (!response.ok) {
			throw new Error(t("The application answered with status {0}.", response.status));
		}
		return response;
	}
	finally {
		clearTimeout(timer);
	}
}

// what a browser throws when the network fails is of the type of a mistake in a script
function reached(promise) {
	return promise.catch((ex) => {
		throw (ex instanceof TypeError) ? new Error(t("The application can't be reached."), { cause: ex }) : ex;
	});
}

/**
 * Ask at an address, and yield each event's name and data.
 */
export async function* ask(address, request, signal) {
	const response = await fetchOk(address, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(request),
		signal,
	});
	let ended = false;
	for await (const { name, data } of events(response)) {
		const value = JSON.parse(data);
		ended ||= name === "error" || value.last;
		yield { name, data: value };
	}
	if (!ended) {
		throw new Error(t("The application ended the answer early."));
	}
}

async function* events(response) {
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let buffer = "";
	for (let part = await reached(reader.read()); !part.done; part = await reached(reader.read())) {
		const whole = (buffer + part.value).split("\n\n");
		buffer = whole.pop();
		for (const event of whole) {
			const field = (name) => event.split("\n")
				.filter((line) => line.startsWith(`${name}:`))
				.map((line) => line.slice(name.length + 1))
				.join("\n");
			const data = field("data");
			if (data) {
				yield { name: field("event"), data };
			}
		}
	}
}
