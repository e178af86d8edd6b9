/*
 * Shows the Markdown that models write. The text is not to be trusted: nodes are made one
 * by one, text only ever becomes text, and nothing is loaded.
 */

const DEEPEST = 8;
const LONGEST_LABEL = 1000;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&nbsp;": "\u00a0", "&#39;": "'" };
const rendered = new WeakMap();

/**
 * Show a text that may still grow: blocks that stayed the same keep their nodes.
 */
export function render(container, text) {
	const blocks = parse(text.replace(/\r\n?/g, "\n").split("\n"), 0);
	const before = rendered.get(container) ?? [];
	let same = 0;
	while (same < before.length && same < blocks.length && before[same] === blocks[same].source) {
		same++;
	}
	while (container.childNodes.length > same) {
		container.lastChild.remove();
	}
	blocks.slice(same).forEach((block) => container.append(block.node()));
	rendered.set(container, blocks.map((block) => block.source));
}

function element(name, className, ...children) {
	const node = document.createElement(name);
	if (className) {
		node.className = className;
	}
	node.append(...children);
	return node;
}

/* ---- blocks ---- */

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?: +|$)/;

function parse(lines, depth) {
	const blocks = [];
	let at = 0;
	while (at < lines.length) {
		if (!lines[at].trim()) {
			at++;
			continue;
		}
		const start = at;
		const block = (depth < DEEPEST && (fence(lines, at) ?? heading(lines, at) ?? rule(lines, at)
			?? quote(lines, at, depth) ?? list(lines, at, depth) ?? table(lines, at))) || paragraph(lines, at);
		at = block.end;
		blocks.push({ source: lines.slice(start, at).join("\n"), text: block.text, node: block.node });
	}
	return blocks;
}

function fence(lines, at) {
	const open = FENCE.exec(lines[at]);
	if (!open) {
		return null;
	}
	const indent = lines[at].search(/\S/);
	const closes = (line) => line.trim().length >= open[1].length && line.search(/\S/) < 4
		&& [...line.trim()].every((character) => character === open[1][0]);
	let end = at + 1;
	while (end < lines.length && !closes(lines[end])) {
		end++;
	}
	const code = lines.slice(at + 1, end)
		.map((line) => line.slice(Math.min(indent, Math.max(line.search(/\S|$/), 0))))
		.join("\n");
	return { end: end + 1, node: () => codeBlock(open[2].trim().split(/\s/)[0], code) };
}

function codeBlock(language, code) {
	const copy = element("button", "copy", "Copy");
	copy.type = "button";
	const pre = element("pre", "", element("code", "", code));
	pre.tabIndex = 0;
	return element("div", "code", element("div", "bar", element("span", "", language || "text"), copy), pre);
}

