package io.github.deepseekboot.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.observation.ChatObservation.HighCardinality;
import io.github.deepseekboot.observation.ChatObservation.LowCardinality;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * The attributes of OpenTelemetry's conventions for generative AI.
 */
public class DefaultChatCallObservationConvention implements ChatCallObservationConvention {

	private static final KeyValue NO_PROVIDER = LowCardinality.PROVIDER.withValue(KeyValue.NONE_VALUE);

	private final int maxContent;

	/**
	 * Create a convention.
	 * @param maxContent how many characters of prompt and answer are included, 0 for none
	 */
	public DefaultChatCallObservationConvention(int maxContent) {
		this.maxContent = maxContent;
	}

	@Override
	public String getName() {
		return "deepseek.client.call";
	}

	@Override
	public String getContextualName(ChatCallContext context) {
		return "chat " + requestModel(context);
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(ChatCallContext context) {
		CallEnded ended = context.getEnded();
		// in the order of their names: others are sorted each time
		return KeyValues.of(
				error(ended), DefaultChatAttemptObservationConvention.CHAT, (ended != null && ended.provider() != null)
						? LowCardinality.PROVIDER.withValue(ended.provider()) : NO_PROVIDER,
				LowCardinality.REQUEST_MODEL.withValue(requestModel(context)));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(ChatCallContext context) {
		List<KeyValue> values = new ArrayList<>(3);
		CallEnded ended = context.getEnded();
		if (ended != null) {
			add(values, HighCardinality.RESPONSE_MODEL, ended.responseModel());
			Usage usage = ended.usage();
			if (usage != null && !isReportedByParent(context)) {
				add(values, HighCardinality.INPUT_TOKENS, usage.promptTokens());
				add(values, HighCardinality.OUTPUT_TOKENS, usage.completionTokens());
			}
		}
		if (this.maxContent > 0) {
			add(values, HighCardinality.PROMPT, prompt(context));
			add(values, HighCardinality.COMPLETION, context.getCompletion());
		}
		return KeyValues.of(values);
	}

	private static boolean isReportedByParent(ChatCallContext context) {
		return context.getParentObservation() != null
				&& context.getParentObservation().getContextView().containsKey(ChatCallContext.USAGE_REPORTED);
	}

	private static String requestModel(ChatCallContext context) {
		CallEnded ended = context.getEnded();
		if (ended != null && ended.model() != null) {
			return ended.model();
		}
		String model = context.getCall().request().model();
		return (model != null) ? model : RoutingClient.DEFAULT_MODEL;
	}

	private static KeyValue error(@Nullable CallEnded ended) {
		ErrorKind kind = null;
		if (ended != null) {
			kind = (ended.failure() != null) ? ended.failure().getKind()
					: (ended.outcome() != Outcome.CANCEL) ? null : ErrorKind.CANCELLED;
		}
		return (kind != null) ? LowCardinality.ERROR_TYPE.withValue(kind.name().toLowerCase(Locale.ROOT))
				: DefaultChatAttemptObservationConvention.NO_ERROR;
	}

	private String prompt(ChatCallContext context) {
		StringBuilder prompt = new StringBuilder();
		for (ChatMessage message : context.getCall().request().messages()) {
			if (prompt.length() >= this.maxContent) {
				break;
			}
			prompt.append(message.role().value()).append(": ");
			if (message.content() != null) {
				prompt.append(message.content());
			}
			message.parts().stream().map(ContentPart::text).filter(Objects::nonNull).forEach(prompt::append);
			prompt.append('\n');
		}
		prompt.setLength(Math.min(prompt.length(), this.maxContent));
		return prompt.toString();
	}

	private static void add(List<KeyValue> values, HighCardinality key, @Nullable Object value) {
		if (value != null) {
			values.add(key.withValue(value.toString()));
		}
	}

}
