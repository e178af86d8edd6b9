package io.github.deepseekboot.samples.frameworks;

import java.util.List;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import org.junit.jupiter.api.AfterAll;

import io.github.deepseekboot.langchain4j.RoutingChatModel;
import io.github.deepseekboot.langchain4j.RoutingChatRequestParameters;
import io.github.deepseekboot.langchain4j.RoutingChatResponseMetadata;
import io.github.deepseekboot.langchain4j.RoutingTokenUsage;

/**
 * LangChain4j's own suite against our chat model, over a host that has no JSON schemas
 * and one that has.
 */
class LangChain4jChatModelSuiteTests extends AbstractChatModelIT {

	private final Routed routed = new Routed();

	@AfterAll
	void stop() {
		this.routed.close();
	}

	@Override
	protected List<ChatModel> models() {
		return List.of(this.routed.bean(RoutingChatModel.class), second());
	}

	private ChatModel second() {
		return RoutingChatModel.builder(this.routed.client())
			.defaultRequestParameters(RoutingChatRequestParameters.builder().provider("second").build())
			.build();
	}

	@Override
	protected ChatModel createModelWith(ChatRequestParameters parameters) {
		return RoutingChatModel.builder(this.routed.client()).defaultRequestParameters(parameters).build();
	}

	@Override
	protected String customModelName() {
		return "another-model";
	}

	@Override
	protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
		return RoutingChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
	}

	@Override
	protected String catImageUrl() {
		return "http://127.0.0.1/cat.jpg";
	}

	@Override
	protected String diceImageUrl() {
		return "http://127.0.0.1/dice.jpg";
	}

	@Override
	protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(ChatModel model) {
		return RoutingChatResponseMetadata.class;
	}

	@Override
	protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
		return RoutingTokenUsage.class;
	}

}
