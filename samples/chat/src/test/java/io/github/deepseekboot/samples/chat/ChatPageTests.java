package io.github.deepseekboot.samples.chat;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.Select;
import org.springframework.beans.factory.annotation.Autowired;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.test.provider.Fault;
import io.github.deepseekboot.test.provider.Script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

/**
 * Tests of the page, as somebody uses it in a browser.
 */
@PageTest
class ChatPageTests extends AbstractPageTests {

	private static final int SLOW_LENGTH = 2000;

	private static final Script SLOW = Script.builder()
		.reasoning("")
		.answer("word ".repeat(SLOW_LENGTH / 5))
		.chunksPerSecond(25)
		.build();

	@Autowired
	private Script simulatedAnswers;

	@Test
	void reasoningAndAnswerAppear() {
		answerBy(QUICK.toBuilder().chunksPerSecond(100).build());
		send("hi");
		awaitAnswers(1);
		assertThat(element(".content strong").getText()).isEqualTo("hi");
		assertThat(element(".reasoning .text").getText()).isEqualTo("Let me see.");
		element(".reasoning summary").click();
		assertThat(element(".reasoning .text").isDisplayed()).isFalse();
		assertThat(element(".meta").getText()).contains("DeepSeek, simulated", "deepseek-flash", "prompt", "completion",
				"reasoning", "first token", "tokens/s");
		assertThat(element(".tried").isDisplayed()).isFalse();
		assertThat(element("#status").getAttribute("textContent")).isEqualTo("DeepSeek has answered.");
	}

	@Test
	void costIsShownWherePricesAreConfigured() {
		send("word ".repeat(100));
		awaitAnswers(1);
		send("again");
		awaitAnswers(2);
		Matcher facts = Pattern
			.compile("(\\d+) prompt tokens \\((\\d+) cached\\)\\s+(\\d+) completion tokens.*?cost (0\\.\\d+) CNY",
					Pattern.DOTALL)
			.matcher(texts(".meta").get(1));
		assertThat(facts.find()).as(texts(".meta").get(1)).isTrue();
		long cached = Long.parseLong(facts.group(2));
		assertThat(cached).isPositive();
		double cost = ((Long.parseLong(facts.group(1)) - cached) * 2 + cached * 0.2
				+ Long.parseLong(facts.group(3)) * 3) / 1e6;
		assertThat(Double.parseDouble(facts.group(4))).isCloseTo(cost, withinPercentage(5));
		new Select(element("#provider")).selectByValue("alayanew");
		send("hi");
		awaitAnswers(3);
		assertThat(texts(".meta").get(2)).contains("Alaya NeW").doesNotContain("CNY");
	}

	@Test
	void bannerSaysThatAnswersAreSimulated() {
		assertThat(element("#simulated").getText()).startsWith("Answers are simulated.");
	}

	@Test
	void answerGrowsInMoreThanOneStep() {
		answerBy(Script.builder().chunks(30, 6).chunksPerSecond(25).build());
		send("hi");
		Set<Integer> lengths = new LinkedHashSet<>();
		chromium.await().until((driver) -> {
			lengths.add(text(".content").length());
			return element(".actions").isDisplayed();
		});
		assertThat(lengths).hasSizeGreaterThan(5);
	}

	@Test
	void stopKeepsWhatCameAndClosesTheProvidersConnection() {
		answerBy(SLOW);
		long cancelled = this.deepseek.cancelled();
		send("hi");
		chromium.await().until((driver) -> text(".content").length() > 20);
		element("#stop").click();
		awaitAnswers(1);
		assertThat(element(".notes").getText()).isEqualTo("Stopped.");
		assertThat(text(".content")).startsWith("word word");
		chromium.await().until((driver) -> this.deepseek.cancelled() == cancelled + 1);
		assertThat(this.driver.switchTo().activeElement().getAttribute("id")).isEqualTo("question");
	}

	@Test
	void keyboardIsEnough() {
		answerBy(SLOW);
		assertThat(this.driver.switchTo().activeElement().getAttribute("id")).isEqualTo("question");
		this.driver.switchTo().activeElement().sendKeys("one", Keys.chord(Keys.SHIFT, Keys.ENTER), "two", Keys.ENTER);
		chromium.await().until((driver) -> text(".content").length() > 5);
		assertThat(element(".question").getText()).isEqualTo("one\ntwo");
		this.driver.switchTo().activeElement().sendKeys(Keys.ESCAPE);
		awaitAnswers(1);
		assertThat(element(".notes").getText()).isEqualTo("Stopped.");
	}

