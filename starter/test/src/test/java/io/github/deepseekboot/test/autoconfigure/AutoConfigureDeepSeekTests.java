package io.github.deepseekboot.test.autoconfigure;

import java.lang.reflect.Method;
import java.util.Map;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.platform.commons.support.AnnotationSupport;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.TestContextManager;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.test.provider.ReceivedCall;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link AutoConfigureDeepSeek}.
 */
@SpringBootTest(classes = AutoConfigureDeepSeekTests.Application.class,
		webEnvironment = SpringBootTest.WebEnvironment.NONE,
		properties = { "deepseek.providers.lab.preset=vllm", "deepseek.providers.lab.base-url=http://lab.invalid/v1",
				"deepseek.providers.lab.models.chat=some-model",
				"deepseek.providers.lab.completions-path=/generate/chat" })
@AutoConfigureDeepSeek("openrouter")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AutoConfigureDeepSeekTests {

	@Autowired
	ScriptedProvider deepseek;

	@Autowired
	ChatCompletionTemplate chat;

	@Test
	@Order(1)
	void leavesAnswersAndFailures() {
		this.deepseek.fails(402);
		this.deepseek.answers("left over");
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> this.chat.withProvider("deepseek").complete("Hello"))
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.OUT_OF_CREDIT));
	}

	@Test
	@Order(2)
	void eachTestBeginsAnew() {
		this.deepseek.answers("mine");
		assertThat(this.chat.complete("Hello").content()).isEqualTo("mine");
		assertThat(this.deepseek).hasReceivedCalls(1).hasNoUnusedAnswers();
	}

	@Test
	void allProvidersAreScripted(@Autowired Map<String, ScriptedProvider> providers) {
		assertThat(providers).containsOnlyKeys("deepseek", "siliconflow", "lab", "openrouter");
		providers.forEach((id, provider) -> {
			provider.answers("I am " + id);
			ChatRequest request = ChatRequest.builder()
				.user("Who are you?")
				.model(id.equals("openrouter") ? "deepseek/deepseek-chat" : "chat")
				.build();
			assertThat(this.chat.withProvider(id).complete(request).content()).isEqualTo("I am " + id);
			assertThat(provider).lastCall().hasHeader("Authorization", "Bearer ****");
		});
		assertThat(providers.get("lab").requests().get(0).path()).isEqualTo("/lab/v1/generate/chat");
	}

	@Test
	void whatWasAskedNeverHasTheKey() {
		this.deepseek.answers("Hello");
		this.chat.complete("Hello");
		ReceivedCall call = this.deepseek.lastCall();
		assertThat(call.toString() + call.json() + this.deepseek.requests()).doesNotContain("test-key");
	}

	@Test
	void testsThatMayShareAContextNeverRunAtOnce() {
		assertThat(AnnotationSupport.findRepeatableAnnotations(AutoConfigureDeepSeekTests.class, ResourceLock.class))
			.hasSize(1);
	}

	@Test
	void anUnexpectedCallFailsTheTest() throws Exception {
		TestContextManager manager = new TestContextManager(CarelessTests.class);
		CarelessTests test = new CarelessTests();
		manager.prepareTestInstance(test);
		Method method = CarelessTests.class.getDeclaredMethod("asksWithoutAScript");
		manager.beforeTestMethod(test, method);
		assertThatExceptionOfType(DeepSeekException.class).isThrownBy(test::asksWithoutAScript)
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> manager.afterTestMethod(test, method, null))
			.withMessageContaining("Provider 'deepseek' has no answer")
			.withMessageContaining("user: Is anybody there?");
		manager.beforeTestMethod(test, method);
		manager.afterTestMethod(test, method, null);
	}

	@Nested
	class NestedTests {

		@Test
		void areScriptedToo() {
			AutoConfigureDeepSeekTests.this.deepseek.answers("nested");
			assertThat(AutoConfigureDeepSeekTests.this.chat.complete("Hello").content()).isEqualTo("nested");
		}

	}

	@SpringBootTest(classes = Application.class, webEnvironment = SpringBootTest.WebEnvironment.NONE)
	@AutoConfigureDeepSeek
	static class CarelessTests {

		@Autowired
		ChatCompletionTemplate chat;

		void asksWithoutAScript() {
			this.chat.complete("Is anybody there?");
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

	}

}
