package io.github.deepseekboot.samples.frameworks;

import java.util.List;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.common.AbstractAiServiceIT;
import dev.langchain4j.service.common.AbstractAiServiceWithJsonSchemaIT;
import dev.langchain4j.service.common.AbstractAiServiceWithToolsIT;
import dev.langchain4j.service.common.AbstractStreamingAiServiceIT;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

import io.github.deepseekboot.langchain4j.RoutingChatModel;
import io.github.deepseekboot.langchain4j.RoutingChatRequestParameters;
import io.github.deepseekboot.langchain4j.RoutingChatResponseMetadata;
import io.github.deepseekboot.langchain4j.RoutingStreamingChatModel;
import io.github.deepseekboot.langchain4j.RoutingTokenUsage;

/**
 * LangChain4j's own suites of AI services against our chat models, over a host that has
 * no JSON schemas and one that has.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LangChain4jAiServiceSuiteTests {

	private static final Routed routed = new Routed();

	@AfterAll
	void stop() {
		routed.close();
	}

	private static List<ChatModel> chatModels() {
		return List.of(routed.bean(RoutingChatModel.class),
				RoutingChatModel.builder(routed.client())
					.defaultRequestParameters(RoutingChatRequestParameters.builder().provider("second").build())
					.build());
	}

	@Nested
	class AiServiceTests extends AbstractAiServiceIT {

		@Override
		protected List<ChatModel> models() {
			return chatModels();
		}

		@Override
		protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
			return RoutingTokenUsage.class;
		}

	}

	@Nested
	class AiServiceWithToolsTests extends AbstractAiServiceWithToolsIT {

		@Override
		protected List<ChatModel> models() {
			return chatModels();
		}

		@Override
		protected boolean supportsRecursion() {
			return true;
		}

		@Override
		protected boolean verifyModelInteractions() {
			return true;
		}

		@Override
		protected Image catImage() {
			return Image.builder().url("http://127.0.0.1/cat.jpg").build();
		}

	}

	@Nested
	class AiServiceWithJsonSchemaTests extends AbstractAiServiceWithJsonSchemaIT {

		@Override
		protected List<ChatModel> models() {
			return chatModels();
		}

		@Override
		protected boolean supportsRecursion() {
			return true;
		}

	}

	@Nested
	class StreamingAiServiceTests extends AbstractStreamingAiServiceIT {

		@Override
		protected List<StreamingChatModel> models() {
			return List.of(routed.bean(RoutingStreamingChatModel.class),
					RoutingStreamingChatModel.builder(routed.client())
						.defaultRequestParameters(RoutingChatRequestParameters.builder().provider("second").build())
						.build());
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

}
