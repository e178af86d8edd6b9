package io.github.deepseekboot.chat;

import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import org.junit.jupiter.api.Named;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Mappers as applications set them up, with which our JSON forms must stay the same.
 */
final class ApplicationMappers {

	private ApplicationMappers() {
	}

	static Stream<Named<JsonMapper>> all() {
		return Stream.of(Named.of("plain", JsonMapper.builder().build()),
				Named.of("snake case",
						JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build()),
				Named.of("upper camel case",
						JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE).build()),
				Named.of("with nulls", including(Include.ALWAYS)),
				Named.of("non-default", including(Include.NON_DEFAULT)),
				Named.of("non-empty", including(Include.NON_EMPTY)),
				Named.of("strict",
						JsonMapper.builder()
							.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
							.enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
							.build()),
				Named.of("other values", JsonMapper.builder()
					.enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
					.enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
					.build()));
	}

	private static JsonMapper including(Include include) {
		return JsonMapper.builder()
			.changeDefaultPropertyInclusion((inclusion) -> JsonInclude.Value.construct(include, include))
			.build();
	}

}
