package io.github.deepseekboot.guide;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The test over HTTP that the guide shows.
 */
// tag::http[]
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.NONE)
class PoetryApplicationTests {

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance().build();

	@DynamicPropertySource
	static void provider(DynamicPropertyRegistry properties) {
		properties.add("deepseek.providers.deepseek.base-url", host::baseUrl);
		properties.add("deepseek.providers.deepseek.api-key", () -> "test-key");
	}

	@Test
	void asksTheProvider(@Autowired PoetryShop shop) {
		host.stubFor(post(urlEqualTo("/chat/completions")).willReturn(okJson("""
				{"choices": [{"message": {"content": "Drip, drop"}, "finish_reason": "stop"}]}""")));
		assertThat(shop.sell("rain")).isEqualTo("One poem: Drip, drop");
		host.verify(postRequestedFor(urlEqualTo("/chat/completions")).withHeader("Authorization",
				equalTo("Bearer test-key")));
	}

}
// end::http[]