	@Test
	void providerIsSwitched() {
		long received = this.simulator.provider("siliconflow").received();
		new Select(element("#provider")).selectByVisibleText("SiliconFlow");
		assertThat(element("#hint").getText()).isEqualTo("SiliconFlow only, deepseek-ai/DeepSeek-V4-Flash");
		send("hi");
		awaitAnswers(1);
		assertThat(element(".meta").getText()).contains("SiliconFlow", "deepseek-ai/DeepSeek-V4-Flash");
		assertThat(this.simulator.provider("siliconflow").received()).isEqualTo(received + 1);
	}

	@Test
	void thinkingFollowsTheModelUntilItIsSwitched() {
		WebElement thinking = element("#thinking");
		assertThat(thinking.isSelected()).isTrue();
		new Select(element("#model")).selectByValue("chat");
		assertThat(thinking.isSelected()).isFalse();
		element(".switch").click();
		send("hi");
		awaitAnswers(1);
		assertThat(lastRequest().path("thinking").path("type").asString()).isEqualTo("enabled");
		new Select(element("#provider")).selectByValue("alayanew");
		assertThat(thinking.isEnabled()).isFalse();
	}

	@Test
	void conversationIsSentAlong() {
		send("first");
		awaitAnswers(1);
		send("second");
		awaitAnswers(2);
		JsonNode messages = lastRequest().path("messages");
		assertThat(messages.size()).isEqualTo(3);
		assertThat(messages.path(1).path("role").asString()).isEqualTo("assistant");
		assertThat(messages.path(1).path("content").asString()).isEqualTo("You said **first**");
		assertThat(messages.path(1).path("reasoning_content").asString()).isEqualTo("Let me see.");
		element("#new").click();
		assertThat(this.driver.findElements(By.cssSelector(".turn"))).isEmpty();
		send("third");
		awaitAnswers(1);
		assertThat(lastRequest().path("messages").size()).isEqualTo(1);
	}

	@Test
	void conversationsSurviveAReload() {
		send("first");
		awaitAnswers(1);
		reload();
		awaitAnswers(1);
		assertThat(texts(".question")).containsExactly("first");
		assertThat(element(".content strong").getText()).isEqualTo("first");
		element("#new").click();
		send("another");
		awaitAnswers(1);
		new Select(element("#conversations")).selectByVisibleText("first");
		chromium.await().until((driver) -> texts(".question").equals(List.of("first")));
		send("second");
		awaitAnswers(2);
		assertThat(lastRequest().path("messages").size()).isEqualTo(3);
		element("#forget").click();
		chromium.await().until((driver) -> elements(".turn").isEmpty());
		assertThat(texts("#conversations option")).doesNotContain("first").contains("another");
	}

	@Test
	void reloadWithinAnAnswerKeepsItsBeginning() {
		answerBy(SLOW);
		send("long");
		chromium.await().until((driver) -> text(".content").length() > 5);
		String beginning = text(".content");
		reload();
		awaitAnswers(1);
		assertThat(texts(".question")).containsExactly("long");
		assertThat(text(".content")).startsWith(beginning);
		assertThat(element(".notes").getText()).isEqualTo("The page was reloaded before this answer was complete.");
		answerBy(QUICK);
		element(".again").click();
		chromium.await().until((driver) -> text(".content").equals("You said long"));
	}

	@Test
	void questionIsEdited() {
		send("first");
		awaitAnswers(1);
		send("second");
		awaitAnswers(2);
		elements(".edit").get(0).click();
		WebElement editor = element(".editor textarea");
		editor.clear();
		editor.sendKeys("changed");
		elements(".editor button").get(1).click();
		chromium.await().until((driver) -> texts(".question").equals(List.of("changed")));
		awaitAnswers(1);
		assertThat(lastRequest().path("messages").size()).isEqualTo(1);
		assertThat(element(".content strong").getText()).isEqualTo("changed");
	}

	@Test
	void latestIsOneClickAway() {
		answerBy(Script.answering("line\n\n".repeat(200)));
		send("hi");
		awaitAnswers(1);
		assertThat(element("#latest").isDisplayed()).isFalse();
		this.driver.executeScript("document.querySelector('#scroller').scrollTop = 0");
		chromium.await().until((driver) -> element("#latest").isDisplayed());
		element("#latest").click();
		chromium.await().until((driver) -> !element("#latest").isDisplayed());
	}

