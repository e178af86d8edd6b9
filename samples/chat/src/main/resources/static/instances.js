/*
 * Three simulated instances of an application that share limits, cool-downs and the switch in Redis. What is shown of
 * an instance is its actuator endpoint; the counts are those of the providers that all of them ask.
 */

import { t } from "./language.js";
import { fetchOk } from "./wire.js";
import { button, failure, millis, node, write } from "./words.js";

const PERIOD = 1000;
const ADDRESS = "api/instances";

const byId = (id) => document.getElementById(id);
const accounts = new Map();
const cards = new Map();

let page = null;
let running = false;
let watching = null;
let visible = false;

/**
 * Offer the instances. The page says titles and speaks to screen readers.
 */
export function offer(told) {
	page = told;
	byId("run-instances").addEventListener("change", ({ target }) => target.checked ? run() : stop());
	addEventListener("pagehide", leave);
}

/**
 * Look as long as the control room is open; nothing runs unseen.
 */
export function show(open) {
	visible = open;
	if (!open && running) {
		stop();
	}
}

async function run() {
	byId("run-instances").disabled = true;
	write(byId("instances-state"), t("Starting Redis and three instances …"));
	await send("", { running: true });
	byId("run-instances").disabled = false;
	if (running) {
		page.say(t("Three instances are running."));
		watching = {};
		look(watching);
	}
}

async function stop() {
	watching = null;
	await send("", { running: false });
}

function leave() {
	if (running) {
		fetch(ADDRESS, { method: "PUT", headers: { "Content-Type": "application/json" }, body: "{\"running\":false}", keepalive: true });
	}
}

async function look(mine) {
	if (watching === mine && visible) {
		await get();
		setTimeout(() => look(mine), PERIOD);
	}
}

function get() {
	return answered(fetchOk(ADDRESS));
}

function send(path, body) {
	return answered(fetchOk(ADDRESS + path, {
		method: "PUT",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(body),
	}));
}

async function answered(response) {
	try {
		draw(await (await response).json());
	}
	catch (ex) {
		write(byId("instances-state"), ex.message);
		byId("run-instances").checked = running;
	}
}

function draw(view) {
	({ running } = view);
	byId("run-instances").checked = running;
	byId("instances-shown").hidden = !running;
	write(byId("instances-state"), "");
	if (running) {
		view.providers.forEach((count) => drawAccount(count, view));
		view.instances.forEach((instance) => drawInstance(instance, view));
	}
	else {
		watching = null;
	}
}

/* ---- what the providers count ---- */

function drawAccount({ id, running: calls, most, refused }, { limit, instances }) {
	if (!accounts.has(id)) {
		accounts.set(id, makeAccount(id, limit));
	}
	const account = accounts.get(id);
	const holders = instances.flatMap(({ number, endpoint }) => new Array(inFlight(endpoint, id)).fill(number));
	account.slots.forEach((slot, at) => {
		slot.classList.toggle("taken", at < holders.length);
		write(slot, String(holders[at] ?? ""));
	});
	write(account.count, t("{0} of {1} calls at once, never more than {2}", calls, limit, most));
	account.count.classList.toggle("exceeded", most > limit);
	write(account.refused, refused ? t("429 sent: {0}", refused) : "");
}

function makeAccount(id, limit) {
	const title = page.titleOf(id);
	const account = {
		slots: Array.from({ length: limit }, () => node("li", "slot")),
		count: node("p", "count"),
		refused: node("p", "refused"),
	};
	const slots = node("ol", "slots", ...account.slots);
	slots.setAttribute("aria-label", t("Calls of {0}, by the number of their instance", title));
	const refuse = button("quiet", t("One 429"), () => send("/refusal", { provider: id })
		.then(() => page.say(t("{0} refuses its next call and asks for 10 s.", title))));
	refuse.setAttribute("aria-label", t("One 429 of {0}", title));
	byId("accounts").append(node("li", "account", node("div", "top", node("h4", "", title), refuse), slots, account.count, account.refused));
	return account;
}

function inFlight(endpoint, id) {
	return provider(endpoint, id)?.keys.reduce((sum, key) => sum + key.inFlight, 0) ?? 0;
}

function provider(endpoint, id) {
	return endpoint?.providers.find((one) => one.id === id);
}

/* ---- the instances ---- */

function drawInstance({ number, endpoint }, { providers, leaseSeconds }) {
	if (!cards.has(number)) {
		cards.set(number, makeInstance(number));
	}
	const card = cards.get(number);
	card.alive = Boolean(endpoint);
	card.state.dataset.kind = endpoint ? "well" : "open";
	write(card.state, t(endpoint ? "Running" : "Killed"));
	write(card.kill, t(endpoint ? "Kill" : "Start"));
	card.kill.setAttribute("aria-label", t(endpoint ? "Kill instance {0}" : "Start instance {0}", number));
	card.choices.forEach((choice, id) => {
		choice.disabled = !endpoint;
		choice.setAttribute("aria-pressed", endpoint?.defaultProvider === id);
	});
	write(card.knows, endpoint
		? providers.map(({ id }) => coolDown(endpoint, id)).filter(Boolean).join(" ") || t("No cool-down.")
		: t("Its permits are free for the others {0} s later.", leaseSeconds));
}

// who has met the error knows when; the others only know the cool-down
function coolDown(endpoint, id) {
	const key = provider(endpoint, id).keys.find((one) => one.coolDown);
	if (!key) {
		return "";
	}
	const words = key.lastError && millis(key.lastErrorAge) < 11000
		? "{0} cools down for {1}\u00a0s: {2}." : "{0} cools down for {1}\u00a0s: {2}, as another instance reported.";
	return t(words, page.titleOf(id), Math.ceil(millis(key.coolDownLeft) / 1000), failure(key.coolDown));
}

function makeInstance(number) {
	const card = { state: node("span", "state"), knows: node("p", "knows"), choices: new Map() };
	card.kill = button("quiet", "", () => send(`/${number}`, { running: !card.alive })
		.then(() => page.say(t(card.alive ? "Instance {0} runs." : "Instance {0} is killed.", number))));
	for (const id of accounts.keys()) {
		const first = button("quiet", t("{0} first", page.titleOf(id)), () => send(`/${number}/provider`, { provider: id })
			.then(() => page.say(t("Instance {0} was told to ask {1} first.", number, page.titleOf(id)))));
		first.setAttribute("aria-label", t("Instance {0}: ask {1} first", number, page.titleOf(id)));
		card.choices.set(id, first);
	}
	byId("instance-cards").append(node("li", "instance", node("div", "top", node("h4", "", t("Instance {0}", number)), card.kill),
		card.state, node("div", "choices", ...card.choices.values()), card.knows));
	return card;
}
