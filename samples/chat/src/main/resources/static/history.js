/*
 * The conversations of this browser. The application keeps what was said; the browser keeps their ids and titles, and
 * the question that is being answered with what a reload cut off of its answer.
 */

import { fetchOk } from "./wire.js";

const KNOWN = "conversations";
const CURRENT = "conversation";
const PENDING = "pending";
const MOST = 30;
const LONGEST_TITLE = 60;

let current = sessionStorage.getItem(CURRENT) ?? list()[0]?.id ?? newId();
remember();

export const id = () => current;
export const address = () => `api/conversations/${encodeURIComponent(current)}`;

function newId() {
	return crypto.randomUUID();
}

function remember() {
	sessionStorage.setItem(CURRENT, current);
}

/**
 * What this browser knows of, the latest first.
 */
export function list() {
	try {
		return JSON.parse(localStorage.getItem(KNOWN)) ?? [];
	}
	catch {
		return [];
	}
}

function save(conversations) {
	localStorage.setItem(KNOWN, JSON.stringify(conversations.slice(0, MOST)));
}

export function start() {
	current = newId();
	sessionStorage.removeItem(PENDING);
	remember();
}

export function open(conversation) {
	current = conversation;
	sessionStorage.removeItem(PENDING);
	remember();
}

export function begin(question) {
	keepPending({ question, content: "", reasoning: "" });
	const others = list().filter((one) => one.id !== current);
	const title = list().find((one) => one.id === current)?.title ?? question.replace(/\s+/g, " ").slice(0, LONGEST_TITLE);
	save([{ id: current, title }, ...others]);
}

export function end() {
	sessionStorage.removeItem(PENDING);
}

/**
 * Keeps what has arrived of an answer when the page is left.
 */
export function leave({ content, reasoning }) {
	keepPending({ ...pending(), content, reasoning });
}

function keepPending(turn) {
	sessionStorage.setItem(PENDING, JSON.stringify(turn));
}

export function pending() {
	return JSON.parse(sessionStorage.getItem(PENDING));
}

/**
 * The turns that the application keeps of the current conversation.
 */
export async function turns() {
	if (!list().some((one) => one.id === current)) {
		return [];
	}
	const said = [];
	for (const message of await (await fetchOk(address())).json()) {
		if (message.role === "user") {
			said.push({ question: message.content, images: message.images, content: "", reasoningContent: "", toolCalls: [] });
		}
		else if (message.role === "assistant" && said.length) {
			const turn = said.at(-1);
			turn.content += message.content ?? "";
			turn.reasoningContent = [turn.reasoningContent, message.reasoningContent].filter(Boolean).join("\n\n");
			turn.toolCalls.push(...message.toolCalls);
		}
	}
	return said;
}

export async function forget() {
	const gone = address();
	save(list().filter((one) => one.id !== current));
	start();
	await fetchOk(gone, { method: "DELETE" });
}
