package io.github.deepseekboot.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/**
 * Sums up the allocation samples of a flight recording: by what was allocated and where.
 */
final class AllocationProfile {

	private static final int ROWS = 25;

	private static final String OWN = "io.github.deepseekboot.";

	private AllocationProfile() {
	}

	static void print(Path recording) throws IOException {
		Map<String, Long> weights = new HashMap<>();
		try (RecordingFile file = new RecordingFile(recording)) {
			while (file.hasMoreEvents()) {
				RecordedEvent event = file.readEvent();
				if (event.getEventType().getName().equals("jdk.ObjectAllocationSample")) {
					weights.merge(site(event), event.getLong("weight"), Long::sum);
				}
			}
		}
		long total = weights.values().stream().mapToLong(Long::longValue).sum();
		System.out.printf("%n| share | allocated | in | on behalf of |%n|---|---|---|---|%n");
		weights.entrySet()
			.stream()
			.sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
			.limit(ROWS)
			.forEach((entry) -> System.out.printf("| %.1f %% | %s |%n", 100.0 * entry.getValue() / total,
					entry.getKey()));
	}

	private static String site(RecordedEvent event) {
		String type = event.getClass("objectClass").getName();
		RecordedStackTrace trace = event.getStackTrace();
		List<RecordedFrame> frames = (trace != null) ? trace.getFrames() : List.of();
		if (frames.isEmpty()) {
			return type + " | |";
		}
		String own = frames.stream()
			.map(AllocationProfile::method)
			.filter((method) -> method.startsWith(OWN))
			.findFirst()
			.map((method) -> method.substring(OWN.length()))
			.orElse("");
		return type + " | " + method(frames.get(0)) + ":" + frames.get(0).getLineNumber() + " | " + own;
	}

	private static String method(RecordedFrame frame) {
		return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
	}

}
