package io.github.deepseekboot.samples.assistant;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ToolCallDelta;

/**
 * Prints a streamed answer while it arrives. A new line begins where the model goes from
 * thinking to calling a tool, to the next tool or to its answer.
 */
class StreamPrinter {

	private String line = "";

	void print(ChatDelta delta) {
		print(delta.round(), "thinks", delta.reasoningContent());
		for (ToolCallDelta fragment : delta.toolCalls()) {
			String label = "calls " + (fragment.index() + 1);
			if (fragment.name() != null) {
				print(delta.round(), label, fragment.name() + " ");
			}
			print(delta.round(), label, fragment.arguments());
		}
		print(delta.round(), "answers", delta.content());
	}

	private void print(int round, String label, @Nullable String text) {
		if (text == null || text.isEmpty()) {
			return;
		}
		String next = "  round %d   %-8s ".formatted(round, label);
		if (!next.equals(this.line)) {
			System.out.print("\n" + next);
			this.line = next;
		}
		System.out.print(text);
	}

}
