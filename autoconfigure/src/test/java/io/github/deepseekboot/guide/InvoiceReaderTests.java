package io.github.deepseekboot.guide;

import java.math.BigDecimal;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

import io.github.deepseekboot.structured.TypedHost;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the code of {@code docs/guide/typed-answers.md} does what it says.
 */
class InvoiceReaderTests {

	private static final String LINE = "{\"article\": \"tea\", \"price\": 2.50}";

	private static final String INVOICE = """
			{"number": "A-1", "issued": "2026-11-22", "lines": [%s], "note": null}""".formatted(LINE);

	@Test
	void answersAreValues() {
		try (TypedHost host = new TypedHost()) {
			host.answer(INVOICE).answer("{\"value\": [" + INVOICE + "]}").run((chat) -> {
				InvoiceReader reader = new InvoiceReader(chat);
				assertThat(reader.read("…").lines())
					.containsExactly(new InvoiceReader.Line("tea", new BigDecimal("2.50")));
				assertThat(reader.readAll("…")).extracting(InvoiceReader.Invoice::number).containsExactly("A-1");
				assertThat(host.requests().get(0).toString()).contains("What the seller wrote by hand");
			});
		}
	}

	@Test
	void itemsArrive() {
		try (TypedHost host = new TypedHost()) {
			host.stream("stop", "{\"items\": [" + LINE, "," + LINE + "]}")
				.run((chat) -> StepVerifier.create(new InvoiceReader(chat).lines("…"))
					.expectNextCount(2)
					.expectComplete()
					.verify(Duration.ofSeconds(20)));
		}
	}

	@Test
	void whatCannotBeReadIsKept() {
		try (TypedHost host = new TypedHost()) {
			host.answer("No idea").answer("No idea either").run((chat) -> {
				InvoiceReader reader = new InvoiceReader(chat);
				assertThat(reader.readOrNull("…")).isNull();
				assertThat(reader.reviewed()).contains("it is not JSON in No idea either");
			});
		}
	}

}
