package io.github.deepseekboot.chat;

import java.math.BigDecimal;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Balance of an account at a provider.
 *
 * @param available whether calls can be paid for
 * @param amounts what is left, by currency
 */
public record AccountBalance(boolean available, List<Amount> amounts) {

	public AccountBalance {
		amounts = List.copyOf(amounts);
	}

	/**
	 * Amount in one currency.
	 *
	 * @param currency the currency, an ISO 4217 code
	 * @param total all that is left
	 * @param granted the part of it that was given, where the provider says so
	 * @param toppedUp the part of it that was paid in, where the provider says so
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record Amount(String currency, BigDecimal total, @Nullable BigDecimal granted,
			@Nullable BigDecimal toppedUp) {

	}

}
