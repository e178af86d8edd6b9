package io.github.deepseekboot.observation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Observes calls and their attempts: an observation for each call, a child of it for each
 * attempt, and the HTTP client's own below that. The parent comes from the Reactor
 * context of the subscriber, or else from the subscribing thread.
 */
public final class ChatObservations implements RoutingListener, CallDecorator {

	private static final Log logger = LogFactory.getLog(ChatObservations.class);

	private final ObservationRegistry registry;

	private final ChatCallObservationConvention callConvention;

	private final ChatAttemptObservationConvention attemptConvention;

	private final int maxContent;

	private final Map<CallInfo, CallObservation> running = new ConcurrentHashMap<>();

	/**
	 * Create the observer.
	 * @param registry where observations go
	 * @param callConvention how calls are observed
	 * @param attemptConvention how attempts are observed
	 * @param maxContent how many characters of the answer are kept for the convention, 0
	 * for none
	 */
	public ChatObservations(ObservationRegistry registry, ChatCallObservationConvention callConvention,
			ChatAttemptObservationConvention attemptConvention, int maxContent) {
		this.registry = registry;
		this.callConvention = callConvention;
		this.attemptConvention = attemptConvention;
		this.maxContent = maxContent;
	}

	@Override
	public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
		return answer.contextWrite((context) -> observe(call, context));
	}

	@Override
	public Flux<ChatDelta> decorate(CallInfo call, Flux<ChatDelta> deltas) {
		Flux<ChatDelta> observed = (this.maxContent > 0) ? deltas.doOnNext((delta) -> add(call, delta.content()))
				: deltas;
		return observed.contextWrite((context) -> observe(call, context));
	}

	@Override
	public Context inside(AttemptStarted attempt, Context context) {
		CallObservation call = this.running.get(attempt.call());
		if (call == null) {
			return context;
		}
		try {
			return start(attempt, call, context);
		}
		catch (Throwable ex) {
			return notObserved(ex, context);
		}
	}

	private Context start(AttemptStarted attempt, CallObservation call, Context context) {
		ChatAttemptContext attemptContext = new ChatAttemptContext(attempt);
		Observation observation = Observation.createNotStarted(this.attemptConvention, () -> attemptContext,
				this.registry);
		if (observation.isNoop()) {
			return context;
		}
		observation.parentObservation(call.observation);
		AttemptObservation observed = new AttemptObservation(observation, attemptContext);
		if (!call.begin(observed)) {
			return context;
		}
		observed.start();
		return context.put(ObservationThreadLocalAccessor.KEY, observation);
	}

	@Override
	public void onEvent(RoutingEvent event) {
		if (event instanceof RoutingEvent.AttemptEnded ended) {
			attemptEnded(ended);
		}
		else if (event instanceof RoutingEvent.CallEnded ended) {
			callEnded(ended);
		}
	}

	private Context observe(CallInfo call, Context context) {
		try {
			return start(call, context);
		}
		catch (Throwable ex) {
			return notObserved(ex, context);
		}
	}

	// a convention or a handler of the application's must not break its calls
	private static Context notObserved(Throwable reason, Context context) {
		logger.warn("A call is not observed", reason);
		return context;
	}

	private Context start(CallInfo call, Context context) {
		ChatCallContext callContext = new ChatCallContext(call);
		Observation observation = Observation.createNotStarted(this.callConvention, () -> callContext, this.registry);
		if (observation.isNoop()) {
			// switched off: what is below belongs to the parent
			return context;
		}
		Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
		if (parent != null) {
			observation.parentObservation(parent);
		}
		startOrStop(observation);
		this.running.put(call, new CallObservation(observation, callContext));
		return context.put(ObservationThreadLocalAccessor.KEY, observation);
	}

	// handlers that have noted a start must learn of an end, though another one failed
	private static void startOrStop(Observation observation) {
		try {
			observation.start();
		}
		catch (Throwable ex) {
			try {
				observation.stop();
			}
			catch (Throwable suppressed) {
				ex.addSuppressed(suppressed);
			}
			throw ex;
		}
	}

	private void add(CallInfo call, @Nullable String content) {
		CallObservation running = this.running.get(call);
		if (running != null && content != null) {
			running.append(content, this.maxContent);
		}
	}

	private void attemptEnded(RoutingEvent.AttemptEnded ended) {
		CallObservation call = this.running.get(ended.call());
		if (call != null) {
			call.attemptEnded(ended.report());
		}
	}

	private void callEnded(RoutingEvent.CallEnded ended) {
		CallObservation call = this.running.remove(ended.call());
		if (call == null) {
			return;
		}
		if (ended.completion() != null) {
			call.append(ended.completion().content(), this.maxContent);
		}
		call.context.setEnded(ended);
		String content = call.content();
		if (!content.isEmpty()) {
			call.context.setCompletion(content);
		}
		// a handler that fails must not keep the others from the end
		try {
			call.end();
			if (ended.failure() != null) {
				call.observation.error((this.maxContent > 0) ? ended.failure() : withoutWords(ended.failure()));
			}
		}
		finally {
			call.observation.stop();
		}
	}

	// a provider's message may quote the prompt, and that of an unreadable answer does
	// quote the answer
	private static DeepSeekException withoutWords(DeepSeekException failure) {
		DeepSeekException plain = DeepSeekException.builder(failure.getKind(), "the call failed")
			.provider(failure.getProvider())
			.model(failure.getModel())
			.status(failure.getStatus())
			.code(failure.getCode())
			.requestId(failure.getRequestId())
			.attempts(failure.getAttempts())
			.build();
		plain.setStackTrace(failure.getStackTrace());
		return plain;
	}

	/**
	 * A call's observation and that of its attempt. Deltas, ends and cancellations come
	 * from threads of their own: what changes is guarded by this, and handlers are called
	 * outside of the lock.
	 */
	private static final class CallObservation {

		private final Observation observation;

		private final ChatCallContext context;

		private @Nullable StringBuilder content;

		private @Nullable AttemptObservation attempt;

		private int endedAttempts;

		private boolean over;

		CallObservation(Observation observation, ChatCallContext context) {
			this.observation = observation;
			this.context = context;
		}

		// not for an attempt that has ended before it could be observed
		synchronized boolean begin(AttemptObservation attempt) {
			if (this.over || attempt.context.getAttempt().number() <= this.endedAttempts) {
				return false;
			}
			this.attempt = attempt;
			return true;
		}

		void attemptEnded(AttemptReport report) {
			AttemptObservation attempt;
			synchronized (this) {
				this.endedAttempts = report.number();
				attempt = takeAttempt();
			}
			if (attempt != null) {
				attempt.context.setReport(report);
				attempt.end();
			}
		}

		private @Nullable AttemptObservation takeAttempt() {
			AttemptObservation attempt = this.attempt;
			this.attempt = null;
			return attempt;
		}

		void end() {
			AttemptObservation attempt;
			synchronized (this) {
				this.over = true;
				attempt = takeAttempt();
			}
			if (attempt != null) {
				attempt.end();
			}
		}

		synchronized void append(@Nullable String text, int max) {
			if (text == null || max == 0) {
				return;
			}
			StringBuilder content = (this.content != null) ? this.content : new StringBuilder();
			int room = max - content.length();
			content.append(text, 0, Math.max(0, Math.min(text.length(), room)));
			this.content = content;
		}

		synchronized String content() {
			return (this.content != null) ? this.content.toString() : "";
		}

	}

	/**
	 * An attempt's observation. Its end may come while it is being started: it is stopped
	 * by whoever comes last.
	 */
	private static final class AttemptObservation {

		private final Observation observation;

		private final ChatAttemptContext context;

		private final AtomicBoolean startedOrEnded = new AtomicBoolean();

		AttemptObservation(Observation observation, ChatAttemptContext context) {
			this.observation = observation;
			this.context = context;
		}

		void start() {
			startOrStop(this.observation);
			if (!this.startedOrEnded.compareAndSet(false, true)) {
				stop();
			}
		}

		void end() {
			if (!this.startedOrEnded.compareAndSet(false, true)) {
				stop();
			}
		}

		private void stop() {
			AttemptReport report = this.context.getReport();
			try {
				if (report != null && report.error() != null && report.error() != ErrorKind.CANCELLED) {
					this.observation
						.error(new DeepSeekException(report.error(), "attempt " + report.number() + " failed"));
				}
			}
			finally {
				this.observation.stop();
			}
		}

	}

}
