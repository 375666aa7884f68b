package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What axe finds, on every view and every tab. */
class AccessibilityTest extends BrowserTest {
    @ParameterizedTest
    @CsvSource({"en-US, LIGHT, 1280", "ko-KR, DARK, 400"})
    void hasNoViolation(String locale, ColorScheme scheme, int width) {
        open("", new Visitor(locale, scheme, width));
        for (String tab : List.of("ledger", "grade", "matrices", "plot", "check", "derivative", "diagnostics", "json", "share")) {
            on("#tab-" + tab).click();
            on("[data-panel=" + tab + "]").waitFor();
            // What is around the panels stays as it is.
            isAccessible(tab, "[role=tablist]", "[data-panel=" + tab + "]");
        }
        isAccessible("circuit");
        open("#quiz=true&expression=f+%3D+x*y&in.x=2&in.y=-3", new Visitor(locale, scheme, width));
        on("[data-answer=x]").fill("-3");
        on("#mark-answers").click();
        on(".quiz [data-verdict=right]").waitFor();
        isAccessible("quiz");
        on("#leave-quiz").click();
        on("#help").click();
        isAccessible("help");
        press("Escape");
        for (int i = 0; i < 10; i++) {
            on("#step").click();
        }
        isAccessible("a step on the way back");
        on("a[data-view=activations]").click();
        waitForText(".u-legend", "tanh");
        on(".facts .card").first().waitFor();
        isAccessible("activations");
        on("a[data-view=networks]").click();
        on("#train").click();
        on(".results table").waitFor();
        isAccessible("networks");
        on("a[data-view=stored]").click();
        on(".list-note pre:visible, .entries:visible a").first().waitFor();
        isAccessible("models and jobs");
    }

    @Test
    void whatIsWrongIsFound() {
        open("");
        page.evaluate("() => { document.querySelector('a[data-view=networks]').style.color = '#eee'; "
                + "document.getElementById('main').append(new Image()); }");
        assertThat(found()).anySatisfy(each -> assertThat(each).startsWith("image-alt"))
                .anySatisfy(each -> assertThat(each).startsWith("color-contrast"));
    }
}
