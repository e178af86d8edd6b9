package io.github.deepseekboot.chat;

import java.io.Serializable;
import java.math.BigDecimal;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.springframework.util.Assert;

/**
 * Cost of an answer at the configured prices. It is an estimate: the provider's bill is
 * the truth.
 *
 * @param amount the amount
 * @param currency its currency, an ISO 4217 code
 */
public record Cost(@JsonProperty("amount") BigDecimal amount,
		@JsonProperty("currency") String currency) implements Serializable {

	public Cost {
		Assert.notNull(amount, "'amount' must not be null");
		Assert.hasText(currency, "'currency' must not be empty");
	}

}
