package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.hook.ConversationStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Writes turns into one conversation from many threads: an instance of an application, in
 * a JVM of its own.
 */
public final class TurnWriter {

	private TurnWriter() {
	}

	/**
	 * Write turns.
	 * @param arguments the conversation's id, a name, the number of threads and of turns
	 * of each, a class that makes the store, and its arguments
	 */
	public static void main(String[] arguments) throws Exception {
		String id = arguments[0];
		int threads = Integer.parseInt(arguments[2]);
		int turns = Integer.parseInt(arguments[3]);
		ConversationStore store = (ConversationStore) Class.forName(arguments[4])
			.getMethod("store", String.class)
			.invoke(null, arguments[5]);
		Conversation conversation = Conversations.builder()
			.store(store)
			.maxWait(Duration.ofMinutes(3))
			.turnLease(Duration.ofSeconds(5))
			.build()
			.conversation(id, new FakeClient());
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		List<Future<Integer>> writers = new ArrayList<>();
		for (int thread = 0; thread < threads; thread++) {
			String name = arguments[1] + "-" + thread;
			writers.add(executor.submit(() -> write(conversation, name, turns)));
		}
		int conflicts = 0;
		for (Future<Integer> writer : writers) {
			conflicts += writer.get();
		}
		System.out.println(arguments[1] + " wrote " + threads * turns + " turns, conflicts: " + conflicts);
		System.exit(0);
	}

	/**
	 * Write turns, and ask again after a conflict.
	 * @return how many conflicts there were
	 */
	static int write(Conversation conversation, String name, int turns) {
		int conflicts = 0;
		for (int turn = 0; turn < turns; turn++) {
			String question = name + "/" + turn;
			boolean stored = false;
			while (!stored) {
				try {
					if (turn % 2 == 0) {
						conversation.complete(question);
					}
					else {
						conversation.stream(question).blockLast(Duration.ofMinutes(3));
					}
					stored = true;
				}
				catch (TurnNotStoredException ex) {
					if (!ex.isConflict()) {
						throw ex;
					}
					conflicts++;
				}
			}
		}
		return conflicts;
	}

	static void assertComplete(List<ChatMessage> messages, int turns) {
		assertThat(messages).hasSize(2 * turns);
		Set<String> questions = new HashSet<>();
		for (int i = 0; i < messages.size(); i += 2) {
			assertThat(messages.get(i + 1).content()).isEqualTo("re: " + messages.get(i).content());
			questions.add(messages.get(i).content());
		}
		assertThat(questions).hasSize(turns);
	}

}
