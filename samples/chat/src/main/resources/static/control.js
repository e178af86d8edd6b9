/*
 * The control room: breaks simulated providers, and shows what the starter publishes of it. All it knows comes from
 * /actuator/deepseek, /actuator/health, /actuator/prometheus and from the answers; only the switches are the
 * simulator's own.
 */

import { Chart } from "./charts.js";
import * as instances from "./instances.js";
import { t } from "./language.js";
import { added, quantile, totals } from "./metrics.js";
import { play } from "./story.js";
import { ask, fetchOk } from "./wire.js";
import { attemptItems, button, capital, failure, millis, node, number, passedOver, write } from "./words.js";

const PERIOD = 1000;
const SAMPLES = 60;
const NOW = 10;
const SAMPLES_PER_BAR = 3;
const KEPT_CALLS = 8;
const KEPT_CODES = 4;
const TOGETHER = 3;
const QUESTIONS = [t("What is a circuit breaker?"), t("Why do rivers meander?"), t("Name three prime numbers")];

// short enough for a label
const ERRORS = {
	timeout: t("timeout"),
	stream_closed: t("connection closed"),
	malformed_response: t("unreadable answer"),
	stream_interrupted: t("broke off"),
};

const OVER = t("the last {0} seconds", SAMPLES);

const CHARTS = {
	answers: new Chart(t("Who answers"), t("answers in 3 s"), { bars: true, palette: "p", over: OVER }),
	errors: new Chart(t("Errors"), t("failed attempts in 3 s"), { bars: true, palette: "e", over: OVER }),
	firstToken: new Chart(t("Time to first token"), t("seconds"), { bars: false, palette: "p", over: OVER }),
};

const byId = (id) => document.getElementById(id);
const cards = new Map();
const codes = [];
const samples = [];
const calls = [];

let page = null;
let position = 0;
let before = null;
let watching = null;
let background = null;
let playing = null;
let looked = [];
let switches = { positions: [], providers: {} };

/**
 * Offer the control room. The page says titles, speaks to screen readers, and hears that the order has changed.
 */
export async function start(told) {
	page = told;
	switches = await json("api/simulator");
	byId("room").hidden = false;
	byId("charts").append(...Object.values(CHARTS).map(({ element }) => element));
	byId("room").addEventListener("click", () => {
		setPlace(!isOpen());
		toggle();
	});
	byId("traffic").addEventListener("change", (event) => event.target.checked ? startTraffic() : stopTraffic());
	byId("heal").addEventListener("click", () => healAll().then(() => page.say(t("All providers answer again."))));
	byId("play").addEventListener("click", () => playing ? playing.abort() : tellStory());
	addEventListener("pagehide", leaveHealthy);
	addEventListener("hashchange", toggle);
	addEventListener("popstate", toggle);
	document.addEventListener("visibilitychange", watch);
	instances.offer(told);
	showCalls();
	toggle();
}

const isOpen = () => location.hash === "#control-room";

// a link may open it, and going back closes it
function setPlace(open) {
	if (open) {
		window.history.pushState(null, "", "#control-room");
	}
	else {
		window.history.replaceState(null, "", location.pathname + location.search);
	}
}

function toggle() {
	const open = isOpen();
	const scroller = byId("scroller");
	const covered = scroller.clientHeight === 0;
	document.body.classList.toggle("controlled", open);
	byId("control").hidden = !open;
	byId("room").setAttribute("aria-expanded", open);
	if (covered) {
		scroller.scrollTop = scroller.scrollHeight;
	}
	if (!open) {
		playing?.abort();
		if (background) {
			stopTraffic();
		}
	}
	watch();
}

/* ---- watching ---- */

function watch() {
	const wanted = isOpen() && (!document.hidden || playing);
	instances.show(isOpen());
	if (wanted && !watching) {
		before = null;
		watching = {};
		look(watching);
	}
	else if (!wanted) {
		watching = null;
	}
}

