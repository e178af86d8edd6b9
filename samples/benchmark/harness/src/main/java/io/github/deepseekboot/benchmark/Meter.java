package io.github.deepseekboot.benchmark;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * What this JVM has used since its start: CPU time of all threads, the collector's and
 * the compiler's included, and bytes allocated by all threads.
 * <p>
 * The bytes are the JVM's own count. Before JDK 21 it can only be had of threads that
 * live; if threads came or went in between, the garbage collector's accounts stand in for
 * it: what was collected, and what is in use. These are good to about a percent from a
 * hundred megabytes on.
 */
final class Meter {

	private static final @Nullable Method TOTAL_ALLOCATED = totalAllocated();

	private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final Set<String> heapPools = ManagementFactory.getMemoryPoolMXBeans()
		.stream()
		.filter((pool) -> pool.getType() == MemoryType.HEAP)
		.map(MemoryPoolMXBean::getName)
		.collect(Collectors.toSet());

	private final AtomicLong collectedBytes = new AtomicLong();

	private final AtomicInteger collections = new AtomicInteger();

	private final long collectionsBefore = collectionCount();

	Meter() {
		for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
			((NotificationEmitter) collector).addNotificationListener((notification, handback) -> {
				if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
					collected(GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData()));
				}
			}, null, null);
		}
	}

	Reading read() {
		long wall = System.nanoTime();
		long cpu = this.system.getProcessCpuTime();
		long compilation = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
		// reported by another thread, a little later
		for (int i = 0; i < 1000 && this.collections.get() < collectionCount() - this.collectionsBefore; i++) {
			LockSupport.parkNanos(1_000_000);
		}
		long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
		return new Reading(wall, cpu, compilation, threadsAllocated(), this.collectedBytes.get() + used,
				this.threads.getTotalStartedThreadCount(), this.threads.getThreadCount());
	}

	private void collected(GarbageCollectionNotificationInfo notification) {
		this.collectedBytes.addAndGet(heap(notification.getGcInfo().getMemoryUsageBeforeGc())
				- heap(notification.getGcInfo().getMemoryUsageAfterGc()));
		this.collections.incrementAndGet();
	}

	private long heap(Map<String, MemoryUsage> pools) {
		return pools.entrySet()
			.stream()
			.filter((pool) -> this.heapPools.contains(pool.getKey()))
			.mapToLong((pool) -> pool.getValue().getUsed())
			.sum();
	}

	private long threadsAllocated() {
		try {
			if (TOTAL_ALLOCATED != null) {
				return (long) TOTAL_ALLOCATED.invoke(this.threads);
			}
		}
		catch (IllegalAccessException | InvocationTargetException ex) {
			throw new IllegalStateException(ex);
		}
		long sum = 0;
		for (long bytes : this.threads.getThreadAllocatedBytes(this.threads.getAllThreadIds())) {
			sum += Math.max(0, bytes);
		}
		return sum;
	}

	private static @Nullable Method totalAllocated() {
		try {
			return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
		}
		catch (NoSuchMethodException ex) {
			return null;
		}
	}

	private static long collectionCount() {
		return ManagementFactory.getGarbageCollectorMXBeans()
			.stream()
			.mapToLong(GarbageCollectorMXBean::getCollectionCount)
			.sum();
	}

	/**
	 * The state of all counters at one time.
	 *
	 * @param wallNanos the time
	 * @param cpuNanos CPU time used by the process
	 * @param compilationMillis time that the JIT compiler took
	 * @param threadsAllocated bytes allocated, as the JVM counts them by thread
	 * @param heapAllocated bytes allocated, as the collector's accounts say
	 * @param threadsStarted threads started so far
	 * @param threadsLive threads that live
	 */
	record Reading(long wallNanos, long cpuNanos, long compilationMillis, long threadsAllocated, long heapAllocated,
			long threadsStarted, int threadsLive) {

		long allocatedSince(Reading earlier) {
			boolean sameThreads = this.threadsStarted == earlier.threadsStarted
					&& this.threadsLive == earlier.threadsLive;
			return (TOTAL_ALLOCATED != null || sameThreads) ? this.threadsAllocated - earlier.threadsAllocated
					: heapAllocatedSince(earlier);
		}

		long heapAllocatedSince(Reading earlier) {
			return this.heapAllocated - earlier.heapAllocated;
		}

	}

}
