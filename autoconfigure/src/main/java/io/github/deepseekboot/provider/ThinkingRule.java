package io.github.deepseekboot.provider;

import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ReasoningEffort;

/**
 * How a provider is told to think.
 *
 * @param style the field that switches it
 * @param efforts what each effort is called in {@code reasoning_effort}; empty if the
 * provider has no such field
 * @param effortModels the model ids that know {@code reasoning_effort}, a regular
 * expression; {@code null} for all
 * @param budgets the most reasoning tokens for each effort, in {@code thinking_budget},
 * for models without {@code reasoning_effort}; empty if the provider has no such field
 * @param fixedModels the model ids that think always and refuse the switch, a regular
 * expression; {@code null} for none
 */
public record ThinkingRule(Style style, Map<ReasoningEffort, String> efforts, @Nullable Pattern effortModels,
		Map<ReasoningEffort, Integer> budgets, @Nullable Pattern fixedModels) {

	static final ThinkingRule NONE = new ThinkingRule(Style.NONE, Map.of(), null, Map.of(), null);

	@SuppressWarnings("NullAway") // the maps are absent when read from JSON
	public ThinkingRule {
		efforts = (efforts != null) ? Map.copyOf(efforts) : Map.of();
		budgets = (budgets != null) ? Map.copyOf(budgets) : Map.of();
	}

	void write(String model, @Nullable Boolean thinking, @Nullable ReasoningEffort effort, FieldWriter fields) {
		boolean fixed = this.fixedModels != null && this.fixedModels.matcher(model).find();
		if (thinking != null && !fixed) {
			switch (this.style) {
				case THINKING_TYPE -> fields.write("thinking", Map.of("type", thinking ? "enabled" : "disabled"));
				case ENABLE_THINKING -> fields.write("enable_thinking", thinking);
				case NONE -> {
				}
			}
		}
		if (effort != null && !Boolean.FALSE.equals(thinking)) {
			boolean scaled = this.effortModels == null || this.effortModels.matcher(model).find();
			if (scaled && this.efforts.containsKey(effort)) {
				fields.write("reasoning_effort", this.efforts.get(effort));
			}
			else if (this.budgets.containsKey(effort)) {
				fields.write("thinking_budget", this.budgets.get(effort));
			}
		}
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
		ENABLE_THINKING

	}

}
