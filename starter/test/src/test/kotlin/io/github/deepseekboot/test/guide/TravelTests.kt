package io.github.deepseekboot.test.guide

import io.github.deepseekboot.ChatCompletionTemplate
import io.github.deepseekboot.test.ChatAssertions.assertThat
import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek
import io.github.deepseekboot.test.provider.ScriptedProvider
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.springframework.beans.factory.annotation.Autowired
import org.springframework.boot.test.context.SpringBootTest

/**
 * The test of an application in Kotlin that the guide shows.
 */
// tag::test[]
@SpringBootTest
@AutoConfigureDeepSeek
class TravelTests {

	@Autowired
	private lateinit var deepseek: ScriptedProvider

	@Autowired
	private lateinit var chat: ChatCompletionTemplate

	@Test
	fun describesATrip() {
		deepseek.answers("By train")
		assertThat(chat.complete("Describe a trip to Rome").content()).isEqualTo("By train")
		assertThat(deepseek).lastCall().hasUserMessage("Describe a trip to Rome")
	}

}
// end::test[]
