package io.github.deepseekboot.samples.chat;

import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

import io.github.deepseekboot.tool.Tool;

/**
 * A tool that models may call, since they have no clock of their own.
 */
final class ClockTool {

	static final String NAME = "current_time";

	private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

	private final InstantSource clock;

	ClockTool(InstantSource clock) {
		this.clock = clock;
	}

	Tool tool() {
		return Tool.of(NAME, "The current date and time in a time zone", ZoneQuery.class, this::timeIn);
	}

	private LocalTime timeIn(ZoneQuery query) {
		return new LocalTime(query.zone(), FORMAT.format(this.clock.instant().atZone(ZoneId.of(query.zone()))));
	}

	record ZoneQuery(@JsonPropertyDescription("A time zone, such as Asia/Shanghai") String zone) {

	}

	record LocalTime(String zone, String time) {

	}

}
