package io.github.deepseekboot.samples.frameworks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * An embedding without a model: it counts words, each in a dimension that its hash
 * chooses. Good enough to find a text that has the words of a question.
 */
class WordEmbeddingModel implements EmbeddingModel {

	private static final int DIMENSIONS = 256;

	private static final int SHORT_WORD = 3;

	@Override
	public EmbeddingResponse call(EmbeddingRequest request) {
		List<Embedding> embeddings = new ArrayList<>();
		for (String text : request.getInstructions()) {
			embeddings.add(new Embedding(embedText(text), embeddings.size()));
		}
		return new EmbeddingResponse(embeddings);
	}

	@Override
	public float[] embed(Document document) {
		String text = document.getText();
		return embedText((text != null) ? text : "");
	}

	private static float[] embedText(String text) {
		float[] vector = new float[DIMENSIONS];
		vector[0] = 0.01f;
		for (String word : text.toLowerCase(Locale.ROOT).split("\\W+")) {
			if (word.length() > SHORT_WORD) {
				vector[Math.floorMod(word.hashCode(), DIMENSIONS)] += 1;
			}
		}
		return vector;
	}

	@Override
	public int dimensions() {
		return DIMENSIONS;
	}

}
