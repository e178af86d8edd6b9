package io.github.deepseekboot.benchmark;

import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The least, the median, the upper quartile and the greatest of some numbers.
 */
final class Statistics {

	private final double[] sorted;

	Statistics(DoubleStream values) {
		this.sorted = values.sorted().toArray();
		if (this.sorted.length == 0) {
			throw new IllegalArgumentException("there are no values");
		}
	}

	double min() {
		return this.sorted[0];
	}

	double median() {
		return quantile(0.5);
	}

	double upperQuartile() {
		return quantile(0.75);
	}

	double max() {
		return this.sorted[this.sorted.length - 1];
	}

	// between the two nearest ranks
	private double quantile(double share) {
		double rank = share * (this.sorted.length - 1);
		int below = (int) rank;
		int above = Math.min(below + 1, this.sorted.length - 1);
		return this.sorted[below] + (rank - below) * (this.sorted[above] - this.sorted[below]);
	}

	/**
	 * Write all but the quartile.
	 * @param format how to write a number, for {@link String#format}
	 * @return least – median – greatest; of a single number, that
	 */
	String range(String format) {
		if (this.sorted.length == 1) {
			return String.format(Locale.ROOT, format, min());
		}
		return String.format(Locale.ROOT, format + " – " + format + " – " + format, min(), median(), max());
	}

}