	@Test
	void toolsThatWereCalledAreShownAndStayAfterAReload() {
		answerBy(this.simulatedAnswers.toBuilder().chunksPerSecond(0).build());
		send("What time is it in Shanghai?");
		awaitAnswers(1);
		assertThat(text(".used")).isEqualTo("Called current_time {\"zone\":\"Asia/Shanghai\"}");
		String now = LocalDateTime.now(ZoneId.of("Asia/Shanghai")).toLocalDate().toString();
		assertThat(text(".content strong")).startsWith(now);
		assertThat(element(".tried").isDisplayed()).as("a round of a tool is no failure").isFalse();
		assertThat(element(".notes").isDisplayed()).isFalse();
		reload();
		awaitAnswers(1);
		assertThat(text(".used")).isEqualTo("Called current_time {\"zone\":\"Asia/Shanghai\"}");
		assertThat(text(".content strong")).startsWith(now);
	}

	@ParameterizedTest
	@ValueSource(strings = { "en-US", "zh-CN,en" })
	void eachSuggestionHasAnAnswer(String languages) {
		chromium.languages(languages);
		reload();
		answerBy(this.simulatedAnswers.toBuilder().chunksPerSecond(0).build());
		int suggestions = elements("#suggestions button").size();
		assertThat(suggestions).isEqualTo(6);
		Set<String> beginnings = new LinkedHashSet<>();
		for (int i = 0; i < suggestions; i++) {
			elements("#suggestions button").get(i).click();
			awaitAnswers(1);
			assertThat(text(".content")).doesNotContain("No model was asked", "没有询问任何模型", "?**", "{time}");
			beginnings.add(text(".content").substring(0, 10));
			element("#new").click();
		}
		assertThat(beginnings).hasSize(suggestions);
	}

	@Test
	void whoWasPassedOverIsTold() {
		this.deepseek.script(Script.builder().error(429).header("Retry-After", "15").build());
		send("one");
		awaitAnswers(1);
		send("two");
		awaitAnswers(2);
		assertThat(texts(".tried p")).containsExactly("2 attempts", "1 passed over, 1 attempt");
		assertThat(elements(".turn:last-child .tried li")).extracting(WebElement::getText)
			.satisfiesExactly((passed) -> assertThat(passed).isEqualTo("DeepSeek passed over: too many requests"),
					(attempt) -> assertThat(attempt).startsWith("SiliconFlow answered"));
		new Select(element("#provider")).selectByValue("siliconflow");
		send("three");
		awaitAnswers(3);
		assertThat(element(".turn:last-child .tried").isDisplayed()).as("nobody else was wanted").isFalse();
	}

	@Test
	void answerBreaksOffWhenTheApplicationIsGone() {
		answerBy(SLOW);
		List<Connection> connections = new CopyOnWriteArrayList<>();
		DisposableServer between = TcpServer.create()
			.host("127.0.0.1")
			.doOnConnection(connections::add)
			.handle((in, out) -> TcpClient.create()
				.host("127.0.0.1")
				.port(this.port)
				.connect()
				.flatMap((application) -> Mono.when(application.outbound().send(in.receive().retain()),
						out.send(application.inbound().receive().retain()))))
			.bindNow();
		try {
			openAt(between.port());
			send("hi");
			chromium.await().until((driver) -> text(".content").length() > 20);
		}
		finally {
			between.disposeNow();
			connections.forEach(Connection::dispose);
		}
		awaitAnswers(1);
		assertThat(text(".content")).startsWith("word word").hasSizeLessThan(SLOW_LENGTH);
		assertThat(text(".failure")).isEqualTo("The answer broke off\nThe application can't be reached.");
		assertThat(chromium.problems()).isNotEmpty().allMatch((problem) -> problem.contains("net::ERR_"));
	}

	@Test
	void enterOfAnInputMethodDoesNotSend() {
		element("#question").sendKeys("shanghai");
		this.driver.executeScript("""
				document.querySelector("#question").dispatchEvent(
					new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }));
				""");
		assertThat(elements(".turn")).isEmpty();
		element("#question").sendKeys(Keys.ENTER);
		awaitAnswers(1);
		assertThat(text(".question")).isEqualTo("shanghai");
	}

	@Test
	void lastQuestionIsAskedAgain() {
		this.deepseek.sequence(Script.answering("one"), Script.answering("two"));
		send("hi");
		awaitAnswers(1);
		assertThat(text(".content")).isEqualTo("one");
		element(".again").click();
		chromium.await().until((driver) -> text(".content").equals("two"));
		assertThat(lastRequest().path("messages").size()).isEqualTo(1);
	}

