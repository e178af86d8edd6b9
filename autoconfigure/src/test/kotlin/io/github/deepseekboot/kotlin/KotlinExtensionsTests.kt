package io.github.deepseekboot.kotlin

import io.github.deepseekboot.ChatCompletionTemplate
import io.github.deepseekboot.chat.InvalidAnswerException
import io.github.deepseekboot.structured.TypedHost
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import java.math.BigDecimal

/**
 * Tests of the Kotlin extensions, over sockets and with the beans that a Kotlin application has.
 */
class KotlinExtensionsTests {

	private val host = TypedHost()

	@AfterEach
	fun close() = host.close()

	@Test
	fun aReifiedTypedAnswer() = run(INVOICE, INVOICE, "{\"value\": [$INVOICE]}") { chat ->
		assertThat(chat.complete<Invoice>("read this")).isEqualTo(Invoice("A-1", BigDecimal("2.50")))
		assertThat(chat.completeTyped<Invoice>(chatRequest { user("read this") }).completion().usage()?.totalTokens())
			.isEqualTo(15)
		val all = chat.complete<List<Invoice>>("read these")
		assertThat(all).containsExactly(Invoice("A-1", BigDecimal("2.50")))
	}

	@Test
	fun theMemberIsCalledWithoutAType() = run("hello") { chat ->
		assertThat(chat.complete("hi").content()).isEqualTo("hello")
	}

	@Test
	fun suspendingCalls() = run("hello", INVOICE, INVOICE) { chat ->
		runBlocking {
			assertThat(chat.awaitComplete("hi").content()).isEqualTo("hello")
			assertThat(chat.awaitComplete<Invoice>("read this").number).isEqualTo("A-1")
			val typed = chat.awaitCompleteTyped<Invoice>(chatRequest {
				system("You read invoices")
				user("read this")
			})
			assertThat(typed.value().total).isEqualTo(BigDecimal("2.50"))
		}
		assertThat(host.requests().last().findValuesAsString("role")).contains("system", "user")
	}

	@Test
	fun aFailureIsThrownWhereItIsAwaited() = run("no JSON", "no JSON either") { chat ->
		assertThrows<InvalidAnswerException> { runBlocking { chat.awaitComplete<Invoice>("read this") } }
	}

	@Test
	fun flows() {
		host.stream("stop", "Hel", "lo")
		host.stream("stop", "Hel", "lo")
		host.stream("stop", "{\"items\": [$INVOICE,", "$INVOICE]}")
		host.run({ chat ->
			runBlocking {
				assertThat(chat.streamTextAsFlow("hi").toList()).containsExactly("Hel", "lo")
				assertThat(chat.streamAsFlow("hi").map { it.content() ?: "" }.toList().joinToString("")).isEqualTo("Hello")
				assertThat(chat.streamListAsFlow<Invoice>("read these").map { it.number }.toList())
					.containsExactly("A-1", "A-1")
			}
		})
	}

	@Test
	fun aConversation() = run("hello", INVOICE) { chat ->
		val conversation = chat.conversation("kotlin")
		runBlocking {
			conversation.awaitComplete("hi")
			assertThat(conversation.awaitComplete<Invoice>("read this").number).isEqualTo("A-1")
			assertThat(conversation.awaitMessages()).hasSize(4)
			conversation.awaitClear()
			assertThat(conversation.awaitMessages()).isEmpty()
		}
	}

	@Test
	fun aToolMaySuspend() {
		host.callWith("weather", "{\"name\": \"Rome\"}")
		host.answer("It rains in Rome")
		host.run({ chat ->
			val weather = tool<City>("weather", "Tells the weather of a city") { city ->
				delay(10)
				Weather(city.name, 17)
			}
			assertThat(chat.withTools(weather).complete("How is it in Rome?").content()).isEqualTo("It rains in Rome")
		})
		assertThat(host.requests().last().at("/messages").last().path("content").asString())
			.isEqualTo("{\"city\":\"Rome\",\"degrees\":17}")
	}

	@Test
	fun aSuspendedToolIsCancelledWithItsCall() {
		host.callWith("weather", "{\"name\": \"Rome\"}")
		var cancelled = false
		host.run({ chat ->
			val weather = tool<City>("weather", "Tells the weather of a city") {
				try {
					delay(60_000)
				} catch (ex: CancellationException) {
					cancelled = true
					throw ex
				}
			}
			assertThrows<CancellationException> {
				runBlocking {
					withTimeout(2000) { chat.withTools(weather).awaitComplete("How is it in Rome?") }
				}
			}
		})
		assertThat(cancelled).isTrue()
	}

	private fun run(vararg answers: String, test: (ChatCompletionTemplate) -> Unit) {
		answers.forEach { host.answer(it) }
		host.run({ test(it) })
	}

	data class Invoice(val number: String, val total: BigDecimal)

	data class City(val name: String)

	data class Weather(val city: String, val degrees: Int)

	private companion object {

		const val INVOICE = "{\"number\": \"A-1\", \"total\": 2.50}"

	}

}
