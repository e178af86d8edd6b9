package io.github.deepseekboot.samples.frameworks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

import tools.jackson.databind.JsonNode;

/**
 * The current turn of a conversation, as a model sees it.
 */
final class Turn {

	private final JsonNode request;

	private final StringBuilder earlier = new StringBuilder();

	private final List<String> results = new ArrayList<>();

	private final List<String> earlierResults = new ArrayList<>();

	private final List<String> called = new ArrayList<>();

	private final List<String> images = new ArrayList<>();

	private String question = "";

	private String system = "";

	Turn(JsonNode request) {
		this.request = request;
		for (JsonNode message : request.path("messages")) {
			switch (message.path("role").asString("")) {
				case "system" -> this.system += text(message);
				case "user" -> begin(message);
				case "tool" -> this.results.add(text(message));
				default -> message.path("tool_calls").forEach((call) -> this.called.add(signature(call)));
			}
		}
	}

	private void begin(JsonNode message) {
		this.earlier.append(this.question).append(". ");
		this.earlierResults.addAll(this.results);
		this.results.clear();
		this.called.clear();
		this.images.clear();
		this.question = text(message);
		for (JsonNode part : message.path("content")) {
			String url = part.path("image_url").path("url").asString("");
			if (!url.isEmpty()) {
				this.images.add(seen(url));
			}
		}
	}

	private static String signature(JsonNode call) {
		return call.path("function").path("name").asString("") + call.path("function").path("arguments").asString("");
	}

	private static String text(JsonNode message) {
		JsonNode content = message.path("content");
		if (!content.isArray()) {
			return content.asString("");
		}
		StringBuilder text = new StringBuilder();
		content.forEach((part) -> text.append(part.path("text").asString("")).append(' '));
		return text.toString();
	}

	// the double has seen two pictures in its life
	private static String seen(String url) {
		for (String animal : List.of("cat", "dice")) {
			if (url.endsWith("/" + animal + ".jpg") || (url.startsWith("data:") && url.endsWith(picture(animal)))) {
				return animal;
			}
		}
		return "something";
	}

	private static String picture(String name) {
		try (InputStream picture = Turn.class.getResourceAsStream("/images/" + name + ".jpg")) {
			return Base64.getEncoder().encodeToString(picture.readAllBytes());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	JsonNode request() {
		return this.request;
	}

	String question() {
		return this.question;
	}

	String system() {
		return this.system;
	}

	String earlier() {
		return this.earlier.toString();
	}

	List<String> results() {
		return this.results;
	}

	// the latest result of a tool in the conversation
	String latestResult() {
		List<String> all = new ArrayList<>(this.earlierResults);
		all.addAll(this.results);
		return all.isEmpty() ? "" : all.get(all.size() - 1);
	}

	boolean hasCalled(String tool, String arguments) {
		return this.called.contains(tool + arguments);
	}

	boolean hasCalled(String tool) {
		return this.called.stream().anyMatch((call) -> call.startsWith(tool + "{"));
	}

	List<String> images() {
		return this.images;
	}

	List<String> context() {
		return Arrays.stream((this.question + "\n" + this.system).split("(?<=\\.)\\s|\\n"))
			.filter((sentence) -> sentence.endsWith("."))
			.toList();
	}

	static List<String> words(String text) {
		return Arrays.stream(text.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT).split("[^\\p{L}\\d]+"))
			.filter((word) -> !word.isEmpty())
			.toList();
	}

}
