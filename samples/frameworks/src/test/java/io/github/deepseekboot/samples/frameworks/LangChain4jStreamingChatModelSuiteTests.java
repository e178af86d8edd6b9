package io.github.deepseekboot.samples.frameworks;

import java.util.List;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import org.junit.jupiter.api.AfterAll;
import org.mockito.InOrder;

import io.github.deepseekboot.langchain4j.RoutingChatRequestParameters;
import io.github.deepseekboot.langchain4j.RoutingChatResponseMetadata;
import io.github.deepseekboot.langchain4j.RoutingStreamingChatModel;
import io.github.deepseekboot.langchain4j.RoutingTokenUsage;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.atLeastOnce;

/**
 * LangChain4j's own suite against our streaming chat model, over a host that has no JSON
 * schemas and one that has.
 */
class LangChain4jStreamingChatModelSuiteTests extends AbstractStreamingChatModelIT {

	private final Routed routed = new Routed();

	@AfterAll
	void stop() {
		this.routed.close();
	}

	@Override
	protected List<StreamingChatModel> models() {
		return List.of(this.routed.bean(RoutingStreamingChatModel.class),
				createModelWith(RoutingChatRequestParameters.builder().provider("second").build()));
	}

	@Override
	protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
		return RoutingStreamingChatModel.builder(this.routed.client()).defaultRequestParameters(parameters).build();
	}

	@Override
	public StreamingChatModel createModelWith(ChatModelListener listener) {
		return RoutingStreamingChatModel.builder(this.routed.client()).listeners(List.of(listener)).build();
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
	protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id) {
		order.verify(handler, atLeastOnce()).onPartialToolCall(argThat((call) -> call.id().equals(id)), any());
		order.verify(handler).onCompleteToolCall(argThat((call) -> call.toolExecutionRequest().id().equals(id)));
	}

	@Override
	protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id1, String id2) {
		verifyToolCallbacks(handler, order, id1);
		verifyToolCallbacks(handler, order, id2);
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
	protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(StreamingChatModel model) {
		return RoutingChatResponseMetadata.class;
	}

	@Override
	protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
		return RoutingTokenUsage.class;
	}

}
