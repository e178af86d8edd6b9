package io.github.deepseekboot.samples.chat;

import java.net.InetSocketAddress;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Refuses requests for names other than this machine's: a foreign page could point a name
 * of its own at 127.0.0.1 and would then be of the same origin as this application.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class LocalHostFilter implements WebFilter {

	private final Set<String> hosts;

	LocalHostFilter(@Value("${chat.hosts}") Set<String> hosts) {
		this.hosts = hosts;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		if (isKnown(exchange.getRequest().getHeaders().getHost())) {
			return chain.filter(exchange);
		}
		exchange.getResponse().setStatusCode(HttpStatus.MISDIRECTED_REQUEST);
		return exchange.getResponse().setComplete();
	}

	private boolean isKnown(@Nullable InetSocketAddress host) {
		return host != null && this.hosts.contains(host.getHostString());
	}

}
