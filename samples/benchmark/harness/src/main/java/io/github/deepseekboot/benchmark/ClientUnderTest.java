package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A client library as an application uses it. An implementation has a public constructor
 * that takes the base URL of the provider, to which {@code /chat/completions} is
 * appended. It asks the model {@value #MODEL} the question {@value #QUESTION}, with the
 * usage included, and lets the library have its own defaults in all else.
 */
public interface ClientUnderTest {

	/**
	 * The model to ask: one that doesn't think.
	 */
	String MODEL = "deepseek-chat";

	/**
	 * What to ask.
	 */
	String QUESTION = "How is the weather?";

	/**
	 * The key to ask with; the simulator takes any.
	 */
	String API_KEY = "test-key";

	/**
	 * Ask for a stream.
	 * @param text called with the text of each chunk, one after the other
	 * @return completed when the stream is, however it ends
	 */
	CompletableFuture<Void> stream(Consumer<String> text);

	/**
	 * Ask for a complete answer and wait for it.
	 * @return the answer's text
	 * @throws UnsupportedOperationException if this client only streams
	 */
	default String complete() {
		throw new UnsupportedOperationException("only streams");
	}

}
