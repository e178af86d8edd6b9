package io.github.deepseekboot.operations;

import org.springframework.boot.WebApplicationType;

/**
 * Tests of the spans of a reactive application.
 */
class ReactiveTracingTests extends AbstractTracingTests {

	ReactiveTracingTests() {
		super(WebApplicationType.REACTIVE);
	}

}
