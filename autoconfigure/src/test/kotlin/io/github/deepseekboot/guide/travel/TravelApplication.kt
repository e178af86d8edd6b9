package io.github.deepseekboot.guide.travel

import io.github.deepseekboot.ChatCompletionTemplate
import io.github.deepseekboot.chat.ChatDelta
import io.github.deepseekboot.kotlin.awaitComplete
import io.github.deepseekboot.kotlin.streamAsFlow
import io.github.deepseekboot.kotlin.tool
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.runApplication
import org.springframework.http.MediaType
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.RequestParam
import org.springframework.web.bind.annotation.RestController

// tag::application[]
@SpringBootApplication(proxyBeanMethods = false)
class TravelApplication

fun main(args: Array<String>) {
	runApplication<TravelApplication>(*args)
}

@RestController
class TravelController(private val chat: ChatCompletionTemplate) {

	private val weather = tool<Place>("weather", "Tells the weather of the next days") { place -> forecast(place) }

	@GetMapping("/trip", produces = [MediaType.TEXT_EVENT_STREAM_VALUE])
	fun trip(@RequestParam city: String): Flow<ChatDelta> = chat.streamAsFlow("Describe a trip to $city")

	@GetMapping("/plan")
	suspend fun plan(@RequestParam city: String): Plan = chat.awaitComplete<Plan>("Plan a day in $city")

	@GetMapping("/weather")
	suspend fun weather(@RequestParam city: String): String =
		chat.withTools(weather).awaitComplete("How is the weather in $city?").content()

}

data class Plan(val stops: List<String>, val note: String?, val budget: Int = 100)

data class Place(val city: String, val country: String?, val days: Int = 1)
// end::application[]

private suspend fun forecast(place: Place): List<String> {
	delay(1)
	return List(place.days) { day -> "day ${day + 1} in ${place.city}, ${place.country ?: "anywhere"}: rain" }
}
