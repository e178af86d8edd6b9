package io.github.deepseekboot.langchain4j;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ToolCallDelta;

/**
 * Hands the deltas of one stream to a handler. What the handler throws goes to its own
 * {@code onError}, and the stream continues, as LangChain4j has it.
 */
final class ResponseStream extends BaseSubscriber<ChatDelta> implements StreamingHandle {

	private static final Log logger = LogFactory.getLog(ResponseStream.class);

	private final StreamingChatResponseHandler handler;

	private final ChatDeltaAccumulator collected = new ChatDeltaAccumulator();

	private final PartialResponseContext responseContext = new PartialResponseContext(this);

	private final PartialThinkingContext thinkingContext = new PartialThinkingContext(this);

	private final PartialToolCallContext toolCallContext = new PartialToolCallContext(this);

	private final Map<Integer, Call> openCalls = new TreeMap<>();

	private final List<ToolExecutionRequest> completeCalls = new ArrayList<>();

	private final Set<String> ids = new HashSet<>();

	private volatile boolean cancelled;

	ResponseStream(StreamingChatResponseHandler handler) {
		this.handler = handler;
	}

	@Override
	public boolean isCancelled() {
		return this.cancelled;
	}

	@Override
	protected void hookOnCancel() {
		this.cancelled = true;
	}

	@Override
	protected void hookOnNext(ChatDelta delta) {
		this.collected.add(delta);
		// a handler knows of one choice
		if (delta.isLast() || delta.choiceIndex() != 0) {
			return;
		}
		String reasoning = delta.reasoningContent();
		if (reasoning != null && !reasoning.isEmpty()) {
			PartialThinking thinking = new PartialThinking(reasoning);
			call(() -> this.handler.onPartialThinking(thinking, this.thinkingContext));
		}
		String content = delta.content();
		if (content != null && !content.isEmpty()) {
			PartialResponse response = new PartialResponse(content);
			call(() -> this.handler.onPartialResponse(response, this.responseContext));
		}
		for (ToolCallDelta fragment : delta.toolCalls()) {
			add(fragment);
		}
	}

	private void add(ToolCallDelta fragment) {
		Call call = this.openCalls.get(fragment.index());
		if (call == null) {
			complete();
			call = new Call(fragment.index());
			this.openCalls.put(fragment.index(), call);
		}
		PartialToolCall partial = call.add(fragment);
		if (partial != null) {
			call(() -> this.handler.onPartialToolCall(partial, this.toolCallContext));
		}
	}

	private void complete() {
		for (Call open : this.openCalls.values()) {
			if (!open.complete) {
				open.complete = true;
				ToolExecutionRequest request = ResponseMapper.call(open.id(), open.name, open.arguments.toString());
				CompleteToolCall complete = new CompleteToolCall(open.index, request);
				this.completeCalls.add(request);
				call(() -> this.handler.onCompleteToolCall(complete));
			}
		}
	}

	@Override
	protected void hookOnComplete() {
		complete();
		call(() -> this.handler
			.onCompleteResponse(ResponseMapper.response(this.collected.toCompletion(), this.completeCalls)));
	}

	@Override
	protected void hookOnError(Throwable failure) {
		sendError((failure instanceof DeepSeekException ex) ? ModelExceptions.of(ex) : failure);
	}

	private void call(Runnable callback) {
		if (this.cancelled) {
			return;
		}
		try {
			callback.run();
		}
		// an error, too: Reactor gives up on some, and the handler would never learn of
		// an end
		catch (Throwable ex) {
			sendError(ex);
		}
	}

	private void sendError(Throwable failure) {
		try {
			this.handler.onError(failure);
		}
		catch (Throwable ex) {
			logger.warn("A handler's onError failed, which is ignored", ex);
		}
	}

	/**
	 * A tool call that comes in fragments.
	 */
	private final class Call {

		private final int index;

		private final StringBuilder arguments = new StringBuilder();

		private @Nullable String id;

		private String name = "";

		private boolean complete;

		Call(int index) {
			this.index = index;
		}

		String id() {
			if (this.id == null) {
				this.id = ResponseMapper.identified(null, this.index, ResponseStream.this.ids);
			}
			return this.id;
		}

		@Nullable PartialToolCall add(ToolCallDelta fragment) {
			if (fragment.id() != null && this.id == null) {
				this.id = ResponseMapper.identified(fragment.id(), this.index, ResponseStream.this.ids);
			}
			this.name = (fragment.name() != null) ? fragment.name() : this.name;
			String piece = fragment.arguments();
			if (piece == null || piece.isEmpty()) {
				return null;
			}
			this.arguments.append(piece);
			return this.name.isBlank() ? null
					: PartialToolCall.builder()
						.index(this.index)
						.id(id())
						.name(this.name)
						.partialArguments(piece)
						.build();
		}

	}

}
