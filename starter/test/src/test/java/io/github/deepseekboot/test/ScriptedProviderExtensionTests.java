package io.github.deepseekboot.test;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ScriptedProviderExtension}.
 */
@ExtendWith(ScriptedProviderExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class ScriptedProviderExtensionTests {

	@Test
	void providersAreNamedByTheirParameters(ScriptedProvider deepseek, ScriptedProvider vllm, ScriptedProvider other) {
		assertThat(deepseek.id()).isEqualTo("deepseek");
		assertThat(vllm.id()).isEqualTo("vllm");
		assertThat(other.id()).isEqualTo("deepseek");
		assertThat(deepseek.baseUrl()).isNotEqualTo(other.baseUrl());
	}

	@Test
	void eachTestHasItsOwn(ScriptedProvider deepseek) {
		assertThat(deepseek.calls()).isEmpty();
		assertThat(deepseek.unused()).isZero();
	}

}
