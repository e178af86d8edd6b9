/*
 * Small live charts, drawn as SVG. A chart has its own size whatever it shows, and drawing changes nothing but
 * attributes and numbers, so that the page is not laid out again. Each series has its label beside the chart, large
 * enough to be read from across a room.
 */

import { t } from "./language.js";
import { node, number, write } from "./words.js";

const HEIGHT = 132;
const LEFT = 40;
const RIGHT = 6;
const TOP = 12;
const BOTTOM = 8;
const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes) {
	const element = document.createElementNS(SVG, name);
	Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
	return element;
}

// told apart by form too, not by colour alone
const MARKS = [
	(x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
	(x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
	(x, y, r) => `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.2 * r}h${-2.4 * r}z`,
	(x, y, r) => `M${x} ${y - 1.3 * r}l${1.3 * r} ${1.3 * r}l${-1.3 * r} ${1.3 * r}l${-1.3 * r} ${-1.3 * r}z`,
	(x, y, r) => `M${x - r} ${y - 0.5 * r}h${2 * r}v${r}h${-2 * r}z`,
];

export class Chart {

	/**
	 * A chart of bars that stand on each other, or else of points. The unit is that of its scale.
	 */
	constructor(title, unit, { bars, palette, over }) {
		this.bars = bars;
		this.palette = palette;
		this.title = title;
		this.over = over;
		this.series = new Map();
		this.width = 0;
		this.svg = shape("svg", { role: "img", "aria-label": this.description(t("nothing yet")), height: HEIGHT });
		this.grid = shape("path", { class: "grid" });
		this.marks = [1, 0.5, 0].map(() => shape("text", { x: LEFT - 8, "text-anchor": "end" }));
		this.element = node("figure", "chart bare");
		this.svg.append(this.grid, ...this.marks);
		this.empty = node("p", "empty", t("Nothing yet"));
		this.legend = node("ul", "legend");
		this.element.append(node("figcaption", "", `${title} `, node("small", "", unit)),
			node("div", "plot", this.svg, this.empty), this.legend);
		new ResizeObserver(([entry]) => {
			this.width = Math.round(entry.contentRect.width);
			this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
			this.redraw?.();
		}).observe(this.svg.parentElement);
	}

	description(text) {
		return t("{0}, {1}: {2}", this.title, this.over, text);
	}

	/**
	 * Draw series of values, oldest first, with null where there is none; "text" is what the label says of a series.
	 */
	draw(series) {
		this.redraw = () => this.paint(series);
		series.forEach((one) => this.add(one));
		if (this.width) {
			this.paint(series);
		}
	}

	add({ key, label }) {
		if (!this.series.has(key)) {
			const index = this.series.size;
			const className = `${this.palette}${index}`;
			const line = shape("path", { class: `line ${className}` });
			const mark = shape("path", { class: `mark ${className}` });
			const sign = shape("svg", { class: "sign", viewBox: "-6 -6 12 12", width: 14, height: 14, "aria-hidden": "true" });
			sign.append(shape("path", { class: `mark ${className}`, d: MARKS[this.bars ? 1 : index % MARKS.length](0, 0, 4.5) }));
			const value = node("span", "value", "");
			const entry = node("li", "", sign, node("span", "name", label), value);
			this.svg.append(line, mark);
			this.legend.append(entry);
			this.series.set(key, { index, line, mark, value, entry });
		}
	}

	paint(series) {
		const length = series[0]?.values.length ?? 0;
		const step = (this.width - LEFT - RIGHT) / Math.max(length, 1);
		const top = this.scale(series, length);
		const y = (value) => HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
		this.grid.setAttribute("d", [0, 0.5, 1].map((part) => `M${LEFT} ${y(part * top).toFixed(1)}H${this.width}`).join(""));
		this.marks.forEach((text, index) => {
			const value = top * (1 - index / 2);
			text.setAttribute("y", y(value) + 5);
			write(text, number(value, 2));
		});
		const base = new Array(length).fill(0);
		for (const { key, values, text } of series) {
			const { index, line, mark, value, entry } = this.series.get(key);
			const places = values.map((one, at) => ({ at, one, x: LEFT + (at + 0.5) * step })).filter(({ one }) => one);
			if (this.bars) {
				mark.setAttribute("d", places.map(({ at, one }) => {
					const from = base[at];
					base[at] += one;
					const left = LEFT + at * step + step * 0.1;
					return `M${left.toFixed(1)} ${y(from).toFixed(1)}h${(step * 0.8).toFixed(1)}V${y(base[at]).toFixed(1)}h${(-step * 0.8).toFixed(1)}z`;
				}).join(""));
			}
			else {
				line.setAttribute("d", places.map(({ one, x }, at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y(one).toFixed(1)}`).join(""));
				mark.setAttribute("d", places.map(({ one, x }) => MARKS[index % MARKS.length](Number(x.toFixed(1)), Number(y(one).toFixed(1)), 4)).join(""));
			}
			write(value, text);
			entry.classList.toggle("silent", places.length === 0);
		}
		const told = series.filter(({ values }) => values.some(Boolean));
		this.empty.hidden = told.length > 0;
		this.element.classList.toggle("bare", told.length === 0);
		this.svg.setAttribute("aria-label", this.description(
			told.map(({ label, text }) => `${label} ${text}`).join(t(", ")) || t("nothing yet")));
	}

	scale(series, length) {
		const heights = Array.from({ length }, (ignored, at) => this.bars
			? series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)
			: Math.max(0, ...series.map(({ values }) => values[at] ?? 0)));
		return nice(Math.max(this.bars ? 2 : 0, ...heights) || 1);
	}

}

// the next of 1, 2, 4, 6, 8, 10, 20, ... whose half is a good number too
function nice(value) {
	const power = 10 ** Math.floor(Math.log10(value));
	return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((candidate) => candidate >= value * 0.999);
}
