package io.github.deepseekboot.provider;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link JsonFile}: that it reads what Jackson's data binding reads.
 */
class JsonFileTests {

	private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {
	};

	@Test
	void filesAreReadAsByDataBinding() {
		assertSame("errors.json");
		assertThat(ProviderPresets.ids()).allSatisfy((id) -> assertSame("presets/" + id + ".json"));
	}

	private static void assertSame(String name) {
		Map<String, Object> bound = new JsonMapper().readValue(JsonFile.class.getResourceAsStream(name), OBJECT);
		assertThat(JsonFile.read(name)).isEqualTo(bound).isNotEmpty();
	}

	@Test
	void aMissingFileIsNamed() {
		assertThatIllegalStateException().isThrownBy(() -> JsonFile.read("nowhere.json"))
			.withMessage("nowhere.json is missing");
	}

	@Test
	void aTextStandsForAListOfItAlone() {
		assertThat(JsonFile.strings("a")).containsExactly("a");
		assertThat(JsonFile.strings(List.of("a", "b"))).containsExactly("a", "b");
	}

}
