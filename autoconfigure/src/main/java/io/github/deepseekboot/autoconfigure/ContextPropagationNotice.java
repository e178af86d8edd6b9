package io.github.deepseekboot.autoconfigure;

import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Names what is missing for {@code ThreadLocal} values of the caller to reach the hooks
 * of the application, which run on other threads.
 */
final class ContextPropagationNotice implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(ContextPropagationNotice.class);

	private static final String PROPERTY = "spring.reactor.context-propagation";

	private final List<Object> hooks;

	private final Environment environment;

	ContextPropagationNotice(List<Object> hooks, Environment environment) {
		this.hooks = hooks;
		this.environment = environment;
	}

	@Override
	public void afterSingletonsInstantiated() {
		boolean library = ClassUtils.isPresent("io.micrometer.context.ContextRegistry",
				ClassUtils.getDefaultClassLoader());
		boolean automatic = "auto".equalsIgnoreCase(this.environment.getProperty(PROPERTY));
		if (this.hooks.isEmpty() || (library && automatic)) {
			return;
		}
		List<String> names = this.hooks.stream().map((hook) -> ClassUtils.getShortName(hook.getClass())).toList();
		logger.info("ThreadLocals of the caller, such as the MDC or a security context, do not reach "
				+ String.join(", ", names) + ": " + (automatic ? "" : "set " + PROPERTY + "=auto")
				+ ((automatic || library) ? "" : " and ")
				+ (library ? "" : "add the dependency io.micrometer:context-propagation"));
	}

}
