package io.github.deepseekboot.transport.netty;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;

import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.transport.TestProviders;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link HttpConnections}: what is made when.
 */
class HttpConnectionsTests {

	@Test
	void nothingIsMadeBeforeTheFirstRequest() {
		LoopResources loops = mock(LoopResources.class);
		try (HttpConnections connections = new HttpConnections(loops)) {
			connections.connector("unused", 1, ProviderTimeouts.DEFAULTS, null, null);
		}
		then(loops).shouldHaveNoInteractions();
	}

	@Test
	void keysThatCannotBeUsedAreNoticedAtOnce() {
		SslBundle bundle = mock(SslBundle.class);
		SslManagerBundle managers = mock(SslManagerBundle.class);
		given(bundle.getManagers()).willReturn(managers);
		given(managers.getKeyManagerFactory()).willThrow(new IllegalStateException("the key store is broken"));
		try (HttpConnections connections = new HttpConnections(null)) {
			assertThatIllegalStateException()
				.isThrownBy(() -> connections.connector("keys", 1, ProviderTimeouts.DEFAULTS, bundle, null))
				.withMessage("the key store is broken");
		}
	}

	@Test
	void aRequestMayBeSentAgain() {
		try (TestServer server = TestServer.answering(200, "text/plain", "ok");
				HttpConnections connections = new HttpConnections(null)) {
			Mono<Integer> status = status(connections, server);
			StepVerifier.create(status.repeat(2)).expectNext(200, 200, 200).expectComplete().verify(TestProviders.SOON);
			assertThat(server.requests()).hasSize(3);
		}
	}

	@Test
	void aRequestAfterTheEndFails() {
		try (TestServer server = TestServer.answering(200, "text/plain", "ok")) {
			HttpConnections connections = new HttpConnections(null);
			Mono<Integer> status = status(connections, server);
			connections.close();
			StepVerifier.create(status).expectError().verify(TestProviders.SOON);
			assertThat(server.requests()).isEmpty();
		}
	}

	private static Mono<Integer> status(HttpConnections connections, TestServer server) {
		ClientHttpConnector connector = connections.connector("test", 1, ProviderTimeouts.DEFAULTS, null, null);
		return connector.connect(HttpMethod.GET, URI.create(server.baseUrl()), (request) -> request.setComplete())
			.flatMap((response) -> response.getBody()
				.doOnNext(DataBufferUtils::release)
				.then(Mono.just(response.getStatusCode().value())));
	}

}
