import * as control from "./control.js";
import * as history from "./history.js";
import { t, translatePage } from "./language.js";
import { render } from "./markdown.js";
import { ask as askApplication, fetchOk } from "./wire.js";
import { attemptItems, button, capital, failure as failureInWords, node, number, passedOver, seconds } from "./words.js";

const NEAR_THE_END = 60;
const LARGEST_PICTURE_MB = 3;

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
let pictures = [];

/* ---- what can be chosen ---- */

async function loadOffer() {
	offer = await (await fetchOk("api/providers")).json();
	byId("simulated").hidden = !offer.simulated;
	const several = offer.providers.length > 1;
	const wanted = byId("provider").value;
	byId("provider").replaceChildren(...(several ? [new Option(t("Automatic"), "")] : []),
		...offer.providers.map((provider) => new Option(provider.title, provider.id)));
	if ([...byId("provider").options].some(({ value }) => value === wanted)) {
		byId("provider").value = wanted;
	}
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
		? t("Asks {0}; if it fails, {1}", providers[0].title, providers.slice(1).map(({ title }) => title).join(t(", then ")))
		: providers.map((provider) => t("{0} only, {1}", provider.title, model.id)).join("");
}

function chosenModel(provider) {
	return provider?.models.find((model) => model.name === byId("model").value);
}

function titleOf(id) {
	return offer.providers.find((provider) => provider.id === id)?.title ?? id;
}

/* ---- asking ---- */

async function ask(turn) {
	const thinking = byId("thinking");
	const place = turns.indexOf(turn);
	const request = {
		text: turn.question,
		images: turn.images,
		keep: turns.slice(0, place).filter(({ answer }) => isKept(answer)).length,
		provider: byId("provider").value || null,
		model: byId("model").value || null,
		thinking: thinking.disabled ? null : thinking.checked,
	};
	const call = new AbortController();
	running = call;
	const answer = { content: "", reasoning: "", chosenModel: request.model, asked: performance.now(), running: true };
	turn.answer = answer;
	history.begin(turn.question);
	showHistory();
	showRunning();
	say(t("Asking {0}.", request.provider ? titleOf(request.provider) : t("the first provider")));
	show(turn);
	try {
		for await (const { name, data } of askApplication(history.address(), request, call.signal)) {
			take(answer, name, data);
			showSoon(turn);
		}
	}
	catch (ex) {
		if (call.signal.aborted) {
			answer.stopped = true;
		}
		else {
			answer.failure = { message: ex.message, kind: answer.content ? "STREAM_INTERRUPTED" : undefined };
		}
	}
	answer.running = false;
	if (!leaving) {
		history.end();
	}
	if (running === call) {
		running = null;
		showRunning();
		say(outcome(answer));
	}
	show(turn);
	control.callEnded(turn.question, answer);
}

// the application keeps a turn once its answer is complete
function isKept(answer) {
	return Boolean(answer.last || answer.old);
}

function take(answer, name, data) {
	const now = performance.now();
	if (name === "error") {
		answer.failure = data;
		return;
	}
	if (name === "passed-over") {
		answer.absent = data;
		return;
	}
	for (const call of data.toolCalls ?? []) {
		takeToolCall(answer, `${data.round ?? 1}/${call.index}`, call);
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
		if (answer.reasoning && answer.reasoningRound !== data.round) {
			answer.reasoning += "\n\n";
		}
		answer.reasoningRound = data.round;
		answer.reasoning += data.reasoningContent;
	}
	if (data.content) {
		answer.thought ??= answer.reasoning ? now - answer.firstToken : 0;
		answer.content += data.content;
	}
}

// a call of a tool comes in fragments
function takeToolCall(answer, key, { name, arguments: fragment }) {
	answer.tools ??= new Map();
	const call = answer.tools.get(key) ?? { name: "", arguments: "" };
	call.name ||= name ?? "";
	call.arguments += fragment ?? "";
	answer.tools.set(key, call);
}

function outcome(answer) {
	if (answer.failure) {
		return `${failureTitle(answer.failure)}. ${answer.failure.message}`;
	}
	return answer.stopped ? t("Stopped.") : t("{0} has answered.", titleOf(answer.provider));
}

/* ---- showing ---- */