function heading(lines, at) {
	const open = HEADING.exec(lines[at]);
	if (!open) {
		return null;
	}
	const text = lines[at].slice(open[0].length).trim().replace(/(^|[ \t])#+$/, "");
	// the page's own headings are above those of an answer
	return { end: at + 1, node: () => inline(element(`h${Math.min(open[1].length + 2, 6)}`), text) };
}

function rule(lines, at) {
	return RULE.test(lines[at]) ? { end: at + 1, node: () => element("hr") } : null;
}

function quote(lines, at, depth) {
	let end = at;
	while (end < lines.length && QUOTE.test(lines[end])) {
		end++;
	}
	if (end === at) {
		return null;
	}
	const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
	return { end, node: () => element("blockquote", "", ...parse(inner, depth + 1).map((block) => block.node())) };
}

function list(lines, at, depth) {
	const first = ITEM.exec(lines[at]);
	if (!first || RULE.test(lines[at])) {
		return null;
	}
	const base = first[1].length;
	const ordered = first[2].length > 1;
	const bullet = first[2].at(-1);
	const items = [];
	let end = at;
	let blank = false;
	while (end < lines.length) {
		const line = lines[end];
		const indent = line.search(/\S/);
		const item = (indent >= 0 && indent < base + 2 && !RULE.test(line)) ? ITEM.exec(line) : null;
		if (indent < 0) {
			blank = true;
			items.at(-1).push("");
		}
		else if (item) {
			if (item[2].at(-1) !== bullet || (item[2].length > 1) !== ordered) {
				break;
			}
			blank = false;
			items.push([line.slice(item[0].length)]);
			items.at(-1).offset = item[0].length;
		}
		else if (indent >= base + 2) {
			blank = false;
			items.at(-1).push(line.slice(Math.min(indent, items.at(-1).offset)));
		}
		else if (blank || startsBlock(lines, end)) {
			break;
		}
		else {
			items.at(-1).push(line.trim());
		}
		end++;
	}
	return { end, node: () => listElement(ordered, Number.parseInt(first[2], 10), items, depth) };
}

function listElement(ordered, start, items, depth) {
	const node = element(ordered ? "ol" : "ul");
	if (ordered && start !== 1) {
		node.start = start;
	}
	for (const lines of items) {
		const item = element("li");
		for (const block of parse(lines, depth + 1)) {
			if (block.text !== undefined) {
				// the paragraphs of an item are told apart by lines, not by space
				inline(item.hasChildNodes() ? item.appendChild(element("p")) : item, block.text);
			}
			else {
				item.append(block.node());
			}
		}
		node.append(item);
	}
	return node;
}

function table(lines, at) {
	if (!lines[at].includes("|") || at + 1 >= lines.length) {
		return null;
	}
	const marks = cells(lines[at + 1]);
	const head = cells(lines[at]);
	if (marks.length !== head.length || !marks.every((mark) => /^:?-+:?$/.test(mark))) {
		return null;
	}
	let end = at + 2;
	while (end < lines.length && lines[end].includes("|")) {
		end++;
	}
	const align = marks.map((mark) => mark.endsWith(":") ? (mark.startsWith(":") ? "center" : "right") : "");
	const row = (kind, values) => element("tr", "", ...align.map((side, column) =>
		inline(element(kind, side), values[column] ?? "")));
	return { end, node: () => {
		const body = lines.slice(at + 2, end).map((line) => row("td", cells(line)));
		const node = element("div", "table", element("table", "", element("thead", "", row("th", head)),
			element("tbody", "", ...body)));
		node.tabIndex = 0;
		return node;
	} };
}

function cells(line) {
	const row = line.trim().replace(/^\|/, "");
	const values = [];
	let value = "";
	let code = false;
	for (let at = 0; at < row.length; at++) {
		if (row[at] === "\\" && row[at + 1] === "|") {
			value += "|";
			at++;
		}
		else if (row[at] === "|" && !code) {
			values.push(value.trim());
			value = "";
		}
		else {
			code = (row[at] === "`") ? !code : code;
			value += row[at];
		}
	}
	return value.trim() ? [...values, value.trim()] : values;
}

function paragraph(lines, at) {
	let end = at + 1;
	while (end < lines.length && lines[end].trim() && !startsBlock(lines, end)) {
		end++;
	}
	const text = lines.slice(at, end).map((line) => line.trim()).join("\n");
	return { end, text, node: () => inline(element("p"), text) };
}

function startsBlock(lines, at) {
	const line = lines[at];
	const item = ITEM.exec(line);
	return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line)
		|| (item && (item[2].length === 1 || Number.parseInt(item[2], 10) === 1)) || table(lines, at) !== null;
}

/* ---- text ---- */

