package io.github.deepseekboot.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.TypedCompletion;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * Conversation with a model, whose history is sent with each request and which keeps each
 * turn once its answer is complete. Thread-safe; objects of one id are one conversation.
 *
 * <ul>
 * <li>Turns follow each other. A second one waits until the first has ended, and fails as
 * a {@code LOCAL_LIMIT} if that takes longer than {@code deepseek.conversation.max-wait}.
 * If another instance of the application stored a turn meanwhile, or the store fails, it
 * fails with a {@link TurnNotStoredException}, which has the answer.</li>
 * <li>A turn is stored completely, before its answer completes: messages of the request,
 * tool calls and their answers, the first choice. A turn that fails or is cancelled
 * before leaves nothing, so that it can be asked again.</li>
 * <li>A system message in a request holds from this turn on, in place of an earlier one.
 * It is always sent; old turns are left out when the history no longer fits.</li>
 * <li>The reasoning is kept. Whether it is sent back is decided for each attempt, by the
 * rule of the provider that is asked.</li>
 * </ul>
 */
public final class Conversation {

	private final String id;

	private final Conversations conversations;

	private final ConversationClient client;

	Conversation(String id, Conversations conversations, ConversationClient client) {
		Assert.hasText(id, "'id' must not be empty");
		this.id = id;
		this.conversations = conversations;
		this.client = client;
	}

	/**
	 * Return the conversation's id.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Send a message and wait for the complete answer.
	 * @param prompt the user's message
	 * @return the answer
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	public ChatCompletion complete(String prompt) {
		return complete(ChatRequest.of(prompt));
	}

	/**
	 * Send a message and wait for the complete answer.
	 * @param request the new messages, and the parameters of this turn
	 * @return the answer
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	public ChatCompletion complete(ChatRequest request) {
		return this.client.await(completeAsync(request));
	}

	/**
	 * Send a message and wait for a typed answer.
	 * @param <T> the type of the answer
	 * @param prompt the user's message
	 * @param type the type of the answer, such as a record
	 * @return the answer
	 * @throws DeepSeekException if the call fails, an {@code InvalidAnswerException} if
	 * the model does not give such an answer
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	public <T> T complete(String prompt, Class<T> type) {
		return completeTyped(ChatRequest.of(prompt), ParameterizedTypeReference.<T>forType(type)).value();
	}

	/**
	 * Send a message and wait for a typed answer with its completion.
	 * @param <T> the type of the answer
	 * @param request the new messages, and the parameters of this turn; its response
	 * format is replaced
	 * @param type the type of the answer, such as a list of records
	 * @return the answer with its completion
	 * @throws DeepSeekException if the call fails, an {@code InvalidAnswerException} if
	 * the model does not give such an answer
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	public <T> TypedCompletion<T> completeTyped(ChatRequest request, ParameterizedTypeReference<T> type) {
		return this.client.await(completeTypedAsync(request, type));
	}

	/**
	 * Send a message and get a typed answer with its completion. Each subscription is a
	 * turn of its own. An answer that was asked for twice is kept as the second one
	 * alone.
	 * @param <T> the type of the answer
	 * @param request the new messages, and the parameters of this turn; its response
	 * format is replaced
	 * @param type the type of the answer, such as a list of records
	 * @return the answer, or a {@link DeepSeekException}
	 */
	public <T> Mono<TypedCompletion<T>> completeTypedAsync(ChatRequest request, ParameterizedTypeReference<T> type) {
		Assert.notNull(request, "'request' must not be null");
		return inTurn(() -> load()
			.flatMap((stored) -> this.client.<T>completeTyped(withHistory(stored, request), type.getType())
				.flatMap((answer) -> store(stored, request, answer.completion()).thenReturn(answer))));
	}

	/**
	 * Send a message and get a list, item by item. Each subscription is a turn of its
	 * own, which is stored before the items end.
	 * @param <T> the type of an item
	 * @param prompt the user's message
	 * @param item the type of an item, such as a record
	 * @return the items, or a {@link DeepSeekException} after those that were complete
	 */
	public <T> Flux<T> streamList(String prompt, Class<T> item) {
		return streamList(ChatRequest.of(prompt), ParameterizedTypeReference.forType(item));
	}

