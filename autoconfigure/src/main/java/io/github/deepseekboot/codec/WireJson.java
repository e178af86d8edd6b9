package io.github.deepseekboot.codec;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON of the wire. A mapper of its own, so that an application's Jackson settings
 * cannot change what is sent or understood.
 */
public final class WireJson {

	/**
	 * The most JSON tokens of one answer: each may take tens of bytes of heap, whereas on
	 * the wire it takes one.
	 */
	static final int MAX_TOKENS = 2_000_000;

	/**
	 * The mapper of what goes over the wire.
	 */
	public static final JsonMapper MAPPER = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNestingDepth(500)
				.maxNumberLength(1000)
				.maxTokenCount(MAX_TOKENS)
				.build())
			.disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
			// what Python and others write of their own accord
			.enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
			.enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
			.build())
		.build();

	// a mapper checks by default that nothing follows a value: wrong inside of another
	private static final ObjectReader NESTED = MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

	private WireJson() {
	}

	/**
	 * Make a parser that reads tokens; values are for {@link #readNested}.
	 * @param bytes holds the JSON
	 * @param offset where it begins
	 * @param length how long it is
	 * @return the parser
	 */
	static JsonParser parser(byte[] bytes, int offset, int length) {
		// without the context in which a mapper would read a value
		return MAPPER.tokenStreamFactory().createParser(ObjectReadContext.empty(), bytes, offset, length);
	}

	/**
	 * Read the value that a parser stands at, inside of a larger one.
	 * @param parser the parser
	 * @return the value
	 */
	public static JsonNode readNested(JsonParser parser) {
		return NESTED.readTree(parser);
	}

}
