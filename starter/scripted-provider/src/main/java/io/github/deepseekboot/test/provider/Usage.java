package io.github.deepseekboot.test.provider;

/**
 * The tokens of a call.
 *
 * @param prompt tokens of the request
 * @param cached those of the prompt that a cache had
 * @param completion tokens of the answer, reasoning among them
 * @param reasoning those of the answer that are reasoning
 */
record Usage(int prompt, int cached, int completion, int reasoning) {

	int total() {
		return this.prompt + this.completion;
	}

}
