package io.github.deepseekboot.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what docs/guide/images.md shows.
 */
class PictureReaderTests {

	private final List<ContentPart> parts = new ArrayList<>();

	private final PictureReader reader = new PictureReader(
			ChatCompletionTemplate.builder(new RecordingClient()).build());

	@Test
	void anAddressIsSent() {
		assertThat(this.reader.describe("https://example.com/cat.png")).isEqualTo("A cat");
		assertThat(this.parts).containsExactly(ContentPart.text("What is in this picture?"),
				ContentPart.imageUrl("https://example.com/cat.png"));
	}

	@Test
	void aFileIsSentAsADataAddress(@TempDir Path folder) throws IOException {
		Path file = Files.write(folder.resolve("cat.png"), new byte[] { 1, 2, 3 });
		assertThat(this.reader.describe(file)).isEqualTo("A cat");
		assertThat(this.parts).last().isEqualTo(ContentPart.imageUrl("data:image/png;base64,AQID"));
	}

	private final class RecordingClient implements ChatCompletionClient {

		@Override
		public Mono<ChatCompletion> complete(ChatRequest request) {
			PictureReaderTests.this.parts.addAll(request.messages().get(0).parts());
			return Mono.just(ChatCompletion.of("lab", "A cat"));
		}

		@Override
		public Flux<ChatDelta> stream(ChatRequest request) {
			return Flux.just(ChatDelta.of("lab", "A cat"), ChatDelta.last("lab", null));
		}

	}

}
