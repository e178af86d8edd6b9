package io.github.deepseekboot.operations;

import org.springframework.boot.WebApplicationType;

/**
 * Tests of the spans of a servlet application.
 */
class ServletTracingTests extends AbstractTracingTests {

	ServletTracingTests() {
		super(WebApplicationType.SERVLET);
	}

}
