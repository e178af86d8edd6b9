package io.github.deepseekboot.test.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.support.TestPropertySourceUtils;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link DeepSeekCassette}: recorded from a host that is scripted, too.
 */
class DeepSeekCassetteTests {

	@TempDir
	private Path folder;

	@Test
	void whatIsRecordedOnceIsReplayed() throws Exception {
		TestContextManager manager = new TestContextManager(RecordedTests.class);
		RecordedTests test = new RecordedTests();
		manager.prepareTestInstance(test);
		try (ScriptedProvider host = ScriptedProvider.start("deepseek")) {
			host.acceptKeys("real-key");
			host.answers("Drip, drop");
			setUp(test.context, "deepseek.test.cassettes=" + this.folder, "deepseek.test.record=missing",
					"deepseek.providers.deepseek.api-key=real-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl());
			run(manager, test);
			run(manager, test);
			assertThat(host.calls()).hasSize(1);
		}
		setUp(test.context, "deepseek.test.record=none");
		run(manager, test);
		assertThat(read()).contains("Drip", "Write a poem").doesNotContain("real-key");
		manager.getTestContext().markApplicationContextDirty(DirtiesContext.HierarchyMode.EXHAUSTIVE);
	}

	@Test
	void aCassetteThatNobodyPlaysIsRefused() throws Exception {
		TestContextManager manager = new TestContextManager(UnscriptedTests.class);
		UnscriptedTests test = new UnscriptedTests();
		manager.prepareTestInstance(test);
		Method method = UnscriptedTests.class.getDeclaredMethod("asks");
		assertThatIllegalStateException().isThrownBy(() -> manager.beforeTestMethod(test, method))
			.withMessageContaining(UnscriptedTests.class.getName())
			.withMessageContaining("add that annotation");
		manager.getTestContext().markApplicationContextDirty(DirtiesContext.HierarchyMode.EXHAUSTIVE);
	}

	private static void run(TestContextManager manager, RecordedTests test) throws Exception {
		Method method = RecordedTests.class.getDeclaredMethod("asks");
		manager.beforeTestMethod(test, method);
		assertThat(test.asks()).isEqualTo("Drip, drop");
		manager.afterTestMethod(test, method, null);
	}

	private static void setUp(ApplicationContext context, String... properties) {
		TestPropertySourceUtils.addInlinedPropertiesToEnvironment((ConfigurableApplicationContext) context, properties);
	}

	private String read() throws IOException {
		return Files.readString(this.folder.resolve("poem.deepseek.json"));
	}

	@SpringBootTest(classes = AutoConfigureDeepSeekTests.Application.class,
			webEnvironment = SpringBootTest.WebEnvironment.NONE, properties = "cassette-test=true")
	@AutoConfigureDeepSeek
	@DeepSeekCassette("poem")
	static class RecordedTests {

		@Autowired
		ChatCompletionTemplate chat;

		@Autowired
		ApplicationContext context;

		String asks() {
			return this.chat.complete("Write a poem").content();
		}

	}

	@SpringBootTest(classes = AutoConfigureDeepSeekTests.Application.class,
			webEnvironment = SpringBootTest.WebEnvironment.NONE,
			properties = "deepseek.providers.deepseek.api-key=test-key")
	@DeepSeekCassette("poem")
	static class UnscriptedTests {

		void asks() {
		}

	}

}
