package io.github.deepseekboot.samples.gateway;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.chat.ProviderOperations;

/**
 * Lets tenants through to {@code /v1}, and nobody else. It knows hashes of keys only, and
 * compares them in constant time.
 */
@Component
class TenantFilter implements WebFilter {

	static final String TENANT = "tenant";

	private static final PathPattern API = PathPatternParser.defaultInstance.parse("/v1/**");

	private static final String BEARER = "Bearer ";

	private final List<Tenant> tenants = new ArrayList<>();

	TenantFilter(GatewayProperties properties, ProviderOperations providers, CallLimiterFactory limiters) {
		Set<String> models = new TreeSet<>();
		providers.providers()
			.stream()
			.filter((info) -> info.inChain())
			.forEach((info) -> models.addAll(info.models().keySet()));
		properties.tenants().forEach((name, tenant) -> this.tenants.add(new Tenant(name, tenant, models, limiters)));
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		if (API.matches(exchange.getRequest().getPath().pathWithinApplication())) {
			Tenant tenant = find(exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION));
			if (tenant == null) {
				return Mono.error(new ApiException(ApiError.unknownKey()));
			}
			exchange.getAttributes().put(TENANT, tenant);
		}
		return chain.filter(exchange);
	}

	private @Nullable Tenant find(@Nullable String authorization) {
		if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
			return null;
		}
		byte[] hash = sha256(authorization.substring(BEARER.length()).strip());
		Tenant found = null;
		for (Tenant tenant : this.tenants) {
			for (byte[] known : tenant.keyHashes()) {
				found = MessageDigest.isEqual(known, hash) ? tenant : found;
			}
		}
		return found;
	}

	private static byte[] sha256(String key) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
