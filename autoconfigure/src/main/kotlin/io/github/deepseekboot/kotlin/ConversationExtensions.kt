package io.github.deepseekboot.kotlin

import io.github.deepseekboot.chat.ChatCompletion
import io.github.deepseekboot.chat.ChatDelta
import io.github.deepseekboot.chat.ChatMessage
import io.github.deepseekboot.chat.ChatRequest
import io.github.deepseekboot.conversation.Conversation
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.reactive.asFlow
import kotlinx.coroutines.reactor.awaitSingle
import kotlinx.coroutines.reactor.awaitSingleOrNull
import org.springframework.core.ParameterizedTypeReference

/**
 * Go on with the conversation and suspend until the answer is complete and stored.
 *
 * @param prompt the user's message
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
suspend fun Conversation.awaitComplete(prompt: String): ChatCompletion = completeAsync(prompt).awaitSingle()

/**
 * Go on with the conversation and suspend until the answer is complete and stored.
 *
 * @param request what to ask
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
suspend fun Conversation.awaitComplete(request: ChatRequest): ChatCompletion = completeAsync(request).awaitSingle()

/**
 * Go on with the conversation and suspend until the typed answer is complete and stored.
 *
 * @param T the type of the answer
 * @param prompt the user's message
 * @throws io.github.deepseekboot.chat.InvalidAnswerException if the model does not give such an answer
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
@JvmName("awaitCompleteAs")
suspend inline fun <reified T : Any> Conversation.awaitComplete(prompt: String): T =
	completeTypedAsync(ChatRequest.of(prompt), object : ParameterizedTypeReference<T>() {}).awaitSingle().value()

/**
 * Go on with the conversation, with the answer as it is made, as a flow of deltas.
 *
 * @param prompt the user's message
 */
fun Conversation.streamAsFlow(prompt: String): Flow<ChatDelta> = stream(prompt).asFlow()

/**
 * Go on with the conversation, with the answer as it is made, as a flow of deltas.
 *
 * @param request what to ask
 */
fun Conversation.streamAsFlow(request: ChatRequest): Flow<ChatDelta> = stream(request).asFlow()

/**
 * Return the messages so far, in their order.
 */
suspend fun Conversation.awaitMessages(): List<ChatMessage> = messagesAsync().awaitSingle()

/**
 * Forget the conversation, and suspend until that is done.
 */
suspend fun Conversation.awaitClear() {
	clearAsync().awaitSingleOrNull()
}
