package io.github.deepseekboot.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A configured provider.
 *
 * @param id its id, as configured
 * @param title its name for people
 * @param inChain whether it is asked by requests that name no provider
 * @param models its models by their logical names
 */
public record ProviderInfo(String id, String title, boolean inChain, Map<String, Model> models) {

	public ProviderInfo {
		models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
	}

	/**
	 * A model of a provider.
	 *
	 * @param id the provider's own id of it
	 * @param thinking whether it thinks unless a request says otherwise; {@code null} if
	 * that is up to the provider
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record Model(String id, @Nullable Boolean thinking) {

	}

}
