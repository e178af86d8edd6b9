package io.github.deepseekboot.kotlin

import io.github.deepseekboot.tool.Tool
import io.github.deepseekboot.tool.ToolFunction
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.reactor.mono

/**
 * Create a tool whose function may suspend: `tool<City>("weather", "Tells the weather") { forecast(it) }`. It is
 * started on a thread that may wait, and cancelled with the call.
 *
 * @param T the type of the arguments, such as a data class
 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
 * @param description what it does and when to use it, sent to the model
 * @param function what it does; its result is treated as that of a [ToolFunction]
 */
inline fun <reified T : Any> tool(name: String, description: String, crossinline function: suspend (T) -> Any?): Tool =
	Tool.of(name, description, T::class.java, ToolFunction { arguments ->
		mono(Dispatchers.Unconfined) { function(arguments) }
	})
