package io.github.deepseekboot.samples.chat;

import java.awt.Color;
import java.awt.Graphics;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AnimatedGif}.
 */
class AnimatedGifTests {

	@Test
	void framesHoldWhatChanged(@TempDir Path folder) throws IOException {
		AnimatedGif animation = new AnimatedGif();
		animation.add(picture(0), Duration.ofMillis(300));
		animation.add(picture(0), Duration.ofMillis(200));
		animation.add(picture(10), Duration.ofMillis(400));
		assertThat(animation.size()).as("what is the same is shown for longer").isEqualTo(2);
		File file = folder.resolve("a.gif").toFile();
		animation.write(file);
		ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
		try (ImageInputStream input = ImageIO.createImageInputStream(file)) {
			reader.setInput(input);
			assertThat(reader.getNumImages(true)).isEqualTo(2);
			assertThat(reader.read(0).getRGB(5, 5)).isEqualTo(Color.RED.getRGB());
			assertThat(reader.read(0).getRGB(35, 5)).isEqualTo(Color.WHITE.getRGB());
			assertThat(delay(reader, 0)).isEqualTo("50");
			BufferedImage second = reader.read(1);
			assertThat(second.getWidth()).as("the square and where it was").isEqualTo(20);
			assertThat(second.getRGB(5, 5)).isEqualTo(Color.WHITE.getRGB());
			assertThat(second.getRGB(15, 5)).isEqualTo(Color.RED.getRGB());
			assertThat(delay(reader, 1)).isEqualTo("40");
		}
		finally {
			reader.dispose();
		}
	}

	private static String delay(ImageReader reader, int frame) throws IOException {
		Element tree = (Element) reader.getImageMetadata(frame).getAsTree("javax_imageio_gif_image_1.0");
		return ((Element) tree.getElementsByTagName("GraphicControlExtension").item(0)).getAttribute("delayTime");
	}

	private static BufferedImage picture(int x) {
		BufferedImage image = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
		Graphics graphics = image.getGraphics();
		graphics.setColor(Color.WHITE);
		graphics.fillRect(0, 0, 40, 20);
		graphics.setColor(Color.RED);
		graphics.fillRect(x, 0, 10, 20);
		graphics.dispose();
		return image;
	}

}
