package io.github.deepseekboot.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

import org.springframework.stereotype.Service;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;

// tag::pictures[]
@Service
class PictureReader {

	private final ChatCompletionOperations chat;

	PictureReader(ChatCompletionOperations chat) {
		this.chat = chat;
	}

	String describe(String url) {
		return ask(ContentPart.imageUrl(url));
	}

	String describe(Path file) throws IOException {
		String image = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
		return ask(ContentPart.imageUrl("data:image/png;base64," + image));
	}

	private String ask(ContentPart image) {
		ChatMessage message = ChatMessage.user(ContentPart.text("What is in this picture?"), image);
		return this.chat.complete(ChatRequest.builder().message(message).build()).content();
	}

}
// end::pictures[]
