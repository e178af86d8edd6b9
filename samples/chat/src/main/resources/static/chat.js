import * as control from "./control.js";
import { render } from "./markdown.js";
import { ask as askApplication, fetchOk } from "./wire.js";
import { attemptItems, button, capital, failure as failureInWords, node, number, seconds } from "./words.js";

const NEAR_THE_END = 60;

const ENDS = {
	length: "Cut at the token limit.",
	content_filter: "Cut by a content filter.",
	insufficient_system_resource: "Cut: the provider ran out of capacity.",
	tool_calls: "The model wants to call a tool.",
};

const byId = (id) => document.getElementById(id);

let offer = { simulated: false, defaultModel: "", providers: [] };
let turns = [];
let running = null;

/* ---- what can be chosen ---- */

async function loadOffer() {
	offer = await (await fetchOk("api/providers")).json();
	byId("simulated").hidden = !offer.simulated;
	const several = offer.providers.length > 1;
	const wanted = byId("provider").value;
	byId("provider").replaceChildren(...(several ? [new Option("Automatic", "")] : []),
		...offer.providers.map((provider) => new Option(provider.title, provider.id)));
	byId("provider").value = wanted;
	offerModels();
}

function chosenProviders() {
	const id = byId("provider").value;
	return id ? offer.providers.filter((provider) => provider.id === id) : offer.providers;
}

function offerModels() {
	const picker = byId("model");
	const wanted = picker.value || offer.defaultModel;
	const names = new Set(chosenProviders().flatMap((provider) => provider.models.map((model) => model.name)));
	picker.replaceChildren(...[...names].sort().map((name) => new Option(name, name)));
	picker.value = names.has(wanted) ? wanted : [...names][0];
	describeChoice();
}

function describeChoice() {
	const providers = chosenProviders().filter((provider) => chosenModel(provider));
	const model = chosenModel(providers[0]);
	const thinking = byId("thinking");
	thinking.disabled = !model || model.thinking === null;
	thinking.checked = model?.thinking ?? true;
	byId("hint").textContent = (providers.length > 1)
		? `Asks ${providers[0].title}; if it fails, ${providers.slice(1).map(({ title }) => title).join(", then ")}`
		: providers.map((provider) => `${provider.title} only, ${model.id}`).join("");
}

function chosenModel(provider) {
	return provider?.models.find((model) => model.name === byId("model").value);
}

function titleOf(id) {
	return offer.providers.find((provider) => provider.id === id)?.title ?? id;
}

/* ---- asking ---- */

async function ask(turn) {
	const before = turns.slice(0, turns.indexOf(turn));
	const thinking = byId("thinking");
	const request = {
		messages: [...before.flatMap(spoken), { role: "user", content: turn.question }],
		provider: byId("provider").value || null,
		model: byId("model").value || null,
		thinking: thinking.disabled ? null : thinking.checked,
	};
	const call = new AbortController();
	running = call;
	const answer = { content: "", reasoning: "", chosenModel: request.model, asked: performance.now(), running: true };
	turn.answer = answer;
	showRunning();
	say(`Asking ${titleOf(request.provider) ?? "the first provider"}.`);
	show(turn);
	try {
		for await (const { name, data } of askApplication(request, call.signal)) {
			take(answer, name, data);
			showSoon(turn);
		}
	}
	catch (ex) {
		if (call.signal.aborted) {
			answer.stopped = true;
		}
		else {
			answer.failure = { message: ex.message };
		}
	}
	answer.running = false;
	if (running === call) {
		running = null;
		showRunning();
		say(outcome(answer));
	}
	show(turn);
	control.callEnded(turn.question, answer);
}

// what a later request repeats of a turn: nothing if it went unanswered
function spoken({ question, answer }) {
	if (!answer.content) {
		return [];
	}
	return [{ role: "user", content: question },
		{ role: "assistant", content: answer.content, reasoningContent: answer.reasoning || null }];
}

