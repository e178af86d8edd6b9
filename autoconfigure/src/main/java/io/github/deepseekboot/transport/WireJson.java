package io.github.deepseekboot.transport;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON of the wire. A mapper of its own, so that an application's Jackson settings
 * cannot change what is sent or understood.
 */
final class WireJson {

	static final JsonMapper MAPPER = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(500).maxNumberLength(1000).build())
			.disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
			.build())
		.build();

	private WireJson() {
	}

}