	/**
	 * Send a message and get a list, item by item. Each subscription is a turn of its
	 * own, which is stored before the items end.
	 * @param <T> the type of an item
	 * @param request the new messages, and the parameters of this turn; its response
	 * format is replaced
	 * @param item the type of an item
	 * @return the items, or a {@link DeepSeekException} after those that were complete
	 */
	public <T> Flux<T> streamList(ChatRequest request, ParameterizedTypeReference<T> item) {
		Assert.notNull(request, "'request' must not be null");
		return turns((place, endLease) -> streamList(request, item, place, endLease));
	}

	private <T> Flux<T> streamList(ChatRequest request, ParameterizedTypeReference<T> item, TurnQueue.Place place,
			Mono<Void> endLease) {
		return load().flatMapMany((stored) -> {
			AtomicReference<@Nullable ChatCompletion> answer = new AtomicReference<>();
			return this.client.<T>streamList(withHistory(stored, request), item.getType(), answer::set)
				.concatWith(Mono
					.defer(() -> store(stored, request, Objects.requireNonNull(answer.get())).then(endLease)
						.doOnSuccess((nothing) -> place.leave()))
					.then(Mono.empty()));
		});
	}

	/**
	 * Send a message and get the complete answer. Each subscription is a turn of its own.
	 * @param prompt the user's message
	 * @return the answer, or a {@link DeepSeekException}
	 */
	public Mono<ChatCompletion> completeAsync(String prompt) {
		return completeAsync(ChatRequest.of(prompt));
	}

	/**
	 * Send a message and get the complete answer. Each subscription is a turn of its own.
	 * @param request the new messages, and the parameters of this turn
	 * @return the answer, or a {@link DeepSeekException}
	 */
	public Mono<ChatCompletion> completeAsync(ChatRequest request) {
		Assert.notNull(request, "'request' must not be null");
		return inTurn(() -> load().flatMap((stored) -> this.client.complete(withHistory(stored, request))
			.flatMap((completion) -> store(stored, request, completion).thenReturn(completion))));
	}

	/**
	 * Send a message and get the answer as it is made. Each subscription is a turn of its
	 * own. The turn is stored before the last delta is emitted.
	 * @param prompt the user's message
	 * @return the deltas, the last one with the usage; or a {@link DeepSeekException}
	 */
	public Flux<ChatDelta> stream(String prompt) {
		return stream(ChatRequest.of(prompt));
	}

	/**
	 * Send a message and get the answer as it is made. Each subscription is a turn of its
	 * own. The turn is stored before the last delta is emitted.
	 * @param request the new messages, and the parameters of this turn
	 * @return the deltas, the last one with the usage; or a {@link DeepSeekException}
	 */
	public Flux<ChatDelta> stream(ChatRequest request) {
		Assert.notNull(request, "'request' must not be null");
		return turns((place, endLease) -> stream(request, place, endLease));
	}

	private <T> Flux<T> turns(BiFunction<TurnQueue.Place, Mono<Void>, Flux<T>> turn) {
		return Flux.using(this::enter, (place) -> turn(place).thenMany(Flux.defer(() -> leased(turn, place))),
				TurnQueue.Place::leave);
	}

	private <T> Flux<T> leased(BiFunction<TurnQueue.Place, Mono<Void>, Flux<T>> turn, TurnQueue.Place place) {
		TurnLeases leases = this.conversations.leases();
		if (!leases.isEnabled()) {
			return turn.apply(place, Mono.empty());
		}
		return Flux.usingWhen(lease(leases), (lease) -> turn.apply(place, lease.end()), TurnLeases.Lease::end,
				(lease, failure) -> lease.end(), TurnLeases.Lease::end);
	}

	private Flux<ChatDelta> stream(ChatRequest request, TurnQueue.Place place, Mono<Void> endLease) {
		return load().flatMapMany((stored) -> {
			ChatDeltaAccumulator collected = new ChatDeltaAccumulator();
			// the last delta is held back until the turn is stored
			return this.client.stream(withHistory(stored, request))
				.doOnNext(collected::add)
				.filter((delta) -> !delta.isLast())
				.concatWith(Mono.defer(() -> store(stored, request, collected.toCompletion()).then(endLease)
					.doOnSuccess((nothing) -> place.leave())
					.then(Mono.justOrEmpty(collected.last()))));
		});
	}