function take(answer, name, data) {
	const now = performance.now();
	if (name === "error") {
		answer.failure = data;
		return;
	}
	answer.provider = data.provider;
	answer.model = data.model ?? answer.model;
	answer.finishReason = data.finishReason ?? answer.finishReason;
	if (data.last) {
		answer.last = data;
	}
	if (data.reasoningContent || data.content) {
		answer.firstToken ??= now;
		answer.lastToken = now;
	}
	if (data.reasoningContent) {
		answer.reasoning += data.reasoningContent;
	}
	if (data.content) {
		answer.thought ??= answer.reasoning ? now - answer.firstToken : 0;
		answer.content += data.content;
	}
}

function outcome(answer) {
	if (answer.failure) {
		return `${failureTitle(answer.failure)}. ${answer.failure.message}`;
	}
	return answer.stopped ? "Stopped." : `${titleOf(answer.provider)} has answered.`;
}

/* ---- showing ---- */

function addTurn(question) {
	const turn = { question, answer: null };
	const view = {
		reasoning: node("details", "reasoning", node("summary", ""), node("div", "text")),
		content: node("div", "content"),
		wait: node("p", "wait", node("i", ""), node("i", ""), node("i", "")),
		failure: node("div", "failure"),
		notes: node("p", "notes"),
		attempts: node("div", "tried"),
		meta: node("ul", "meta"),
		actions: node("div", "actions"),
	};
	view.reasoning.open = true;
	view.reasoning.lastChild.tabIndex = 0;
	view.actions.append(button("quiet copy", "Copy", () => copy(turn.answer.content, view.actions.firstChild)),
		button("quiet again", "Ask again", () => ask(turn)));
	view.answer = node("div", "answer", view.reasoning, view.content, view.wait, view.failure, view.notes,
		view.attempts, view.meta, view.actions);
	turn.view = view;
	turn.element = node("article", "turn", node("h2", "question", question), view.answer);
	turns.at(-1)?.element.classList.remove("latest");
	turn.element.classList.add("latest");
	turns.push(turn);
	byId("welcome").hidden = true;
	byId("turns").append(turn.element);
	byId("scroller").scrollTop = byId("scroller").scrollHeight;
	return turn;
}

// many deltas may come between two frames
function showSoon(turn) {
	turn.frame ??= requestAnimationFrame(() => show(turn));
}

function show(turn) {
	cancelAnimationFrame(turn.frame);
	turn.frame = null;
	const { answer, view } = turn;
	keepAtEnd(byId("scroller"), () => {
		const thinking = answer.running && !answer.content;
		view.reasoning.hidden = !answer.reasoning;
		view.reasoning.firstChild.textContent = thinking ? "Thinking" : answer.thought
			? `Thought for ${seconds(answer.thought)}` : "Thoughts";
		keepAtEnd(view.reasoning.lastChild, () => {
			view.reasoning.lastChild.textContent = answer.reasoning;
		});
		render(view.content, answer.content);
		view.answer.setAttribute("aria-busy", answer.running);
		view.wait.hidden = !(answer.running && !answer.reasoning && !answer.content);
		showFailure(view.failure, answer.failure);
		showNotes(view.notes, answer);
		showAttempts(view.attempts, answer);
		view.meta.replaceChildren(...facts(answer).map((fact) => node("li", "", fact)));
		view.actions.hidden = answer.running;
		view.actions.firstChild.hidden = !answer.content;
	});
}

function keepAtEnd(scroller, change) {
	const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END;
	change();
	if (atEnd) {
		scroller.scrollTop = scroller.scrollHeight;
	}
}

function showFailure(view, failure) {
	view.hidden = !failure;
	if (failure) {
		view.replaceChildren(node("strong", "", failureTitle(failure)), node("p", "", failure.message ?? ""));
	}
}

function failureTitle(failure) {
	const words = failure.kind ? failureInWords(failure.kind) : "no answer";
	return failure.provider ? `${titleOf(failure.provider)}: ${words}` : capital(words);
}

function showNotes(view, answer) {
	const notes = [
		answer.stopped && "Stopped.",
		answer.finishReason && answer.finishReason !== "stop"
			&& (ENDS[answer.finishReason] ?? `Ended with “${answer.finishReason}”.`),
	].filter(Boolean);
	view.hidden = notes.length === 0;
	view.textContent = notes.join(" ");
}

