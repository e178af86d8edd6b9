package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A browser with the page in it, the providers healthy and nothing remembered of earlier
 * tests. No test may leave a complaint in the browser's console.
 */
abstract class AbstractPageTests {

	static final Script QUICK = Script.builder()
		.reasoning("Let me see.")
		.answer((question) -> "You said **" + question + "**")
		.build();

	static Chromium chromium;

	@LocalServerPort
	int port;

	@Autowired
	private RoutingClient routing;

	@Autowired
	SimulatorController switches;

	@Autowired
	ProviderSimulator simulator;

	ScriptedProvider deepseek;

	ChromeDriver driver;

	@BeforeAll
	static void startBrowser() {
		chromium = Chromium.start();
	}

	@AfterAll
	static void stopBrowser() {
		chromium.close();
	}

	@BeforeEach
	void open() {
		this.deepseek = this.simulator.provider("deepseek");
		this.driver = chromium.driver();
		this.routing.providerSwitch().reorder(List.of("deepseek", "siliconflow", "alayanew"));
		this.simulator.providers().forEach((provider) -> {
			this.switches.change(provider.id(), new SimulatorController.Change(SimulatedFault.NONE));
			this.routing.states().reset(provider.id());
		});
		answerBy(QUICK);
		chromium.size(1000, 800, 1);
		chromium.colorScheme("light");
		chromium.touch(false);
		chromium.languages("en-US");
		if (this.driver.getCurrentUrl().startsWith("http")) {
			this.driver.executeScript("localStorage.clear(); sessionStorage.clear()");
		}
		reload();
	}

	@AfterEach
	void checkLog() {
		assertThat(chromium.problems()).isEmpty();
	}

	void reload() {
		openAt(this.port);
	}

	void openAt(int port) {
		this.driver.get("http://127.0.0.1:" + port + "/");
		chromium.await().until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector("#room")));
	}

	void answerBy(Script script) {
		this.simulator.providers().forEach((provider) -> provider.script(script));
	}

	void send(String question) {
		element("#question").sendKeys(question);
		element("#send").click();
	}

	void choose(String provider, SimulatedFault fault) {
		element("input[name=fault-%s][value=%s]".formatted(provider, fault)).click();
	}

	void awaitAnswers(int number) {
		chromium.await()
			.until((driver) -> elements(".answer[aria-busy=false]").size() == number && element("#send").isDisplayed());
	}

	WebElement element(String selector) {
		return this.driver.findElement(By.cssSelector(selector));
	}

	List<WebElement> elements(String selector) {
		return this.driver.findElements(By.cssSelector(selector));
	}

	String text(String selector) {
		return element(selector).getText();
	}

	List<String> texts(String selector) {
		return elements(selector).stream().map(WebElement::getText).toList();
	}

	JsonNode lastRequest() {
		return this.deepseek.requests().get(this.deepseek.requests().size() - 1).json();
	}

}
