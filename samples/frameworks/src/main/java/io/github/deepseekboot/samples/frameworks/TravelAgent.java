package io.github.deepseekboot.samples.frameworks;

import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;

/**
 * Plans journeys. Implemented by LangChain4j.
 */
// tag::agent[]
public interface TravelAgent {

	@SystemMessage("You are a travel agent.")
	String plan(String wish);

	@SystemMessage("You are a travel agent.")
	TokenStream planAloud(String wish);

}
// end::agent[]
