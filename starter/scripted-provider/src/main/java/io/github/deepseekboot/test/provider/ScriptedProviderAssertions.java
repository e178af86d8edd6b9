package io.github.deepseekboot.test.provider;

/**
 * Entry point for AssertJ assertions on scripted providers.
 */
public class ScriptedProviderAssertions {

	protected ScriptedProviderAssertions() {
	}

	/**
	 * Assertions on what a provider received.
	 * @param provider the provider
	 * @return the assertions
	 */
	public static ScriptedProviderAssert assertThat(ScriptedProvider provider) {
		return new ScriptedProviderAssert(provider);
	}

	/**
	 * Assertions on a call.
	 * @param call the call
	 * @return the assertions
	 */
	public static ReceivedCallAssert assertThat(ReceivedCall call) {
		return new ReceivedCallAssert(call);
	}

}
