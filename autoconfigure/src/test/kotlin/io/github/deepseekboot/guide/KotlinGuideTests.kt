package io.github.deepseekboot.guide

import io.github.deepseekboot.ChatCompletionTemplate
import io.github.deepseekboot.structured.TypedHost
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.math.BigDecimal

/**
 * Tests that the Kotlin of the guide does what the guide says.
 */
class KotlinGuideTests {

	private val host = TypedHost()

	@AfterEach
	fun close() = host.close()

	@Test
	fun typedAnswers() = run(PLAIN, "{\"value\": [$FULL]}", PLAIN) { chat ->
		val service = InvoiceService(chat)
		assertThat(service.read("…")).isEqualTo(Invoice("A-1", BigDecimal("2.50"), null, "EUR"))
		assertThat(service.readAll("…")).containsExactly(Invoice("A-1", BigDecimal("2.50"), "late", "USD"))
		assertThat(service.cost("…")?.totalTokens()).isEqualTo(15)
	}

	@Test
	fun coroutines() {
		host.answer("short").answer(FULL).stream("stop", "{\"items\": [$FULL]}").stream("stop", "po", "em")
		host.run({ chat ->
			val service = InvoiceCoroutines(chat)
			runBlocking {
				assertThat(service.summary("…")).isEqualTo("short")
				assertThat(service.read("…").currency).isEqualTo("USD")
				assertThat(service.readEach("…").toList()).hasSize(1)
				assertThat(service.live("rain").toList().mapNotNull { it.content() }).containsExactly("po", "em")
			}
		})
		assertThat(host.requests().last().path("temperature").asDouble()).isEqualTo(1.3)
	}

	@Test
	fun tools() {
		host.callWith("payments", "{\"number\": \"A-1\"}").answer("one payment")
		host.run({ chat -> runBlocking { assertThat(InvoiceCoroutines(chat).ask("paid?")).isEqualTo("one payment") } })
		assertThat(host.requests().last().at("/messages").last().path("content").asString())
			.isEqualTo("[\"payment of A-1\"]")
	}

	@Test
	fun thinkingAndFailures() {
		host.answer("short").then { it.fails(429).always() }
		host.run({ chat ->
			val service = InvoiceCoroutines(chat)
			assertThat(service.quick("…")).isEqualTo("short")
			assertThat(host.requests().last().path("enable_thinking").toString()).isEqualTo("false")
			assertThat(service.quick("…")).isNull()
		})
	}

	private fun run(vararg answers: String, test: (ChatCompletionTemplate) -> Unit) {
		answers.forEach { host.answer(it) }
		host.run({ test(it) })
	}

	private companion object {

		const val PLAIN = "{\"number\": \"A-1\", \"total\": 2.50, \"note\": null}"

		const val FULL = "{\"number\": \"A-1\", \"total\": 2.50, \"note\": \"late\", \"currency\": \"USD\"}"

	}

}
