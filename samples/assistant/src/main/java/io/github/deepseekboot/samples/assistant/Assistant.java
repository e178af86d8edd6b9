package io.github.deepseekboot.samples.assistant;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;

import org.springframework.boot.CommandLineRunner;
import org.springframework.stereotype.Component;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.conversation.Conversation;

/**
 * The dialogue. Each method shows one thing that applications do with a model.
 */
@Component
class Assistant implements CommandLineRunner {

	private static final String MAIL = """
			Dear Ms Berg, thank you for travelling with us. Our invoice no. 2026-0815 of 20 November 2026:
			two seats from Oslo to Bergen at 499.00 each and a bicycle at 98.00, which makes 1096.00 in all.""";

	private final ChatCompletionOperations chat;

	private final TravelTools tools;

	private final Totals totals;

	Assistant(ChatCompletionOperations chat, TravelTools tools, Totals totals) {
		this.chat = chat;
		this.tools = tools;
		this.totals = totals;
	}

	@Override
	public void run(String... args) {
		useTools();
		readInvoice();
		listItems();
		converse();
		title("Together");
		this.totals.print();
	}

	private void useTools() {
		title("Tools, run while the answer streams");
		ChatRequest request = ChatRequest.builder()
			.user(said(
					"I am in Oslo and travel to Bergen tomorrow. How will the weather be, and which train do I take?"))
			.thinking(true)
			.build();
		StreamPrinter printer = new StreamPrinter();
		this.chat.withTools(this.tools.weather(), this.tools.trains())
			.stream(request)
			.doOnNext(printer::print)
			.blockLast();
		System.out.println();
	}

	private void readInvoice() {
		title("A typed answer");
		Invoice invoice = this.chat.complete(said("Read this mail:\n" + MAIL), Invoice.class);
		System.out.println("  number  " + invoice.number());
		System.out.println("  issued  " + invoice.issued());
		invoice.lines().forEach((line) -> System.out.println("  line    " + line));
		System.out.println("  total   " + invoice.total());
	}

	private void listItems() {
		title("A list, item by item");
		this.chat.streamList(said("List four things to pack for two rainy days in Bergen."), Item.class)
			.doOnNext((item) -> System.out.println("  " + item))
			.blockLast();
	}

	private void converse() {
		title("A conversation");
		Conversation conversation = this.chat.conversation("trip of Ms Berg");
		ChatRequest first = ChatRequest.builder()
			.system("You help with journeys. Answer in one or two sentences.")
			.user(said("My daughter Ida comes along to Bergen. She is six and loves fish."))
			.build();
		System.out.println("Assistant: " + conversation.complete(first).content());
		for (String question : List.of("What could we do there when it rains?", "How old did I say that she is?")) {
			System.out.println("Assistant: " + conversation.complete(said(question)).content());
		}
	}

	private static void title(String title) {
		System.out.printf("%n== %s ==%n", title);
	}

	private static String said(String text) {
		System.out.println("You: " + text);
		return text;
	}

	record Invoice(String number, LocalDate issued, List<Line> lines, BigDecimal total) {

	}

	record Line(String article, int quantity, BigDecimal price) {

	}

	record Item(int quantity, String name) {

	}

}
