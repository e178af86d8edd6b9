package io.github.deepseekboot.test.provider;

/**
 * A message of a {@link ReceivedCall}.
 *
 * @param role who says it: {@code system}, {@code user}, {@code assistant} or
 * {@code tool}
 * @param content what it says, empty where it only calls tools
 */
public record ReceivedMessage(String role, String content) {

}
