package io.github.deepseekboot.autoconfigure;

import java.util.Map;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * Where providers are and which keys open them. A bean of this type takes the place of
 * the {@code base-url} and {@code api-key} properties of the providers that it names;
 * providers that no property mentions are added. Of several beans the first in their
 * order that names a provider decides.
 */
@FunctionalInterface
public interface DeepSeekConnectionDetails extends ConnectionDetails {

	/**
	 * The connections.
	 * @return the connections by provider id
	 */
	Map<String, Connection> getProviders();

	/**
	 * How to reach one provider.
	 *
	 * @param baseUrl the address below which its paths lie; {@code null} for the preset's
	 * @param apiKey the key; {@code null} for none
	 */
	record Connection(@Nullable String baseUrl, @JsonIgnore @Nullable String apiKey) {

		@Override
		public String toString() {
			return "Connection[baseUrl=" + this.baseUrl + "]";
		}

	}

}