async function look(mine) {
	try {
		const [endpoint, health, meters] = await Promise.all([json("actuator/deepseek"), json("actuator/health"),
			text("actuator/prometheus")]);
		byId("lost").hidden = true;
		showProviders(endpoint, health.components?.deepseek?.components ?? {});
		remember(totals(meters));
		showFigures();
		showCharts(endpoint.chain);
	}
	catch (ex) {
		lose(ex);
	}
	looked.splice(0).forEach((resolve) => resolve());
	setTimeout(() => watching === mine && look(mine), PERIOD);
}

function lose(ex) {
	if (byId("lost").hidden) {
		byId("lost").hidden = false;
		write(byId("lost"), t("{0} What you see is old. Trying again …", ex.message));
		page.say(byId("lost").textContent);
	}
}

async function json(address, options) {
	const response = await fetchOk(address, options);
	return response.status === 204 ? null : response.json();
}

async function text(address) {
	return (await fetchOk(address)).text();
}

function send(method, address, body) {
	return json(address, {
		method,
		headers: body ? { "Content-Type": "application/json" } : {},
		body: body && JSON.stringify(body),
	}).catch((ex) => lose(ex));
}

/* ---- providers ---- */

function showProviders(endpoint, health) {
	const list = byId("switchboard");
	const order = endpoint.providers.filter(({ inChain }) => inChain).map(({ id }) => id);
	for (const id of order.filter((one) => !cards.has(one))) {
		cards.set(id, makeCard(id));
		list.append(cards.get(id).element);
	}
	if (order.join() !== [...list.children].map((card) => card.dataset.provider).join()) {
		const focused = document.activeElement;
		list.append(...order.map((id) => cards.get(id).element));
		focused.focus({ preventScroll: true });
	}
	endpoint.providers.filter(({ inChain }) => inChain)
		.forEach((provider) => showCard(cards.get(provider.id), provider, endpoint.defaultProvider, health[provider.id]));
}

function makeCard(id) {
	const title = page.titleOf(id);
	const card = {
		id,
		state: node("span", "state"),
		first: button("quiet", t("Ask first"), () => send("POST", "actuator/deepseek", { provider: id }).then(() => {
			page.say(t("{0} is asked first.", title));
			return page.orderChanged();
		})),
		told: node("p", "told"),
		facts: {},
	};
	const forget = button("quiet", t("Reset"), () => reset(id)
		.then(() => page.say(t("Failures of {0} are forgotten.", title))));
	const choices = node("div", "choices", ...switches.positions.map(({ fault, label, description }) => {
		const radio = node("input", "");
		radio.type = "radio";
		radio.name = `fault-${id}`;
		radio.value = fault;
		radio.addEventListener("change", () => breakIt(id, fault));
		const choice = node("label", fault === "NONE" ? "choice well" : "choice", radio, node("span", "", t(label)));
		choice.title = `${title}: ${t(description)}`;
		return choice;
	}));
	const legend = node("legend", "hidden", t("What {0} does", title));
	const facts = ["Circuit", "Cool-down", "Health", "In flight", "Last error"].map((name) => {
		card.facts[name] = node("dd", "", "–");
		return node("div", "", node("dt", "", t(name)), card.facts[name]);
	});
	card.first.setAttribute("aria-label", t("Ask first: {0}", title));
	forget.setAttribute("aria-label", t("Reset: circuit and cool-downs of {0}", title));
	forget.title = t("Forget cool-downs, circuit and failures");
	card.radios = [...choices.querySelectorAll("input")];
	card.element = node("li", "card", node("div", "top", node("h4", "", title), card.state, node("div", "tools", card.first, forget)),
		node("fieldset", "", legend, choices), card.told, node("dl", "facts", ...facts));
	card.element.dataset.provider = id;
	showSwitch(card);
	return card;
}

function showSwitch(card) {
	const fault = switches.providers[card.id];
	card.radios.forEach((radio) => {
		radio.checked = radio.value === fault;
	});
	const { description } = switches.positions.find((one) => one.fault === fault);
	card.told.hidden = fault === "NONE";
	write(card.told, t("It {0}.", t(description)));
}

