/*
 * The control room: breaks simulated providers, and shows what the starter publishes of it. All it knows comes from
 * /actuator/deepseek, /actuator/health, /actuator/prometheus and from the answers; only the switches are the
 * simulator's own.
 */

import { Chart } from "./charts.js";
import { added, totals } from "./metrics.js";
import { ask, fetchOk } from "./wire.js";
import { attemptItems, button, capital, failure, millis, node, number, write } from "./words.js";

const PERIOD = 1000;
const SAMPLES = 90;
const SAMPLES_PER_BAR = 3;
const KEPT_CALLS = 8;
const KEPT_CODES = 4;
const TOGETHER = 2;
const QUESTIONS = ["What is a circuit breaker?", "Why do rivers meander?", "Name three prime numbers"];

const CHARTS = {
	requests: new Chart("Requests", { bars: true, palette: "p" }),
	errors: new Chart("Errors by code", { bars: true, palette: "e" }),
	firstToken: new Chart("Seconds to first token", { bars: false, palette: "p" }),
	pace: new Chart("Tokens per second of whole calls", { bars: false, palette: "p" }),
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
	byId("heal").addEventListener("click", healAll);
	addEventListener("hashchange", toggle);
	addEventListener("popstate", toggle);
	document.addEventListener("visibilitychange", watch);
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
	if (!open && background) {
		stopTraffic();
	}
	watch();
}

/* ---- watching ---- */

function watch() {
	const wanted = isOpen() && !document.hidden;
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
	setTimeout(() => watching === mine && look(mine), PERIOD);
}

function lose(ex) {
	if (byId("lost").hidden) {
		byId("lost").hidden = false;
		write(byId("lost"), `${ex.message} What you see is old. Trying again …`);
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
		first: button("quiet", "Ask first", () => send("POST", "actuator/deepseek", { provider: id }).then(() => {
			page.say(`${title} is asked first.`);
			return page.orderChanged();
		})),
		told: node("p", "told"),
		facts: {},
	};
	const forget = button("quiet", "Reset", () => send("DELETE", `actuator/deepseek/${id}`)
		.then(() => page.say(`Failures of ${title} are forgotten.`)));
	const choices = node("div", "choices", ...switches.positions.map(({ fault, label, description }) => {
		const radio = node("input", "");
		radio.type = "radio";
		radio.name = `fault-${id}`;
		radio.value = fault;
		radio.addEventListener("change", () => breakIt(id, fault));
		const choice = node("label", fault === "NONE" ? "choice well" : "choice", radio, node("span", "", label));
		choice.title = `${title} ${description}`;
		return choice;
	}));
	const legend = node("legend", "hidden", `What ${title} does`);
	const facts = ["Circuit", "Cool-down", "Health", "In flight", "Last error"].map((name) => {
		card.facts[name] = node("dd", "", "–");
		return node("div", "", node("dt", "", name), card.facts[name]);
	});
	card.first.setAttribute("aria-label", `Ask first: ${title}`);
	forget.setAttribute("aria-label", `Reset the circuit and the cool-downs of ${title}`);
	forget.title = "Forget cool-downs, circuit and failures";
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
	write(card.told, `It ${description}.`);
}

function showCard(card, provider, defaultProvider, health) {
	const key = provider.keys.find(({ circuit, coolDown }) => circuit !== "CLOSED" || coolDown) ?? provider.keys[0];
	const [kind, words] = stateOf(key);
	if (card.kind && card.kind !== kind) {
		page.say(`${page.titleOf(card.id)}: ${capital(STATES[kind])}.`);
	}
	card.kind = kind;
	card.state.dataset.kind = kind;
	write(card.state, words);
	card.first.setAttribute("aria-pressed", provider.id === defaultProvider);
	const error = key.lastError;
	write(card.facts.Circuit, key.circuit.toLowerCase().replace("_", "-"));
	write(card.facts["Cool-down"], key.coolDown ? `${time(key.coolDownLeft)}, ${failure(key.coolDown)}` : "none");
	write(card.facts.Health, health?.status ?? "unknown");
	card.facts.Health.dataset.status = health?.status ?? "";
	write(card.facts["In flight"], String(key.inFlight));
	write(card.facts["Last error"], error
		? `${failure(error.error)}${error.status >= 400 ? ` (${error.status})` : ""}, ${time(key.lastErrorAge)} ago` : "none");
}

const STATES = {
	well: "takes calls",
	trial: "circuit is half-open, the next call is a trial",
	cool: "passed over until it has cooled down",
	open: "circuit is open, passed over",
};

