package io.github.deepseekboot.routing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hears what Netty's leak detector reports, and counts threads.
 */
final class LeakWatch implements AutoCloseable {

	private final List<String> reports = new CopyOnWriteArrayList<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);

	private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

		@Override
		protected void append(ILoggingEvent event) {
			LeakWatch.this.reports.add(event.getFormattedMessage());
		}

	};

	// reports every broken connection, of which there are thousands
	private final Logger netty = (Logger) LoggerFactory.getLogger("reactor.netty");

	private final @Nullable Level level = this.netty.getLevel();

	private final int threads;

	LeakWatch() {
		this.threads = liveThreads();
		this.netty.setLevel(Level.OFF);
		this.appender.start();
		this.logger.addAppender(this.appender);
	}

	static int liveThreads() {
		return (int) Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> !thread.getName().startsWith("misbehaving"))
			.count();
	}

	/**
	 * The reports so far. The detector looks for buffers that were collected without
	 * being released whenever it allocates one.
	 */
	List<String> reports() throws InterruptedException {
		for (int i = 0; i < 3; i++) {
			System.gc();
			Thread.sleep(50);
			for (int j = 0; j < 50; j++) {
				ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(1);
				buffer.release();
			}
		}
		return this.reports;
	}

	int newThreads() {
		return liveThreads() - this.threads;
	}

	void assertNoLeaks() throws InterruptedException {
		assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
		assertThat(reports()).isEmpty();
	}

	@Override
	public void close() {
		this.logger.detachAppender(this.appender);
		this.netty.setLevel(this.level);
	}

}