	@Test
	void failoverIsShown() {
		this.deepseek.script(Script.failing(500));
		send("hi");
		awaitAnswers(1);
		assertThat(element(".meta").getText()).contains("SiliconFlow");
		assertThat(text(".tried p")).isEqualTo("2 attempts");
		assertThat(texts(".tried li")).satisfiesExactly(
				(attempt) -> assertThat(attempt).matches("DeepSeek server error 500 · .*after \\d\\.\\d\\d s"),
				(attempt) -> assertThat(attempt).matches("SiliconFlow answered after \\d\\.\\d\\d s"));
	}

	@Test
	void failureIsReadable() {
		this.deepseek.script(Script.failing(400));
		send("hi");
		awaitAnswers(1);
		assertThat(element(".failure").getText()).contains("DeepSeek: the request was refused", "INVALID_REQUEST",
				"invalid format");
		assertThat(element("#status").getAttribute("textContent")).startsWith("DeepSeek: the request was refused");
	}

	@Test
	void partialAnswerIsKept() {
		this.deepseek.script(Script.builder()
			.reasoning("")
			.answer("word ".repeat(40))
			.chunksPerSecond(50)
			.fault(Fault.CUT_AFTER, 12)
			.build());
		send("hi");
		awaitAnswers(1);
		assertThat(element(".failure").getText()).contains("STREAM_INTERRUPTED");
		assertThat(text(".content")).startsWith("word word");
	}

	@Test
	void cutAnswerSaysWhy() {
		this.deepseek.script(QUICK.toBuilder().finishReason("length").build());
		send("hi");
		awaitAnswers(1);
		assertThat(element(".notes").getText()).isEqualTo("Cut at the token limit.");
	}

	@Test
	void nothingInAnAnswerRuns() {
		answerBy(
				Script.builder().reasoning("<img src=x onerror='window.ran=1'><script>window.ran=1</script>").answer("""
						<script>window.ran=1</script><img src=x onerror="window.ran=1">
						<iframe srcdoc="<script>parent.ran=1</script>"></iframe>

						![picture](http://127.0.0.1:1/x.png) [a](javascript:window.ran=1) [b](data:text/html,x)
						<javascript:window.ran=1> [c](https://example.com/?a=1 "t") https://example.org/.

						```html
						<script>window.ran=1</script>
						```
						""").build());
		send("<img src=x onerror='window.ran=1'>");
		awaitAnswers(1);
		assertThat(this.driver.executeScript("return window.ran")).isNull();
		assertThat(this.driver.findElements(By.cssSelector("#turns :is(script, img, iframe)"))).isEmpty();
		assertThat(text(".content")).contains("<script>window.ran=1</script><img");
		List<WebElement> links = this.driver.findElements(By.cssSelector("#turns a"));
		assertThat(links).extracting((link) -> link.getAttribute("href"))
			.containsExactly("http://127.0.0.1:1/x.png", "https://example.com/?a=1", "https://example.org/");
		assertThat(links).allMatch((link) -> String.valueOf(link.getAttribute("rel")).contains("noopener"));
	}

	@Test
	void controlsHaveNames() {
		send("hi");
		awaitAnswers(1);
		List<WebElement> controls = this.driver
			.findElements(By.cssSelector("button, select, textarea, input, summary"));
		assertThat(controls).hasSizeGreaterThan(6)
			.filteredOn(WebElement::isDisplayed)
			.allSatisfy((control) -> assertThat(control.getAccessibleName()).isNotBlank());
	}

	@Test
	void layoutHoldsOnAPhone() {
		chromium.size(360, 740, 2);
		answerBy(Script.builder()
			.reasoning("x".repeat(200))
			.answer("| a | b | c | d | e |\n|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | 5 |\n\n```\n" + "code ".repeat(60)
					+ "\n```\n" + "long".repeat(80) + "\n\nhttps://example.com/" + "path/".repeat(40))
			.build());
		send("q".repeat(150));
		awaitAnswers(1);
		assertThat(this.driver.executeScript("return document.documentElement.scrollWidth")).isEqualTo(360L);
		assertThat(this.driver.executeScript("return document.querySelector('#scroller').scrollWidth")).isEqualTo(360L);
		for (WebElement control : this.driver
			.findElements(By.cssSelector("header button, .box > :not([hidden]), .controls > *"))) {
			assertThat(control.getRect().getX() + control.getRect().getWidth()).isLessThanOrEqualTo(360);
		}
	}

