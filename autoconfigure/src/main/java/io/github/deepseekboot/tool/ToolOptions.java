package io.github.deepseekboot.tool;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Options of how tools are run.
 */
public final class ToolOptions {

	/**
	 * The defaults: 10 rounds, 16 calls at once, the model is informed of failures, tools
	 * run on {@link Schedulers#boundedElastic()}.
	 */
	public static final ToolOptions DEFAULTS = builder().build();

	private final int maxRounds;

	private final int concurrency;

	private final ToolFailureHandler failureHandler;

	private final @Nullable Scheduler scheduler;

	private ToolOptions(Builder builder) {
		this.maxRounds = builder.maxRounds;
		this.concurrency = builder.concurrency;
		this.failureHandler = builder.failureHandler;
		this.scheduler = builder.scheduler;
	}

	/**
	 * Create a builder for options.
	 * @return a builder with the defaults
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the maximum number of answers of the model in one call.
	 * @return the number, from 1
	 */
	public int maxRounds() {
		return this.maxRounds;
	}

	/**
	 * Return the maximum number of tool calls of one round that run at once.
	 * @return the number, from 1
	 */
	public int concurrency() {
		return this.concurrency;
	}

	/**
	 * Return the handler of failures of tools.
	 * @return the handler
	 */
	public ToolFailureHandler failureHandler() {
		return this.failureHandler;
	}

	/**
	 * Return the scheduler that tools run on.
	 * @return the scheduler
	 */
	public Scheduler scheduler() {
		return (this.scheduler != null) ? this.scheduler : Schedulers.boundedElastic();
	}

	/**
	 * Builder for {@link ToolOptions}.
	 */
	public static final class Builder {

		private int maxRounds = 10;

		private int concurrency = 16;

		private ToolFailureHandler failureHandler = ToolFailureHandler.tellModel();

		private @Nullable Scheduler scheduler;

		private Builder() {
		}

		/**
		 * Set the maximum number of answers of the model in one call, the last of which
		 * must not call tools any more: a call that is not done by then fails.
		 * @param maxRounds the number, from 1; 10 by default
		 * @return this builder
		 */
		public Builder maxRounds(int maxRounds) {
			Assert.isTrue(maxRounds > 0, "'maxRounds' must be at least 1");
			this.maxRounds = maxRounds;
			return this;
		}

		/**
		 * Set the maximum number of tool calls of one round that run at once; the others
		 * wait.
		 * @param concurrency the number, from 1; 16 by default
		 * @return this builder
		 */
		public Builder concurrency(int concurrency) {
			Assert.isTrue(concurrency > 0, "'concurrency' must be at least 1");
			this.concurrency = concurrency;
			return this;
		}

		/**
		 * Set the handler of failures of tools, and of calls that do not fit one.
		 * @param failureHandler the handler; {@link ToolFailureHandler#tellModel()} by
		 * default
		 * @return this builder
		 */
		public Builder onFailure(ToolFailureHandler failureHandler) {
			Assert.notNull(failureHandler, "'failureHandler' must not be null");
			this.failureHandler = failureHandler;
			return this;
		}

		/**
		 * Set the scheduler that tools run on. Its threads must be allowed to block.
		 * @param scheduler the scheduler, which is never disposed here;
		 * {@link Schedulers#boundedElastic()} by default. With virtual threads:
		 * {@code Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor())}
		 * @return this builder
		 */
		public Builder scheduler(Scheduler scheduler) {
			Assert.notNull(scheduler, "'scheduler' must not be null");
			this.scheduler = scheduler;
			return this;
		}

		/**
		 * Make the options.
		 * @return the options
		 */
		public ToolOptions build() {
			return new ToolOptions(this);
		}

	}

}