function inline(parent, text, depth = 0, linked = false) {
	const hopeless = new Set();
	let plain = "";
	let at = 0;
	const add = (node, end) => {
		parent.append(plain, node);
		plain = "";
		at = end;
	};
	while (at < text.length) {
		const found = (depth < DEEPEST) ? span(text, at, depth, linked, hopeless) : null;
		if (found) {
			add(found.node, found.end);
		}
		else {
			// the whole run, so that its rest isn't taken for a mark of its own
			const run = /[`*_~]/.test(text[at]) ? runLength(text, at) : 1;
			plain += text.slice(at, at + run);
			at += run;
		}
	}
	parent.append(plain);
	return parent;
}

function span(text, at, depth, linked, hopeless) {
	switch (text[at]) {
		case "\n":
			return { node: element("br"), end: at + 1 };
		case "\\":
			return /[\\`*_~#|<>!+.{}&-]/.test(text[at + 1] ?? "") ? { node: text[at + 1], end: at + 2 } : null;
		case "&":
			return entity(text, at);
		case "`":
			return code(text, at, hopeless);
		case "*":
		case "_":
		case "~":
			return emphasis(text, at, depth, linked, hopeless);
		case "!":
			return (text[at + 1] === "[") ? link(text, at + 1, depth, linked, "image") : null;
		case "[":
			return link(text, at, depth, linked, "");
		case "<":
			return angle(text, at, linked);
		case "h":
			return linked ? null : bareLink(text, at);
		default:
			return null;
	}
}

function runLength(text, at) {
	let end = at;
	while (text[end] === text[at]) {
		end++;
	}
	return end - at;
}

function entity(text, at) {
	const name = Object.keys(ENTITIES).find((entity) => text.startsWith(entity, at));
	return name ? { node: ENTITIES[name], end: at + name.length } : null;
}

function code(text, at, hopeless) {
	const run = runLength(text, at);
	const close = hopeless.has(`code${run}`) ? -1 : closingTicks(text, at + run, run);
	if (close < 0) {
		hopeless.add(`code${run}`);
		return null;
	}
	const inner = text.slice(at + run, close).replaceAll("\n", " ");
	const padded = inner.startsWith(" ") && inner.endsWith(" ") && inner.trim();
	return { node: element("code", "", padded ? inner.slice(1, -1) : inner), end: close + run };
}

function closingTicks(text, from, run) {
	for (let at = text.indexOf("`", from); at >= 0; at = text.indexOf("`", at)) {
		const length = runLength(text, at);
		if (length === run) {
			return at;
		}
		at += length;
	}
	return -1;
}

function emphasis(text, at, depth, linked, hopeless) {
	const mark = text[at];
	const run = runLength(text, at);
	const length = (run >= 2) ? 2 : 1;
	const after = text[at + run] ?? " ";
	if (run > 3 || /\s/.test(after) || (mark === "~" && run !== 2) || (mark === "_" && isWord(text[at - 1]))) {
		return null;
	}
	const close = hopeless.has(mark + length) ? -1 : closingMark(text, at + run, mark, length);
	if (close < 0) {
		hopeless.add(mark + length);
		return null;
	}
	const node = element((mark === "~") ? "del" : (length === 2) ? "strong" : "em");
	return { node: inline(node, text.slice(at + length, close), depth + 1, linked), end: close + length };
}

function closingMark(text, from, mark, length) {
	const codes = new Set();
	let at = from;
	while (at < text.length) {
		if (text[at] === "\\") {
			at += 2;
		}
		else if (text[at] === "`") {
			const span = code(text, at, codes);
			at = span ? span.end : at + runLength(text, at);
		}
		else if (text[at] === mark) {
			const run = runLength(text, at);
			const fits = (length === 2) ? run >= 2 : run !== 2;
			const end = at + run;
			if (fits && !/\s/.test(text[at - 1]) && !(mark === "_" && isWord(text[end]))) {
				return end - length;
			}
			at = end;
		}
		else {
			at++;
		}
	}
	return -1;
}

function isWord(character) {
	return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

function link(text, at, depth, linked, otherwise) {
	const close = closingBracket(text, at);
	if (close < 0) {
		return null;
	}
	const target = /\(\s*(?:<([^<>\n]*)>|((?:[^\s()]|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/y;
	target.lastIndex = close + 1;
	const found = target.exec(text);
	if (!found) {
		return null;
	}
	const label = text.slice(at + 1, close) || otherwise;
	const anchor = linked ? null : linkElement(found[1] ?? found[2]);
	return { node: inline(anchor ?? element("span"), label, depth + 1, true), end: target.lastIndex };
}

function closingBracket(text, at) {
	let open = 0;
	for (let end = at; end < Math.min(text.length, at + LONGEST_LABEL); end++) {
		if (text[end] === "\\") {
			end++;
		}
		else if (text[end] === "[") {
			open++;
		}
		else if (text[end] === "]" && --open === 0) {
			return end;
		}
	}
	return -1;
}

function angle(text, at, linked) {
	const lineBreak = /<br ?\/?>/iy;
	lineBreak.lastIndex = at;
	if (lineBreak.test(text)) {
		return { node: element("br"), end: lineBreak.lastIndex };
	}
	const address = /<(https?:\/\/[^\s<>]+)>/iy;
	address.lastIndex = at;
	const found = address.exec(text);
	const anchor = (found && !linked) ? linkElement(found[1]) : null;
	anchor?.append(found[1]);
	return anchor ? { node: anchor, end: address.lastIndex } : null;
}

function bareLink(text, at) {
	if (isWord(text[at - 1])) {
		return null;
	}
	const address = /https?:\/\/[^\s<>"'`|\u3000-\u303f\uff00-\uffef]+/y;
	address.lastIndex = at;
	const found = address.exec(text)?.[0];
	if (!found) {
		return null;
	}
	const href = found.replace(found.includes("(") ? /[.,;:!?*_~\]]+$/ : /[.,;:!?*_~\])]+$/, "");
	const anchor = linkElement(href);
	anchor?.append(href);
	return anchor ? { node: anchor, end: at + href.length } : null;
}

function linkElement(address) {
	const url = URL.canParse(address) ? new URL(address) : null;
	if (url?.protocol !== "http:" && url?.protocol !== "https:") {
		return null;
	}
	const anchor = element("a");
	anchor.href = url.href;
	anchor.rel = "noopener noreferrer nofollow";
	anchor.target = "_blank";
	return anchor;
}
