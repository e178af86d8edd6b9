package io.github.deepseekboot.operations;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Prometheus reads.
 *
 * @param samples the values by name and labels, the labels sorted
 */
record Scrape(Map<String, Double> samples) {

	private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");

	private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\",?");

	static Scrape parse(String text) {
		Map<String, Double> samples = new LinkedHashMap<>();
		text.lines().filter((line) -> !line.startsWith("#")).forEach((line) -> {
			Matcher sample = SAMPLE.matcher(line);
			if (!sample.matches()) {
				throw new IllegalArgumentException(line);
			}
			Map<String, String> labels = new TreeMap<>();
			Matcher label = LABEL.matcher((sample.group(2) != null) ? sample.group(2) : "");
			while (label.find()) {
				labels.put(label.group(1), label.group(2));
			}
			samples.put(sample.group(1) + labels, Double.parseDouble(sample.group(3).replace("+Inf", "Infinity")));
		});
		return new Scrape(samples);
	}

	Map<String, Double> where(Predicate<String> name) {
		Map<String, Double> found = new TreeMap<>();
		this.samples.forEach((sample, value) -> {
			if (name.test(sample.substring(0, sample.indexOf('{')))) {
				found.put(sample, value);
			}
		});
		return found;
	}

	/**
	 * The labels by the name of the sample.
	 * @param name the name
	 * @return whether there is one, and with which labels
	 */
	Map<String, Double> named(String name) {
		return where(name::equals);
	}

}
