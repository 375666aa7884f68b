package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.google.gson.JsonObject;
import io.chainrule.web.HttpTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.springframework.test.context.TestPropertySource;

/**
 * Uses the page as a person does. Each test also holds that the page asks no other origin for anything, and that its console stays clean.
 * Without a Chromium on the path these tests are skipped, unless {@code CHAINRULE_BROWSER=required} is set.
 * <p>
 * They run one after another beside other tests, and so have a service of their own.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("the browser")
@TestPropertySource(properties = "chainrule.data-directory=target/browser-data")
abstract class BrowserTest extends HttpTest {
    /** The browser's own line about a request that the service refuses, as it should. */
    private static final Pattern REFUSED = Pattern.compile("Failed to load resource: the server responded with a status of 422.*");

    /** Long, for machines that are busy, or stand still for seconds. */
    private static final double TIMEOUT_MILLISECONDS = 60_000;
    private static final int HEIGHT = 900;

    private final List<String> console = Collections.synchronizedList(new ArrayList<>());
    private final List<String> foreign = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> expected = new HashSet<>();
    private final List<String> violations = new ArrayList<>();
    private BrowserContext context;
    protected Page page;

    @BeforeAll
    static void needsChromium() {
        if (!"required".equals(System.getenv("CHAINRULE_BROWSER"))) {
            assumeTrue(Chromium.executable().isPresent(), "there is no Chromium on the path");
        }
    }

    /** Whose browser it is. */
    protected record Visitor(String locale, ColorScheme scheme, int width) {}

    protected static Visitor in(String locale) {
        return new Visitor(locale, ColorScheme.LIGHT, 1280);
    }

    @BeforeEach
    void start() {
        use(in("en-US"));
    }

    private void use(Visitor visitor) {
        context = Chromium.in(visitor.locale());
        context.setDefaultTimeout(TIMEOUT_MILLISECONDS);
        page = context.newPage();
        page.setViewportSize(visitor.width(), HEIGHT);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(visitor.scheme()));
        page.onConsoleMessage(this::noteConsole);
        page.onPageError(console::add);
        page.onRequest(request -> {
            if (!request.url().startsWith(address()) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) {
                foreign.add(request.url());
            }
        });
        forget();
    }

    /** The browser has kept nothing of earlier visits but for its cache. */
    private void forget() {
        JsonObject all = new JsonObject();
        all.addProperty("origin", address());
        all.addProperty("storageTypes", "all");
        context.newCDPSession(page).send("Storage.clearDataForOrigin", all);
    }

    /** Opens the page, with what follows the # in its address, and waits until it has its first answer. */
    protected void open(String fragment) {
        page.navigate(address() + "/" + fragment);
        page.waitForSelector("html[data-ready]");
    }

    /** Opens the page as another visitor does who has not been there before. */
    protected void open(String fragment, Visitor visitor) {
        page.close();
        use(visitor);
        open(fragment);
    }

    private String address() {
        return "http://localhost:" + port;
    }

    private void noteConsole(ConsoleMessage message) {
        boolean isTrouble = message.type().equals("error") || message.type().equals("warning");
        if (isTrouble && !REFUSED.matcher(message.text()).matches() && !expected.contains(message.text())) {
            console.add(message.text());
        }
    }

    /** Says that the browser will write this line, because the test itself breaks something. */
    protected void complains(String line) {
        expected.add(line);
    }

    @AfterEach
    void leavesNoTrace() {
        page.close();
        context.setOffline(false);
        assertThat(violations).as("what is hard to use").isEmpty();
        assertThat(console).as("console").isEmpty();
        assertThat(foreign).as("requests to other origins").isEmpty();
    }

    protected Locator on(String selector) {
        return page.locator(selector);
    }

    protected String text(String selector) {
        return String.valueOf(on(selector).first().textContent());
    }

    protected void waitForText(String selector, String part) {
        on(selector).filter(new Locator.FilterOptions().setHasText(part)).first().waitFor();
    }

    protected void press(String keys) {
        page.keyboard().press(keys);
    }

    protected void write(String text) {
        on(".cm-content").click();
        press("Control+a");
        page.keyboard().insertText(text);
    }

    /**
     * Notes what axe finds, and a page that is wider than its window; the test fails at its end, with all of it.
     *
     * @param parts selectors of what is looked at; the whole page if there are none
     */
    protected void isAccessible(String what, String... parts) {
        if (Boolean.TRUE.equals(page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))) {
            violations.add(what + ": the page scrolls sideways");
        }
        found(parts).forEach(each -> violations.add(what + ": " + each));
    }

    /** What axe finds in these parts. */
    protected List<String> found(String... parts) {
        AxeRunOptions options = new AxeRunOptions();
        options.setResultTypes(List.of("violations"));
        // In the mode that is not called legacy axe opens another page to put the results of frames together; there are none.
        AxeBuilder axe = new AxeBuilder(page).setLegacyMode(true).options(options);
        List.of(parts).forEach(axe::include);
        return axe.withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")).analyze()
                .getViolations().stream().flatMap(rule -> rule.getNodes().stream().limit(3)
                        .map(node -> rule.getId() + " " + node.getHtml() + " " + node.getFailureSummary()))
                .toList();
    }
}
