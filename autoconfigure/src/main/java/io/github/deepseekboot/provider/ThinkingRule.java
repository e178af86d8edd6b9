package io.github.deepseekboot.provider;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ReasoningEffort;

/**
 * How a provider is told to think, and how its models show what they thought.
 *
 * @param style the field that switches it
 * @param efforts what the provider calls each effort; empty if it has no such scale
 * @param effortModels the model ids that know the scale, a regular expression;
 * {@code null} for all
 * @param budgets the most reasoning tokens for each effort, for models without the scale;
 * empty if the provider has no such limit
 * @param fixedModels the model ids that think always and refuse the switch, a regular
 * expression; {@code null} for none
 * @param tags whether the chain of thought may come in the content, between {@code think}
 * tags
 * @param unopenedModels the model ids whose content may begin within the chain of
 * thought, without the opening tag, a regular expression; {@code null} for none
 */
public record ThinkingRule(Style style, Map<ReasoningEffort, String> efforts, @Nullable Pattern effortModels,
		Map<ReasoningEffort, Integer> budgets, @Nullable Pattern fixedModels, boolean tags,
		@Nullable Pattern unopenedModels) {

	static final ThinkingRule NONE = new ThinkingRule(Style.NONE, Map.of(), null, Map.of(), null, false, null);

	@SuppressWarnings("NullAway") // what a preset file leaves out
	public ThinkingRule {
		style = (style != null) ? style : Style.NONE;
		efforts = (efforts != null) ? Map.copyOf(efforts) : Map.of();
		budgets = (budgets != null) ? Map.copyOf(budgets) : Map.of();
	}

	void write(String model, @Nullable Boolean thinking, @Nullable ReasoningEffort effort, FieldWriter fields) {
		Boolean on = matches(this.fixedModels, model) ? null : thinking;
		String scale = null;
		Integer budget = null;
		if (effort != null && !Boolean.FALSE.equals(thinking)) {
			boolean scaled = this.effortModels == null || matches(this.effortModels, model);
			scale = scaled ? this.efforts.get(effort) : null;
			budget = (scale != null) ? null : this.budgets.get(effort);
		}
		if (this.style == Style.REASONING) {
			writeReasoning(on, scale, budget, fields);
			return;
		}
		if (on != null) {
			writeSwitch(on, fields);
		}
		if (scale != null) {
			fields.write("reasoning_effort", scale);
		}
		if (budget != null) {
			fields.write("thinking_budget", budget);
		}
	}

	private void writeSwitch(boolean on, FieldWriter fields) {
		switch (this.style) {
			case THINKING_TYPE -> fields.write("thinking", Map.of("type", on ? "enabled" : "disabled"));
			case ENABLE_THINKING -> fields.write("enable_thinking", on);
			case REASONING_ENABLED -> fields.write("reasoning", Map.of("enabled", on));
			// sorted: the same request is always the same bytes
			case CHAT_TEMPLATE ->
				fields.write("chat_template_kwargs", new TreeMap<>(Map.of("enable_thinking", on, "thinking", on)));
			case REASONING_EFFORT -> {
				if (!on) {
					fields.write("reasoning_effort", "none");
				}
			}
			case REASONING, NONE -> {
			}
		}
	}

	// effort and tokens exclude each other, and each of them means yes
	private static void writeReasoning(@Nullable Boolean on, @Nullable String scale, @Nullable Integer budget,
			FieldWriter fields) {
		if (scale != null) {
			fields.write("reasoning", Map.of("effort", scale));
		}
		else if (budget != null) {
			fields.write("reasoning", Map.of("max_tokens", budget));
		}
		else if (on != null) {
			fields.write("reasoning", Map.of("enabled", on));
		}
	}

	boolean beginsInThought(String model) {
		return this.tags && matches(this.unopenedModels, model);
	}

	private static boolean matches(@Nullable Pattern models, String model) {
		return models != null && models.matcher(model).find();
	}

	/**
	 * The field that switches thinking on and off.
	 */
	public enum Style {

		/**
		 * There is none.
		 */
		NONE,

		/**
		 * {@code "thinking": {"type": "enabled"}} (DeepSeek).
		 */
		THINKING_TYPE,

		/**
		 * {@code "enable_thinking": true} (SiliconFlow, Aliyun).
		 */
		ENABLE_THINKING,

		/**
		 * {@code "reasoning": {"enabled": true}}, with effort or tokens inside of it
		 * (OpenRouter).
		 */
		REASONING,

		/**
		 * {@code "reasoning": {"enabled": true}}, with {@code reasoning_effort} beside it
		 * (Together).
		 */
		REASONING_ENABLED,

		/**
		 * {@code "chat_template_kwargs": {"thinking": true}}, and {@code enable_thinking}
		 * with it, since templates of models differ in what they call it (vLLM, SGLang).
		 */
		CHAT_TEMPLATE,

		/**
		 * {@code reasoning_effort} alone, with {@code none} for no (Ollama, Fireworks).
		 */
		REASONING_EFFORT

	}

}
