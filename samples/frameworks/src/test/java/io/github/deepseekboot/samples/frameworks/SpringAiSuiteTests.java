package io.github.deepseekboot.samples.frameworks;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorAutoRegistrationIT;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorIT;
import org.springframework.ai.test.options.AbstractChatOptionsTests;

import io.github.deepseekboot.springai.RoutingChatModel;
import io.github.deepseekboot.springai.RoutingChatOptions;

/**
 * Spring AI's own suites against our chat model.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SpringAiSuiteTests {

	private static final Routed routed = new Routed();

	@AfterAll
	void stop() {
		routed.close();
	}

	@Nested
	class ToolCallingAdvisorTests extends AbstractToolCallingAdvisorIT {

		@Override
		protected ChatModel getChatModel() {
			return routed.bean(RoutingChatModel.class);
		}

	}

	@Nested
	class ToolCallingAdvisorAutoRegistrationTests extends AbstractToolCallingAdvisorAutoRegistrationIT {

		@Override
		protected ChatModel getChatModel() {
			return routed.bean(RoutingChatModel.class);
		}

	}

	@Nested
	class ChatOptionsTests extends AbstractChatOptionsTests<RoutingChatOptions, RoutingChatOptions.Builder> {

		@Override
		protected Class<RoutingChatOptions> getConcreteOptionsClass() {
			return RoutingChatOptions.class;
		}

		@Override
		protected RoutingChatOptions.Builder readyToBuildBuilder() {
			return RoutingChatOptions.builder().model("chat").temperature(0.5).provider("deepseek").extra("seed", 1);
		}

	}

}