function addTurn(question, images = []) {
	const turn = { question, images, answer: null };
	const view = {
		reasoning: node("details", "reasoning", node("summary", ""), node("div", "text")),
		tools: node("ul", "used"),
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
	view.actions.append(button("quiet copy", t("Copy"), () => copy(turn.answer.content, view.actions.firstChild)),
		button("quiet again", t("Ask again"), () => ask(turn)),
		button("quiet edit", t("Edit"), () => edit(turn)));
	view.answer = node("div", "answer", view.reasoning, view.tools, view.content, view.wait, view.failure, view.notes,
		view.attempts, view.meta, view.actions);
	turn.view = view;
	view.question = node("h2", "question", ...images.map(picture), question);
	turn.element = node("article", "turn", view.question, view.answer);
	turns.at(-1)?.element.classList.remove("latest");
	turn.element.classList.add("latest");
	turns.push(turn);
	byId("welcome").hidden = true;
	byId("turns").append(turn.element);
	byId("scroller").scrollTop = byId("scroller").scrollHeight;
	return turn;
}

function picture(address) {
	const image = node("img", "");
	image.src = address;
	image.alt = "";
	return image;
}

// the changed question takes the place of its turn and of those after it
function edit(turn) {
	if (running) {
		return;
	}
	const input = node("textarea", "");
	input.value = turn.question;
	input.rows = 3;
	input.setAttribute("aria-label", t("Your message"));
	const form = node("form", "editor", input,
		node("div", "", button("quiet", t("Cancel"), () => form.replaceWith(turn.view.question)), node("button", "quiet", t("Send"))));
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const question = input.value.trim();
		if (question && !running) {
			turns.splice(turns.indexOf(turn)).forEach(({ element }) => element.remove());
			ask(addTurn(question, turn.images));
		}
	});
	turn.view.question.replaceWith(form);
	input.focus();
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
		view.reasoning.firstChild.textContent = thinking ? t("Thinking") : answer.thought
			? t("Thought for {0}", seconds(answer.thought)) : t("Reasoning");
		keepAtEnd(view.reasoning.lastChild, () => {
			view.reasoning.lastChild.textContent = answer.reasoning;
		});
		showTools(view.tools, [...answer.tools?.values() ?? []]);
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
	showLatest();
}

function keepAtEnd(scroller, change) {
	const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END;
	change();
	if (atEnd) {
		scroller.scrollTop = scroller.scrollHeight;
	}
}

function showTools(view, calls) {
	view.hidden = calls.length === 0;
	view.replaceChildren(...calls.map((call) => node("li", "", t("Called"), " ", node("code", "", call.name), " ",
		node("code", "arguments", call.arguments))));
}

function showFailure(view, failure) {
	view.hidden = !failure;
	if (failure) {
		view.replaceChildren(node("strong", "", failureTitle(failure)), node("p", "", failure.message ?? ""));
	}
}

function failureTitle(failure) {
	const words = failure.kind ? failureInWords(failure.kind) : t("no answer");
	return failure.provider ? `${titleOf(failure.provider)}: ${words}` : capital(words);
}

function showNotes(view, answer) {
	const notes = [
		answer.stopped && t("Stopped."),
		answer.cut && t("The page was reloaded before this answer was complete."),
		!answer.running && answer.finishReason && answer.finishReason !== "stop"
			&& (ENDS[answer.finishReason] ? t(ENDS[answer.finishReason]) : t("Ended with “{0}”.", answer.finishReason)),
	].filter(Boolean);
	view.hidden = notes.length === 0;
	view.textContent = notes.join(" ");
}

function showAttempts(view, answer) {
	const attempts = answer.last?.attempts ?? answer.failure?.attempts ?? [];
	const passed = passedOver(answer, offer.providers.map(({ id }) => id));
	const counts = [passed.length && t("{0} passed over", passed.length),
		attempts.length === 1 ? t("1 attempt") : t("{0} attempts", attempts.length)];
	view.hidden = passed.length === 0 && (attempts.length < 2 || attempts.every(({ error }) => !error));
	view.replaceChildren(node("p", "", counts.filter(Boolean).join(t(", "))),
		node("ol", "attempts", ...attemptItems(passed, attempts, titleOf)));
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
	return t("cost {0} {1}", cost.toLocaleString("en", { maximumSignificantDigits: 2 }), price.currency);
}

