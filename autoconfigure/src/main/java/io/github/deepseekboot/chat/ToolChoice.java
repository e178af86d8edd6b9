package io.github.deepseekboot.chat;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Choice of whether the model may, must or must not call a tool: one of the constants, or
 * {@link #function(String)}.
 */
public final class ToolChoice {

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

	private final String mode;

	private final @Nullable String function;

	private ToolChoice(String mode, @Nullable String function) {
		this.mode = mode;
		this.function = function;
	}

	/**
	 * Create the choice of one tool, which is called. DeepSeek refuses this while
	 * thinking is on.
	 * @param name the tool's name
	 * @return the choice
	 */
	public static ToolChoice function(String name) {
		Assert.hasText(name, "'name' must not be empty");
		return new ToolChoice("function", name);
	}

	/**
	 * Return the mode, as it is called on the wire.
	 * @return {@code auto}, {@code none}, {@code required} or {@code function}
	 */
	public String mode() {
		return this.mode;
	}

	/**
	 * Return the tool that must be called.
	 * @return its name, or {@code null} unless the mode is {@code function}
	 */
	public @Nullable String function() {
		return this.function;
	}

	/**
	 * Return whether the model is made to call a tool.
	 * @return {@code true} for {@link #REQUIRED} and {@link #function(String)}
	 */
	public boolean isForced() {
		return this.function != null || this.mode.equals("required");
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof ToolChoice that && this.mode.equals(that.mode)
				&& Objects.equals(this.function, that.function);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.mode, this.function);
	}

	@Override
	public String toString() {
		return "ToolChoice[" + this.mode + ((this.function != null) ? " " + this.function : "") + "]";
	}

}
