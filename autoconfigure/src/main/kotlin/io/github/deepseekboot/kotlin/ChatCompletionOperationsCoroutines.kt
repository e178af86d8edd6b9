package io.github.deepseekboot.kotlin

import io.github.deepseekboot.ChatCompletionOperations
import io.github.deepseekboot.chat.ChatCompletion
import io.github.deepseekboot.chat.ChatDelta
import io.github.deepseekboot.chat.ChatRequest
import io.github.deepseekboot.chat.TypedCompletion
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.reactive.asFlow
import kotlinx.coroutines.reactor.awaitSingle
import org.springframework.core.ParameterizedTypeReference

/**
 * Ask for the answer and suspend until it is complete. A cancelled coroutine closes the connection.
 *
 * @param prompt the user's message
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
suspend fun ChatCompletionOperations.awaitComplete(prompt: String): ChatCompletion = completeAsync(prompt).awaitSingle()

/**
 * Ask for the answer and suspend until it is complete. A cancelled coroutine closes the connection.
 *
 * @param request what to ask
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
suspend fun ChatCompletionOperations.awaitComplete(request: ChatRequest): ChatCompletion =
	completeAsync(request).awaitSingle()

/**
 * Ask for a typed answer and suspend until it is complete: `chat.awaitComplete<Invoice>("...")`.
 *
 * @param T the type of the answer
 * @param prompt the user's message
 * @throws io.github.deepseekboot.chat.InvalidAnswerException if the model does not give such an answer
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
@JvmName("awaitCompleteAs")
suspend inline fun <reified T : Any> ChatCompletionOperations.awaitComplete(prompt: String): T =
	completeAsync(prompt, object : ParameterizedTypeReference<T>() {}).awaitSingle()

/**
 * Ask for a typed answer and suspend until it is complete.
 *
 * @param T the type of the answer
 * @param request what to ask; its response format is replaced
 * @throws io.github.deepseekboot.chat.InvalidAnswerException if the model does not give such an answer
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
@JvmName("awaitCompleteAs")
suspend inline fun <reified T : Any> ChatCompletionOperations.awaitComplete(request: ChatRequest): T =
	completeAsync(request, object : ParameterizedTypeReference<T>() {}).awaitSingle()

/**
 * Ask for a typed answer and suspend until it is complete, together with its usage, attempts and
 * provider.
 *
 * @param T the type of the answer
 * @param request what to ask; its response format is replaced
 * @throws io.github.deepseekboot.chat.InvalidAnswerException if the model does not give such an answer
 * @throws io.github.deepseekboot.chat.DeepSeekException if the call fails
 */
suspend inline fun <reified T : Any> ChatCompletionOperations.awaitCompleteTyped(request: ChatRequest): TypedCompletion<T> =
	completeTypedAsync(request, object : ParameterizedTypeReference<T>() {}).awaitSingle()

/**
 * Ask for the answer as it is made, as a flow of deltas. Each collection is a call of its own.
 *
 * @param prompt the user's message
 */
fun ChatCompletionOperations.streamAsFlow(prompt: String): Flow<ChatDelta> = stream(prompt).asFlow()

/**
 * Ask for the answer as it is made, as a flow of deltas. Each collection is a call of its own.
 *
 * @param request what to ask
 */
fun ChatCompletionOperations.streamAsFlow(request: ChatRequest): Flow<ChatDelta> = stream(request).asFlow()

/**
 * Ask for the text of the answer as it is made, as a flow of texts.
 *
 * @param prompt the user's message
 */
fun ChatCompletionOperations.streamTextAsFlow(prompt: String): Flow<String> = streamText(prompt).asFlow()

/**
 * Ask for the text of the answer as it is made, as a flow of texts.
 *
 * @param request what to ask
 */
fun ChatCompletionOperations.streamTextAsFlow(request: ChatRequest): Flow<String> = streamText(request).asFlow()

/**
 * Ask for a list, item by item, as a flow.
 *
 * @param T the type of an item
 * @param prompt the user's message
 */
inline fun <reified T : Any> ChatCompletionOperations.streamListAsFlow(prompt: String): Flow<T> =
	streamList<T>(prompt).asFlow()

/**
 * Ask for a list, item by item, as a flow.
 *
 * @param T the type of an item
 * @param request what to ask; its response format is replaced
 */
inline fun <reified T : Any> ChatCompletionOperations.streamListAsFlow(request: ChatRequest): Flow<T> =
	streamList<T>(request).asFlow()
