/*
 * Asks the application and reads what it sends: server-sent events over a POST, which the browser's own EventSource
 * cannot do.
 */

/**
 * Fetch, and fail with words that can be shown.
 */
export async function fetchOk(address, options) {
	const response = await reached(fetch(address, options));
	if (!response.ok) {
		throw new Error(`The application answered with status ${response.status}.`);
	}
	return response;
}

// what a browser throws when the network fails is of the type of a mistake in a script
function reached(promise) {
	return promise.catch((ex) => {
		throw (ex instanceof TypeError) ? new Error("The application can't be reached.", { cause: ex }) : ex;
	});
}

/**
 * Ask, and yield each event's name and data.
 */
export async function* ask(request, signal) {
	const response = await fetchOk("api/chat", {
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
		throw new Error("The application ended the answer early.");
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
			yield { name: field("event"), data: field("data") };
		}
	}
}
