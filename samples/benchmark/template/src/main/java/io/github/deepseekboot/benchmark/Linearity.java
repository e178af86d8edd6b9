package io.github.deepseekboot.benchmark;

/**
 * Prints what a unit of work costs at growing sizes: a quadratic step shows as a cost
 * that grows with the size.
 */
public final class Linearity {

	private static final int UNITS_OF_CHUNKS = 1_000_000;

	private static final int UNITS_OF_BYTES = 8 << 20;

	private Linearity() {
	}

	/**
	 * Measure and print.
	 * @param args not used
	 */
	public static void main(String[] args) {
		System.out.printf("%n%s%n%n", Bench.machine());
		System.out.println(
				"| work | size | allocated, bytes / unit | × the size before | CPU, ns / unit | × the size before |");
		System.out.println("|---|---|---|---|---|---|");
		try (Growth growth = new Growth()) {
			for (Growth.Work work : growth.all()) {
				print(growth, work);
			}
		}
		System.exit(0);
	}

	private static void print(Growth growth, Growth.Work work) {
		int units = (work.unit().equals("chunk")) ? UNITS_OF_CHUNKS : UNITS_OF_BYTES;
		int middle = work.sizes()[1];
		growth.measure(work.task().apply(middle), middle, units / middle);
		Growth.Cost before = null;
		for (int size : work.sizes()) {
			// as much work at each size
			Growth.Cost cost = growth.measure(work.task().apply(size), size, Math.max(5, units / size));
			System.out.printf("| %s | %d %ss | %.1f | %s | %.1f | %s |%n", work.title(), size, work.unit(),
					cost.bytes(), (before != null) ? "%.2f".formatted(cost.bytes() / before.bytes()) : "",
					cost.cpuNanos(), (before != null) ? "%.2f".formatted(cost.cpuNanos() / before.cpuNanos()) : "");
			before = cost;
		}
	}

}