	/**
	 * Return what was said, as it is stored.
	 * @return the messages in their order; empty if there are none
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	public List<ChatMessage> messages() {
		return this.client.await(messagesAsync());
	}

	/**
	 * Load what was said, as it is stored.
	 * @return the messages in their order; empty if there are none
	 */
	public Mono<List<ChatMessage>> messagesAsync() {
		return load().map(StoredConversation::messages);
	}

	/**
	 * Delete the conversation, once the turns before have ended.
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	public void clear() {
		this.client.await(clearAsync().thenReturn(true));
	}

	/**
	 * Delete the conversation, once the turns before have ended.
	 * @return completes when it is forgotten
	 */
	public Mono<Void> clearAsync() {
		return inTurn(() -> this.conversations.store().delete(this.id).onErrorMap(this::storeFailed));
	}

	// the place is left before the end of the turn is signalled, so that whoever sees it
	// may begin the next one
	private <T> Mono<T> inTurn(Supplier<Mono<T>> turn) {
		return Mono.using(this::enter, (place) -> turn(place).then(Mono.defer(() -> leased(turn))),
				TurnQueue.Place::leave);
	}

	private <T> Mono<T> leased(Supplier<Mono<T>> turn) {
		TurnLeases leases = this.conversations.leases();
		if (!leases.isEnabled()) {
			return turn.get();
		}
		return Mono.usingWhen(lease(leases), (lease) -> turn.get(), TurnLeases.Lease::end,
				(lease, failure) -> lease.end(), TurnLeases.Lease::end);
	}

	private Mono<TurnLeases.Lease> lease(TurnLeases leases) {
		return leases.take(this.id).onErrorMap(this::storeFailed);
	}

	private TurnQueue.Place enter() {
		return this.conversations.queue().enter(this.id);
	}

	private static Mono<Void> turn(TurnQueue.Place place) {
		return place.isFirst() ? Mono.empty() : place.turn();
	}

	private Mono<StoredConversation> load() {
		return this.conversations.store()
			.load(this.id)
			.onErrorMap(this::storeFailed)
			.defaultIfEmpty(StoredConversation.EMPTY);
	}

	private Throwable storeFailed(Throwable failure) {
		return (failure instanceof DeepSeekException) ? failure
				: DeepSeekException
					.builder(ErrorKind.LOCAL_LIMIT,
							"the store of conversation '" + this.id
									+ "' failed; nothing was sent. Its failure is the cause")
					.scope(FailureScope.APPLICATION)
					.neverProcessed(true)
					.cause(failure)
					.build();
	}

	private ChatRequest withHistory(StoredConversation stored, ChatRequest request) {
		List<ChatMessage> messages = this.conversations.window().trim(stored.messages(), request.messages());
		return request.toBuilder().replaceMessages(messages).build();
	}

	private Mono<Void> store(StoredConversation stored, ChatRequest request, ChatCompletion completion) {
		List<ChatMessage> turn = new ArrayList<>(request.messages());
		List<ChatMessage> system = ConversationWindow.systemOf(turn);
		if (!system.isEmpty() && system.equals(ConversationWindow.systemOf(stored.messages()))) {
			// said again, as some do with each request
			turn.removeIf(ConversationWindow::isSystem);
		}
		turn.addAll(completion.messages());
		return this.conversations.store()
			.append(this.id, stored.version(), turn)
			.switchIfEmpty(Mono.error(() -> new IllegalStateException(
					"the conversation store did not report whether it stored the turn of '" + this.id + "'")))
			.onErrorMap((failure) -> TurnNotStoredException.failed(this.id, turn, completion, failure))
			.flatMap((appended) -> appended ? Mono.<Void>empty()
					: Mono.error(() -> TurnNotStoredException.conflict(this.id, turn, completion)));
	}

	@Override
	public String toString() {
		return "Conversation[" + this.id + "]";
	}

}
