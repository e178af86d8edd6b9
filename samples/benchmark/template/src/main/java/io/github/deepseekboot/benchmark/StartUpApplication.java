package io.github.deepseekboot.benchmark;

import java.lang.management.ManagementFactory;

import com.sun.management.OperatingSystemMXBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * An application with a {@link WebClient}, and with a chat template if the starter is
 * there. Prints what it took to start, and ends.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StartUpApplication {

	@Bean
	WebClient webClient(WebClient.Builder builder) {
		return builder.baseUrl("http://127.0.0.1").build();
	}

	/**
	 * Start the application.
	 * @param args not used
	 */
	public static void main(String[] args) {
		SpringApplication.run(StartUpApplication.class, "--spring.main.banner-mode=off", "--logging.level.root=warn",
				"--deepseek.providers.deepseek.api-key=test-key");
		long wallMillis = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
		OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
		System.out.printf("@result wallMillis=%d cpuMillis=%d classes=%d%n", wallMillis,
				system.getProcessCpuTime() / 1_000_000,
				ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
		System.exit(0);
	}

}
