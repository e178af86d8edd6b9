package io.github.deepseekboot.test.guide;

import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.test.EnabledIfEvaluating;
import io.github.deepseekboot.test.Evaluation;
import io.github.deepseekboot.test.Scorer;
import io.github.deepseekboot.test.guide.PoemApplication.Poet;

/**
 * The evaluation that the guide shows.
 */
// tag::evaluation[]
@SpringBootTest
@EnabledIfEvaluating
class PoemEvaluationTests {

	@TestFactory
	Stream<DynamicTest> poems(@Autowired Poet poet, @Autowired ChatCompletionTemplate chat) {
		ChatCompletionTemplate judge = chat.withProvider("siliconflow");
		return Evaluation.of("poems", poet::poem)
			.question("rain", Scorer.contains("rain"))
			.question("snow", Scorer.judge(judge, "A poem of four lines at most, about snow"))
			.times(3)
			.threshold(0.8)
			.tests();
	}

}
// end::evaluation[]
