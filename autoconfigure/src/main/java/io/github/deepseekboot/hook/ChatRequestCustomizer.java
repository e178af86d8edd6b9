package io.github.deepseekboot.hook;

import io.github.deepseekboot.chat.ChatRequest;

/**
 * Callback interface to customize the request of a call before a provider is chosen, with
 * the defaults of {@code deepseek.chat.*} applied. Beans of this type are applied in
 * their order.
 *
 * <p>
 * A customizer runs once for each call, on the thread that subscribes (for
 * {@code complete()} the caller's), and must not block. What it throws is the call's
 * failure.
 */
@FunctionalInterface
public interface ChatRequestCustomizer {

	/**
	 * Change a request.
	 * @param request the request, as the customizer before left it
	 * @return the request to send, such as one made with {@link ChatRequest#toBuilder()};
	 * the same one to change nothing
	 */
	ChatRequest customize(ChatRequest request);

}