function showCard(card, provider, defaultProvider, health) {
	const key = provider.keys.find(({ circuit, coolDown }) => circuit !== "CLOSED" || coolDown) ?? provider.keys[0];
	const [kind, words] = stateOf(key);
	if (card.kind && card.kind !== kind) {
		page.say(`${page.titleOf(card.id)}: ${capital(t(STATES[kind]))}.`);
	}
	card.kind = kind;
	card.state.dataset.kind = kind;
	write(card.state, words);
	card.first.setAttribute("aria-pressed", provider.id === defaultProvider);
	const error = key.lastError;
	write(card.facts.Circuit, t(key.circuit.toLowerCase().replace("_", "-")));
	write(card.facts["Cool-down"], key.coolDown ? `${time(key.coolDownLeft)}${t(", ")}${failure(key.coolDown)}` : t("none"));
	write(card.facts.Health, health?.status ?? t("unknown"));
	card.facts.Health.dataset.status = health?.status ?? "";
	card.inFlight = key.inFlight;
	write(card.facts["In flight"], String(key.inFlight));
	write(card.facts["Last error"], error
		? t("{0}, {1} ago", failure(error.error) + (error.status >= 400 ? ` (${error.status})` : ""), time(key.lastErrorAge))
		: t("none"));
}

const STATES = {
	well: "takes calls",
	trial: "circuit is half-open, the next call is a trial",
	cool: "passed over until it has cooled down",
	open: "circuit is open, passed over",
};

function stateOf({ circuit, coolDown, coolDownLeft }) {
	if (circuit === "OPEN") {
		return ["open", t("Circuit open")];
	}
	if (coolDown) {
		return ["cool", t("Cools down {0}", time(coolDownLeft))];
	}
	return (circuit === "HALF_OPEN") ? ["trial", t("On trial")] : ["well", t("Takes calls")];
}

function time(duration) {
	const whole = Math.ceil(millis(duration) / 1000);
	return whole < 120 ? t("{0} s", whole) : t("{0} min", Math.round(whole / 60));
}

async function breakIt(id, fault) {
	const changed = await setSwitch(id, fault);
	if (changed) {
		page.say(`${page.titleOf(id)}: ${t(switches.positions.find((one) => one.fault === fault).description)}`);
	}
}

async function setSwitch(id, fault) {
	const changed = await send("PUT", `api/simulator/${id}`, { fault });
	switches = changed ?? switches;
	showSwitch(cards.get(id));
	return changed;
}

function reset(id) {
	return send("DELETE", `actuator/deepseek/${id}`);
}

async function healAll() {
	for (const id of cards.keys()) {
		await setSwitch(id, "NONE");
	}
}

/* ---- the story ---- */

async function tellStory() {
	playing = new AbortController();
	showPlaying();
	byId("control").scrollTop = 0;
	const { signal } = playing;
	try {
		await healAll();
		await forgetAll();
		if (!background) {
			startTraffic();
		}
		await nextLook();
		await play({
			titles: () => page.order().map(page.titleOf),
			providers: () => page.order().map((id) => ({ state: cards.get(id).kind, inFlight: cards.get(id).inFlight })),
			answers: () => ({ complete: before?.calls.success ?? 0, broken: before?.calls.error ?? 0 }),
			breakProviders,
			nextLook,
			tell,
		}, signal);
	}
	finally {
		playing = null;
		if (background) {
			stopTraffic();
		}
		await healAll();
		await forgetAll();
		showPlaying();
		if (signal.aborted) {
			byId("story").hidden = true;
			page.say(t("All providers answer again."));
		}
		watch();
	}
}

async function breakProviders(faults) {
	for (const [place, id] of page.order().entries()) {
		const fault = faults[place] ?? "NONE";
		if (switches.providers[id] !== fault) {
			await setSwitch(id, fault);
		}
	}
}

async function forgetAll() {
	for (const id of cards.keys()) {
		await reset(id);
	}
}

// until the figures were read again, or reading them takes too long
function nextLook() {
	return new Promise((resolve) => {
		looked.push(resolve);
		setTimeout(resolve, 2 * PERIOD);
		playing?.signal.addEventListener("abort", resolve, { once: true });
	});
}

