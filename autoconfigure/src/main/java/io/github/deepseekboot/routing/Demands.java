package io.github.deepseekboot.routing;

import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.provider.Dialect;
import io.github.deepseekboot.provider.ProviderModel;

/**
 * What a request asks of a model that not every model can do, by the names that it has on
 * the wire. Found out when it is asked for, which is seldom. Not thread-safe beyond
 * finding the same out twice.
 */
final class Demands {

	private final ChatRequest request;

	private final Dialect dialect;

	private final ProviderModel model;

	private @Nullable Set<String> names;

	Demands(ChatRequest request, Dialect dialect, ProviderModel model) {
		this.request = request;
		this.dialect = dialect;
		this.model = model;
	}

	/**
	 * Return the names of what is asked for.
	 * @return the names, in their order; empty for nothing but text
	 */
	Set<String> names() {
		Set<String> names = this.names;
		if (names == null) {
			names = find();
			this.names = names;
		}
		return names;
	}

	private Set<String> find() {
		// what the application wrote itself is sent as it is
		Set<String> names = new TreeSet<>(this.request.extras().keySet());
		if (!this.request.tools().isEmpty()) {
			names.add("tools");
		}
		if (this.request.toolChoice() != null && this.request.toolChoice().isForced()) {
			names.add("tool_choice");
		}
		ResponseFormat format = this.dialect.responseFormat(this.request, this.model);
		if (format != null && format.isJson()) {
			names.add((format.schema() != null) ? "json_schema" : "response_format");
		}
		if (Boolean.TRUE.equals(this.dialect.thinking(this.request, this.model))) {
			names.add("thinking");
		}
		if (Boolean.TRUE.equals(this.request.logprobs()) || this.request.topLogprobs() != null) {
			names.add("logprobs");
		}
		if (this.request.n() != null && this.request.n() > 1) {
			names.add("n");
		}
		for (ChatMessage message : this.request.messages()) {
			for (ContentPart part : message.parts()) {
				Object type = (part.imageUrl() != null) ? "image_url" : part.extra().get("type");
				if (type != null && !type.equals("text")) {
					names.add(type.toString());
				}
			}
		}
		return names;
	}

}
