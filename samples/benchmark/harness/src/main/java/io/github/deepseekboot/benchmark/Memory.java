package io.github.deepseekboot.benchmark;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process holds in memory, in bytes.
 *
 * @param heap live objects on the heap
 * @param netty direct memory that Netty's allocator holds, used or pooled; 0 without
 * Netty
 * @param direct direct buffers that the JDK counts, which may be Netty's too
 * @param resident all of the process that is in memory
 * @param threads threads that live
 */
record Memory(long heap, long netty, long direct, long resident, int threads) {

	static final Memory UNKNOWN = new Memory(0, 0, 0, 0, 0);

	static Memory afterCollection() {
		System.gc();
		long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
			.stream()
			.mapToLong(BufferPoolMXBean::getMemoryUsed)
			.sum();
		return new Memory(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), nettyMemory(), direct,
				residentMemory(), ManagementFactory.getThreadMXBean().getThreadCount());
	}

	// the harness stands on the class path of clients that have no Netty
	private static long nettyMemory() {
		try {
			Object allocator = Class.forName("io.netty.buffer.ByteBufAllocator").getField("DEFAULT").get(null);
			Object metric = Class.forName("io.netty.buffer.ByteBufAllocatorMetricProvider")
				.getMethod("metric")
				.invoke(allocator);
			return (long) Class.forName("io.netty.buffer.ByteBufAllocatorMetric")
				.getMethod("usedDirectMemory")
				.invoke(metric);
		}
		catch (ReflectiveOperationException ex) {
			return 0;
		}
	}

	private static long residentMemory() {
		try {
			return Files.readAllLines(Path.of("/proc/self/status"))
				.stream()
				.filter((line) -> line.startsWith("VmRSS:"))
				.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
				.sum();
		}
		catch (IOException ex) {
			return 0;
		}
	}

}
