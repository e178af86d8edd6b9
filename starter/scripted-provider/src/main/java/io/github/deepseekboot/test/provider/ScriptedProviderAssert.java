package io.github.deepseekboot.test.provider;

import java.util.List;

import org.assertj.core.api.AbstractAssert;

/**
 * AssertJ assertions on what a {@link ScriptedProvider} received.
 */
public final class ScriptedProviderAssert extends AbstractAssert<ScriptedProviderAssert, ScriptedProvider> {

	ScriptedProviderAssert(ScriptedProvider provider) {
		super(provider, ScriptedProviderAssert.class);
	}

	/**
	 * Verify how many calls came. Each attempt of a client is a call of its own.
	 * @param number the number of calls
	 * @return this
	 */
	public ScriptedProviderAssert hasReceivedCalls(int number) {
		List<ReceivedCall> calls = this.actual.calls();
		if (calls.size() != number) {
			failWithMessage("%nExpected calls of '%s': %s%nbut these came: %s", this.actual.id(), number, calls);
		}
		return this;
	}

	/**
	 * Verify that no call came.
	 * @return this
	 */
	public ScriptedProviderAssert hasReceivedNoCalls() {
		return hasReceivedCalls(0);
	}

	/**
	 * Verify that each answer of the script was given.
	 * @return this
	 */
	public ScriptedProviderAssert hasNoUnusedAnswers() {
		if (this.actual.unused() > 0) {
			failWithMessage(
					"%nExpected that '%s' was asked for all answers of its script%nbut answers left: %s, after %s",
					this.actual.id(), this.actual.unused(), this.actual.calls());
		}
		return this;
	}

	/**
	 * Go on with one of the calls.
	 * @param number its number, from 1
	 * @return assertions on the call
	 */
	public ReceivedCallAssert call(int number) {
		List<ReceivedCall> calls = this.actual.calls();
		if (number < 1 || number > calls.size()) {
			failWithMessage("%nExpected a call %s of '%s'%nbut these came: %s", number, this.actual.id(), calls);
		}
		return new ReceivedCallAssert(calls.get(number - 1));
	}

	/**
	 * Go on with the last call.
	 * @return assertions on the call
	 */
	public ReceivedCallAssert lastCall() {
		return call(Math.max(1, this.actual.calls().size()));
	}

}
