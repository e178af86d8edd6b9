package io.github.deepseekboot.simulator;

import java.util.HashMap;
import java.util.Map;

import io.github.deepseekboot.test.provider.Script;

/**
 * Runs a {@link ProviderSimulator} in a process of its own until it is stopped.
 * <ul>
 * <li>{@code --port=} the port, a free one by default</li>
 * <li>{@code --chunks=} answer with so many equal chunks in place of text</li>
 * <li>{@code --chunk-bytes=} bytes of content in each of them, 4 by default</li>
 * <li>{@code --rate=} chunks per second and stream, by default as fast as can be</li>
 * <li>{@code --thinking-chunks=} think so many chunks first</li>
 * <li>{@code --send-times=true} say in each chunk when it was sent, see
 * {@link Script.Builder#sendTimes(boolean)}</li>
 * </ul>
 */
public final class ProviderSimulatorApplication {

	private static final String PREFIX = "--";

	private ProviderSimulatorApplication() {
	}

	/**
	 * Start the simulator and wait.
	 * @param args the options
	 * @throws InterruptedException if the wait is interrupted
	 */
	public static void main(String[] args) throws InterruptedException {
		Map<String, String> options = options(args);
		int port = Integer.parseInt(options.getOrDefault("port", "0"));
		Script script = script(options);
		try (ProviderSimulator simulator = ProviderSimulator.start(port)) {
			simulator.providers().forEach((provider) -> provider.script(script));
			System.out.println("provider simulator on http://127.0.0.1:" + simulator.port());
			Thread.currentThread().join();
		}
	}

	static Script script(Map<String, String> options) {
		return Script.builder()
			.chunks(Integer.parseInt(options.getOrDefault("chunks", "0")),
					Integer.parseInt(options.getOrDefault("chunk-bytes", "4")))
			.chunksPerSecond(Double.parseDouble(options.getOrDefault("rate", "0")))
			.reasoningChunks(Integer.parseInt(options.getOrDefault("thinking-chunks", "0")))
			.sendTimes(Boolean.parseBoolean(options.getOrDefault("send-times", "false")))
			.build();
	}

	static Map<String, String> options(String[] args) {
		Map<String, String> known = Map.of("port", "", "chunks", "", "chunk-bytes", "", "rate", "", "thinking-chunks",
				"", "send-times", "");
		Map<String, String> options = new HashMap<>();
		for (String arg : args) {
			String[] parts = arg.split("=", 2);
			String name = (parts[0].startsWith(PREFIX)) ? parts[0].substring(PREFIX.length()) : "";
			if (parts.length < 2 || !known.containsKey(name)) {
				throw new IllegalArgumentException(
						"'%s' is not one of %s, each as --name=value".formatted(arg, known.keySet()));
			}
			options.put(name, parts[1]);
		}
		return options;
	}

}
