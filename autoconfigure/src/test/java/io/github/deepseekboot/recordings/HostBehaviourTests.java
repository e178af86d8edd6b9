package io.github.deepseekboot.recordings;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Replays what hosts do, over HTTP and in an application of its own for each behaviour.
 */
class HostBehaviourTests {

	@TestFactory
	Stream<DynamicTest> behaviour() {
		List<FieldReport> corpus = FieldReport.ofCorpus();
		assertThat(corpus).hasSizeGreaterThan(150);
		return corpus.stream()
			.map((report) -> DynamicTest.dynamicTest(report.kind() + ": " + report.id(),
					() -> FieldReportsTests.replay(report)));
	}

}
