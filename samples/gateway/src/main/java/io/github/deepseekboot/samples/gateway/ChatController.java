package io.github.deepseekboot.samples.gateway;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.ProviderQuota.Permit;

/**
 * OpenAI's API. A client that closes its connection ends the call to the provider.
 */
@RestController
class ChatController {

	private final ChatCompletionTemplate chat;

	ChatController(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	@PostMapping("/v1/chat/completions")
	Mono<Void> chat(@RequestAttribute Tenant tenant, @RequestBody Map<String, @Nullable Object> body,
			ServerHttpResponse response) {
		CompletionRequest request = CompletionRequest.read(body);
		tenant.checkModel(request.chat().model());
		return request.stream() ? stream(tenant, request, response) : complete(tenant, request, response);
	}

	private Mono<Void> complete(Tenant tenant, CompletionRequest request, ServerHttpResponse response) {
		Mono<ChatCompletion> answer = Mono.usingWhen(tenant.acquire(request.chat()),
				(permit) -> this.chat.completeAsync(request.chat())
					.doOnNext((completion) -> settle(permit, completion.usage())),
				ChatController::release);
		AnswerWriter writer = new AnswerWriter(request);
		return write(response,
				answer.map((completion) -> response.bufferFactory().wrap(writer.completion(completion))));
	}

	private Mono<Void> stream(Tenant tenant, CompletionRequest request, ServerHttpResponse response) {
		Flux<ChatDelta> deltas = Flux.usingWhen(tenant.acquire(request.chat()),
				(permit) -> this.chat.stream(request.chat()).doOnNext((delta) -> settle(permit, delta.usage())),
				ChatController::release);
		AnswerWriter writer = new AnswerWriter(request);
		Flux<DataBuffer> events = deltas.switchOnFirst((first, all) -> {
			Flux<DataBuffer> begun = all.map((delta) -> writer.event(delta, response.bufferFactory()));
			// before the first delta a failure has a status of its own
			return first.hasValue() ? begun.onErrorResume((failure) -> broken(failure, writer, response)) : begun;
		});
		response.getHeaders().setContentType(MediaType.TEXT_EVENT_STREAM);
		response.getHeaders().setCacheControl(CacheControl.noCache());
		// a proxy must not collect events
		response.getHeaders().set("X-Accel-Buffering", "no");
		return response.writeAndFlushWith(events.map(Mono::just));
	}

	// The connection is cut after the event: some clients pass the event over.
	private static Flux<DataBuffer> broken(Throwable failure, AnswerWriter writer, ServerHttpResponse response) {
		ApiError error = ApiError.of(failure);
		// Without its cause, which WebFlux takes for the client's lost connection.
		return Flux.concat(Mono.just(writer.failure(error, response.bufferFactory())),
				Mono.error(new ApiException(error)));
	}

	private static void settle(Permit permit, @Nullable Usage usage) {
		if (usage != null) {
			permit.used(usage);
		}
	}

	private static Mono<Void> release(Permit permit) {
		return Mono.fromRunnable(permit::release);
	}

	@GetMapping("/v1/models")
	Mono<Void> models(@RequestAttribute Tenant tenant, ServerHttpResponse response) {
		return write(response,
				Mono.fromSupplier(() -> response.bufferFactory().wrap(AnswerWriter.models(tenant.models()))));
	}

	@GetMapping("/v1/models/{model}")
	Mono<Void> model(@RequestAttribute Tenant tenant, @PathVariable String model, ServerHttpResponse response) {
		tenant.checkModel(model);
		return write(response, Mono.fromSupplier(() -> response.bufferFactory().wrap(AnswerWriter.model(model))));
	}

	private static Mono<Void> write(ServerHttpResponse response, Mono<DataBuffer> body) {
		response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
		return response.writeWith(body);
	}

}
