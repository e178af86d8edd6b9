package io.github.deepseekboot.samples.chat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;

import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.springframework.util.FileSystemUtils;

/**
 * A headless Chromium with a profile of its own. Tests are skipped where none is
 * installed; nothing is downloaded.
 */
final class Chromium implements AutoCloseable {

	static final String INSTALLED = "io.github.deepseekboot.samples.chat.Chromium#isInstalled";

	static final String MISSING = "there is no Chromium or no chromedriver on the PATH";

	private static final List<String> BROWSERS = List.of("chromium", "chromium-browser", "google-chrome");

	private static final List<String> DRIVERS = List.of("chromedriver");

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final Path profile;

	private final ChromeDriver driver;

	private Chromium(File browser, File driver) {
		try {
			this.profile = Files.createTempDirectory("chat-chromium");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		LoggingPreferences logs = new LoggingPreferences();
		logs.enable(LogType.BROWSER, Level.ALL);
		ChromeOptions options = new ChromeOptions();
		options.setBinary(browser);
		options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--user-data-dir=" + this.profile);
		this.driver = new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(driver).build(),
				options);
	}

	static Chromium start() {
		return new Chromium(find(BROWSERS).orElseThrow(), find(DRIVERS).orElseThrow());
	}

	static boolean isInstalled() {
		return find(BROWSERS).isPresent() && find(DRIVERS).isPresent();
	}

	private static Optional<File> find(List<String> names) {
		return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
			.flatMap((folder) -> names.stream().map((name) -> new File(folder, name)))
			.filter(File::canExecute)
			.findFirst();
	}

	ChromeDriver driver() {
		return this.driver;
	}

	WebDriverWait await() {
		WebDriverWait wait = new WebDriverWait(this.driver, TIMEOUT);
		wait.pollingEvery(Duration.ofMillis(40));
		return wait;
	}

	void size(int width, int height, double scale) {
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", scale, "mobile", width < 600));
	}

	void colorScheme(String scheme) {
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
	}

	void touch(boolean touch) {
		this.driver.executeCdpCommand("Emulation.setTouchEmulationEnabled", Map.of("enabled", touch));
	}

	void languages(String languages) {
		String agent = String.valueOf(this.driver.executeScript("return navigator.userAgent"));
		this.driver.executeCdpCommand("Emulation.setUserAgentOverride",
				Map.of("userAgent", agent, "acceptLanguage", languages));
	}

	void offline(boolean offline) {
		this.driver.executeCdpCommand("Network.enable", Map.of());
		this.driver.executeCdpCommand("Network.emulateNetworkConditions",
				Map.of("offline", offline, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
	}

	List<String> problems() {
		return this.driver.manage()
			.logs()
			.get(LogType.BROWSER)
			.getAll()
			.stream()
			.filter((entry) -> entry.getLevel().intValue() >= Level.WARNING.intValue())
			.map(LogEntry::getMessage)
			.toList();
	}

	@Override
	public void close() {
		this.driver.quit();
		FileSystemUtils.deleteRecursively(this.profile.toFile());
	}

}
