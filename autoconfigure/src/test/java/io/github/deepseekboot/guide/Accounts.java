package io.github.deepseekboot.guide;

import java.util.List;

import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.ProviderOperations;

// tag::accounts[]
@Service
class Accounts {

	private final ProviderOperations providers;

	Accounts(ProviderOperations providers) {
		this.providers = providers;
	}

	List<ModelInfo> models(String provider) {
		return this.providers.models(provider).block();
	}

	Flux<AccountBalance> balances() {
		return Flux.fromIterable(this.providers.providers())
			.map(ProviderInfo::id)
			.flatMap((id) -> this.providers.balance(id).onErrorComplete(DeepSeekException.class));
	}

}
// end::accounts[]
