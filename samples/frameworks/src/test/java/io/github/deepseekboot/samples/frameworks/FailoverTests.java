package io.github.deepseekboot.samples.frameworks;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import dev.langchain4j.exception.RetriableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.retry.TransientAiException;
import reactor.test.StepVerifier;

import io.github.deepseekboot.chat.StreamInterruptedException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the providers of an application stand in for each other below both
 * frameworks.
 */
class FailoverTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final Routed routed = new Routed();

	@AfterEach
	void stop() {
		this.routed.close();
	}

	@Test
	void nobodyNoticesThatTheFirstProviderDiesBeforeTheFirstToken() {
		this.routed.deepseek().reset();
		this.routed.deepseek().reply().always().cutsAfter(0).answers("never heard");
		String answer = String.join("",
				this.routed.bean(Librarian.class)
					.answer("ida", "On which shelf stands the atlas of Norway?")
					.collectList()
					.block(PATIENCE));
		assertThat(answer).contains("shelf 7");
		assertThat(this.routed.bean(TravelAgent.class).plan("Find a train from Oslo to Bergen")).contains("9:15");
		assertThat(aloud("Find a train from Oslo to Bergen").join()).contains("9:15");
		assertThat(this.routed.second().completed()).isEqualTo(5);
	}

	@Test
	void afterTheFirstTokenItIsTheFrameworksOwnError() {
		this.routed.deepseek().reset();
		this.routed.deepseek().reply().always().cutsAfter(2).answers("It is on one of the shelves.");
		StepVerifier
			.create(this.routed.bean(ChatClient.Builder.class).build().prompt("Where is it?").stream().content())
			.expectNextCount(2)
			.expectErrorSatisfies((failure) -> assertThat(failure).isInstanceOf(TransientAiException.class)
				.hasCauseInstanceOf(StreamInterruptedException.class))
			.verify(PATIENCE);
		// advisors of Spring AI put an exception of their own around it
		StepVerifier.create(this.routed.bean(Librarian.class).answer("ida", "Where is the atlas?"))
			.expectNextCount(2)
			.expectErrorSatisfies((failure) -> assertThat(failure).hasMessage("Stream processing failed")
				.hasCauseInstanceOf(TransientAiException.class))
			.verify(PATIENCE);
		assertThat(aloud("Say where it is")).failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(RetriableException.class)
			.havingCause()
			.withCauseInstanceOf(StreamInterruptedException.class);
		assertThat(this.routed.second().received()).isZero();
	}

	@Test
	void aHandleClosesTheConnectionToTheProvider() throws InterruptedException {
		this.routed.deepseek().reset();
		this.routed.deepseek().reply().always().pace(Duration.ofMillis(20)).answers("on and ".repeat(500) + "on");
		CompletableFuture<Void> third = new CompletableFuture<>();
		List<String> pieces = new CopyOnWriteArrayList<>();
		this.routed.bean(TravelAgent.class).planAloud("Tell me all").onPartialResponseWithContext((piece, context) -> {
			pieces.add(piece.text());
			if (pieces.size() == 3) {
				context.streamingHandle().cancel();
				third.complete(null);
			}
		}).onError(third::completeExceptionally).start();
		assertThat(third).succeedsWithin(PATIENCE);
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (this.routed.deepseek().cancelled() == 0 && System.nanoTime() < end) {
			Thread.sleep(10);
		}
		assertThat(this.routed.deepseek().cancelled()).isOne();
		assertThat(pieces).hasSize(3);
	}

	private CompletableFuture<String> aloud(String wish) {
		CompletableFuture<String> answer = new CompletableFuture<>();
		this.routed.bean(TravelAgent.class).planAloud(wish).onPartialResponse((piece) -> {
		})
			.onCompleteResponse((response) -> answer.complete(response.aiMessage().text()))
			.onError(answer::completeExceptionally)
			.start();
		return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
	}

}
