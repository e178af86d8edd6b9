import { existsSync, readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

// the sidebar is the index of the documents: a group for each heading, an entry for each first link of a line
function sidebar() {
	const groups = [];
	for (const line of readFileSync("docs/README.md", "utf8").split("\n")) {
		const heading = line.match(/^## (.+)$/);
		if (heading) {
			groups.push({ text: heading[1], items: [] });
			continue;
		}
		if (groups.length && /^(\d+\.|\*) /.test(line)) {
			for (const [, text, link] of line.matchAll(/\[([^\]]+)]\(([^)\s]+\.md(?:#[^)]*)?)\)/g)) {
				groups.at(-1).items.push({ text, link: new URL(link, "file:///docs/README.md").pathname.replace(/\.md$/, "")
						+ (link.includes("#") ? link.slice(link.indexOf("#")) : "") });
			}
		}
	}
	return groups;
}

const javadoc = existsSync("public/javadoc/index.html") ? [{ text: "Javadoc", link: "/javadoc/index.html", target: "_blank" }] : [];

export default defineConfig({
	title: "DeepSeek Spring Boot",
	description: "Spring Boot starter for chat with DeepSeek models at any host, with failover",
	base: process.env.SITE_BASE || "/",
	outDir: process.env.SITE_OUT,
	cacheDir: ".cache",
	// a link to a page that does not exist fails the build; folders of the repository are no pages
	ignoreDeadLinks: [ /^https?:\/\//, /samples\//, /LICENSE/, /javadoc/ ],
	themeConfig: {
		search: { provider: "local" },
		outline: [ 2, 3 ],
		nav: [ { text: "Documents", link: "/docs/README" }, { text: "中文", link: "/README.zh-CN" }, ...javadoc ],
		sidebar: sidebar(),
	},
});
