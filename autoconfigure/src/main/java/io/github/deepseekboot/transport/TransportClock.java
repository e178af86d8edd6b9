package io.github.deepseekboot.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The time that timeouts go by.
 *
 * @param scheduler runs the checks
 * @param nanos the time in nanoseconds, from an arbitrary origin
 */
public record TransportClock(Scheduler scheduler, LongSupplier nanos) {

	// of all applications of the JVM; its thread is a daemon, and starts when it is
	// needed
	private static final Scheduler ALARMS = Schedulers.newSingle("deepseek-timer", true);

	/**
	 * The time of the JVM.
	 * @return the clock
	 */
	public static TransportClock system() {
		LongSupplier nanos = System::nanoTime;
		return new TransportClock(new TimerScheduler(Schedulers.parallel(), ALARMS, nanos), nanos);
	}

	/**
	 * The clock of a scheduler with a time of its own.
	 * @param scheduler the scheduler, a virtual one in tests
	 * @return the clock
	 */
	public static TransportClock of(Scheduler scheduler) {
		return new TransportClock(scheduler, () -> scheduler.now(TimeUnit.NANOSECONDS));
	}

}
