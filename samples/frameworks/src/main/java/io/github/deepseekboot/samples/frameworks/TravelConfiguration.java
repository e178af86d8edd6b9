package io.github.deepseekboot.samples.frameworks;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.service.AiServices;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the {@link TravelAgent}.
 */
// tag::service[]
@Configuration(proxyBeanMethods = false)
public class TravelConfiguration {

	@Bean
	TravelAgent travelAgent(ChatModel model, StreamingChatModel streamingModel) {
		return AiServices.builder(TravelAgent.class)
			.chatModel(model)
			.streamingChatModel(streamingModel)
			.tools(new Timetable())
			.build();
	}

	static class Timetable {

		@Tool("Finds the next train.")
		String nextTrain(@P("The city to start in") String from, @P("The city to go to") String to) {
			return "The next train from " + from + " to " + to + " leaves at 9:15.";
		}

	}

}
// end::service[]
