package io.github.deepseekboot.test;

import org.reactivestreams.Publisher;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.test.provider.ScriptedProviderAssertions;

/**
 * Entry point for AssertJ assertions on scripted providers and on streams.
 */
public final class ChatAssertions extends ScriptedProviderAssertions {

	private ChatAssertions() {
	}

	/**
	 * Assertions on a stream of deltas, which is subscribed to once and awaited.
	 * @param stream the stream
	 * @return the assertions
	 */
	public static ChatStreamAssert assertThatStream(Publisher<ChatDelta> stream) {
		return new ChatStreamAssert(stream);
	}

}
