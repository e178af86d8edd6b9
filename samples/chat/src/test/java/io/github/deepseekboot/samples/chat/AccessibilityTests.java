package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.io.ClassPathResource;

import io.github.deepseekboot.test.provider.Script;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that axe-core has nothing to say against the page, whatever it shows.
 */
@PageTest
class AccessibilityTests extends AbstractPageTests {

	private static final String RUN = """
			const done = arguments[0];
			axe.run({ resultTypes: ["violations"] }).then((results) => done(results.violations.map((violation) =>
				[violation.impact, violation.id, ...violation.nodes.map((node) => node.html)].join("\\n\\t"))), done);
			""";

	private final String axe = new ClassPathResource("axe.min.js").getContentAsString(StandardCharsets.UTF_8);

	@Autowired
	private Script simulatedAnswers;

	AccessibilityTests() throws IOException {
	}

	@ParameterizedTest
	@CsvSource({ "light, 1440, 1000", "dark, 1440, 1000", "light, 768, 1024", "dark, 768, 1024", "light, 360, 740",
			"dark, 360, 740" })
	void axeFindsNothing(String scheme, int width, int height) {
		chromium.size(width, height, 1);
		chromium.colorScheme(scheme);
		assertThat(violations()).as("empty page").isEmpty();
		answerBy(Script.builder()
			.reasoning("Let me see.")
			.answer("# Title\n\n- item\n\n> quote\n\n| a | b |\n|---|---|\n| `1` | [2](https://example.com) |\n\n"
					+ "```java\nint i = 0; // a long line, so that it has to be scrolled on a small screen\n```\n")
			.build());
		send("answer");
		awaitAnswers(1);
		assertThat(violations()).as("answer").isEmpty();
		answerBy(this.simulatedAnswers.toBuilder().chunksPerSecond(0).build());
		send("What time is it in Shanghai?");
		awaitAnswers(2);
		assertThat(violations()).as("call of a tool").isEmpty();
		this.deepseek.script(Script.builder().error(429).header("Retry-After", "15").build());
		send("failover");
		awaitAnswers(3);
		send("passed over");
		awaitAnswers(4);
		answerBy(Script.failing(400));
		send("failure");
		awaitAnswers(5);
		assertThat(violations()).as("failover, passed over and failure").isEmpty();
		element("#room").click();
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".card"), 3));
		assertThat(violations()).as("control room").isEmpty();
		element("#numbers summary").click();
		choose("deepseek", SimulatedFault.OUT_OF_CREDIT);
		element("#traffic").click();
		chromium.await()
			.until(ExpectedConditions.textToBePresentInElementLocated(By.cssSelector(".state"), "Cools down"));
		chromium.await()
			.until(ExpectedConditions.textToBePresentInElementLocated(By.cssSelector(".legend"), "DeepSeek"));
		assertThat(violations()).as("control room with a broken provider").isEmpty();
		element("#play").click();
		chromium.await()
			.until(ExpectedConditions.textToBePresentInElementLocated(By.cssSelector("#step-title"), "A storm of 429"));
		assertThat(violations()).as("the story").isEmpty();
		element("#play").click();
		chromium.await().until(ExpectedConditions.textToBe(By.cssSelector("#play"), "Play"));
		element("#run-instances").sendKeys(Keys.SPACE);
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".instance"), 3));
		element(".instance:nth-child(3) .top button").sendKeys(Keys.ENTER);
		chromium.await().until(ExpectedConditions.textToBe(By.cssSelector(".instance:nth-child(3) .state"), "Killed"));
		assertThat(violations()).as("three instances, one of them killed").isEmpty();
		element("#run-instances").sendKeys(Keys.SPACE);
		chromium.await().until(ExpectedConditions.invisibilityOfElementLocated(By.cssSelector(".instance")));
	}

	private List<?> violations() {
		this.driver.executeScript(this.axe);
		return (List<?>) this.driver.executeAsyncScript(RUN);
	}

}
