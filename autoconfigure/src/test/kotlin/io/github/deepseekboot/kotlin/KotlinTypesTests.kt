package io.github.deepseekboot.kotlin

import com.fasterxml.jackson.annotation.JsonAlias
import com.fasterxml.jackson.annotation.JsonProperty
import io.github.deepseekboot.chat.InvalidAnswerException
import io.github.deepseekboot.schema.JsonSchemaGenerator
import io.github.deepseekboot.structured.TypedHost
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatIllegalArgumentException
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import tools.jackson.databind.JsonNode
import tools.jackson.databind.json.JsonMapper
import tools.jackson.module.kotlin.kotlinModule

/**
 * Tests that schemas and checks hold to what Kotlin's classes say.
 */
class KotlinTypesTests {

	private val mapper = JsonMapper.builder().addModule(kotlinModule()).build()

	private val host = TypedHost()

	@AfterEach
	fun close() = host.close()

	@Test
	fun theSchema() {
		val schema = mapper.valueToTree<JsonNode>(
			JsonSchemaGenerator.create(mapper).generate(Order::class.java)
		)
		assertThat(schema as Any).isEqualTo(
			mapper.readTree(
				"""{"type": "object", "properties": {
				"number": {"type": "string"},
				"note": {"type": ["string", "null"]},
				"currency": {"type": "string"},
				"remark": {"type": ["string", "null"]},
				"city": {"type": ["string", "null"]},
				"tags": {"type": "array", "items": {"type": ["string", "null"]}},
				"lines": {"type": ["array", "null"], "items": {"type": "integer"}}},
				"required": ["number", "note", "remark", "city", "tags", "lines"], "additionalProperties": false}"""
			)
		)
	}

	@Test
	fun whatMayBeMissingIsNotAskedForAgain() {
		host.answer("""{"nr": "A-1", "tags": ["a", null]}""")
		host.run({ chat ->
			assertThat(chat.complete<Order>("read this"))
				.isEqualTo(Order("A-1", null, "EUR", "none", null, listOf("a", null), null))
		})
		assertThat(host.requests()).hasSize(1)
	}

	@Test
	fun whatMustBeThereIs() {
		val answer = """{"note": "x", "tags": []}"""
		host.answer(answer).answer(answer)
		host.run({ chat ->
			val failure = assertThrows<InvalidAnswerException> { chat.complete<Order>("read this") }
			assertThat(failure).hasMessageContaining("number: is missing")
		})
	}

	@Test
	fun aSchemaWithDefaultsIsNotStrict() {
		host.answer("""{"number": "A-1", "tags": []}""").answer("""{"name": "Rome"}""")
		host.run({ chat ->
			chat.withProvider("siliconflow").complete<Order>("read this")
			chat.withProvider("siliconflow").complete<City>("where?")
		})
		assertThat(host.requests().map { it.at("/response_format/json_schema/strict").asBoolean() })
			.containsExactly(false, true)
	}

	@Test
	fun withoutJacksonsModuleNothingHasADefault() {
		val schema = JsonSchemaGenerator.create(JsonMapper.builder().build()).generate(Order::class.java)
		assertThat(schema["required"] as List<*>).contains("currency").hasSize(7)
	}

	@Test
	fun whatCannotBeBuiltWithoutJacksonsModuleNamesIt() {
		val plain = JsonSchemaGenerator.create(JsonMapper.builder().build())
		assertThatIllegalArgumentException().isThrownBy { plain.generate(Hidden::class.java) }
			.withMessageContaining("Hidden cannot be read from JSON")
			.withMessageContaining("tools.jackson.module:jackson-module-kotlin")
	}

	@Test
	fun sealedTypes() {
		val schema = JsonSchemaGenerator.create(mapper)
		assertThatIllegalArgumentException().isThrownBy { schema.generate(Trip::class.java) }
			.withMessageContaining("at legs[], ")
			.withMessageContaining("Leg: it is abstract")
	}

	data class Order(
		@param:JsonAlias("nr") val number: String,
		val note: String?,
		val currency: String = "EUR",
		val remark: String? = "none",
		@field:JsonProperty(required = false) val city: String?,
		val tags: List<String?>,
		val lines: List<Int>?,
	)

	data class City(val name: String)

	class Hidden private constructor(val name: String)

	data class Trip(val name: String, val legs: List<Leg>)

	sealed interface Leg

	data class Walk(val km: Int) : Leg

}
