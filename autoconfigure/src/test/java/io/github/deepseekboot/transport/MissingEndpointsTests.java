package io.github.deepseekboot.transport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for hosts that do not list their models, or do not tell the balance.
 */
class MissingEndpointsTests {

	private static final String PAGE = "<html><head><title>404 Not Found</title></head></html>";

	private int status;

	private String body = "";

	private final TestServer server = TestServer
		.start((exchange) -> exchange.respond(this.status, this.body, "Content-Type", "application/json"));

	private final ProviderClient client = TestProviders.client("deepseek", this.server);

	@AfterEach
	void close() {
		this.server.close();
	}

	@ParameterizedTest
	@CsvSource({ "404", "405", "410", "501" })
	void whatIsNotThereIsUnsupported(int status) {
		this.status = status;
		for (String body : new String[] { "", PAGE, "{\"detail\":\"Not Found\"}", "404 page not found" }) {
			this.body = body;
			DeepSeekException models = Failure.of(this.client.models());
			assertThat(models.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
			assertThat(models.getReason()).isEqualTo("the provider has no /models");
			DeepSeekException balance = Failure.of(this.client.balance());
			assertThat(balance.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
			assertThat(balance.getReason()).isEqualTo("the provider has no /user/balance");
		}
	}

	@ParameterizedTest
	@CsvSource({ "401, AUTHENTICATION", "403, AUTHENTICATION", "429, RATE_LIMITED", "500, SERVER_ERROR",
			"503, OVERLOADED" })
	void anyOtherFailureIsWhatItIs(int status, ErrorKind kind) {
		this.status = status;
		this.body = "{\"error\":{\"message\":\"no\"}}";
		assertThat(Failure.of(this.client.models()).getKind()).isEqualTo(kind);
		assertThat(Failure.of(this.client.balance()).getKind()).isEqualTo(kind);
	}

	@Test
	void aHostThatHasNoBalanceIsNotAsked() {
		DeepSeekException failure = Failure.of(TestProviders.client("openai", this.server).balance());
		assertThat(failure.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
		assertThat(failure.getReason()).isEqualTo("the provider does not report the balance");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1", "/beta" })
	void theBalanceStandsBesideThePathsOfVersions(String version) {
		String balance = "{\"is_available\":true,\"balance_infos\":[{\"currency\":\"CNY\",\"total_balance\":\"1.50\"}]}";
		try (TestServer host = TestServer.start((exchange) -> {
			boolean there = exchange.request().path().equals("/user/balance");
			exchange.respond(there ? 200 : 404, there ? balance : "{}", "Content-Type", "application/json");
		})) {
			ProviderClient client = TestProviders
				.client(TestProviders.builder("deepseek", host.baseUrl() + version).build());
			AccountBalance account = client.balance().block(TestProviders.SOON);
			assertThat(account).isNotNull();
			assertThat(account.amounts()).singleElement()
				.satisfies((amount) -> assertThat(amount.total()).isEqualByComparingTo("1.50"));
		}
	}

	@Test
	void anOwnerMayBeAnOrganization() {
		this.status = 200;
		this.body = "[{\"id\":\"m\",\"organization\":\"DeepSeek\",\"context_length\":131072}]";
		assertThat(TestProviders.client("together", this.server).models().block(TestProviders.SOON)).singleElement()
			.satisfies((model) -> {
				assertThat(model.ownedBy()).isEqualTo("DeepSeek");
				assertThat(model.contextWindow()).isEqualTo(131072);
			});
	}

	@Test
	void aMissingModelIsComparedWithThoseThatTheHostListed() {
		this.status = 200;
		this.body = "{\"data\":[{\"id\":\"deepseek-v5-mini\"},{\"id\":\"other\"}]}";
		this.client.models().block(TestProviders.SOON);
		this.status = 404;
		this.body = "{\"error\":{\"message\":\"Model Not Exist\"}}";
		Attempt attempt = TestProviders.attempt(ChatRequest.of("hi"), "deepseek-v5-mni");
		assertThat(Failure.of(this.client.complete(attempt)).getReason())
			.isEqualTo("Model Not Exist; did you mean 'deepseek-v5-mini'?");
	}

}
