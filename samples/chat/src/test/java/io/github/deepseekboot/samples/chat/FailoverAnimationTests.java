package io.github.deepseekboot.samples.chat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.time.Duration;
import java.util.Objects;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;

import io.github.deepseekboot.test.provider.Script;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Films the story of the control room for the README: {@code -Danimation=true}.
 */
@PageTest
// figures that begin at 0
@DirtiesContext(classMode = ClassMode.BEFORE_CLASS)
@EnabledIfSystemProperty(named = "animation", matches = "true")
class FailoverAnimationTests extends AbstractPageTests {

	private static final Duration TAKEN_EVERY = Duration.ofMillis(1000);

	private static final Duration SHOWN = Duration.ofMillis(450);

	private static final Duration END_SHOWN = Duration.ofSeconds(4);

	private static final int STEPS = 4;

	@Autowired
	private Script simulatedAnswers;

	@Test
	void failover() throws Exception {
		answerBy(this.simulatedAnswers);
		chromium.size(800, 764, 1);
		element("#room").click();
		chromium.await().until(ExpectedConditions.numberOfElementsToBe(By.cssSelector(".card"), 3));
		element("#play").click();
		chromium.await().until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector("#story")));
		AnimatedGif animation = new AnimatedGif();
		long next = System.nanoTime();
		BufferedImage latest = null;
		while (elements("#steps .done").size() < STEPS) {
			latest = ImageIO.read(new ByteArrayInputStream(this.driver.getScreenshotAs(OutputType.BYTES)));
			animation.add(latest, SHOWN);
			next += TAKEN_EVERY.toNanos();
			Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
		}
		animation.add(Objects.requireNonNull(latest), END_SHOWN);
		element("#play").click();
		assertThat(animation.size()).isGreaterThan(20);
		File file = new File("../../docs/images/failover.gif");
		animation.write(file);
		assertThat(file.length()).isBetween(1L, 1_000_000L);
		chromium.await().until(ExpectedConditions.invisibilityOfElementLocated(By.cssSelector("#story")));
	}

}
