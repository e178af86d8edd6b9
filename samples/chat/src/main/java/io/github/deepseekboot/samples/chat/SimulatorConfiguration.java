package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * Puts simulated providers in the place of the real ones as long as there is no key, so
 * that the page works for anybody. An application of your own has no need of this.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("chat.simulated")
class SimulatorConfiguration {

	private static final Log logger = LogFactory.getLog(SimulatorConfiguration.class);

	private static final double TOKENS_PER_SECOND = 40;

	private static final Duration TIME_TO_FIRST_TOKEN = Duration.ofMillis(400);

	@Bean
	Script simulatedAnswers(SimulatedAnswers answers) {
		return Script.builder()
			.reasoning(answers::reasoning)
			.toolCall(answers::needsClock, ClockTool.NAME, "{\"zone\":\"Asia/Shanghai\"}")
			.answerRequest(answers::answer)
			.chunksPerSecond(TOKENS_PER_SECOND)
			.firstTokenDelay(TIME_TO_FIRST_TOKEN)
			.build();
	}

	@Bean
	SimulatedAnswers simulatedAnswerTexts(@Value("classpath:simulated/answer.md") Resource english,
			@Value("classpath:simulated/answer.zh-CN.md") Resource chinese,
			@Value("classpath:simulated/suggested/*.md") Resource[] suggested) throws IOException {
		return new SimulatedAnswers(english, chinese, suggested);
	}

	@Bean
	ProviderSimulator providerSimulator(Script simulatedAnswers) {
		ProviderSimulator simulator = ProviderSimulator.start();
		simulator.providers().forEach((provider) -> provider.script(simulatedAnswers));
		logger.warn("There is no API key: answers are simulated. Set DEEPSEEK_API_KEY to talk to DeepSeek.");
		return simulator;
	}

	@Bean
	DeepSeekConnectionDetails simulatorConnectionDetails(ProviderSimulator simulator) {
		Map<String, Connection> connections = simulator.providers()
			.stream()
			.collect(Collectors.toMap(ScriptedProvider::id,
					(provider) -> new Connection(provider.baseUrl(), "simulated")));
		return () -> connections;
	}

}
