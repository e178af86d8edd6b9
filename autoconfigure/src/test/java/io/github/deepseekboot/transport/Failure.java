package io.github.deepseekboot.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.NullUnmarked;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.chat.DeepSeekException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Gets hold of failures, and checks that they give nothing away.
 */
@NullUnmarked
final class Failure {

	private Failure() {
	}

	/**
	 * The failure that ends a publisher, after a check that it is safe to log.
	 */
	static DeepSeekException of(Publisher<?> publisher) {
		DeepSeekException failure = catchThrowableOfType(DeepSeekException.class,
				() -> Flux.from(publisher).blockLast(TestProviders.SOON));
		assertThat(failure).as("failure").isNotNull();
		assertSafe(failure);
		return failure;
	}

	static void assertSafe(DeepSeekException failure) {
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace, true));
		assertThat(trace.toString()).doesNotContain(TestProviders.KEY, "Authorization");
		assertThat(serialized(failure)).doesNotContain(TestProviders.KEY, "Authorization");
		assertThat(failure.getMessage().chars()).noneMatch(Character::isISOControl);
		assertThat(failure.getMessage()).hasSizeLessThan(1200);
	}

	private static String serialized(DeepSeekException failure) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
			out.writeObject(failure);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toString(StandardCharsets.ISO_8859_1);
	}

}
