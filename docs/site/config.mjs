import { existsSync, readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

const repository = "https://github.com/deepseek-boot/deepseek-spring-boot";

// the sidebar is an index of the documents: a group for each heading, an entry for each link of a list
function sidebar(index) {
	const groups = [];
	for (const line of readFileSync(index, "utf8").split("\n")) {
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

// what is no page, such as a folder of the repository, is shown where the repository is
function linkToRepository(md) {
	md.core.ruler.push("repository", (state) => {
		for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
			const href = token.type === "link_open" ? token.attrGet("href") : null;
			const path = href?.match(/^(?:\.\.?\/)*(LICENSE|samples\/[\w/-]+)$/)?.[1];
			if (path) {
				token.attrSet("href", `${repository}/blob/main/${path}`);
			}
		}
	});
}

// a diagram is drawn in the browser, see theme/Mermaid.vue
function drawMermaid(md) {
	const { fence } = md.renderer.rules;
	md.renderer.rules.fence = (tokens, index, ...rest) => (tokens[index].info.trim() === "mermaid")
			? `<Mermaid source="${encodeURIComponent(tokens[index].content)}" />` : fence(tokens, index, ...rest);
}

// words, and of Chinese, which is written without blanks, each pair of characters; it is sent to the browser as it is
function tokenize(text) {
	return text.split(/[\s\p{Z}\p{P}]+/u).flatMap((word) => word.match(/\p{Script=Han}+|\P{Script=Han}+/gu) ?? [])
		.flatMap((part) => /^\p{Script=Han}{3}/u.test(part)
				? [ ...part ].slice(1).map((character, index) => [ ...part ][index] + character) : [ part ]);
}

// the locale of the Chinese pages: a pattern between two slashes, of which the last alternative takes the last slash
const CHINESE = "docs/guide/zh/|docs/operations.zh-CN|README.zh-CN|$^";

const searchInChinese = {
	button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
	modal: { noResultsText: "没有找到", resetButtonTitle: "清除", displayDetails: "显示详情", backButtonTitle: "关闭",
		footer: { selectText: "打开", navigateText: "选择", closeText: "关闭" } },
};

export default defineConfig({
	title: "DeepSeek Spring Boot",
	description: "Spring Boot starter for chat with DeepSeek models at any host, with failover",
	base: process.env.SITE_BASE || "/",
	outDir: process.env.SITE_OUT,
	cacheDir: ".cache",
	// a link to a page that does not exist fails the build
	ignoreDeadLinks: [ /^https?:\/\// ],
	markdown: {
		config(md) {
			linkToRepository(md);
			drawMermaid(md);
		},
	},
	themeConfig: {
		search: {
			provider: "local",
			options: { miniSearch: { options: { tokenize } }, locales: { [CHINESE]: { translations: searchInChinese } } },
		},
		outline: [ 2, 3 ],
		// a translation is not at the same path in another folder: the menu leads to the index
		i18nRouting: false,
	},
	locales: {
		root: {
			label: "English",
			lang: "en",
			link: "/docs/README",
			themeConfig: { nav: [ { text: "Documents", link: "/docs/README" }, ...javadoc ], sidebar: sidebar("docs/README.md") },
		},
		[CHINESE]: {
			label: "中文",
			lang: "zh-CN",
			description: "调用任意平台上的 DeepSeek 对话模型的 Spring Boot Starter，支持故障转移",
			link: "/docs/README.zh-CN",
			themeConfig: { nav: [ { text: "文档", link: "/docs/README.zh-CN" }, ...javadoc ], sidebar: sidebar("docs/README.zh-CN.md"),
					outline: { level: [ 2, 3 ], label: "本页内容" }, docFooter: { prev: "上一页", next: "下一页" },
					langMenuLabel: "语言", sidebarMenuLabel: "目录", returnToTopLabel: "回到顶部", darkModeSwitchLabel: "外观" },
		},
	},
});
