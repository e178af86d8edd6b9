package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;

import io.github.deepseekboot.test.provider.Script;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Takes the pictures of the documents: {@code -Dscreenshots=true}.
 */
@PageTest
// figures that begin at 0
@DirtiesContext(classMode = ClassMode.BEFORE_CLASS)
@EnabledIfSystemProperty(named = "screenshots", matches = "true")
class ScreenshotTests extends AbstractPageTests {

	@Autowired
	private Script simulatedAnswers;

	@BeforeEach
	void answer() {
		answerBy(this.simulatedAnswers);
		send("Warm up");
		awaitAnswers(1);
		this.driver.executeScript("localStorage.clear(); sessionStorage.clear()");
		reload();
	}

	@Test
	void chat() throws IOException {
		chromium.size(1080, 1020, 1.5);
		send("Write a poem about rain");
		awaitAnswers(1);
		shoot("chat-light");
		chromium.colorScheme("dark");
		this.deepseek.script(Script.failing(500));
		send("And one about snow");
		awaitAnswers(2);
		shoot("chat-dark");
		this.deepseek.script(this.simulatedAnswers);
		chromium.colorScheme("light");
		chromium.size(360, 740, 2);
		reload();
		element("#new").click();
		send("Compare a list with a set in a table");
		chromium.await().until((driver) -> text(".content").contains("a hash set one or two"));
		shoot("chat-phone");
	}

	@Test
	void controlRoom() throws IOException {
		chromium.size(1440, 1180, 1.5);
		element("#room").click();
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".card"), 3));
		element("#traffic").click();
		awaitCompleted("deepseek", 4);
		awaitCompleted("deepseek", 4);
		choose("deepseek", SimulatedFault.RATE_LIMIT);
		awaitCompleted("siliconflow", 4);
		awaitCompleted("siliconflow", 4);
		element("#traffic").click();
		choose("siliconflow", SimulatedFault.SERVER_ERROR);
		element(".card[data-provider=deepseek] .tools button:last-child").click();
		send("Explain backpressure to a child");
		awaitAnswers(1);
		element(".card[data-provider=deepseek] .tools button:last-child").click();
		send("Write a poem about rain");
		awaitAnswers(2);
		chromium.await()
			.until((driver) -> text("#running").equals("0")
					&& texts(".facts div:nth-child(4) dd").stream().allMatch("0"::equals));
		assertThat(text("#failed")).as("calls that users saw fail").isEqualTo("0");
		shoot("control-room-light");
		chromium.colorScheme("dark");
		shoot("control-room-dark");
		chromium.colorScheme("light");
		chromium.size(360, 740, 2);
		chromium.await().until((driver) -> !element("#scroller").isDisplayed());
		shoot("control-room-phone");
	}

	@Test
	void threeInstances() throws IOException {
		chromium.size(1000, 2600, 1.5);
		element("#room").click();
		element("#run-instances").sendKeys(Keys.SPACE);
		chromium.await().until(ExpectedConditions.textMatches(By.cssSelector(".count"), Pattern.compile("^6 of 6 .*")));
		element("#accounts li:first-child button").click();
		chromium.await()
			.until((driver) -> texts(".knows").stream().allMatch((text) -> text.contains("cools down"))
					&& text("#accounts li.account:first-child .count").startsWith("0 of 6")
					&& text("#accounts li.account:last-child .count").startsWith("6 of 6"));
		// with a margin
		this.driver.executeScript("document.querySelector('#instances').style.padding = '0 1rem 1rem'");
		Files.write(folder().resolve("three-instances.png"), element("#instances").getScreenshotAs(OutputType.BYTES));
		element("#run-instances").sendKeys(Keys.SPACE);
		chromium.await().until(ExpectedConditions.invisibilityOfElementLocated(By.cssSelector(".instance")));
	}

	private void awaitCompleted(String provider, long more) {
		long wanted = this.simulator.provider(provider).completed() + more;
		chromium.await().until((driver) -> this.simulator.provider(provider).completed() >= wanted);
	}

	private void shoot(String name) throws IOException {
		Files.write(folder().resolve(name + ".png"), this.driver.getScreenshotAs(OutputType.BYTES));
		assertThat(folder().resolve(name + ".png")).isNotEmptyFile();
	}

	private static Path folder() throws IOException {
		return Files.createDirectories(Path.of("../../docs/images"));
	}

}
