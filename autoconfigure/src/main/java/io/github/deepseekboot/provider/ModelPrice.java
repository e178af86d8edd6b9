package io.github.deepseekboot.provider;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * What a model costs, per million tokens.
 *
 * @param input a million prompt tokens
 * @param cachedInput a million prompt tokens answered from the provider's cache;
 * {@code null} if they cost what others do
 * @param output a million completion tokens
 * @param currency the currency, an ISO 4217 code
 */
public record ModelPrice(BigDecimal input, @Nullable BigDecimal cachedInput, BigDecimal output, String currency) {

}
