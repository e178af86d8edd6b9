/*
 * Asks the application and reads what it sends: server-sent events over a POST, which the browser's own EventSource
 * cannot do.
 */

/**
 * Ask, and yield each event's name and data.
 */
export async function* ask(request, signal) {
	const response = await fetch("api/chat", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(request),
		signal,
	});
	if (!response.ok) {
		throw new Error(`The application answered with status ${response.status}.`);
	}
	let ended = false;
	for await (const { name, data } of events(response)) {
		const value = JSON.parse(data);
		ended ||= name === "error" || value.last;
		yield { name, data: value };
	}
	if (!ended) {
		throw new Error("The application ended the answer early.");
	}
}

async function* events(response) {
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let buffer = "";
	for (let part = await reader.read(); !part.done; part = await reader.read()) {
		const whole = (buffer + part.value).split("\n\n");
		buffer = whole.pop();
		for (const event of whole) {
			const field = (name) => event.split("\n")
				.filter((line) => line.startsWith(`${name}:`))
				.map((line) => line.slice(name.length + 1))
				.join("\n");
			yield { name: field("event"), data: field("data") };
		}
	}
}

/**
 * What to tell of an error of ask().
 */
export function describeError(ex) {
	return { message: (ex instanceof TypeError) ? "The application can't be reached." : ex.message };
}
