package io.github.deepseekboot.samples.chat;

import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.support.ui.ExpectedConditions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the three instances in the control room.
 */
@PageTest
class ThreeInstancesTests extends AbstractPageTests {

	private static final String DEEPSEEK = "#accounts li.account:nth-child(1) ";

	@BeforeEach
	void enter() {
		chromium.size(1440, 1000, 1);
		element("#room").click();
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".card"), 3));
		runInstances();
		awaitText(DEEPSEEK + ".count", "6 of 6 calls at once, never more than 6");
	}

	@AfterEach
	void stop() {
		if (element("#run-instances").isSelected()) {
			this.driver.executeScript("document.querySelector('#run-instances').click()");
		}
		chromium.await().until((driver) -> !element("#run-instances").isSelected());
	}

	@Test
	void theLimitIsThatOfAllTogether() {
		assertThat(texts("#instance-cards h4")).containsExactly("Instance 1", "Instance 2", "Instance 3");
		chromium.await().until((driver) -> texts(DEEPSEEK + ".slot").containsAll(List.of("1", "2", "3")));
		assertThat(elements(DEEPSEEK + ".slot")).hasSize(6);
	}

	@Test
	void aRefusalOfOneIsKnownByTheOthers() {
		button(DEEPSEEK + ".top button");
		String own = "DeepSeek cools down for \\d+ s: too many requests\\.";
		String others = "DeepSeek cools down for \\d+ s: too many requests, as another instance reported\\.";
		chromium.await()
			.until((driver) -> texts(".knows").stream().filter((text) -> text.matches(own)).count() == 1
					&& texts(".knows").stream().filter((text) -> text.matches(others)).count() == 2);
		assertThat(text(DEEPSEEK + ".refused")).isEqualTo("429 sent: 1");
		awaitText("#accounts li.account:nth-child(2) .count", "[1-6] of 6 calls at once, never more than [1-6]");
	}

	@Test
	void aKilledInstanceGivesItsPermitsBack() {
		button(".instance:nth-child(3) .top button");
		awaitText(".instance:nth-child(3) .state", "Killed");
		assertThat(text(".instance:nth-child(3) .knows")).isEqualTo("Its permits are free for the others 3 s later.");
		chromium.await().until((driver) -> texts(DEEPSEEK + ".slot").stream().allMatch((text) -> text.matches("[12]")));
		awaitText(DEEPSEEK + ".count", "6 of 6 calls at once, never more than 6");
		button(".instance:nth-child(3) .top button");
		chromium.await().until((driver) -> texts(DEEPSEEK + ".slot").contains("3"));
	}

	@Test
	void aSwitchAtOneHoldsForAll() {
		button(".instance:nth-child(2) .choices button:nth-child(2)");
		chromium.await()
			.until(ExpectedConditions
				.numberOfElementsToBe(By.cssSelector(".instance .choices button:nth-child(2)[aria-pressed=true]"), 3));
	}

	@Test
	void nothingRunsUnseen() {
		element("#room").click();
		chromium.await().until((driver) -> !element("#run-instances").isSelected());
		element("#room").click();
		assertThat(element("#instances-shown").isDisplayed()).isFalse();
	}

	@Test
	void layoutHoldsOnAPhone() {
		chromium.size(360, 740, 2);
		assertThat(this.driver.executeScript("return document.documentElement.scrollWidth")).isEqualTo(360L);
		assertThat(this.driver.executeScript("return document.querySelector('#control').scrollWidth")).isEqualTo(360L);
		assertThat(this.driver.executeScript("return document.documentElement.scrollHeight")).isEqualTo(740L);
	}

	private void runInstances() {
		element("#run-instances").click();
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".instance"), 3));
	}

	private void button(String selector) {
		this.driver.executeScript("document.querySelector(arguments[0]).click()", selector);
	}

	private void awaitText(String selector, String pattern) {
		chromium.await()
			.until(ExpectedConditions.textMatches(By.cssSelector(selector), Pattern.compile("^" + pattern + "$")));
	}

}
