package io.github.deepseekboot.guide.travel

import io.github.deepseekboot.test.provider.ScriptedProvider
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.springframework.boot.WebApplicationType
import org.springframework.boot.runApplication
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers

/**
 * Tests that the Kotlin application of the guide runs, on both kinds of web server.
 */
class TravelApplicationTests {

	private val host = ScriptedProvider.start("deepseek")

	@AfterEach
	fun close() = host.close()

	@ParameterizedTest
	@EnumSource(names = ["SERVLET", "REACTIVE"])
	fun aFlowIsStreamed(type: WebApplicationType) = run(type) { get ->
		host.answersInPieces("By train", " to Rome")
		assertThat(get("/trip?city=Rome")).contains("data:{\"content\":\"By train\"")
			.contains("data:{\"content\":\" to Rome\"")
			.contains("\"last\":true")
	}

	@ParameterizedTest
	@EnumSource(names = ["SERVLET", "REACTIVE"])
	fun aTypedAnswerHasItsDefaults(type: WebApplicationType) = run(type) { get ->
		host.answers("{\"stops\": [\"Forum\", \"Pantheon\"]}")
		host.answers("{\"stops\": [], \"note\": \"closed\", \"budget\": 7}")
		assertThat(get("/plan?city=Rome"))
			.isEqualTo("{\"stops\":[\"Forum\",\"Pantheon\"],\"note\":null,\"budget\":100}")
		assertThat(get("/plan?city=Rome")).isEqualTo("{\"stops\":[],\"note\":\"closed\",\"budget\":7}")
		assertThat(host.calls()).hasSize(2)
	}

	@ParameterizedTest
	@EnumSource(names = ["SERVLET", "REACTIVE"])
	fun aToolHasItsDefaults(type: WebApplicationType) = run(type) { get ->
		host.calls("weather", "{\"city\": \"Rome\"}")
		host.calls("weather", "{\"city\": \"Rome\", \"country\": \"Italy\", \"days\": 2}")
		host.answers("It rains")
		assertThat(get("/weather?city=Rome")).isEqualTo("It rains")
		assertThat(host.calls().flatMap { it.toolResults() }).containsExactly(
			"[\"day 1 in Rome, anywhere: rain\"]",
			"[\"day 1 in Rome, Italy: rain\",\"day 2 in Rome, Italy: rain\"]"
		)
	}

	private fun run(type: WebApplicationType, test: ((String) -> String) -> Unit) {
		runApplication<TravelApplication>(
			"--server.port=0", "--spring.main.web-application-type=${type.name.lowercase()}",
			"--deepseek.providers.deepseek.api-key=test-key",
			"--deepseek.providers.deepseek.base-url=${host.baseUrl()}"
		).use { application ->
			val port = application.environment.getRequiredProperty("local.server.port")
			test { path ->
				val request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:$port$path")).build()
				val response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString())
				assertThat(response.statusCode()).`as`(response.body()).isEqualTo(200)
				response.body()
			}
		}
	}

}
