package io.github.deepseekboot.provider;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

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
		return CACHE.computeIfAbsent(id, HostPresets::create);
	}

}
