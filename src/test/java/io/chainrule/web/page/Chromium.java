package io.chainrule.web.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The machine's own Chromium, started once for all tests. Nothing is downloaded. */
final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Map<String, String> NO_DOWNLOAD = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");

    private Chromium() {}

    static Optional<Path> executable() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name))).filter(Files::isExecutable).findFirst();
    }

    static Browser browser() {
        return Running.BROWSER;
    }

    private static final class Running {
        private static final Playwright PLAYWRIGHT = Playwright.create(new Playwright.CreateOptions().setEnv(NO_DOWNLOAD));
        private static final Browser BROWSER = PLAYWRIGHT.chromium()
                .launch(new LaunchOptions().setExecutablePath(executable().orElseThrow())
                        .setArgs(Stream.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage").toList()));

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(PLAYWRIGHT::close));
        }
    }
}
