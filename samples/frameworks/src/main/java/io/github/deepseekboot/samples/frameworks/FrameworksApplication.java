package io.github.deepseekboot.samples.frameworks;

import java.util.List;

import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.vectorstore.SimpleVectorStore;
import org.springframework.ai.vectorstore.VectorStore;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * A library with a {@link Librarian} on Spring AI and a {@link TravelAgent} on
 * LangChain4j, both of which go through the providers.
 */
@SpringBootApplication
public class FrameworksApplication {

	public static void main(String[] args) {
		SpringApplication.run(FrameworksApplication.class, args);
	}

	@Bean
	EmbeddingModel embeddingModel() {
		return new WordEmbeddingModel();
	}

	@Bean
	VectorStore catalogue(EmbeddingModel embeddingModel) {
		SimpleVectorStore store = SimpleVectorStore.builder(embeddingModel).build();
		store.add(List.of(new Document("The atlas of Norway stands on shelf 7."),
				new Document("The cookbook of Naples stands on shelf 3."),
				new Document("The library opens at nine and closes at six.")));
		return store;
	}

}
