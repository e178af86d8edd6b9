/*
 * Shows the Markdown that models write: marked reads it, DOMPurify removes whatever is not text, highlight.js colours
 * code, and KaTeX sets formulas as MathML. The text is not to be trusted: no script of it runs and nothing is loaded.
 */

import { t } from "./language.js";

/* global marked, DOMPurify, hljs, katex */

const LONGEST_COLOURED = 20_000;
const MOST_MARKS = 1000;
const rendered = new WeakMap();

// nothing that loads by itself; a formula is added after this
const ALLOWED = {
	ALLOWED_TAGS: ["a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "input", "li", "ol", "p",
		"pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
	ALLOWED_ATTR: ["align", "checked", "class", "disabled", "href", "start", "type"],
	ALLOWED_URI_REGEXP: /^https?:/i,
	ADD_URI_SAFE_ATTR: ["align", "checked", "disabled", "start", "type"],
	ALLOW_DATA_ATTR: false,
	ALLOW_ARIA_ATTR: false,
	RETURN_DOM_FRAGMENT: true,
};

/* ---- reading ---- */

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function formula(name, level, start, pattern, display) {
	return {
		name,
		level,
		start: (text) => {
			// within a paragraph, a block begins a line
			const at = text.indexOf(level === "block" ? `\n${start}` : start);
			return at < 0 ? undefined : at + (level === "block" ? 1 : 0);
		},
		tokenizer: (text) => {
			const found = pattern.exec(text);
			return found ? { type: name, raw: found[0], text: found[1].trim() } : undefined;
		},
		renderer: ({ text }) => `<span class="formula${display ? " display" : ""}">${escaped(text)}</span>`,
	};
}

// Chinese and Japanese have no space behind the closing mark, which CommonMark then takes for text
const strongBeforeIdeographs = {
	name: "strong",
	level: "inline",
	start: (text) => {
		const at = text.indexOf("**");
		return at < 0 ? undefined : at;
	},
	tokenizer(text) {
		const found = /^\*\*(?=\S)([^*\n]{0,500}[\p{P}\p{S}])\*\*(?=[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])/u.exec(text);
		return found ? { type: "strong", raw: found[0], text: found[1], tokens: this.lexer.inlineTokens(found[1]) } : undefined;
	},
};

const reader = new marked.Marked({
	gfm: true,
	breaks: true,
});

reader.use({
	extensions: [
		strongBeforeIdeographs,
		formula("dollars", "block", "$$", /^\$\$((?:[^$\\]|\\[\s\S]){1,4000}?)\$\$(?:\n|$)/, true),
		formula("brackets", "block", "\\[", /^\\\[([\s\S]{1,4000}?)\\\](?:\n|$)/, true),
		formula("dollarsWithin", "inline", "$$", /^\$\$((?:[^$\\\n]|\\.){1,2000}?)\$\$/, true),
		formula("bracketsWithin", "inline", "\\[", /^\\\[([^\n]{1,2000}?)\\\]/, true),
		formula("parentheses", "inline", "\\(", /^\\\(([^\n]{1,2000}?)\\\)/, false),
		// a dollar before a digit is mostly money
		formula("dollar", "inline", "$", /^\$((?![\s\d])(?:[^$\\\n]|\\.){0,500}?[^\s$\\]|[a-zA-Z])\$(?!\d)/, false),
	],
	renderer: {
		// the page's own headings are above those of an answer
		heading({ tokens, depth }) {
			const name = `h${Math.min(depth + 2, 6)}`;
			return `<${name}>${this.parser.parseInline(tokens)}</${name}>`;
		},
		html: ({ text }) => /^<br ?\/?>$/i.test(text.trim()) ? "<br>" : escaped(text),
		image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || "image")}</a>`,
		code: ({ text, lang }) => `<pre><code class="${escaped((lang ?? "").trim().split(/\s/)[0])}">${escaped(text)}</code></pre>`,
	},
});

/**
 * Show a text that may still grow: blocks that stayed the same keep their nodes.
 */
export function render(container, text) {
	const blocks = blocksOf(text.replace(/\r\n?/g, "\n"));
	const before = rendered.get(container) ?? [];
	let same = 0;
	while (same < before.length && same < blocks.length && before[same] === blocks[same].raw) {
		same++;
	}
	while (container.childNodes.length > same) {
		container.lastChild.remove();
	}
	blocks.slice(same).forEach((one) => container.append(block(one)));
	rendered.set(container, blocks.map(({ raw }) => raw));
}

function blocksOf(text) {
	try {
		return new marked.Lexer(reader.defaults).blockTokens(text).filter(({ type }) => type !== "space");
	}
	catch (ex) {
		// quotes within quotes within quotes …
		return [{ type: "plain", raw: text }];
	}
}

// one node for each block
function block({ type, raw }) {
	if (type === "plain" || type !== "code" && (raw.match(/[*_~`[<>$]/g)?.length ?? 0) > MOST_MARKS) {
		// no text that is meant to be read has so many
		return element("p", "", raw);
	}
	const fragment = DOMPurify.sanitize(reader.parse(raw), ALLOWED);
	fragment.querySelectorAll("a").forEach(finishLink);
	fragment.querySelectorAll("input").forEach(finishBox);
	fragment.querySelectorAll("pre").forEach(finishCode);
	fragment.querySelectorAll("table").forEach(finishTable);
	fragment.querySelectorAll(".formula").forEach(finishFormula);
	const nodes = [...fragment.childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.data.trim());
	return (nodes.length === 1 && nodes[0].nodeType === Node.ELEMENT_NODE) ? nodes[0] : element("p", "", ...nodes);
}

/* ---- what is shown ---- */

function element(name, className, ...children) {
	const node = document.createElement(name);
	if (className) {
		node.className = className;
	}
	node.append(...children);
	return node;
}

function finishLink(link) {
	const address = link.getAttribute("href") ?? "";
	if (!/^https?:/i.test(address)) {
		link.replaceWith(element("span", "", ...link.childNodes));
		return;
	}
	link.rel = "noopener noreferrer nofollow";
	link.target = "_blank";
}

function finishBox(box) {
	if (box.type !== "checkbox") {
		box.remove();
		return;
	}
	box.disabled = true;
	box.setAttribute("aria-label", t(box.checked ? "done" : "to do"));
	box.closest("li")?.classList.add("task");
}

function finishCode(pre) {
	const code = pre.firstChild;
	const language = code.className;
	code.removeAttribute("class");
	if (hljs.getLanguage(language) && code.textContent.length <= LONGEST_COLOURED) {
		code.innerHTML = hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value;
	}
	pre.tabIndex = 0;
	const copy = element("button", "copy", t("Copy"));
	copy.type = "button";
	const frame = element("div", "code", element("div", "bar", element("span", "", language || "text"), copy));
	pre.replaceWith(frame);
	frame.append(pre);
}

function finishTable(table) {
	table.querySelectorAll("[align]").forEach((cell) => {
		if (cell.getAttribute("align") !== "left") {
			cell.className = cell.getAttribute("align");
		}
		cell.removeAttribute("align");
	});
	const frame = element("div", "table");
	frame.tabIndex = 0;
	table.replaceWith(frame);
	frame.append(table);
}

function finishFormula(place) {
	const display = place.classList.contains("display");
	place.className = display ? "formula display" : "formula";
	katex.render(place.textContent, place, { displayMode: display, output: "mathml", throwOnError: false, strict: "ignore", maxExpand: 200 });
}
