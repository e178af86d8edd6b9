package io.github.deepseekboot.guide;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.InvalidAnswerException;

@Service
class InvoiceReader {

	private final ChatCompletionTemplate chat;

	private String reviewed = "";

	InvoiceReader(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	// tag::ask[]
	Invoice read(String text) {
		return this.chat.complete("Read this invoice:\n" + text, Invoice.class);
	}

	List<Invoice> readAll(String text) {
		return this.chat.complete(ChatRequest.of("Read these invoices:\n" + text),
				new ParameterizedTypeReference<List<Invoice>>() {
				});
	}

	// end::ask[]

	// tag::list[]
	Flux<Line> lines(String text) {
		return this.chat.streamList("List the lines of this invoice:\n" + text, Line.class);
	}

	// end::list[]

	// tag::failure[]
	@Nullable Invoice readOrNull(String text) {
		try {
			return read(text);
		}
		catch (InvalidAnswerException ex) { // asked for twice, or cut
			keepForReview(text, ex.getReason(), ex.getRawText());
			return null;
		}
	}

	// end::failure[]

	String reviewed() {
		return this.reviewed;
	}

	private void keepForReview(String text, String reason, String answer) {
		this.reviewed = reason + " in " + answer;
	}

	// tag::types[]
	record Invoice(String number, LocalDate issued, @NotEmpty List<@Valid Line> lines,
			@JsonPropertyDescription("What the seller wrote by hand") @Nullable String note) {
	}

	record Line(String article, @Positive BigDecimal price) {
	}
	// end::types[]

}
