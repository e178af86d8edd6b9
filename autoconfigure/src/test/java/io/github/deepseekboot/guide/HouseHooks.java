package io.github.deepseekboot.guide;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.hook.ChatAttempt;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;
import io.github.deepseekboot.hook.ChatRequestCustomizer;

/**
 * The hooks of docs/guide/hooks.md that concern every call.
 */
@Configuration(proxyBeanMethods = false)
class HouseHooks {

	final List<String> journal = new CopyOnWriteArrayList<>();

	// tag::customizer[]
	@Bean
	@Order(1)
	ChatRequestCustomizer houseRules() {
		return (request) -> request.toBuilder().header("X-Application", "shop").build();
	}

	@Bean
	@Order(2)
	ChatRequestCustomizer shortAnswers() {
		return (request) -> (request.maxTokens() != null) ? request : request.toBuilder().maxTokens(500).build();
	}
	// end::customizer[]

	// tag::interceptor[]
	@Bean
	ChatAttemptInterceptor journal() {
		return new ChatAttemptInterceptor() {

			@Override
			public void beforeAttempt(ChatAttempt attempt) {
				attempt.headers().set("X-Attempt", Integer.toString(attempt.number()));
				if (attempt.provider().equals("siliconflow")) {
					attempt.body().put("min_p", 0.05);
				}
			}

			@Override
			public void afterAttempt(ChatAttempt attempt, AttemptReport report) {
				HouseHooks.this.journal.add(report.provider() + " " + report.error());
			}

		};
	}
	// end::interceptor[]

}
