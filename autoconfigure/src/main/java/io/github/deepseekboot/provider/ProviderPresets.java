package io.github.deepseekboot.provider;

import java.time.LocalDate;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ReasoningEffort;

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
		try {
			Map<String, Object> fields = JsonFile.read("presets/" + id + ".json");
			Object base = fields.remove("extends");
			if (base != null) {
				Map<String, Object> merged = JsonFile.read("presets/" + base + ".json");
				merged.putAll(fields);
				fields = merged;
			}
			return preset(fields);
		}
		catch (RuntimeException ex) {
			throw new IllegalStateException("cannot read preset '" + id + "'", ex);
		}
	}

	private static ProviderPreset preset(Map<String, Object> fields) {
		ProviderPreset.Builder preset = ProviderPreset.builder("", "");
		for (Map.Entry<String, Object> field : fields.entrySet()) {
			Object value = field.getValue();
			switch (field.getKey()) {
				case "id" -> preset.id((String) value);
				case "title" -> preset.title((String) value);
				case "asOf" -> preset.asOf(day((String) value));
				case "baseUrl" -> preset.baseUrl((String) value);
				case "completionsPath" -> preset.completionsPath((String) value);
				case "modelsPath" -> preset.modelsPath((String) value);
				case "balancePath" -> preset.balancePath((String) value);
				case "ping" -> preset.ping(Ping.valueOf((String) value));
				case "apiKeyRequired" -> preset.apiKeyRequired((Boolean) value);
				case "apiKeyHeader" -> preset.apiKeyHeader((String) value);
				case "models" -> preset.models(models(JsonFile.object(value)));
				case "retiredModels" -> preset.retiredModels(texts(JsonFile.object(value)));
				case "thinking" -> preset.thinking(thinking(JsonFile.object(value)));
				case "replay" -> preset.replay(ReasoningReplay.valueOf((String) value));
				case "errors" -> preset.errors(ErrorFamilies.rules(value));
				case "traceHeaders" -> preset.traceHeaders(JsonFile.strings(value));
				case "doneMarker" -> preset.doneMarker(DoneMarker.valueOf((String) value));
				case "streamOptions" -> preset.streamOptions((Boolean) value);
				case "userField" -> preset.userField((String) value);
				case "unsupported" -> preset.unsupported(features(JsonFile.strings(value)));
				case "structuredOutput" -> preset.structuredOutput(StructuredOutput.valueOf((String) value));
				case "reasoningField" -> preset.reasoningField((String) value);
				case "replayedFields" -> preset.replayedFields(Set.copyOf(JsonFile.strings(value)));
				case "textModels" -> preset.textModels(Pattern.compile((String) value));
				case "maxUserIdBytes" -> preset.maxUserIdBytes((Integer) value);
				default -> throw JsonFile.unknown(field.getKey());
			}
		}
		return preset.build();
	}

	private static Map<String, ProviderModel> models(Map<String, Object> models) {
		Map<String, ProviderModel> read = new LinkedHashMap<>();
		for (Map.Entry<String, Object> model : models.entrySet()) {
			ProviderModel.Builder builder = ProviderModel.builder("");
			for (Map.Entry<String, Object> field : JsonFile.object(model.getValue()).entrySet()) {
				switch (field.getKey()) {
					case "id" -> builder.id((String) field.getValue());
					case "thinking" -> builder.thinking((Boolean) field.getValue());
					default -> throw JsonFile.unknown(field.getKey());
				}
			}
			read.put(model.getKey(), builder.build());
		}
		return read;
	}

	// like 2026-11-26, without the parser of the JDK, for which twenty classes are loaded
	private static LocalDate day(String day) {
		return LocalDate.of(Integer.parseInt(day, 0, 4, 10), Integer.parseInt(day, 5, 7, 10),
				Integer.parseInt(day, 8, 10, 10));
	}

	private static Map<String, String> texts(Map<String, Object> fields) {
		Map<String, String> texts = new LinkedHashMap<>();
		for (Map.Entry<String, Object> field : fields.entrySet()) {
			texts.put(field.getKey(), (String) field.getValue());
		}
		return texts;
	}

	private static Set<ProviderPreset.Feature> features(List<String> names) {
		Set<ProviderPreset.Feature> features = EnumSet.noneOf(ProviderPreset.Feature.class);
		for (String name : names) {
			features.add(ProviderPreset.Feature.valueOf(name));
		}
		return features;
	}

	private static ThinkingRule thinking(Map<String, Object> fields) {
		ThinkingRule.Builder rule = ThinkingRule.builder();
		for (Map.Entry<String, Object> field : fields.entrySet()) {
			Object value = field.getValue();
			switch (field.getKey()) {
				case "style" -> rule.style(ThinkingRule.Style.valueOf((String) value));
				case "efforts" -> rule.efforts(efforts(JsonFile.object(value), String.class));
				case "effortModels" -> rule.effortModels(Pattern.compile((String) value));
				case "budgets" -> rule.budgets(efforts(JsonFile.object(value), Integer.class));
				case "fixedModels" -> rule.fixedModels(Pattern.compile((String) value));
				case "tags" -> rule.tags((Boolean) value);
				case "unopenedModels" -> rule.unopenedModels(Pattern.compile((String) value));
				case "offEffort" -> rule.offEffort((String) value);
				default -> throw JsonFile.unknown(field.getKey());
			}
		}
		return rule.build();
	}

	private static <T> Map<ReasoningEffort, T> efforts(Map<String, Object> fields, Class<T> type) {
		Map<ReasoningEffort, T> efforts = new EnumMap<>(ReasoningEffort.class);
		for (Map.Entry<String, Object> field : fields.entrySet()) {
			efforts.put(ReasoningEffort.valueOf(field.getKey()), type.cast(field.getValue()));
		}
		return efforts;
	}

}
