/*
 * Reads the meters of the starter from /actuator/prometheus.
 */

const LINE = /^(deepseek_\w+?|process_start_time_seconds)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

function parse(text) {
	const samples = [];
	for (const line of text.split("\n")) {
		const found = LINE.exec(line);
		if (found) {
			const tags = {};
			for (const [, name, value] of (found[2] ?? "").matchAll(LABEL)) {
				tags[name] = value.replace(/\\(.)/g, (all, character) => (character === "n") ? "\n" : character);
			}
			samples.push({ name: found[1], tags, value: Number(found[3]) });
		}
	}
	return samples;
}

/**
 * The totals since the start of the application.
 */
export function totals(text) {
	const samples = parse(text);
	const sum = (name, key, accept = () => true) => {
		const sums = {};
		for (const { tags, value } of samples.filter((sample) => sample.name === name && accept(sample.tags))) {
			sums[key(tags)] = (sums[key(tags)] ?? 0) + value;
		}
		return sums;
	};
	const provider = (tags) => tags.provider;
	const success = (tags) => tags.outcome === "success";
	return {
		requests: sum("deepseek_client_attempts_total", provider),
		answers: sum("deepseek_client_attempts_total", provider, success),
		errors: sum("deepseek_client_errors_total", code),
		firstTokenSeconds: sum("deepseek_client_time_to_first_token_seconds_sum", provider),
		firstTokens: sum("deepseek_client_time_to_first_token_seconds_count", provider),
		firstTokensWithin: sum("deepseek_client_time_to_first_token_seconds_bucket", ({ le }) => le),
		outputTokens: sum("deepseek_client_token_usage_sum", provider, (tags) => tags.type === "output"),
		seconds: sum("deepseek_client_operation_duration_seconds_sum", provider, success),
		calls: sum("deepseek_client_operation_duration_seconds_count", (tags) => tags.outcome),
		failovers: sum("deepseek_client_failovers_total", () => "all").all ?? 0,
		streams: sum("deepseek_client_streams_active", () => "all").all ?? 0,
		cost: sum("deepseek_client_cost_total", ({ currency }) => currency),
		started: sum("process_start_time_seconds", () => "all").all ?? 0,
	};
}

// the status where it tells more than the kind
function code(tags) {
	return (Number(tags.status) >= 400) ? tags.status : tags.error_type;
}

/**
 * What was added between two totals; nothing if the application was restarted in between.
 */
export function added(before, now) {
	const difference = {};
	for (const [name, sums] of Object.entries(now)) {
		if (typeof sums === "object") {
			difference[name] = {};
			for (const [key, value] of Object.entries(sums)) {
				difference[name][key] = Math.max(0, value - (before[name]?.[key] ?? 0));
			}
		}
	}
	return difference;
}

/**
 * The value that a part of the measurements did not exceed, from the counts of a histogram's buckets by their limits,
 * as Prometheus computes it; null without measurements.
 */
export function quantile(part, within) {
	const buckets = Object.entries(within)
		.map(([limit, count]) => ({ limit: limit === "+Inf" ? Infinity : Number(limit), count }))
		.sort((a, b) => a.limit - b.limit);
	const wanted = part * (buckets.at(-1)?.count ?? 0);
	const at = buckets.findIndex(({ count }) => count >= wanted);
	if (!wanted || at < 0) {
		return null;
	}
	const below = buckets[at - 1] ?? { limit: 0, count: 0 };
	const { limit, count } = buckets[at];
	return limit === Infinity ? below.limit : below.limit + (limit - below.limit) * (wanted - below.count) / (count - below.count);
}
