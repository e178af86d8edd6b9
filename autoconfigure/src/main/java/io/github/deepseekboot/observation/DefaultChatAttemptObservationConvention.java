package io.github.deepseekboot.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.observation.ChatObservation.HighCardinality;
import io.github.deepseekboot.observation.ChatObservation.LowCardinality;

/**
 * The attributes of an attempt: who was asked, and what came of it.
 */
public class DefaultChatAttemptObservationConvention implements ChatAttemptObservationConvention {

	// asked for twice by each observation
	static final KeyValue CHAT = LowCardinality.OPERATION.withValue("chat");

	static final KeyValue NO_ERROR = LowCardinality.ERROR_TYPE.withValue(KeyValue.NONE_VALUE);

	private static final KeyValue FIRST = HighCardinality.ATTEMPT.withValue("1");

	@Override
	public String getName() {
		return "deepseek.client.attempt";
	}

	@Override
	public String getContextualName(ChatAttemptContext context) {
		return "attempt " + context.getAttempt().provider();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(ChatAttemptContext context) {
		AttemptReport report = context.getReport();
		ErrorKind error = (report != null) ? report.error() : null;
		// in the order of their names: others are sorted each time
		return KeyValues.of(
				(error != null) ? LowCardinality.ERROR_TYPE.withValue(error.name().toLowerCase(Locale.ROOT)) : NO_ERROR,
				CHAT, LowCardinality.PROVIDER.withValue(context.getAttempt().provider()),
				LowCardinality.REQUEST_MODEL.withValue(context.getAttempt().model()));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(ChatAttemptContext context) {
		List<KeyValue> values = new ArrayList<>(3);
		int number = context.getAttempt().number();
		values.add((number == 1) ? FIRST : HighCardinality.ATTEMPT.withValue(Integer.toString(number)));
		AttemptReport report = context.getReport();
		if (report != null && report.requestId() != null) {
			values.add(HighCardinality.REQUEST_ID.withValue(report.requestId()));
		}
		if (report != null && report.status() != null) {
			values.add(HighCardinality.STATUS.withValue(report.status().toString()));
		}
		return KeyValues.of(values);
	}

}
