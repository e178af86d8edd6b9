/*
 * How the page says things, and small help with nodes.
 */

import { chinese, t } from "./language.js";

const FAILURES = {
	INVALID_REQUEST: "the request was refused",
	CONTEXT_LENGTH: "the conversation is too long for this model",
	CONTENT_FILTERED: "a content filter refused this",
	AUTHENTICATION: "the key was refused",
	OUT_OF_CREDIT: "the account is empty",
	MODEL_NOT_FOUND: "there is no such model",
	RATE_LIMITED: "too many requests",
	OVERLOADED: "too busy",
	SERVER_ERROR: "server error",
	CONNECTION: "no connection",
	TLS: "no secure connection",
	TIMEOUT: "no answer in time",
	REDIRECTED: "it redirected the request",
	MALFORMED_RESPONSE: "the answer can't be read",
	STREAM_CLOSED: "the connection closed without an answer",
	EMPTY_RESPONSE: "the answer is empty",
	STREAM_INTERRUPTED: "the answer broke off",
	UNSUPPORTED: "nobody can do this",
	LOCAL_LIMIT: "a limit of this application was met",
	CANCELLED: "the call was cancelled",
};

export const number = (value, significant) => value.toLocaleString(chinese ? "zh-CN" : "en",
	significant ? { maximumSignificantDigits: significant } : { maximumFractionDigits: 0 });
export const seconds = (millis) => `${(millis / 1000).toFixed(millis < 10000 ? 2 : 1)} s`;
export const failure = (kind) => t(FAILURES[kind] ?? kind);
export const capital = (text) => text[0].toUpperCase() + text.slice(1);

/**
 * The milliseconds of an ISO 8601 duration.
 */
export function millis(duration) {
	const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration ?? "");
	return parts ? (Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0)) * 1000 : 0;
}

export function node(name, className, ...children) {
	const element = document.createElement(name);
	element.className = className;
	element.append(...children);
	return element;
}

export function button(className, label, action) {
	const element = node("button", className, label);
	element.type = "button";
	element.addEventListener("click", action);
	return element;
}

/**
 * Write only what changed, so that nothing is laid out or read out again for nothing.
 */
export function write(element, text) {
	if (element.textContent !== text) {
		element.textContent = text;
	}
}

/**
 * The providers that a call passed over: not asked although they come before who was asked last.
 */
export function passedOver({ absent = [], last, failure: failed }, order) {
	const attempts = last?.attempts ?? failed?.attempts ?? [];
	const end = order.indexOf(attempts.at(-1)?.provider);
	return absent.filter(({ provider }) => order.indexOf(provider) < end
		&& !attempts.some((attempt) => attempt.provider === provider));
}

/**
 * The providers that a call passed over, then its attempts, one an item.
 */
export function attemptItems(passed, attempts, titleOf) {
	return [...passed.map(passedItem), ...attempts.map(attemptItem)];

	function passedItem({ provider, coolDown, circuit }) {
		const reason = circuit === "CLOSED" ? failure(coolDown) : t("its circuit is open");
		return node("li", "passed", node("strong", "", titleOf(provider)), " ", node("span", "", t("passed over: {0}", reason)));
	}

	function attemptItem(attempt) {
		const details = [
			attempt.status >= 400 && attempt.status,
			attempt.error && attempt.code,
			attempt.elapsed && t("after {0}", seconds(millis(attempt.elapsed))),
		].filter(Boolean).join(" · ");
		const outcome = attempt.error ? failure(attempt.error) : t("answered");
		return node("li", attempt.error ? "failed" : "answered", node("strong", "", titleOf(attempt.provider)), " ",
			node("span", "", outcome), " ", node("small", "", details));
	}
}
