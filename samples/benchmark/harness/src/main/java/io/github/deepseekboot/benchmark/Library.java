package io.github.deepseekboot.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A client that can be measured.
 *
 * @param id its name on the command line, and its module's
 * @param className the class that implements {@link ClientUnderTest}
 * @param module the module that has it
 * @param jar how the name of the library's jar begins
 */
record Library(String id, String className, String module, String jar) {

	private static final String PACKAGE = "io.github.deepseekboot.benchmark.";

	static final List<Library> ALL = List.of(
			new Library("raw", PACKAGE + "RawClient", "webclient", "reactor-netty-http"),
			new Library("floor", PACKAGE + "SendTimeClient", "webclient", "reactor-netty-http"),
			new Library("webclient", PACKAGE + "PlainWebClient", "webclient", "spring-webflux"),
			new Library("webclient-observed", PACKAGE + "ObservedWebClient", "template", "spring-webflux"),
			new Library("deepseek", PACKAGE + "TemplateClient", "template", "deepseek-spring-boot-autoconfigure"),
			new Library("spring-ai-bridge", PACKAGE + "SpringAiBridgeClient", "bridges",
					"deepseek-spring-boot-autoconfigure"),
			new Library("langchain4j-bridge", PACKAGE + "LangChain4jBridgeClient", "bridges",
					"deepseek-spring-boot-autoconfigure"),
			new Library("deepseek4j", PACKAGE + "DeepSeek4jClient", "deepseek4j", "deepseek4j-core"),
			new Library("langchain4j", PACKAGE + "LangChain4jClient", "langchain4j", "langchain4j-open-ai"),
			new Library("spring-ai-1", PACKAGE + "SpringAiClient", "spring-ai-1", "spring-ai-deepseek"),
			new Library("spring-ai-openai", PACKAGE + "SpringAiOpenAiClient", "spring-ai-openai", "spring-ai-openai"),
			new Library("spring-ai", PACKAGE + "SpringAiClient", "spring-ai", "spring-ai-deepseek"));

	static Library of(String id) {
		return ALL.stream()
			.filter((library) -> library.id.equals(id))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"no client '%s', there are %s".formatted(id, ALL.stream().map(Library::id).toList())));
	}

	String classPath(Path benchmark) {
		return classPath(benchmark.resolve(this.module), true);
	}

	// what Maven found, which the script 'run' leaves in a file
	static String classPath(Path module, boolean withClasses) {
		try {
			String jars = Files.readString(module.resolve("target/classpath.txt")).strip();
			return (withClasses) ? module.resolve("target/classes") + File.pathSeparator + jars : jars;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("build first: '" + module + "' has no class path", ex);
		}
	}

	String version(Path benchmark) {
		return Arrays.stream(classPath(benchmark).split(File.pathSeparator))
			.map((path) -> String.valueOf(Path.of(path).getFileName()))
			.filter((name) -> name.startsWith(this.jar + "-"))
			.map((name) -> name.replaceAll("\\.jar$", ""))
			.findFirst()
			.orElse(this.jar);
	}

}
