package io.github.deepseekboot.samples.chat;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;

/**
 * An animation that repeats. All frames share 255 colours, the most frequent ones, and
 * each has only what differs from the one before, which keeps pictures of a page small.
 */
final class AnimatedGif {

	private static final int COLORS = 255;

	private static final int SAME = COLORS;

	private static final int CENTISECOND_MILLIS = 10;

	private static final String IMAGE_FORMAT = "javax_imageio_gif_image_1.0";

	private final List<Frame> frames = new ArrayList<>();

	void add(BufferedImage image, Duration shown) {
		int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
		if (!this.frames.isEmpty() && Arrays.equals(last().pixels, pixels)) {
			last().shown = last().shown.plus(shown);
			return;
		}
		this.frames.add(new Frame(image.getWidth(), image.getHeight(), pixels, shown));
	}

	private Frame last() {
		return this.frames.get(this.frames.size() - 1);
	}

	int size() {
		return this.frames.size();
	}

	void write(File file) throws IOException {
		int[] palette = palette();
		byte[][] channels = new byte[3][COLORS + 1];
		for (int i = 0; i < palette.length; i++) {
			channels[0][i] = (byte) (palette[i] >> 16);
			channels[1][i] = (byte) (palette[i] >> 8);
			channels[2][i] = (byte) palette[i];
		}
		IndexColorModel colors = new IndexColorModel(8, COLORS + 1, channels[0], channels[1], channels[2], SAME);
		Map<Integer, Integer> nearest = new HashMap<>();
		ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
		file.delete();
		try (ImageOutputStream output = ImageIO.createImageOutputStream(file)) {
			writer.setOutput(output);
			writer.prepareWriteSequence(null);
			byte[] before = null;
			for (Frame frame : this.frames) {
				byte[] now = new byte[frame.pixels.length];
				for (int i = 0; i < now.length; i++) {
					now[i] = nearest.computeIfAbsent(frame.pixels[i], (color) -> nearest(color, palette)).byteValue();
				}
				write(writer, frame, before, now, colors);
				before = now;
			}
			writer.endWriteSequence();
		}
		finally {
			writer.dispose();
		}
	}

	private static void write(ImageWriter writer, Frame frame, byte[] before, byte[] now, IndexColorModel colors)
			throws IOException {
		Rectangle part = changed(frame, before, now);
		BufferedImage image = new BufferedImage(part.width, part.height, BufferedImage.TYPE_BYTE_INDEXED, colors);
		for (int y = 0; y < part.height; y++) {
			byte[] row = new byte[part.width];
			for (int x = 0; x < part.width; x++) {
				int at = (part.y + y) * frame.width + part.x + x;
				row[x] = (before != null && before[at] == now[at]) ? (byte) SAME : now[at];
			}
			image.getRaster().setDataElements(0, y, part.width, 1, row);
		}
		IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), null);
		IIOMetadataNode root = new IIOMetadataNode(IMAGE_FORMAT);
		IIOMetadataNode place = new IIOMetadataNode("ImageDescriptor");
		place.setAttribute("imageLeftPosition", String.valueOf(part.x));
		place.setAttribute("imageTopPosition", String.valueOf(part.y));
		place.setAttribute("imageWidth", String.valueOf(part.width));
		place.setAttribute("imageHeight", String.valueOf(part.height));
		place.setAttribute("interlaceFlag", "FALSE");
		root.appendChild(place);
		IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
		control.setAttribute("disposalMethod", "doNotDispose");
		control.setAttribute("userInputFlag", "FALSE");
		control.setAttribute("transparentColorFlag", "TRUE");
		control.setAttribute("transparentColorIndex", String.valueOf(SAME));
		control.setAttribute("delayTime", String.valueOf(frame.shown.toMillis() / CENTISECOND_MILLIS));
		root.appendChild(control);
		if (before == null) {
			IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
			IIOMetadataNode repeat = new IIOMetadataNode("ApplicationExtension");
			repeat.setAttribute("applicationID", "NETSCAPE");
			repeat.setAttribute("authenticationCode", "2.0");
			repeat.setUserObject(new byte[] { 1, 0, 0 });
			extensions.appendChild(repeat);
			root.appendChild(extensions);
		}
		metadata.mergeTree(IMAGE_FORMAT, root);
		writer.writeToSequence(new IIOImage(image, null, metadata), null);
	}

	private static Rectangle changed(Frame frame, byte[] before, byte[] now) {
		if (before == null) {
			return new Rectangle(frame.width, frame.height);
		}
		Rectangle changed = null;
		for (int at = 0; at < now.length; at++) {
			if (before[at] != now[at]) {
				Rectangle pixel = new Rectangle(at % frame.width, at / frame.width, 1, 1);
				if (changed == null) {
					changed = pixel;
				}
				else if (!changed.contains(pixel)) {
					changed.add(pixel);
				}
			}
		}
		// what differs in colours that the animation does not have is no difference
		return (changed != null) ? changed : new Rectangle(1, 1);
	}

	private int[] palette() {
		Map<Integer, Integer> counts = new HashMap<>();
		for (Frame frame : this.frames) {
			for (int pixel : frame.pixels) {
				counts.merge(pixel, 1, Integer::sum);
			}
		}
		return counts.entrySet()
			.stream()
			.sorted(Map.Entry.<Integer, Integer>comparingByValue(Comparator.reverseOrder())
				.thenComparing(Map.Entry.comparingByKey()))
			.limit(COLORS)
			.mapToInt(Map.Entry::getKey)
			.toArray();
	}

	private static int nearest(int color, int[] palette) {
		int nearest = 0;
		int shortest = Integer.MAX_VALUE;
		for (int i = 0; i < palette.length; i++) {
			int red = (color >> 16 & 0xFF) - (palette[i] >> 16 & 0xFF);
			int green = (color >> 8 & 0xFF) - (palette[i] >> 8 & 0xFF);
			int blue = (color & 0xFF) - (palette[i] & 0xFF);
			int distance = 2 * red * red + 4 * green * green + 3 * blue * blue;
			if (distance < shortest) {
				shortest = distance;
				nearest = i;
			}
		}
		return nearest;
	}

	private static final class Frame {

		private final int width;

		private final int height;

		private final int[] pixels;

		private Duration shown;

		private Frame(int width, int height, int[] pixels, Duration shown) {
			this.width = width;
			this.height = height;
			this.pixels = pixels;
			this.shown = shown;
		}

	}

}