function stateOf({ circuit, coolDown, coolDownLeft }) {
	if (circuit === "OPEN") {
		return ["open", "Circuit open"];
	}
	if (coolDown) {
		return ["cool", `Cools down ${time(coolDownLeft)}`];
	}
	return (circuit === "HALF_OPEN") ? ["trial", "On trial"] : ["well", "Takes calls"];
}

function time(duration) {
	const whole = Math.ceil(millis(duration) / 1000);
	return whole < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}

async function breakIt(id, fault) {
	const changed = await send("PUT", `api/simulator/${id}`, { fault });
	if (changed) {
		switches = changed;
		page.say(`${page.titleOf(id)} ${switches.positions.find((one) => one.fault === fault).description}.`);
	}
	showSwitch(cards.get(id));
}

async function healAll() {
	for (const id of cards.keys()) {
		switches = await send("PUT", `api/simulator/${id}`, { fault: "NONE" }) ?? switches;
		showSwitch(cards.get(id));
	}
	page.say("All providers answer again.");
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
	write(byId("answered"), number(before.calls.success ?? 0));
	write(byId("failed"), number(before.calls.error ?? 0));
	write(byId("failovers"), number(before.failovers));
	write(byId("running"), number(before.streams));
}

function showCharts(providers) {
	const rows = providers.map((id) => ({
		key: id,
		label: page.titleOf(id),
		requests: bars("requests", id),
		firstToken: points("firstTokenSeconds", "firstTokens", id),
		pace: points("outputTokens", "seconds", id),
	}));
	const drawn = (name, say) => rows.map((row) => ({ ...row, values: row[name], text: say(row) }));
	const latest = (values, digits) => {
		const last = values.findLast(Boolean);
		return last ? last.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits }) : "–";
	};
	const requests = (row) => number(sum(row.requests));
	const firstToken = (row) => latest(row.firstToken, 2);
	const pace = (row) => latest(row.pace, 0);
	CHARTS.requests.draw(drawn("requests", requests));
	CHARTS.firstToken.draw(drawn("firstToken", firstToken));
	CHARTS.pace.draw(drawn("pace", pace));
	const errors = errorRows();
	CHARTS.errors.draw(errors);
	showTable(rows.map((row) => [row.label, requests(row), firstToken(row), pace(row)]),
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
		rows.push({ key: "other", label: "others", values: values[0].map((ignored, at) => sum(values.map((one) => one[at]))) });
	}
	return rows.map((row) => ({ ...row, text: number(sum(row.values)) }));
}

function nameOf(code) {
	return /^\d+$/.test(code) ? `status ${code}` : failure(code.toUpperCase());
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
		fill(byId("error-numbers"), errors.length ? errors : [["none", "0"]]);
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
export function callEnded(question, { last, failure: failed, stopped }) {
	calls.unshift({ question, failed, stopped, attempts: last?.attempts ?? failed?.attempts ?? [], at: new Date() });
	calls.length = Math.min(calls.length, KEPT_CALLS);
	if (page) {
		showCalls();
	}
}

function showCalls() {
	byId("no-calls").hidden = calls.length > 0;
	byId("calls").replaceChildren(...calls.map(({ question, failed, stopped, attempts, at }) => {
		const result = failed ? failed.kind === "STREAM_INTERRUPTED" ? "broke off" : "failed" : stopped ? "stopped"
			: attempts.length > 1 ? "taken over" : "answered";
		const time = node("time", "", at.toLocaleTimeString("en-GB"));
		return node("li", "", node("p", "call", time, node("span", "asked", question), node("span", `result ${result.replace(" ", "-")}`, result)),
			node("ol", "attempts", ...attemptItems(attempts, page.titleOf)));
	}));
}

/* ---- traffic ---- */

function startTraffic() {
	background = new AbortController();
	for (let i = 0; i < TOGETHER; i++) {
		keepAsking(background.signal, i);
	}
	page.say("Questions are asked in the background.");
}

function stopTraffic() {
	background?.abort();
	background = null;
	byId("traffic").checked = false;
	page.say("No more questions are asked in the background.");
}

async function keepAsking(signal, turn) {
	for (let i = turn; !signal.aborted; i++) {
		const question = QUESTIONS[i % QUESTIONS.length];
		const answer = {};
		try {
			for await (const { name, data } of ask("api/chat", { messages: [{ role: "user", content: question }] }, signal)) {
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

