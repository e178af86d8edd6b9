package io.github.deepseekboot.routing;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Logs a line for each failed attempt, each failover and each change of a provider's
 * state. Failures that an operator must fix are errors, the others are warnings; where a
 * setting or the account is to be checked, the line ends with the advice. There are no
 * stack traces and no provider's words. What a gateway or a model refuses with each call
 * is logged once in ten minutes, and at debug level in between.
 */
public final class RoutingLog implements RoutingListener {

	private static final Log logger = LogFactory.getLog("io.github.deepseekboot.routing");

	private static final Pattern CODE = Pattern.compile("[\\w.:-]{1,64}");

	// a 415 is our own mistake
	private static final int UNSUPPORTED_MEDIA_TYPE = 415;

	private static final Set<ErrorKind> LOUD = EnumSet.of(ErrorKind.AUTHENTICATION, ErrorKind.OUT_OF_CREDIT,
			ErrorKind.TLS, ErrorKind.REDIRECTED);

	// what to check is a setting, the account or the network
	private static final Set<ErrorKind> ADVISED = EnumSet.of(ErrorKind.CONNECTION, ErrorKind.MALFORMED_RESPONSE,
			ErrorKind.MODEL_NOT_FOUND, ErrorKind.LOCAL_LIMIT);

	static {
		ADVISED.addAll(LOUD);
	}

	// refused with each call, and without a cool-down
	private static final Set<ErrorKind> STANDING = EnumSet.of(ErrorKind.INVALID_REQUEST, ErrorKind.UNSUPPORTED,
			ErrorKind.REDIRECTED);

	private static final long SAID_AGAIN = TimeUnit.MINUTES.toNanos(10);

	private static final int MAX_SAID = 256;

	private final Map<String, Long> saidAt = new ConcurrentHashMap<>();

	@Override
	public void onEvent(RoutingEvent event) {
		if (event instanceof RoutingEvent.AttemptEnded ended) {
			attemptEnded(ended.report(), ended.failure());
		}
		else if (event instanceof RoutingEvent.FailedOver failedOver) {
			warn(failedOver.reason(), failedOver.from() + " " + failedOver.to() + " " + failedOver.reason(),
					"Failover from " + failedOver.from() + " to " + failedOver.to() + " after " + failedOver.reason());
		}
		else if (event instanceof RoutingEvent.Retried retried) {
			logger.info("Retry at " + retried.provider() + " after " + retried.reason() + " in "
					+ DurationText.of(retried.delay()));
		}
		else if (event instanceof RoutingEvent.CoolDownStarted coolDown) {
			logger.warn("Provider " + coolDown.provider() + " is passed over for "
					+ DurationText.of(coolDown.duration())
					+ ((coolDown.model() != null) ? " for model " + coolDown.model() : "") + ": " + coolDown.reason());
		}
		else if (event instanceof RoutingEvent.CircuitChanged circuit) {
			logger.warn("Circuit of provider " + circuit.provider() + " is " + circuit.to());
		}
		else if (event instanceof RoutingEvent.ChainChanged chain) {
			logger.info("Providers are now asked in the order " + chain.chain().providers());
		}
		else if (event instanceof RoutingEvent.ProviderReset reset) {
			logger.info("Cool-downs, circuit and failures of provider " + reset.provider() + " were reset");
		}
	}

	private void attemptEnded(AttemptReport report, @Nullable DeepSeekException failure) {
		ErrorKind error = report.error();
		if (error == null || error == ErrorKind.CANCELLED) {
			return;
		}
		String line = "Attempt " + report.number() + " at " + report.provider() + " failed: " + error + by(failure)
				+ detail("model", report.model()) + detail("status", report.status())
				+ detail("code", plain(report.code())) + detail("request id", report.requestId()) + " after "
				+ DurationText.of(report.elapsed()) + advice(failure);
		String key = report.provider() + " " + error + " " + report.status();
		if (isStanding(error, report.status()) && isSaid(key)) {
			logger.debug(line);
		}
		else if (LOUD.contains(error) || Integer.valueOf(UNSUPPORTED_MEDIA_TYPE).equals(report.status())) {
			logger.error(line);
		}
		else {
			logger.warn(line);
		}
	}

	// what a host says to the form of one request is news each time
	private static boolean isStanding(ErrorKind error, @Nullable Integer status) {
		boolean ofTheHost = error == ErrorKind.INVALID_REQUEST && status != null && (status == 400 || status == 422);
		return STANDING.contains(error) && !ofTheHost;
	}

	private void warn(ErrorKind reason, String key, String line) {
		if (STANDING.contains(reason) && isSaid(key)) {
			logger.debug(line);
		}
		else {
			logger.warn(line);
		}
	}

	// lately; of more than a few hundred different ones each is said
	private boolean isSaid(String key) {
		long now = System.nanoTime();
		Long before = this.saidAt.get(key);
		if (before != null && now - before < SAID_AGAIN) {
			return true;
		}
		if (before != null || this.saidAt.size() < MAX_SAID) {
			this.saidAt.put(key, now);
		}
		return false;
	}

	// some providers write sentences where a code belongs
	private static @Nullable String plain(@Nullable String code) {
		return (code != null && CODE.matcher(code).matches()) ? code : null;
	}

	private static String by(@Nullable DeepSeekException failure) {
		return (failure instanceof StreamInterruptedException interrupted) ? " by " + interrupted.getCauseKind() : "";
	}

	private static String advice(@Nullable DeepSeekException failure) {
		return (failure != null && ADVISED.contains(failure.getKind()) && failure.getAdvice() != null)
				? ". " + failure.getAdvice() : "";
	}

	private static String detail(String name, @Nullable Object value) {
		return (value != null) ? ", " + name + " " + value : "";
	}

}
