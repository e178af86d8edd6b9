package io.github.deepseekboot.kotlin

import io.github.deepseekboot.ChatCompletionOperations
import io.github.deepseekboot.chat.ChatRequest
import io.github.deepseekboot.chat.TypedCompletion
import org.springframework.core.ParameterizedTypeReference
import reactor.core.publisher.Flux

/**
 * Build a request: `chatRequest { system("You are a poet"); user("rain") }`.
 *
 * @param init sets what the request has
 */
inline fun chatRequest(init: ChatRequest.Builder.() -> Unit): ChatRequest = ChatRequest.builder().apply(init).build()

/**
 * Ask for a typed answer and wait for it: `chat.complete<Invoice>("...")`. Generic types such as
 * `List<Invoice>` work, too.
 *
 * @param T the type of the answer
 * @param prompt the user's message
 * @see ChatCompletionOperations.complete
 */
inline fun <reified T : Any> ChatCompletionOperations.complete(prompt: String): T =
	complete(prompt, object : ParameterizedTypeReference<T>() {})

/**
 * Ask for a typed answer and wait for it.
 *
 * @param T the type of the answer
 * @param request what to ask; its response format is replaced
 * @see ChatCompletionOperations.complete
 */
inline fun <reified T : Any> ChatCompletionOperations.complete(request: ChatRequest): T =
	complete(request, object : ParameterizedTypeReference<T>() {})

/**
 * Ask for a typed answer and wait for it, together with its usage, attempts and provider.
 *
 * @param T the type of the answer
 * @param prompt the user's message
 * @see ChatCompletionOperations.completeTyped
 */
inline fun <reified T : Any> ChatCompletionOperations.completeTyped(prompt: String): TypedCompletion<T> =
	completeTyped(ChatRequest.of(prompt), object : ParameterizedTypeReference<T>() {})

/**
 * Ask for a typed answer and wait for it, together with its usage, attempts and provider.
 *
 * @param T the type of the answer
 * @param request what to ask; its response format is replaced
 * @see ChatCompletionOperations.completeTyped
 */
inline fun <reified T : Any> ChatCompletionOperations.completeTyped(request: ChatRequest): TypedCompletion<T> =
	completeTyped(request, object : ParameterizedTypeReference<T>() {})

/**
 * Ask for a list, item by item.
 *
 * @param T the type of an item
 * @param prompt the user's message
 * @see ChatCompletionOperations.streamList
 */
inline fun <reified T : Any> ChatCompletionOperations.streamList(prompt: String): Flux<T> =
	streamList(ChatRequest.of(prompt), object : ParameterizedTypeReference<T>() {})

/**
 * Ask for a list, item by item.
 *
 * @param T the type of an item
 * @param request what to ask; its response format is replaced
 * @see ChatCompletionOperations.streamList
 */
inline fun <reified T : Any> ChatCompletionOperations.streamList(request: ChatRequest): Flux<T> =
	streamList(request, object : ParameterizedTypeReference<T>() {})
