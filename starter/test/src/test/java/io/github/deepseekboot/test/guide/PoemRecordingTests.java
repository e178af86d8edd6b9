package io.github.deepseekboot.test.guide;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek;
import io.github.deepseekboot.test.autoconfigure.CassetteCustomizer;
import io.github.deepseekboot.test.autoconfigure.DeepSeekCassette;
import io.github.deepseekboot.test.guide.PoemApplication.Poet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The recorded test that the guide shows.
 */
// tag::recorded[]
@SpringBootTest
@AutoConfigureDeepSeek
class PoemRecordingTests {

	@Test
	@DeepSeekCassette("poems")
	void writesAPoem(@Autowired Poet poet) {
		assertThat(poet.poem("rain")).contains("drop");
	}

	@TestConfiguration
	static class Redactions {

		@Bean
		CassetteCustomizer namesOfCustomers() {
			return (cassette) -> cassette.redact("/metadata/customer")
				.redact((text) -> text.replaceAll("customer \\d+", "customer N"));
		}

	}

}
// end::recorded[]