function showPlaying() {
	byId("control").classList.toggle("playing", Boolean(playing));
	write(byId("play"), t(playing ? "Stop" : "Play"));
	byId("heal").hidden = Boolean(playing);
	byId("traffic").closest("label").hidden = Boolean(playing);
}

function tell({ index, count, title, text, readers }) {
	const story = byId("story");
	if (story.hidden || byId("step-text").textContent !== text) {
		page.say(`${title}. ${text}`);
	}
	story.hidden = false;
	byId("steps").replaceChildren(...Array.from({ length: count }, (ignored, at) => node("li", at < index ? "done" : at === index ? "now" : "")));
	write(byId("step-number"), index < count ? t("{0} of {1}", index + 1, count) : "");
	write(byId("step-title"), title);
	write(byId("step-text"), text);
	write(byId("readers"), readers);
}

// who closes the page in mid-story leaves nothing broken behind
function leaveHealthy() {
	if (playing) {
		for (const id of cards.keys()) {
			fetch(`api/simulator/${id}`, {
				method: "PUT",
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify({ fault: "NONE" }),
				keepalive: true,
			});
		}
	}
}

/* ---- figures and charts ---- */

function remember(now) {
	if (before) {
		samples.push(added(before, now));
		position++;
	}
	if (samples.length > SAMPLES) {
		samples.shift();
	}
	before = now;
}

function showFigures() {
	const errors = sum(samples.slice(-NOW).map((sample) => sum(Object.values(sample.errors))));
	const p95 = quantile(0.95, samples.reduce((within, sample) => plus(within, sample.firstTokensWithin), {}));
	const costs = Object.entries(before.cost);
	write(byId("errors-now"), number(errors));
	byId("errors-now").classList.toggle("bad", errors > 0);
	write(byId("p95"), p95 === null ? "–" : t("{0} s", number(p95, 2)));
	write(byId("cost"), costs.map(([, cost]) => number(cost, 2)).join(" + ") || "–");
	write(byId("cost-since"), [startedToday() ? t("Cost today") : t("Cost since the start"), ...costs.map(([currency]) => currency)].join(t(", ")));
	write(byId("running"), number(before.streams));
	write(byId("answered"), number(before.calls.success ?? 0));
	write(byId("failed"), number(before.calls.error ?? 0));
	write(byId("failovers"), number(before.failovers));
}

// the meters count from the start of the application
function startedToday() {
	return new Date(before.started * 1000).toDateString() === new Date().toDateString();
}

function plus(sums, more) {
	Object.entries(more).forEach(([key, value]) => {
		sums[key] = (sums[key] ?? 0) + value;
	});
	return sums;
}

function showCharts(providers) {
	const rows = providers.map((id) => ({
		key: id,
		label: page.titleOf(id),
		requests: bars("requests", id),
		answers: bars("answers", id),
		firstToken: points("firstTokenSeconds", "firstTokens", id),
		pace: points("outputTokens", "seconds", id),
	}));
	const latest = (values, digits) => {
		const last = values.findLast(Boolean);
		return last ? last.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits }) : "–";
	};
	const firstToken = (row) => latest(row.firstToken, 2);
	const errors = errorRows();
	CHARTS.answers.draw(rows.map((row) => ({ ...row, values: row.answers, text: number(sum(row.answers)) })));
	CHARTS.firstToken.draw(rows.map((row) => ({ ...row, values: row.firstToken, text: firstToken(row) })));
	CHARTS.errors.draw(errors);
	showTable(rows.map((row) => [row.label, number(sum(row.requests)), firstToken(row), latest(row.pace, 0)]),
		errors.map((row) => [row.label, row.text]));
}

// a new code gets the next place and keeps it; what comes late is counted together
function errorRows() {
	const seen = [...new Set(samples.flatMap(({ errors }) => Object.keys(errors).filter((code) => errors[code])))];
	seen.filter((code) => !codes.includes(code) && codes.length < KEPT_CODES).forEach((code) => codes.push(code));
	const rows = codes.map((code) => ({ key: code, label: nameOf(code), values: bars("errors", code) }));
	const others = seen.filter((code) => !codes.includes(code));
	if (others.length) {
		const values = others.map((code) => bars("errors", code));
		rows.push({ key: "other", label: t("others"), values: values[0].map((ignored, at) => sum(values.map((one) => one[at]))) });
	}
	return rows.map((row) => ({ ...row, text: number(sum(row.values)) }));
}