	@Test
	void fingersHitWhatIsThereToBeTouched() {
		chromium.size(360, 740, 2);
		chromium.touch(true);
		assertThat(element("#simulated").getRect().getHeight()).as("the banner has one line").isLessThan(40);
		assertThat(small("#suggestions button, header button, footer :is(button, select, label)")).isEmpty();
		send("hi");
		awaitAnswers(1);
		assertThat(small("header :is(button, select), .turn :is(button, summary), footer :is(button, select, label)"))
			.isEmpty();
		element("#room").click();
		chromium.await().until((driver) -> elements(".card").size() == 3);
		assertThat(small("header button, #control :is(button, summary, .choice, .switch)")).isEmpty();
	}

	@Test
	void headerHoldsItsWordsOnAPhone() {
		send("hi");
		awaitAnswers(1);
		element("#new").click();
		send("hello");
		awaitAnswers(1);
		chromium.size(360, 740, 2);
		chromium.touch(true);
		assertThat(element("#conversations").isDisplayed()).isTrue();
		assertThat((List<?>) this.driver.executeScript(
				"""
						return [...document.querySelectorAll("header :is(button, select)")].filter((element) =>
							element.checkVisibility() && element.scrollWidth > element.clientWidth).map((element) => element.id);
						"""))
			.isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "1000, 800", "360, 740" })
	void picturesStandAboveTheQuestion(int width, int height) {
		chromium.size(width, height, 1);
		this.driver.executeAsyncScript("""
				const done = arguments[0];
				document.createElement("canvas").toBlob((blob) => {
					const files = new DataTransfer();
					files.items.add(new File([blob], "a.png", { type: "image/png" }));
					document.querySelector("#picture").files = files.files;
					document.querySelector("#picture").dispatchEvent(new Event("change"));
					done();
				});
				""");
		chromium.await().until((driver) -> element("#pictures img").isDisplayed());
		assertThat(element("#pictures").getRect().getY()).isLessThan(element("#question").getRect().getY());
		assertThat(element("#question").getRect().getY()).isLessThan(element("#provider").getRect().getY());
		element("#pictures button").click();
		assertThat(elements("#pictures img")).isEmpty();
	}

	private List<?> small(String selector) {
		return (List<?>) Objects.requireNonNull(this.driver.executeScript("""
				return [...document.querySelectorAll(arguments[0])].filter((element) => element.checkVisibility()
						&& element.getBoundingClientRect().width > 1 && element.getBoundingClientRect().height < 44)
					.map((element) => element.outerHTML);
				""", selector));
	}

	@Test
	void pageIsChineseForWhoeverAsksForThat() {
		chromium.languages("zh-CN,en");
		reload();
		assertThat(element("html").getAttribute("lang")).isEqualTo("zh-CN");
		send("你好");
		awaitAnswers(1);
		element("#room").click();
		chromium.await().until((driver) -> elements(".card").size() == 3);
		element("#play").click();
		chromium.await().until((driver) -> !text("#readers").isEmpty());
		Object english = this.driver.executeScript(
				"""
						const names = /^(DeepSeek|SiliconFlow|Alaya NeW|deepseek-flash|HTML|UP)$/;
						const texts = [];
						for (const element of document.querySelectorAll("body *:not(script, noscript, code, option)")) {
							if (!element.closest(".content, .reasoning .text")) {
								texts.push(...[...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
									.map(({ textContent }) => textContent.trim()));
								texts.push(...["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name) ?? ""));
							}
						}
						return texts.filter((text) => /[a-z]{2}/i.test(text) && !/\\p{Script=Han}/u.test(text) && !names.test(text));
						""");
		element("#play").click();
		assertThat((List<?>) english).isEmpty();
		chromium.await().until((driver) -> !element("#story").isDisplayed());
	}

	@Test
	void darkIsDark() {
		assertThat(lightness("background-color")).isGreaterThan(230);
		assertThat(lightness("color")).isLessThan(60);
		chromium.colorScheme("dark");
		assertThat(lightness("background-color")).isLessThan(40);
		assertThat(lightness("color")).isGreaterThan(200);
	}

	private long lightness(String property) {
		String color = element("body").getCssValue(property);
		Object lightness = this.driver.executeScript("""
				const [red, green, blue] = arguments[0].match(/[0-9]+/g);
				return Math.round((Number(red) + Number(green) + Number(blue)) / 3);
				""", color);
		return (Long) Objects.requireNonNull(lightness);
	}

}
