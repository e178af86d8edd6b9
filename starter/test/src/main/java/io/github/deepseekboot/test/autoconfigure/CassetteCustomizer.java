package io.github.deepseekboot.test.autoconfigure;

import io.github.deepseekboot.test.provider.Cassette;

/**
 * Callback interface to customize each {@link DeepSeekCassette} before it is opened, with
 * further redactions for example. Beans of this type are called in their order.
 */
@FunctionalInterface
public interface CassetteCustomizer {

	/**
	 * Customize a cassette.
	 * @param cassette the cassette to customize
	 */
	void customize(Cassette.Builder cassette);

}
