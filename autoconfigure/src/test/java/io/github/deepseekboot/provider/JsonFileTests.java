package io.github.deepseekboot.provider;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link JsonFile}: that it reads what Jackson's data binding reads.
 */
class JsonFileTests {

	private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {
	};

	@Test
	void aFileIsReadAsByDataBinding() {
		byte[] file = JsonFile.load("errors.json");
		Map<String, Object> bound = new JsonMapper().readValue(file, OBJECT);
		assertThat(JsonFile.parse(file)).isEqualTo(bound).isNotEmpty();
	}

	@Test
	void aMissingFileIsNamed() {
		assertThatIllegalStateException().isThrownBy(() -> JsonFile.load("nowhere.json"))
			.withMessage("nowhere.json is missing");
	}

	@Test
	void aMissingFieldIsNamed() {
		assertThatNullPointerException().isThrownBy(() -> JsonFile.field(Map.of(), "rules"))
			.withMessage("there is no field 'rules'");
	}

	@Test
	void aTextStandsForAListOfItAlone() {
		assertThat(JsonFile.strings("a")).containsExactly("a");
		assertThat(JsonFile.strings(List.of("a", "b"))).containsExactly("a", "b");
	}

}
