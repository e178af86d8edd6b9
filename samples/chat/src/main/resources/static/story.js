/*
 * The story of the control room: breaks the simulated providers one after the other, heals them, and says at each step
 * what the figures show of it. How long a step takes is decided by what the application publishes.
 */

import { t } from "./language.js";

// "until" gets the providers in their order, and the answers that ended in this step; seconds are bounds
function steps([first, second, third]) {
	const well = (providers) => providers.every(({ state }) => state === "well");
	return [
		{
			title: t("All is well"),
			text: t("{0} answers every question: one colour in the first chart, no errors.", first),
			faults: [],
			atLeast: 8,
			until: () => true,
		},
		{
			title: t("A storm of 429"),
			text: t("{0} refuses everything and asks for 15 s. A few errors, then none: it is left alone, and {1} answers.", first, second),
			faults: ["RATE_LIMIT"],
			atLeast: 9,
			until: ([{ state }]) => state === "cool",
		},
		{
			title: t("A dead host"),
			text: t("Now {0} drops every connection. After two failures its circuit opens, and {1} answers.", second, third),
			faults: ["RATE_LIMIT", "REFUSE"],
			atLeast: 8,
			until: (providers) => providers[1].state === "open",
		},
		{
			title: t("Recovery"),
			text: t("Both are repaired. {0} is asked again as soon as its time is over, without anybody's help.", first),
			faults: [],
			atLeast: 8,
			until: ([{ state }]) => state === "well",
		},
		{
			title: t("Half a stream"),
			text: t("{0} breaks off in the middle of answers. What has arrived stays and is not paid for twice. Soon its circuit opens.", first),
			faults: ["CUT"],
			atLeast: 8,
			// an answer that breaks off later would be counted in the next step
			until: ([{ state, inFlight }], { broken }) => state === "open" && broken > 0 && inFlight === 0,
		},
		{
			title: t("Recovery"),
			text: t("{0} is repaired. After 20 s its circuit lets one call through as a trial, and then all of them.", first),
			faults: [],
			atLeast: 8,
			until: well,
		},
	];
}

const LONGEST_STEP = 30;

/**
 * Play the story to its end, or until the signal. The room breaks and heals, knows the figures, and shows captions.
 */
export async function play(room, signal) {
	const told = steps(room.titles());
	const whole = room.answers();
	for (const [index, { title, text, faults, atLeast, until }] of told.entries()) {
		await room.breakProviders(faults);
		const before = room.answers();
		const begun = performance.now();
		let held = false;
		let over = false;
		while (!signal.aborted && !over) {
			const elapsed = (performance.now() - begun) / 1000;
			const ended = difference(before, room.answers());
			// decided before it is shown, so that the last figures of a step stand until the next look; providers and answers
			// are read by different requests, so only what holds twice is sure
			const holds = until(room.providers(), ended);
			over = elapsed >= LONGEST_STEP || (elapsed >= atLeast && holds && held);
			held = holds;
			room.tell({ index, count: told.length, title, text, readers: readers(ended) });
			await room.nextLook();
		}
		if (signal.aborted) {
			return;
		}
	}
	const { complete, broken } = difference(whole, room.answers());
	room.tell({
		index: told.length,
		count: told.length,
		title: t("That was all"),
		text: t("{0} questions were answered. Now break something yourself.", complete),
		readers: broken ? t("Readers saw {0} answers fail or break off.", broken) : t("Readers noticed nothing."),
	});
}

function difference(before, now) {
	return { complete: now.complete - before.complete, broken: now.broken - before.broken };
}

function readers({ complete, broken }) {
	if (!complete && !broken) {
		return t("Readers noticed nothing.");
	}
	return broken ? t("Readers saw {0} of {1} answers fail or break off.", broken, complete + broken)
		: t("Readers noticed nothing: {0} of {0} answers are complete.", complete);
}
