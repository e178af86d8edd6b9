package io.github.deepseekboot.chat;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Whether the model may, must or must not call a tool.
 *
 * @param mode {@code auto}, {@code none}, {@code required} or {@code function}
 * @param function the tool that must be called; set for the mode {@code function} only
 */
public record ToolChoice(String mode, @Nullable String function) {

	/**
	 * The model decides.
	 */
	public static final ToolChoice AUTO = new ToolChoice("auto", null);

	/**
	 * No tool is called.
	 */
	public static final ToolChoice NONE = new ToolChoice("none", null);

	/**
	 * Some tool is called. DeepSeek refuses this while thinking is on.
	 */
	public static final ToolChoice REQUIRED = new ToolChoice("required", null);

	/**
	 * The named tool is called. DeepSeek refuses this while thinking is on.
	 * @param name the tool's name
	 * @return the choice
	 */
	public static ToolChoice function(String name) {
		Assert.hasText(name, "'name' must not be empty");
		return new ToolChoice("function", name);
	}

	/**
	 * Whether the model is made to call a tool.
	 * @return {@code true} for {@link #REQUIRED} and {@link #function(String)}
	 */
	public boolean isForced() {
		return this.function != null || this.mode.equals("required");
	}

}
