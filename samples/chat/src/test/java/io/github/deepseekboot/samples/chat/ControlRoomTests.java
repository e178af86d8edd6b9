package io.github.deepseekboot.samples.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.springframework.beans.factory.annotation.Autowired;

import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the control room, as somebody plays with it in a browser.
 */
@PageTest
class ControlRoomTests extends AbstractPageTests {

	@Autowired
	private Script simulatedAnswers;

	@BeforeEach
	void enter() {
		chromium.size(1440, 1000, 1);
		element("#room").click();
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".card"), 3));
	}

	@Test
	void itOpensAndCloses() {
		assertThat(element("#room").getAttribute("aria-expanded")).isEqualTo("true");
		assertThat(text("#control-title")).isEqualTo("Control room");
		assertThat(element("#scroller").isDisplayed()).isTrue();
		element("#room").click();
		assertThat(element("#room").getAttribute("aria-expanded")).isEqualTo("false");
		assertThat(element("#control").isDisplayed()).isFalse();
	}

	@Test
	void aLinkOpensIt() {
		assertThat(this.driver.getCurrentUrl()).endsWith("/#control-room");
		this.driver.navigate().refresh();
		chromium.await().until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector("#control")));
	}

	@Test
	void anInjectedFailureLeadsToAnAnswerOfTheNextProvider() {
		switchTo("deepseek", SimulatedFault.RATE_LIMIT);
		assertThat(text(card("deepseek") + ".told")).isEqualTo("It answers 429 and asks to be left alone for 15 s.");
		send("hi");
		awaitAnswers(1);
		assertThat(text(".content")).isEqualTo("You said hi");
		assertThat(text(".meta")).startsWith("SiliconFlow, simulated");
		assertThat(texts(".tried .attempts li")).satisfiesExactly(
				(attempt) -> assertThat(attempt)
					.matches("DeepSeek too many requests 429 · invalid_request_error · after \\d\\.\\d\\d s"),
				(attempt) -> assertThat(attempt).matches("SiliconFlow answered after \\d\\.\\d\\d s"));
		assertThat(text("#calls .result")).isEqualTo("taken over");
		assertThat(texts("#calls .attempts strong")).containsExactly("DeepSeek", "SiliconFlow");
		awaitText(card("deepseek") + ".state", "Cools down \\d+ s");
		awaitText(fact("deepseek", 2), "\\d+ s, too many requests");
		awaitText(fact("deepseek", 3), "DEGRADED");
		assertThat(text(fact("siliconflow", 3))).isEqualTo("UP");
		assertThat(text(fact("deepseek", 5))).matches("too many requests \\(429\\), \\d+ s ago");
		awaitText("#failovers", "[1-9]\\d*");
	}

	@ParameterizedTest
	@CsvSource({ "REFUSE, the connection closed without an answer", "OUT_OF_CREDIT, the account is empty 402",
			"SERVER_ERROR, server error 500", "HTML_PAGE, 'the answer can''t be read'", "STALL, no answer in time" })
	void everyFaultBeforeTheFirstTokenIsTakenOver(SimulatedFault fault, String words) {
		switchTo("deepseek", fault);
		send("hi");
		awaitAnswers(1);
		assertThat(text(".content")).isEqualTo("You said hi");
		assertThat(texts(".tried .attempts li").get(0)).startsWith("DeepSeek " + words);
		assertThat(texts(".tried .attempts li").get(1)).startsWith("SiliconFlow answered");
	}

	@Test
	void whatBreaksOffIsNotTakenOver() {
		switchTo("deepseek", SimulatedFault.CUT);
		long received = this.simulator.provider("siliconflow").received();
		send("hi");
		awaitAnswers(1);
		assertThat(text(".content")).startsWith("This answer is simulated.");
		assertThat(text(".failure")).startsWith("DeepSeek: the answer broke off");
		assertThat(text("#calls .result")).isEqualTo("broke off");
		assertThat(texts("#calls .attempts strong")).containsExactly("DeepSeek");
		assertThat(this.simulator.provider("siliconflow").received()).isEqualTo(received);
	}

	@Test
	void circuitOpensAndShowsUntilItIsReset() {
		// what is said may be followed by the end of the answer at once
		this.driver.executeScript("""
				window.said = [];
				new MutationObserver(() => window.said.push(document.querySelector("#status").textContent))
					.observe(document.querySelector("#status"), { childList: true });
				""");
		switchTo("deepseek", SimulatedFault.SERVER_ERROR);
		for (int question = 1; question <= 4; question++) {
			assertThat(text(card("deepseek") + ".state")).isEqualTo("Takes calls");
			send("hi");
			awaitAnswers(question);
		}
		awaitText(card("deepseek") + ".state", "Circuit open");
		assertThat(text(fact("deepseek", 1))).isEqualTo("open");
		assertThat(this.driver.executeScript("return window.said.join('|')")).asString()
			.contains("DeepSeek: Circuit is open, passed over.");
		long received = this.deepseek.received();
		send("hi");
		awaitAnswers(5);
		assertThat(this.deepseek.received()).as("nobody asks behind an open circuit").isEqualTo(received);
		assertThat(texts("#calls > li:first-child .attempts li")).satisfiesExactly(
				(passed) -> assertThat(passed).isEqualTo("DeepSeek passed over: its circuit is open"),
				(attempt) -> assertThat(attempt).startsWith("SiliconFlow answered"));
		element("#heal").click();
		awaitFault("deepseek", SimulatedFault.NONE);
		this.deepseek.script(QUICK);
		button("deepseek", "Reset").click();
		awaitText(card("deepseek") + ".state", "Takes calls");
		send("hi");
		awaitAnswers(6);
		assertThat(this.deepseek.received()).isEqualTo(received + 1);
	}

	@Test
	void anotherProviderIsAskedFirst() {
		button("alayanew", "Ask first").click();
		chromium.await().until((driver) -> texts(".card h4").equals(List.of("Alaya NeW", "DeepSeek", "SiliconFlow")));
		awaitText("#hint", "Asks Alaya NeW; if it fails, DeepSeek, then SiliconFlow");
		assertThat(button("alayanew", "Ask first").getAttribute("aria-pressed")).isEqualTo("true");
		send("hi");
		awaitAnswers(1);
		assertThat(text(".meta")).startsWith("Alaya NeW");
	}

	@Test
	void chartsShowWhatTheMetersCount() {
		List<?> heights = heights();
		assertThat(texts(".plot .empty")).hasSize(3).containsOnly("Nothing yet");
		switchTo("deepseek", SimulatedFault.SERVER_ERROR);
		send("one");
		awaitAnswers(1);
		send("two");
		awaitAnswers(2);
		assertThat(text(legend(1, 1))).matches("DeepSeek\\s+0");
		awaitText(legend(1, 2), "SiliconFlow\\s+2");
		assertThat(text(legend(1, 3))).matches("Alaya NeW\\s+0");
		assertThat(text(legend(2, 1))).matches("status 500\\s+2");
		assertThat(text(legend(3, 1))).matches("DeepSeek\\s+–");
		assertThat(text(legend(3, 2))).matches("SiliconFlow\\s+\\d\\.\\d\\d");
		assertThat(element(".chart svg[role=img]").getAttribute("aria-label"))
			.isEqualTo("Who answers, the last 60 seconds: SiliconFlow 2");
		assertThat(element(".chart .mark.p1").getAttribute("d")).isNotEmpty();
		element("#numbers summary").click();
		awaitText("#provider-numbers tr:nth-child(2)", "SiliconFlow 2 \\d\\.\\d\\d [\\d,]+");
		assertThat(text("#error-numbers")).isEqualTo("status 500 2");
		assertThat(heights()).as("nothing moves when numbers come").isEqualTo(heights);
	}

	@Test
	void metersAreReadAsPrometheusWritesThem() {
		Object totals = this.driver.executeAsyncScript("""
				const [text, done] = arguments;
				import("/metrics.js").then(({ totals }) => done(JSON.stringify(totals(text))), done);
				""", """
				# TYPE deepseek_client_errors counter
				deepseek_client_errors_total{code="a \\"b\\", {c}",error_type="timeout",provider="x",status="none"} 2.0
				deepseek_client_errors_total{code="c\\\\",error_type="rate_limited",provider="x",status="429"} 1.0
				deepseek_client_errors_total{code="d",error_type="rate_limited",provider="y",status="429"} 1.5E1
				deepseek_client_attempts_total{outcome="error",provider="x"} 3.0
				deepseek_client_attempts_total{outcome="success",provider="x"} 4.0
				jvm_threads_live_threads 7.0
				""");
		assertThat(String.valueOf(totals)).contains("\"requests\":{\"x\":7}", "\"errors\":{\"429\":16,\"timeout\":2}",
				"\"failovers\":0");
	}

	@Test
	void questionsInTheBackgroundAreBounded() {
		long received = this.deepseek.received();
		element("#traffic").click();
		chromium.await().until((driver) -> this.deepseek.received() > received + 10);
		assertThat(elements("#calls > li")).hasSize(8);
		element("#traffic").click();
		chromium.await().until((driver) -> this.deepseek.inFlight() == 0);
		assertThat(element("#traffic").isSelected()).isFalse();
		element("#traffic").click();
		element("#room").click();
		assertThat(element("#traffic").isSelected()).as("nothing happens unseen").isFalse();
	}

	@Test
	void figuresAreThoseOfTheMeters() {
		switchTo("deepseek", SimulatedFault.SERVER_ERROR);
		send("one");
		awaitAnswers(1);
		awaitText("#errors-now", "1");
		assertThat(element("#errors-now").getAttribute("class")).isEqualTo("bad");
		awaitText("#p95", "[\\d.]+ s");
		awaitText("#cost", "0\\.\\d+");
		assertThat(text("#cost-since")).isEqualTo("Cost today, CNY");
		awaitText("#running", "0");
	}

	@Test
	void quantilesAreThoseOfPrometheus() {
		assertThat(quantile(0.95, "{ '0.1': 0, '0.2': 90, '0.4': 100, '+Inf': 100 }")).isEqualTo("0.3");
		assertThat(quantile(0.5, "{ '0.1': 0, '0.2': 100, '+Inf': 100 }")).isEqualTo("0.15");
		assertThat(quantile(0.95, "{ '0.1': 1, '+Inf': 10 }")).as("above all limits").isEqualTo("0.1");
		assertThat(quantile(0.95, "{ '0.1': 0, '+Inf': 0 }")).isEqualTo("null");
		assertThat(quantile(0.95, "{}")).isEqualTo("null");
	}

	private String quantile(double part, String within) {
		return String.valueOf(this.driver.executeAsyncScript("""
				const [part, within, done] = arguments;
				import("/metrics.js").then(({ quantile }) => {
					const value = quantile(part, JSON.parse(within));
					done(value === null ? "null" : String(Number(value.toFixed(6))));
				}, done);
				""", part, within.replace('\'', '"')));
	}

	@Test
	void theStoryIsStoppedAndLeavesNothingBroken() {
		element("#play").click();
		awaitText("#step-number", "1 of 6");
		awaitText("#readers", "Readers noticed nothing: (\\d+) of \\1 answers are complete\\.");
		awaitText("#step-title", "A storm of 429");
		awaitText(card("deepseek") + ".state", "Cools down \\d+ s");
		assertThat(this.switches.switches().providers()).containsEntry("deepseek", SimulatedFault.RATE_LIMIT);
		assertThat(text("#play")).isEqualTo("Stop");
		element("#play").click();
		chromium.await().until((driver) -> text("#play").equals("Play"));
		assertThat(element("#story").isDisplayed()).isFalse();
		assertThat(this.switches.switches().providers()).hasSize(3)
			.containsValues(SimulatedFault.NONE)
			.doesNotContainValue(SimulatedFault.RATE_LIMIT);
		awaitText(card("deepseek") + ".state", "Takes calls");
		assertThat(element("#traffic").isSelected()).isFalse();
		chromium.await().until((driver) -> this.simulator.providers().stream().allMatch((one) -> one.inFlight() == 0));
	}

	@Test
	void theStoryEndsWithThePage() {
		element("#play").click();
		awaitText("#step-title", "A storm of 429");
		chromium.await()
			.until((driver) -> this.switches.switches().providers().get("deepseek") == SimulatedFault.RATE_LIMIT);
		reload();
		chromium.await().until((driver) -> this.switches.switches().providers().get("deepseek") == SimulatedFault.NONE);
	}

	@Test
	void theStoryIsPlayedToItsEnd() {
		element("#play").click();
		WebDriverWait patient = new WebDriverWait(this.driver, Duration.ofMinutes(3));
		List<String> titles = new ArrayList<>();
		List<String> readers = new ArrayList<>();
		patient.until((driver) -> {
			// in one script: between two, the story goes on to its next step
			List<?> caption = (List<?>) Objects.requireNonNull(this.driver.executeScript(
					"return ['#step-title', '#readers'].map((selector) => document.querySelector(selector).innerText)"));
			String title = (String) caption.get(0);
			if (!title.isEmpty() && (titles.isEmpty() || !titles.get(titles.size() - 1).equals(title))) {
				titles.add(title);
				readers.add("");
			}
			if (!title.isEmpty()) {
				readers.set(readers.size() - 1, (String) caption.get(1));
			}
			return title.equals("That was all");
		});
		assertThat(titles).containsExactly("All is well", "A storm of 429", "A dead host", "Recovery", "Half a stream",
				"Recovery", "That was all");
		// half an answer is the only thing that anybody notices
		assertThat(readers.subList(0, 4)).allMatch((text) -> text.startsWith("Readers noticed nothing"));
		assertThat(readers.get(4)).matches("Readers saw \\d+ of \\d+ answers fail or break off\\.");
		assertThat(readers.get(5)).startsWith("Readers noticed nothing");
		chromium.await().until((driver) -> text("#play").equals("Play"));
		assertThat(element("#story").isDisplayed()).isTrue();
		assertThat(texts(".card .state")).containsOnly("Takes calls");
	}

	@Test
	void latestCallsNameWhoWasPassedOver() {
		switchTo("deepseek", SimulatedFault.RATE_LIMIT);
		send("one");
		awaitAnswers(1);
		send("two");
		awaitAnswers(2);
		assertThat(texts("#calls > li:first-child .attempts li")).satisfiesExactly(
				(passed) -> assertThat(passed).isEqualTo("DeepSeek passed over: too many requests"),
				(attempt) -> assertThat(attempt).startsWith("SiliconFlow answered"));
	}

	@Test
	void roundsOfAToolAreNotTakenOver() {
		answerBy(this.simulatedAnswers.toBuilder().chunksPerSecond(0).build());
		send("What time is it in Shanghai?");
		awaitAnswers(1);
		assertThat(texts("#calls .attempts strong")).containsExactly("DeepSeek", "DeepSeek");
		assertThat(text("#calls .result")).isEqualTo("answered");
	}

	@Test
	void goingBackClosesIt() {
		chromium.size(360, 740, 2);
		assertThat(element("#control").isDisplayed()).isTrue();
		this.driver.navigate().back();
		chromium.await().until(ExpectedConditions.invisibilityOfElementLocated(By.cssSelector("#control")));
		assertThat(element("#question").isDisplayed()).isTrue();
	}

	@Test
	void keyboardIsEnough() {
		WebElement healthy = element("input[name=fault-deepseek]");
		healthy.sendKeys(Keys.ARROW_RIGHT);
		awaitFault("deepseek", SimulatedFault.REFUSE);
		this.driver.switchTo().activeElement().sendKeys(Keys.ARROW_LEFT);
		awaitFault("deepseek", SimulatedFault.NONE);
		element("#room").sendKeys(Keys.ENTER);
		assertThat(element("#control").isDisplayed()).isFalse();
	}

	@Test
	void aLostApplicationIsReportedAndFoundAgain() {
		chromium.offline(true);
		awaitText("#lost", "The application can't be reached\\. What you see is old\\. Trying again …");
		chromium.offline(false);
		chromium.await().until(ExpectedConditions.invisibilityOfElementLocated(By.cssSelector("#lost")));
		assertThat(chromium.problems()).isNotEmpty()
			.allMatch((problem) -> problem.contains("ERR_INTERNET_DISCONNECTED"));
	}

	@ParameterizedTest
	@CsvSource({ "1440, 900", "768, 1024", "360, 740" })
	void onlyTheControlRoomScrolls(int width, int height) {
		chromium.size(width, height, 1);
		element("#traffic").click();
		chromium.await().until((driver) -> !elements("#calls > li").isEmpty());
		element("#traffic").click();
		assertThat(this.driver.executeScript("return document.documentElement.scrollHeight")).isEqualTo((long) height);
	}

	@Test
	void layoutHoldsOnAPhone() {
		chromium.size(360, 740, 2);
		switchTo("deepseek", SimulatedFault.OUT_OF_CREDIT);
		element("#traffic").click();
		awaitText(fact("deepseek", 2), "10 min, the account is empty");
		element("#traffic").click();
		assertThat(element("#scroller").isDisplayed()).isFalse();
		assertThat(this.driver.executeScript("return document.documentElement.scrollWidth")).isEqualTo(360L);
		assertThat(this.driver.executeScript("return document.querySelector('#control').scrollWidth")).isEqualTo(360L);
		element("#room").click();
		assertThat(element("#question").isDisplayed()).isTrue();
	}

	private void switchTo(String provider, SimulatedFault fault) {
		choose(provider, fault);
		awaitFault(provider, fault);
	}

	private void awaitFault(String provider, SimulatedFault fault) {
		chromium.await().until((driver) -> this.switches.switches().providers().get(provider) == fault);
		ScriptedProvider healed = this.simulator.provider(provider);
		chromium.await()
			.until((driver) -> element(card(provider) + "input:checked").getAttribute("value").equals(fault.name())
					&& element(card(provider) + ".told").isDisplayed() == (fault != SimulatedFault.NONE));
		if (fault == SimulatedFault.NONE) {
			healed.script(QUICK);
		}
	}

	private WebElement button(String provider, String label) {
		return elements(card(provider) + "button").stream()
			.filter((button) -> button.getText().equals(label))
			.findFirst()
			.orElseThrow();
	}

	private void awaitText(String selector, String pattern) {
		chromium.await()
			.until(ExpectedConditions.textMatches(By.cssSelector(selector), Pattern.compile("^" + pattern + "$")));
	}

	private List<?> heights() {
		return (List<?>) this.driver
			.executeScript("return [...document.querySelectorAll('.chart')].map((chart) => chart.offsetHeight)");
	}

	private static String card(String provider) {
		return ".card[data-provider=" + provider + "] ";
	}

	private static String fact(String provider, int number) {
		return card(provider) + ".facts div:nth-child(" + number + ") dd";
	}

	private static String legend(int chart, int entry) {
		return ".chart:nth-child(" + chart + ") .legend li:nth-child(" + entry + ")";
	}

}
