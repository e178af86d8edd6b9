package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.core.io.Resource;
import org.springframework.util.StringUtils;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.test.provider.ReceivedCall;

/**
 * What simulated providers answer: to each suggestion of the page an answer of its own,
 * to anything else one that says what it is, both in the language of the question.
 */
class SimulatedAnswers {

	// how an answer names what a tool said
	private static final String TIME = "{time}";

	private static final Pattern TIME_IN_RESULT = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d");

	private static final Pattern CHINESE = Pattern.compile("\\p{IsHan}");

	private final String english;

	private final String chinese;

	private final Map<String, String> suggested = new HashMap<>();

	SimulatedAnswers(Resource english, Resource chinese, Resource[] suggested) throws IOException {
		this.english = text(english);
		this.chinese = text(chinese);
		for (Resource resource : suggested) {
			// the first line is the question
			String[] parts = text(resource).split("\n", 2);
			this.suggested.put(parts[0].strip(), parts[1].strip());
		}
	}

	private static String text(Resource resource) throws IOException {
		return resource.getContentAsString(StandardCharsets.UTF_8);
	}

	String reasoning(ReceivedCall call) {
		boolean chinese = isChinese(call.lastUserMessage());
		if (!call.toolResults().isEmpty()) {
			return chinese ? "工具已经回答，可以作答了。" : "The tool has answered, so I can answer too.";
		}
		if (needsClock(call)) {
			return chinese ? "我没有时钟，要调用工具。" : "I have no clock, so I call the tool that has one.";
		}
		return chinese ? "问题已收到。模拟的模型不会思考，只演示回答如何到达：先是思考过程，然后是正文，最后是 token 数。"
				: "The question has arrived. A simulated model can only show how an answer streams: "
						+ "first the reasoning, then the text, then the token counts.";
	}

	boolean needsClock(ReceivedCall call) {
		return call.tools().contains(ClockTool.NAME)
				&& this.suggested.getOrDefault(call.lastUserMessage().strip(), "").contains(TIME);
	}

	String answer(JsonNode request) {
		String question = "";
		String result = "";
		for (JsonNode message : request.path("messages")) {
			switch (message.path("role").asString("")) {
				case "user" -> question = said(message);
				case "tool" -> result = said(message);
				default -> {
				}
			}
		}
		String answer = this.suggested.get(question.strip());
		if (answer == null) {
			String template = isChinese(question) ? this.chinese : this.english;
			return template.formatted(StringUtils.truncate(question.strip().replaceAll("\\s+", " "), 200));
		}
		Matcher time = TIME_IN_RESULT.matcher(result);
		return answer.replace(TIME, time.find() ? time.group() : "?");
	}

	private static boolean isChinese(String text) {
		return CHINESE.matcher(text).find();
	}

	private static String said(JsonNode message) {
		JsonNode content = message.path("content");
		StringBuilder text = new StringBuilder(content.asString(""));
		content.forEach((part) -> text.append(part.path("text").asString("")));
		return text.toString();
	}

}
