package io.github.deepseekboot.provider;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The presets that come with this library.
 */
public final class ProviderPresets {

	/**
	 * The preset of any OpenAI-compatible host.
	 */
	public static final String OPENAI = "openai";

	private static final List<String> IDS = List.of("alayanew", "azure", "dashscope", "deepinfra", "deepseek",
			"fireworks", "groq", "novita", "nvidia", "ollama", OPENAI, "openrouter", "qianfan", "sambanova", "sglang",
			"siliconflow", "siliconflowintl", "tencent", "together", "vllm", "volcengine");

	private static final Map<String, String> ENDED = Map.of("github", "GitHub Models ended on 2026-07-30");

	private static final Map<String, ProviderPreset> CACHE = new ConcurrentHashMap<>();

	private ProviderPresets() {
	}

	/**
	 * The names of all presets.
	 * @return the names in alphabetical order
	 */
	public static List<String> ids() {
		return IDS;
	}

	/**
	 * Whether there is a preset of that name.
	 * @param id the name
	 * @return {@code true} if there is
	 */
	public static boolean exists(String id) {
		return IDS.contains(id);
	}

	/**
	 * Why there is no preset of that name any more.
	 * @param id the name
	 * @return what became of its host, or {@code null} if there was none
	 */
	public static @Nullable String ended(String id) {
		return ENDED.get(id);
	}

	/**
	 * A preset.
	 * @param id its name
	 * @return the preset
	 * @throws IllegalArgumentException if there is none of that name
	 */
	public static ProviderPreset get(String id) {
		Assert.isTrue(exists(id), () -> "unknown preset '" + id + "'; known are " + IDS);
		return CACHE.computeIfAbsent(id, ProviderPresets::read);
	}

	private static ProviderPreset read(String id) {
		JsonMapper mapper = JsonMapper.builder()
			.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
			.build();
		ObjectNode preset = readFile(mapper, id);
		JsonNode base = preset.remove("extends");
		return mapper.treeToValue((base != null) ? readFile(mapper, base.stringValue()).setAll(preset) : preset,
				ProviderPreset.class);
	}

	private static ObjectNode readFile(JsonMapper mapper, String id) {
		try (InputStream file = ProviderPresets.class.getResourceAsStream("presets/" + id + ".json")) {
			Assert.state(file != null, () -> "the file of preset '" + id + "' is missing");
			return (ObjectNode) mapper.readTree(file);
		}
		catch (IOException ex) {
			throw new IllegalStateException("cannot read preset '" + id + "'", ex);
		}
	}

}
