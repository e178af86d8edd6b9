package io.github.deepseekboot.provider;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ReasoningEffort;

/**
 * Rule of how a provider is asked to think, and of how its models return their reasoning.
 */
public final class ThinkingRule {

	static final ThinkingRule NONE = builder().build();

	private final Style style;

	private final Map<ReasoningEffort, String> efforts;

	private final @Nullable Pattern effortModels;

	private final Map<ReasoningEffort, Integer> budgets;

	private final @Nullable Pattern fixedModels;

	private final @Nullable Pattern unopenedModels;

	private final @Nullable String offEffort;

	private ThinkingRule(Builder builder) {
		this.style = builder.style;
		this.efforts = Map.copyOf(builder.efforts);
		this.effortModels = builder.effortModels;
		this.budgets = Map.copyOf(builder.budgets);
		this.fixedModels = builder.fixedModels;
		this.unopenedModels = builder.unopenedModels;
		this.offEffort = builder.offEffort;
	}

	/**
	 * Create a builder for a rule.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the field that switches thinking.
	 * @return the style
	 */
	public Style style() {
		return this.style;
	}

	/**
	 * Return what the provider calls each effort.
	 * @return the names; empty if it has no such scale
	 */
	public Map<ReasoningEffort, String> efforts() {
		return this.efforts;
	}

	/**
	 * Return the model ids that know the scale.
	 * @return a regular expression, or {@code null} for all
	 */
	public @Nullable Pattern effortModels() {
		return this.effortModels;
	}

	/**
	 * Return the most reasoning tokens for each effort, for models without the scale.
	 * @return the limits; empty if the provider has no such limit
	 */
	public Map<ReasoningEffort, Integer> budgets() {
		return this.budgets;
	}

	/**
	 * Return the model ids that think always and refuse the switch.
	 * @return a regular expression, or {@code null} for none
	 */
	public @Nullable Pattern fixedModels() {
		return this.fixedModels;
	}

	/**
	 * Return the model ids whose content may begin within the reasoning, without the
	 * opening tag.
	 * @return a regular expression, or {@code null} for none
	 */
	public @Nullable Pattern unopenedModels() {
		return this.unopenedModels;
	}

	/**
	 * Return the effort that means not to think, sent beside the switch to models that
	 * know the scale.
	 * @return the name, or {@code null} for none
	 */
	public @Nullable String offEffort() {
		return this.offEffort;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ThinkingRule that && this.style.equals(that.style) && this.efforts.equals(that.efforts)
				&& Objects.equals(this.effortModels, that.effortModels) && this.budgets.equals(that.budgets)
				&& Objects.equals(this.fixedModels, that.fixedModels)
				&& Objects.equals(this.unopenedModels, that.unopenedModels)
				&& Objects.equals(this.offEffort, that.offEffort);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.style, this.efforts, this.effortModels, this.budgets, this.fixedModels,
				this.unopenedModels, this.offEffort);
	}

	@Override
	public String toString() {
		return "ThinkingRule[style=" + this.style + ", efforts=" + this.efforts + ", effortModels=" + this.effortModels
				+ ", budgets=" + this.budgets + ", fixedModels=" + this.fixedModels + ", unopenedModels="
				+ this.unopenedModels + ", offEffort=" + this.offEffort + "]";
	}

	void write(String model, @Nullable Boolean thinking, @Nullable ReasoningEffort effort, FieldWriter fields) {
		Boolean on = matches(this.fixedModels, model) ? null : thinking;
		String scale = null;
		Integer budget = null;
		boolean scaled = this.effortModels == null || matches(this.effortModels, model);
		if (Boolean.FALSE.equals(on) && scaled) {
			scale = this.offEffort;
		}
		else if (effort != null && !Boolean.FALSE.equals(thinking)) {
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

	boolean isFixed(String model) {
		return matches(this.fixedModels, model);
	}

	boolean beginsInThought(String model) {
		return matches(this.unopenedModels, model);
	}

	private static boolean matches(@Nullable Pattern models, String model) {
		return models != null && models.matcher(model).find();
	}

	/**
	 * Builder for {@link ThinkingRule}.
	 */
	public static final class Builder {

		private Style style = Style.NONE;

		private Map<ReasoningEffort, String> efforts = Map.of();

		private @Nullable Pattern effortModels;

		private Map<ReasoningEffort, Integer> budgets = Map.of();

		private @Nullable Pattern fixedModels;

		private @Nullable Pattern unopenedModels;

		private @Nullable String offEffort;

		private Builder() {
		}

		/**
		 * Set the field that switches thinking.
		 * @param style the style
		 * @return this builder
		 */
		public Builder style(Style style) {
			this.style = style;
			return this;
		}

		/**
		 * Set what the provider calls each effort.
		 * @param efforts the names; empty if it has no such scale
		 * @return this builder
		 */
		public Builder efforts(Map<ReasoningEffort, String> efforts) {
			this.efforts = efforts;
			return this;
		}

		/**
		 * Set the model ids that know the scale.
		 * @param effortModels a regular expression; {@code null} for all
		 * @return this builder
		 */
		public Builder effortModels(@Nullable Pattern effortModels) {
			this.effortModels = effortModels;
			return this;
		}

		/**
		 * Set the most reasoning tokens for each effort, for models without the scale.
		 * @param budgets the limits; empty if the provider has no such limit
		 * @return this builder
		 */
		public Builder budgets(Map<ReasoningEffort, Integer> budgets) {
			this.budgets = budgets;
			return this;
		}

		/**
		 * Set the model ids that think always and refuse the switch.
		 * @param fixedModels a regular expression; {@code null} for none
		 * @return this builder
		 */
		public Builder fixedModels(@Nullable Pattern fixedModels) {
			this.fixedModels = fixedModels;
			return this;
		}

		/**
		 * Set the model ids whose content may begin within the reasoning, without the
		 * opening tag.
		 * @param unopenedModels a regular expression; {@code null} for none
		 * @return this builder
		 */
		public Builder unopenedModels(@Nullable Pattern unopenedModels) {
			this.unopenedModels = unopenedModels;
			return this;
		}

		/**
		 * Set the effort that means not to think, sent beside the switch to models that
		 * know the scale.
		 * @param offEffort the name; {@code null} for none
		 * @return this builder
		 */
		public Builder offEffort(@Nullable String offEffort) {
			this.offEffort = offEffort;
			return this;
		}

		/**
		 * Build the ThinkingRule.
		 * @return a new ThinkingRule
		 */
		public ThinkingRule build() {
			return new ThinkingRule(this);
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
