package io.github.deepseekboot.chat;

import java.io.Serializable;
import java.time.Duration;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt at one provider came to. A call that needed several attempts lists all
 * of them, so that a retry or a failover is never a secret.
 *
 * @param number the attempt's number in its call, from 1
 * @param provider the provider's id
 * @param model the provider's id of the model that was asked
 * @param error why it failed; {@code null} if it succeeded
 * @param status the HTTP status, where there was one
 * @param code the provider's own error code, where it sent one
 * @param requestId the provider's id of the request, where it sent one
 * @param elapsed from the attempt's start to its end
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AttemptReport(@JsonProperty("number") int number, @JsonProperty("provider") String provider,
		@JsonProperty("model") String model, @JsonProperty("error") @Nullable ErrorKind error,
		@JsonProperty("status") @Nullable Integer status, @JsonProperty("code") @Nullable String code,
		@JsonProperty("requestId") @Nullable String requestId,
		@JsonProperty("elapsed") @JsonFormat(shape = JsonFormat.Shape.STRING) Duration elapsed)
		implements
			Serializable {

}
