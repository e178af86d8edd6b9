package io.github.deepseekboot.samples.chat;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.By;
import org.openqa.selenium.support.ui.ExpectedConditions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Asks right after the page was loaded, many times: a server that leaves a request unread
 * in its socket would answer most of them.
 */
@PageTest
@EnabledIfSystemProperty(named = "long", matches = "true", disabledReason = "takes minutes; -Dlong=true runs it")
class PatienceTests extends AbstractPageTests {

	private static final int TRIES = Integer.getInteger("patience.tries", 500);

	private static final Duration AT_MOST = Duration.ofSeconds(15);

	@Test
	void everyQuestionRightAfterLoadingIsAnswered() {
		for (int i = 0; i < TRIES; i++) {
			this.driver.executeScript("localStorage.clear(); sessionStorage.clear()");
			this.driver.navigate().refresh();
			send("question " + i);
			String number = String.valueOf(i);
			assertThat(chromium.await()
				.withTimeout(AT_MOST)
				.withMessage(() -> "try " + number)
				.until(ExpectedConditions.textToBe(By.cssSelector(".content strong"), "question " + number))).isTrue();
		}
	}

}
