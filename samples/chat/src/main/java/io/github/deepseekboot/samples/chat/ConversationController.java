package io.github.deepseekboot.samples.chat;

import java.time.InstantSource;
import java.util.List;

import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * Conversations that the application keeps, so that they survive a reload of the page.
 * Whoever knows the id of a conversation may read it; an application with users would
 * check whose it is.
 */
@RestController
@RequestMapping("/api/conversations/{id}")
class ConversationController {

	private final ChatCompletionTemplate chat;

	private final ConversationStore store;

	private final AnswerEvents events;

	ConversationController(ChatCompletionTemplate chat, ConversationStore store, AnswerEvents events) {
		this.chat = chat.withTools(new ClockTool(InstantSource.system()).tool());
		this.store = store;
		this.events = events;
	}

	@PostMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ServerSentEvent<Object>> ask(@PathVariable String id, @RequestBody Question question) {
		return this.events.of(question.toRequest(),
				(request) -> keep(id, question.keep()).thenMany(this.chat.conversation(id).stream(request)));
	}

	@GetMapping
	Flux<SaidMessage> messages(@PathVariable String id) {
		return this.chat.conversation(id).messagesAsync().flatMapIterable((messages) -> messages).map(SaidMessage::of);
	}

	@DeleteMapping
	Mono<Void> forget(@PathVariable String id) {
		return this.chat.conversation(id).clearAsync();
	}

	// a question that is asked again, or changed, takes the place of its turn and of
	// those after it
	private Mono<Void> keep(String id, int turns) {
		return this.store.load(id).defaultIfEmpty(StoredConversation.EMPTY).flatMap((stored) -> {
			List<ChatMessage> kept = firstTurns(stored.messages(), turns);
			if (kept.size() == stored.messages().size()) {
				return Mono.empty();
			}
			Mono<Void> emptied = this.store.delete(id);
			return kept.isEmpty() ? emptied
					: emptied.then(this.store.append(id, StoredConversation.EMPTY.version(), kept)).then();
		});
	}

	private static List<ChatMessage> firstTurns(List<ChatMessage> messages, int turns) {
		int questions = 0;
		for (int i = 0; i < messages.size(); i++) {
			if (messages.get(i).role().equals(MessageRole.USER) && ++questions > turns) {
				return messages.subList(0, i);
			}
		}
		return messages;
	}

}