function showAttempts(view, answer) {
	const attempts = answer.last?.attempts ?? answer.failure?.attempts ?? [];
	view.hidden = attempts.length < 2;
	view.replaceChildren(node("p", "", `${attempts.length} attempts`),
		node("ol", "attempts", ...attemptItems(attempts, titleOf)));
}

function costOf({ provider, chosenModel: name, last }) {
	const { usage } = last ?? {};
	const price = offer.providers.find(({ id }) => id === provider)?.models.find((model) => model.name === name)?.price;
	if (!price || usage?.promptTokens == null || usage.completionTokens == null || usage.consistent === false) {
		return null;
	}
	const cached = usage.cacheHitTokens ?? 0;
	const cost = ((usage.promptTokens - cached) * price.input + cached * (price.cachedInput ?? price.input)
		+ usage.completionTokens * price.output) / 1e6;
	return `cost ${cost.toLocaleString("en", { maximumSignificantDigits: 2 })} ${price.currency}`;
}

function facts(answer) {
	const usage = answer.last?.usage;
	const completion = usage?.completionTokens;
	const duration = answer.lastToken - answer.firstToken;
	return [
		answer.provider && titleOf(answer.provider) + (offer.simulated ? ", simulated" : ""),
		answer.model,
		usage?.promptTokens != null && `${number(usage.promptTokens)} prompt tokens`
			+ (usage.cacheHitTokens ? ` (${number(usage.cacheHitTokens)} cached)` : ""),
		completion != null && `${number(completion)} completion tokens`
			+ (usage.reasoningTokens ? ` (${number(usage.reasoningTokens)} reasoning)` : ""),
		answer.firstToken && `first token ${seconds(answer.firstToken - answer.asked)}`,
		completion > 1 && duration > 0 && `${number(Math.round((completion - 1) * 1000 / duration))} tokens/s`,
		costOf(answer),
	].filter(Boolean);
}

function showRunning() {
	const stop = byId("stop");
	if (!running && document.activeElement === stop) {
		byId("question").focus();
	}
	stop.hidden = !running;
	byId("send").hidden = Boolean(running);
	document.body.classList.toggle("running", Boolean(running));
}

function say(text) {
	byId("status").textContent = text;
}

async function copy(text, label) {
	await navigator.clipboard.writeText(text);
	label.textContent = "Copied";
	setTimeout(() => {
		label.textContent = "Copy";
	}, 1500);
}

/* ---- the controls ---- */

function send(text) {
	const question = text.trim();
	if (question && !running) {
		byId("question").value = "";
		fit();
		ask(addTurn(question));
	}
}

function fit() {
	const input = byId("question");
	input.style.height = "auto";
	input.style.height = `${input.scrollHeight}px`;
}

byId("composer").addEventListener("submit", (event) => {
	event.preventDefault();
	send(byId("question").value);
});
byId("question").addEventListener("keydown", (event) => {
	// Enter also ends the input of a Chinese word: that must not send
	if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
		event.preventDefault();
		send(event.target.value);
	}
});
byId("question").addEventListener("input", fit);
byId("stop").addEventListener("click", () => running?.abort());
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape" && !event.isComposing) {
		running?.abort();
	}
});
byId("new").addEventListener("click", () => {
	running?.abort();
	turns = [];
	byId("turns").replaceChildren();
	byId("welcome").hidden = false;
	byId("question").focus();
	say("New conversation.");
});
byId("suggestions").addEventListener("click", (event) => {
	if (event.target.matches("button")) {
		send(event.target.textContent);
		byId("question").focus();
	}
});
byId("turns").addEventListener("click", (event) => {
	const code = event.target.matches(".code .copy") && event.target.closest(".code").querySelector("code");
	if (code) {
		copy(code.textContent, event.target);
	}
});
byId("provider").addEventListener("change", offerModels);
byId("model").addEventListener("change", describeChoice);

async function start() {
	await loadOffer();
	if (offer.simulated) {
		await control.start({ titleOf, say, orderChanged: loadOffer });
	}
}

start().catch((ex) => {
	byId("hint").textContent = ex.message;
});
