package io.github.deepseekboot.guide

import io.github.deepseekboot.ChatCompletionTemplate
import io.github.deepseekboot.chat.ChatDelta
import io.github.deepseekboot.chat.DeepSeekException
import io.github.deepseekboot.chat.ErrorKind
import io.github.deepseekboot.chat.Usage
import io.github.deepseekboot.kotlin.awaitComplete
import io.github.deepseekboot.kotlin.chatRequest
import io.github.deepseekboot.kotlin.complete
import io.github.deepseekboot.kotlin.completeTyped
import io.github.deepseekboot.kotlin.streamAsFlow
import io.github.deepseekboot.kotlin.streamListAsFlow
import io.github.deepseekboot.kotlin.tool
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import java.math.BigDecimal

/**
 * The Kotlin of the guide.
 */
// tag::service[]
class InvoiceService(private val chat: ChatCompletionTemplate) {

	fun read(text: String): Invoice = chat.complete<Invoice>("Read this invoice: $text")

	fun readAll(text: String): List<Invoice> = chat.complete<List<Invoice>>("Read these invoices: $text")

	fun cost(text: String): Usage? = chat.completeTyped<Invoice>("Read this invoice: $text").completion().usage()

}

data class Invoice(val number: String, val total: BigDecimal, val note: String?, val currency: String = "EUR")
// end::service[]

class InvoiceCoroutines(private val chat: ChatCompletionTemplate) {

	// tag::coroutines[]
	suspend fun summary(text: String): String = chat.awaitComplete("Summarize: $text").content()

	suspend fun read(text: String): Invoice = chat.awaitComplete<Invoice>("Read this invoice: $text")

	fun readEach(text: String): Flow<Invoice> = chat.streamListAsFlow<Invoice>("Read these invoices: $text")

	fun live(topic: String): Flow<ChatDelta> = chat.streamAsFlow(chatRequest {
		system("You are a poet")
		user(topic)
		temperature(1.3)
	})
	// end::coroutines[]

	// tag::plain[]
	fun quick(question: String): String? =
		try {
			chat.complete(chatRequest {
				user(question)
				thinking(false)
			}).content()
		} catch (ex: DeepSeekException) {
			if (ex.kind != ErrorKind.RATE_LIMITED) throw ex
			null
		}
	// end::plain[]

	// tag::tools[]
	data class Query(val number: String)

	suspend fun ask(question: String): String {
		val payments = tool<Query>("payments", "Finds the payments of an invoice") { query -> find(query.number) }
		return chat.withTools(payments).awaitComplete(question).content()
	}
	// end::tools[]

	private suspend fun find(number: String): List<String> {
		delay(1)
		return listOf("payment of $number")
	}

}
