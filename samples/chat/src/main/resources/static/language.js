/*
 * The page in the browser's language: Chinese where that is asked for, else English. The English text is the key.
 */

const CHINESE = {
	"DeepSeek chat": "DeepSeek 对话",
	"New": "新建",
	" conversation": "对话",
	"Control room": "控制室",
	"Answers are simulated.": "回答是模拟的。",
	"Set DEEPSEEK_API_KEY and restart to talk to DeepSeek.": "设置 DEEPSEEK_API_KEY 并重启，即可与 DeepSeek 对话。",
	"What would you like to know?": "想了解什么？",
	"Answers stream in as they are made. If a provider fails, the next one takes over.": "回答边生成边显示。某个服务商失败时，由下一个接手。",
	"Write a poem about rain": "写一首关于雨的诗",
	"Explain backpressure to a child": "给孩子讲讲什么是背压",
	"Compare a list with a set in a table": "用表格比较列表和集合",
	"What time is it in Shanghai?": "上海现在几点？",
	"Tell me a long story": "讲一个长故事",
	"Your message": "你的消息",
	"Ask something": "问点什么",
	"Send": "发送",
	"Stop": "停止",
	"Provider": "服务商",
	"Model": "模型",
	"Think": "思考",
	"Automatic": "自动",
	"Add a picture": "添加图片",
	"Remove this picture": "移除这张图片",
	"Latest": "最新",
	"Go to the latest message": "跳到最新消息",
	"Conversations": "历史对话",
	"Delete": "删除",
	"Delete this conversation": "删除这个对话",
	"Deleted.": "已删除。",
	"Thinking": "正在思考",
	"Reasoning": "思考过程",
	"Thought for {0}": "思考了 {0}",
	"Copy": "复制",
	"Copied": "已复制",
	"Ask again": "重新提问",
	"Edit": "编辑",
	"Cancel": "取消",
	"Stopped.": "已停止。",
	"Cut at the token limit.": "达到长度上限，回答被截断。",
	"Cut by a content filter.": "回答被内容过滤截断。",
	"Cut: the provider ran out of capacity.": "服务商资源不足，回答被截断。",
	"The model wants to call a tool.": "模型想要调用工具。",
	"Ended with “{0}”.": "以“{0}”结束。",
	"The page was reloaded before this answer was complete.": "页面在回答完成前被重新加载。",
	"{0} attempts": "尝试了 {0} 次",
	"{0} has answered.": "{0} 已回答。",
	"Asking {0}.": "正在询问 {0}。",
	"the first provider": "第一个服务商",
	"Asks {0}; if it fails, {1}": "先问 {0}；失败则依次问 {1}",
	", then ": "、",
	"{0} only, {1}": "只问 {0}，{1}",
	"no answer": "没有回答",
	", simulated": "（模拟）",
	"{0} prompt tokens": "输入 {0} 个 token",
	" ({0} cached)": "（缓存命中 {0}）",
	"{0} completion tokens": "输出 {0} 个 token",
	" ({0} reasoning)": "（其中思考 {0}）",
	"first token {0}": "首个 token {0}",
	"{0} tokens/s": "{0} token/秒",
	"cost {0} {1}": "费用 {0} {1}",
	"New conversation.": "新对话。",
	"after {0}": "用时 {0}",
	"answered": "已回答",
	"The application can't be reached.": "无法连接应用。",
	"The application answered with status {0}.": "应用返回状态 {0}。",
	"The application ended the answer early.": "应用提前结束了回答。",
	"The application did not answer within {0} s.": "应用在 {0} 秒内没有响应。",
	"This picture is too large: {0} MB at most.": "图片过大，最多 {0} MB。",
	"the request was refused": "请求被拒绝",
	"the conversation is too long for this model": "对话超出了模型的上下文长度",
	"a content filter refused this": "被内容过滤拒绝",
	"the key was refused": "密钥被拒绝",
	"the account is empty": "账户余额不足",
	"there is no such model": "模型不存在",
	"too many requests": "请求过多",
	"too busy": "服务繁忙",
	"server error": "服务器错误",
	"no connection": "无法连接",
	"no secure connection": "无法建立安全连接",
	"no answer in time": "超时没有回答",
	"it redirected the request": "请求被重定向",
	"the answer can't be read": "回答无法读取",
	"the connection closed without an answer": "连接关闭，没有回答",
	"the answer is empty": "回答为空",
	"the answer broke off": "回答中断",
	"nobody can do this": "没有服务商支持",
	"a limit of this application was met": "达到应用自身的限制",
	"the call was cancelled": "调用已取消",
};

export const chinese = (navigator.languages?.[0] ?? navigator.language ?? "en").toLowerCase().startsWith("zh");

/**
 * A text of the page in the browser's language, with values in place of {0}, {1} ….
 */
export function t(text, ...values) {
	const words = (chinese && CHINESE[text]) || text;
	return words.replace(/\{(\d)\}/g, (mark, at) => values[at] ?? mark);
}

/**
 * Translate what stands in the page's own file.
 */
export function translatePage() {
	if (!chinese) {
		return;
	}
	document.documentElement.lang = "zh-CN";
	document.title = t(document.title);
	document.querySelectorAll("[data-t]").forEach((element) => {
		element.textContent = t(element.textContent);
	});
	document.querySelectorAll("[placeholder]").forEach((element) => {
		element.placeholder = t(element.placeholder);
	});
	document.querySelectorAll("[aria-label], [title]").forEach((element) => {
		["aria-label", "title"].filter((name) => element.hasAttribute(name))
			.forEach((name) => element.setAttribute(name, t(element.getAttribute(name))));
	});
}