function nameOf(code) {
	return /^\d+$/.test(code) ? t("status {0}", code) : ERRORS[code] ?? failure(code.toUpperCase());
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

// bars keep their samples as time goes on
function bars(name, key) {
	const values = new Array(SAMPLES / SAMPLES_PER_BAR).fill(0);
	const last = Math.floor(position / SAMPLES_PER_BAR);
	samples.forEach((sample, at) => {
		const bar = values.length - 1 - last + Math.floor((position - samples.length + at + 1) / SAMPLES_PER_BAR);
		if (bar >= 0) {
			values[bar] += sample[name][key] ?? 0;
		}
	});
	return values;
}

function points(amount, count, key) {
	const values = samples.map((sample) => sample[count][key] ? (sample[amount][key] ?? 0) / sample[count][key] : null);
	return [...new Array(SAMPLES - values.length).fill(null), ...values];
}

function showTable(providers, errors) {
	if (byId("numbers").open) {
		fill(byId("provider-numbers"), providers);
		fill(byId("error-numbers"), errors.length ? errors : [[t("none"), "0"]]);
	}
}

function fill(body, rows) {
	const wanted = JSON.stringify(rows);
	if (body.dataset.rows !== wanted) {
		body.dataset.rows = wanted;
		body.replaceChildren(...rows.map(([name, ...values]) => {
			const head = node("th", "", name);
			head.scope = "row";
			return node("tr", "", head, ...values.map((value) => node("td", "right", value)));
		}));
	}
}

/* ---- calls ---- */

/**
 * Take note of how a call ended.
 */
export function callEnded(question, answer) {
	const { last, failure: failed, stopped } = answer;
	calls.unshift({
		question,
		failed,
		stopped,
		passed: passedOver(answer, page?.order() ?? []),
		attempts: last?.attempts ?? failed?.attempts ?? [],
		at: new Date(),
	});
	calls.length = Math.min(calls.length, KEPT_CALLS);
	if (page) {
		showCalls();
	}
}

function showCalls() {
	byId("no-calls").hidden = calls.length > 0;
	byId("calls").replaceChildren(...calls.map(({ question, failed, stopped, passed, attempts, at }) => {
		const result = failed ? failed.kind === "STREAM_INTERRUPTED" ? "broke off" : "failed" : stopped ? "stopped"
			: attempts.some(({ error }) => error) ? "taken over" : "answered";
		const time = node("time", "", at.toLocaleTimeString("en-GB"));
		return node("li", "", node("p", "call", time, node("span", "asked", question), node("span", `result ${result.replace(" ", "-")}`, t(result))),
			node("ol", "attempts", ...attemptItems(passed, attempts, page.titleOf)));
	}));
}

/* ---- traffic ---- */

function startTraffic() {
	background = new AbortController();
	byId("traffic").checked = true;
	for (let i = 0; i < TOGETHER; i++) {
		keepAsking(background.signal, i);
	}
	page.say(t("Questions are asked in the background."));
}

function stopTraffic() {
	background?.abort();
	background = null;
	byId("traffic").checked = false;
	page.say(t("No more questions are asked in the background."));
}

async function keepAsking(signal, turn) {
	for (let i = turn; !signal.aborted; i++) {
		const question = QUESTIONS[i % QUESTIONS.length];
		const answer = {};
		try {
			const request = { messages: [{ role: "user", content: question }], thinking: false };
			for await (const { name, data } of ask("api/chat", request, signal)) {
				answer.absent = (name === "passed-over") ? data : answer.absent;
				answer.failure = (name === "error") ? data : null;
				answer.last = data.last ? data : null;
			}
		}
		catch (ex) {
			answer.failure = { message: ex.message };
		}
		if (!signal.aborted) {
			callEnded(question, answer);
			await new Promise((resolve) => setTimeout(resolve, PERIOD / 2));
		}
	}
}

