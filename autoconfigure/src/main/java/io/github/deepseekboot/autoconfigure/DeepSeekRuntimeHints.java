package io.github.deepseekboot.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.Cost;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.chat.PeakHours;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.RawJson;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.chat.TokenLogprob;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * The files of presets and error families, and what is reached by reflection: the types
 * that applications write and read as JSON.
 */
final class DeepSeekRuntimeHints implements RuntimeHintsRegistrar {

	private static final List<Class<?>> JSON_TYPES = List.of(AccountBalance.class, AccountBalance.Amount.class,
			AttemptReport.class, ChatCompletion.class, ChatCompletion.Choice.class, ChatDelta.class, ChatMessage.class,
			ContentPart.class, Cost.class, ErrorKind.class, FinishReason.class, Logprobs.class, MessageRole.class,
			ModelInfo.class, ModelPrice.class, PeakHours.class, PeakHours.Hours.class, ProviderInfo.class,
			ProviderInfo.Model.class, RawJson.class, ReasoningEffort.class, StoredConversation.class,
			TokenLogprob.class, ToolCall.class, ToolCallDelta.class, Usage.class);

	// what typed answers are wrapped in: their schema is made, and they are read
	private static final List<String> ANSWER_TYPES = List.of("io.github.deepseekboot.structured.AnswerType$Items",
			"io.github.deepseekboot.structured.AnswerType$Wrapper");

	// what the stores of conversations write
	private static final String STORED_TURN = "io.github.deepseekboot.conversation.TurnCodec$StoredTurn";

	private static final MemberCategory[] MEMBERS = { MemberCategory.ACCESS_DECLARED_FIELDS,
			MemberCategory.INVOKE_DECLARED_CONSTRUCTORS, MemberCategory.INVOKE_DECLARED_METHODS };

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/github/deepseekboot/provider/errors.json");
		hints.resources().registerPattern("io/github/deepseekboot/jdbc/schema-*.sql");
		hints.reflection().registerType(TypeReference.of(STORED_TURN), MEMBERS);
		JSON_TYPES.forEach((type) -> register(hints, type));
		ANSWER_TYPES.forEach((type) -> hints.reflection().registerType(TypeReference.of(type), MEMBERS));
	}

	// accessors and factory methods have no names that a mapper would be expected to call
	private static void register(RuntimeHints hints, Class<?> type) {
		hints.reflection().registerType(type, MEMBERS);
	}

}
