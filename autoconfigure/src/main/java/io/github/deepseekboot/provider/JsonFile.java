package io.github.deepseekboot.provider;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.springframework.util.Assert;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reader of this library's own JSON files. It needs no data binding of Jackson, which
 * would load two hundred classes for the first call that fails.
 */
final class JsonFile {

	private static final JsonFactory FACTORY = new JsonFactory();

	private JsonFile() {
	}

	/**
	 * Load a file to parse later.
	 * @param name its name, from this package on
	 * @return its bytes
	 */
	static byte[] load(String name) {
		try (InputStream file = JsonFile.class.getResourceAsStream(name)) {
			Assert.state(file != null, () -> name + " is missing");
			return file.readAllBytes();
		}
		catch (IOException ex) {
			throw new IllegalStateException("cannot read " + name, ex);
		}
	}

	/**
	 * Parse a file.
	 * @param file its bytes
	 * @return the fields of its object, of which each is a {@code Map}, a {@code List}, a
	 * {@code String}, an {@code Integer} or a {@code Boolean}
	 */
	static Map<String, Object> parse(byte[] file) {
		try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), file)) {
			parser.nextToken();
			return readObject(parser);
		}
	}

	private static Map<String, Object> readObject(JsonParser parser) {
		Map<String, Object> fields = new LinkedHashMap<>();
		for (String name = parser.nextName(); name != null; name = parser.nextName()) {
			parser.nextToken();
			fields.put(name, readValue(parser));
		}
		return fields;
	}

	private static Object readValue(JsonParser parser) {
		JsonToken token = parser.currentToken();
		return switch (token) {
			case START_OBJECT -> readObject(parser);
			case START_ARRAY -> {
				List<Object> values = new ArrayList<>();
				while (parser.nextToken() != JsonToken.END_ARRAY) {
					values.add(readValue(parser));
				}
				yield values;
			}
			case VALUE_STRING -> parser.getString();
			case VALUE_NUMBER_INT -> parser.getIntValue();
			case VALUE_TRUE -> true;
			case VALUE_FALSE -> false;
			default -> throw new IllegalStateException("unexpected " + token);
		};
	}

	@SuppressWarnings("unchecked")
	static Map<String, Object> object(Object value) {
		return (Map<String, Object>) value;
	}

	/**
	 * A field that must be there.
	 * @param fields the fields
	 * @param name the field's name
	 * @return its value
	 */
	static Object field(Map<String, Object> fields, String name) {
		return Objects.requireNonNull(fields.get(name), () -> "there is no field '" + name + "'");
	}

	/**
	 * The elements of a list of texts.
	 * @param value the list, or a text, which stands for a list of it alone
	 * @return the texts
	 */
	static List<String> strings(Object value) {
		List<String> strings = new ArrayList<>();
		for (Object element : list(value)) {
			strings.add((String) element);
		}
		return strings;
	}

	static List<?> list(Object value) {
		return (value instanceof List<?> list) ? list : List.of(value);
	}

	/**
	 * Create the exception for a field that nothing reads.
	 * @param name the field's name
	 * @return the exception
	 */
	static IllegalStateException unknown(String name) {
		return new IllegalStateException("unknown field '" + name + "'");
	}

}
