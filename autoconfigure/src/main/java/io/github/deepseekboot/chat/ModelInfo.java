package io.github.deepseekboot.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Model that a provider offers.
 *
 * @param id the provider's id of the model
 * @param ownedBy who made it, where the provider says so
 * @param contextWindow how many tokens the prompt and the answer may have together, where
 * the provider says so
 * @param maxOutputTokens how many tokens an answer may have, where the provider says so
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelInfo(String id, @Nullable String ownedBy, @Nullable Long contextWindow,
		@Nullable Long maxOutputTokens) {

}