function facts(answer) {
	const usage = answer.last?.usage;
	const completion = usage?.completionTokens;
	const duration = answer.lastToken - answer.firstToken;
	return [
		answer.provider && titleOf(answer.provider) + (offer.simulated ? t(", simulated") : ""),
		answer.model,
		usage?.promptTokens != null && t("{0} prompt tokens", number(usage.promptTokens))
			+ (usage.cacheHitTokens ? t(" ({0} cached)", number(usage.cacheHitTokens)) : ""),
		completion != null && t("{0} completion tokens", number(completion))
			+ (usage.reasoningTokens ? t(" ({0} reasoning)", number(usage.reasoningTokens)) : ""),
		answer.firstToken && t("first token {0}", seconds(answer.firstToken - answer.asked)),
		completion > 1 && duration > 0 && t("{0} tokens/s", number(Math.round((completion - 1) * 1000 / duration))),
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
	label.textContent = t("Copied");
	setTimeout(() => {
		label.textContent = t("Copy");
	}, 1500);
}

/* ---- conversations ---- */

function showHistory() {
	const picker = byId("conversations");
	const known = history.list();
	picker.closest("label").hidden = !known.some(({ id }) => id !== history.id());
	picker.replaceChildren(...(known.some(({ id }) => id === history.id()) ? [] : [new Option(t("New conversation."), "")]),
		...known.map(({ id, title }) => new Option(title, id)));
	picker.value = known.some(({ id }) => id === history.id()) ? history.id() : "";
	byId("forget").hidden = !known.some(({ id }) => id === history.id());
}

function clear() {
	running?.abort();
	turns = [];
	byId("turns").replaceChildren();
	byId("welcome").hidden = false;
	byId("question").focus();
	showHistory();
	showLatest();
}

async function openConversation() {
	clear();
	const pending = history.pending();
	for (const { question, images, content, reasoningContent, toolCalls } of await history.turns()) {
		const turn = addTurn(question, images);
		turn.answer = { content, reasoning: reasoningContent, tools: new Map(toolCalls.entries()), old: true, running: false };
		show(turn);
	}
	if (pending && turns.at(-1)?.question !== pending.question) {
		const turn = addTurn(pending.question);
		turn.answer = { ...pending, cut: true, running: false };
		show(turn);
	}
	history.end();
	showHistory();
}

/* ---- pictures ---- */

async function addPictures(files) {
	for (const file of files) {
		if (file.size > LARGEST_PICTURE_MB << 20) {
			byId("hint").textContent = t("This picture is too large: {0} MB at most.", LARGEST_PICTURE_MB);
			continue;
		}
		const reader = new FileReader();
		const read = new Promise((resolve) => reader.addEventListener("load", resolve));
		reader.readAsDataURL(file);
		await read;
		pictures.push(reader.result);
	}
	showPictures();
}

function showPictures() {
	byId("pictures").hidden = !pictures.length;
	byId("pictures").replaceChildren(...pictures.map((address) => {
		const remove = button("quiet", "✕", () => {
			pictures = pictures.filter((one) => one !== address);
			showPictures();
		});
		remove.setAttribute("aria-label", t("Remove this picture"));
		return node("li", "", picture(address), remove);
	}));
}

/* ---- the controls ---- */

let leaving = false;

function send(text) {
	const question = text.trim();
	if (question && !running) {
		byId("question").value = "";
		fit();
		const images = pictures;
		pictures = [];
		showPictures();
		ask(addTurn(question, images));
	}
}

function fit() {
	const input = byId("question");
	input.style.height = "auto";
	input.style.height = `${input.scrollHeight}px`;
}

function showLatest() {
	const { scrollHeight, scrollTop, clientHeight } = byId("scroller");
	byId("latest").hidden = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
}

byId("composer").addEventListener("submit", (event) => {
	event.preventDefault();
	send(byId("question").value);
});
byId("question").addEventListener("keydown", (event) => {
	// Enter also ends the input of a Chinese word: that must not send; Safari says so by the key's code only
	if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
		event.preventDefault();
		send(event.target.value);
	}
});
byId("question").addEventListener("input", fit);
byId("question").addEventListener("paste", (event) => addPictures(
	[...event.clipboardData.files].filter(({ type }) => type.startsWith("image/"))));
byId("picture").addEventListener("change", (event) => {
	addPictures([...event.target.files]);
	event.target.value = "";
});
byId("stop").addEventListener("click", () => running?.abort());
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape" && !event.isComposing) {
		running?.abort();
	}
});
byId("new").addEventListener("click", () => {
	history.start();
	clear();
	say(t("New conversation."));
});
byId("conversations").addEventListener("change", (event) => {
	if (event.target.value) {
		history.open(event.target.value);
		openConversation().catch(showTrouble);
	}
});
byId("forget").addEventListener("click", () => {
	history.forget().catch(showTrouble);
	clear();
	say(t("Deleted."));
});
byId("latest").addEventListener("click", () => {
	byId("scroller").scrollTop = byId("scroller").scrollHeight;
	byId("question").focus();
});
byId("scroller").addEventListener("scroll", showLatest, { passive: true });
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
addEventListener("pagehide", () => {
	leaving = true;
	const cut = turns.find(({ answer }) => answer?.running);
	if (cut) {
		history.leave(cut.answer);
	}
});

function showTrouble(ex) {
	byId("hint").textContent = ex.message;
}

async function start() {
	translatePage();
	await loadOffer();
	await openConversation();
	if (offer.simulated) {
		await control.start({ titleOf, say, order: () => offer.providers.map(({ id }) => id), orderChanged: loadOffer });
	}
}

start().catch(showTrouble);
