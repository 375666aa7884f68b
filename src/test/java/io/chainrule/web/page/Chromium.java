package io.chainrule.web.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The machine's own Chromium, started once for all tests. Nothing is downloaded. */
final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Map<String, String> NO_DOWNLOAD = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");

    private Chromium() {}

    static Optional<Path> executable() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name))).filter(Files::isExecutable).findFirst();
    }

    /** A profile of this language, which all tests share: the browser compiles the page once for each. */
    static BrowserContext in(String locale) {
        return Running.PROFILES.computeIfAbsent(locale, _ -> Running.BROWSER.newContext(new NewContextOptions().setLocale(locale)));
    }

    private static final class Running {
        private static final Playwright PLAYWRIGHT = Playwright.create(new Playwright.CreateOptions().setEnv(NO_DOWNLOAD));
        private static final Browser BROWSER = PLAYWRIGHT.chromium()
                .launch(new LaunchOptions().setExecutablePath(executable().orElseThrow())
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--process-per-site")));

        private static final Map<String, BrowserContext> PROFILES = new ConcurrentHashMap<>();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(PLAYWRIGHT::close));
        }
    }
}
