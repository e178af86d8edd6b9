package io.github.deepseekboot.samples.frameworks;

import java.util.List;

import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

import io.github.deepseekboot.langchain4j.RoutingChatModel;
import io.github.deepseekboot.langchain4j.RoutingChatRequestParameters;
import io.github.deepseekboot.langchain4j.RoutingStreamingChatModel;

/**
 * LangChain4j's own suites of listeners against our chat models.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LangChain4jListenerSuiteTests {

	private static final RoutingChatRequestParameters PARAMETERS = RoutingChatRequestParameters.builder()
		.modelName("chat")
		.temperature(0.7)
		.topP(1.0)
		.maxOutputTokens(7)
		.build();

	private final Routed routed = new Routed();

	private final Routed refused = new Routed();

	LangChain4jListenerSuiteTests() {
		this.refused.providers().forEach((provider) -> provider.acceptKeys("another-key"));
	}

	@AfterAll
	void stop() {
		this.routed.close();
		this.refused.close();
	}

	@Nested
	class ChatModelListenerTests extends AbstractChatModelListenerIT {

		@Override
		protected ChatModel createModel(ChatModelListener listener) {
			return model(LangChain4jListenerSuiteTests.this.routed, listener);
		}

		@Override
		protected String modelName() {
			return "chat";
		}

		@Override
		protected ChatModel createFailingModel(ChatModelListener listener) {
			return model(LangChain4jListenerSuiteTests.this.refused, listener);
		}

		private static ChatModel model(Routed routed, ChatModelListener listener) {
			return RoutingChatModel.builder(routed.client())
				.defaultRequestParameters(PARAMETERS)
				.listeners(List.of(listener))
				.build();
		}

		@Override
		protected Class<? extends Exception> expectedExceptionClass() {
			return AuthenticationException.class;
		}

	}

	@Nested
	class StreamingChatModelListenerTests extends AbstractStreamingChatModelListenerIT {

		@Override
		protected StreamingChatModel createModel(ChatModelListener listener) {
			return model(LangChain4jListenerSuiteTests.this.routed, listener);
		}

		@Override
		protected String modelName() {
			return "chat";
		}

		@Override
		protected StreamingChatModel createFailingModel(ChatModelListener listener) {
			return model(LangChain4jListenerSuiteTests.this.refused, listener);
		}

		private static StreamingChatModel model(Routed routed, ChatModelListener listener) {
			return RoutingStreamingChatModel.builder(routed.client())
				.defaultRequestParameters(PARAMETERS)
				.listeners(List.of(listener))
				.build();
		}

		@Override
		protected Class<? extends Exception> expectedExceptionClass() {
			return AuthenticationException.class;
		}

	}

}
