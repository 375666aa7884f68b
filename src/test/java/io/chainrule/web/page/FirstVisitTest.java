package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.KeyboardModifier;
import com.microsoft.playwright.options.Media;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a newcomer meets: the lecture's sigmoid neuron, and a button that steps through it. */
class FirstVisitTest extends BrowserTest {
    private List<String> shown(String kind) {
        return on("g.node").evaluateAll("nodes => nodes.map(node => node.querySelector('." + kind
                + "')).filter(text => text && text.textContent && getComputedStyle(text).visibility === 'visible').map(text => text.textContent)") instanceof List<?> texts
                        ? texts.stream().map(String::valueOf).toList()
                        : List.of();
    }

    @Test
    void showsTheSigmoidNeuronOfTheLecture() {
        open("");
        assertThat(text(".output")).isEqualTo("f = 0.7310585786300049");
        // As on the slide: values of w0 … w2 and of each gate, gradients of the inputs.
        assertThat(shown("value")).contains("2", "−1", "−3", "−2", "6", "4", "1", "0.368", "1.37", "0.731");
        assertThat(shown("gradient")).contains("−0.197", "0.393", "−0.393", "−0.59", "0.197", "−0.534", "1");
    }

    @Test
    void stepsForwardThroughValuesAndBackThroughGradients() {
        open("");
        on("#step").click();
        assertThat(text(".caption")).contains("forward", "mul_1");
        assertThat(shown("value")).as("five inputs and one product").hasSize(6);
        assertThat(shown("gradient")).isEmpty();
        for (int step = 2; step <= 9; step++) {
            on("#step").click();
        }
        assertThat(shown("value")).as("five inputs and eight gates").hasSize(13);
        assertThat(shown("gradient")).as("of the output alone").containsExactly("1");
        on("#step").click();
        assertThat(text(".caption")).contains("backward", "upstream", "local");
        assertThat(shown("gradient")).containsExactlyInAnyOrder("1", "−0.534");
        for (int step = 11; step <= 17; step++) {
            on("#step").click();
        }
        assertThat(text(".place")).isEqualTo("17 of 17");
        assertThat(shown("gradient")).hasSize(13);
        press("b");
        assertThat(text(".place")).isEqualTo("16 of 17");
    }

    /** Gates and wires tell no more than what the steps so far have computed. */
    @Test
    void tellsNothingAheadOfItsStep() {
        open("#expression=f+%3D+x*y&in.x=2&in.y=-3");
        on("[data-panel=ledger] .ledger li").first().waitFor();
        on("g.node[data-node=x]").focus();
        assertThat(text(".details")).contains("upstream");
        press("b");
        assertThat(text(".details")).contains("2").contains("not known").doesNotContain("upstream");
        on("#step").click();
        assertThat(text(".details")).contains("upstream");
    }

    @Test
    void playsAndPauses() {
        open("");
        on("#play").click();
        page.waitForFunction("() => parseInt(document.querySelector('.place').textContent) >= 2");
        on("#play").click();
        assertThat(text("#play")).isEqualTo("Play");
        String place = text(".place");
        page.waitForTimeout(2_500);
        assertThat(text(".place")).as("where it stops").isEqualTo(place);
    }

    /** Wires have corners, so that the middle of the box around one is not on it. */
    private void pointAtWireFrom(String node) {
        Map<?, ?> point = (Map<?, ?>) on("g.edge[data-from=" + node + "] path.wire").evaluate("""
                path => {
                  const at = path.getPointAtLength(path.getTotalLength() * 0.3).matrixTransform(path.getScreenCTM());
                  return {x: at.x, y: at.y};
                }""");
        page.mouse().move(number(point.get("x")), number(point.get("y")));
    }

    private static double number(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    @Test
    void tellsOfAWireWhatItCarriesBack() {
        open("");
        pointAtWireFrom("mul_1");
        assertThat(text(".details .product")).contains("0.197", "upstream", "1", "local", "contribution");
        pointAtWireFrom("w0");
        assertThat(text(".details .product")).contains("0.197", "−1", "−0.197");
    }

    @Test
    void opensAndClosesAGate() {
        open("#expression=f+%3D+sigmoid(w*x)&in.w=2&in.x=-1");
        assertThat(on("g.node.gate, g.node[data-op]:not([data-op=input])").count()).isEqualTo(2);
        on("g.node[data-node=f] > .gate").dblclick();
        on("g.node[data-op=exp]").waitFor();
        press("g");
        press("g");
        on("g.node[data-op=sigmoid]").waitFor();
        assertThat(on("g.node[data-op=exp]").count()).isZero();
    }

    @Test
    void opensAndClosesOneGateInPlace() {
        open("#expression=a+%3D+sigmoid(x)%0Ab+%3D+tanh(a)%0Af+%3D+sigmoid(b)&in.x=-1");
        on("g.node[data-node=a] > .gate").dblclick();
        on("g.node[data-node=\"a/exp_1\"]").waitFor();
        assertThat(on("g.node[data-node=b]").getAttribute("data-op")).isEqualTo("tanh");
        on("g.node[data-node=b] > .gate").dblclick();
        on("g.node[data-node^=\"b/\"]").first().waitFor();
        on("g.node[data-node=\"a/exp_1\"] > .gate").dblclick();
        on("g.node[data-node=a][data-op=sigmoid]").waitFor();
        assertThat(on("g.node[data-node^=\"b/\"]").count()).isPositive();
        write("f = x^2");
        page.waitForFunction("() => !document.querySelector('g.node[data-node^=\"b/\"]')");
        waitForText(".output", "f = 1");
        // What followed from the new program is undone with it.
        on("#undo").click();
        on("g.node[data-node^=\"b/\"]").first().waitFor();
        assertThat(text(".cm-content")).contains("tanh");
    }

    @Test
    void readsGatesAsTheServicesLinksWriteThem() {
        open("#expression=a+%3D+sigmoid(x)%0Af+%3D+tanh(a)&in.x=-1&gates=a");
        on("g.node[data-node=\"a/exp_1\"]").waitFor();
        assertThat(on("g.node[data-node=f]").getAttribute("data-op")).isEqualTo("tanh");
        // Those that the program does not have are left out.
        open("#expression=a+%3D+sigmoid(x)%0Af+%3D+tanh(a)&in.x=-1&gates=nosuch,a,x", in("en-US"));
        on("g.node[data-node=\"a/exp_1\"]").waitFor();
        open("#expression=f+%3D+x^2&in.x=3&gates=nosuch", in("en-US"));
        on("g.node[data-node=f]").waitFor();
    }

    @Test
    void showsOnPaperWhatIsReadAndNothingToPress() {
        open("#tab=derivative&view=circuit", new Visitor("en-US", ColorScheme.DARK, 1280));
        on(".panel:not([hidden]) math").first().waitFor();
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(List.of(".brand", ".cm-content", ".circuit svg", "[data-input=w0]", ".panel:not([hidden]) math"))
                .allSatisfy(shown -> assertThat(on(shown).first().isVisible()).as(shown).isTrue());
        assertThat(on("button:visible, input[type=range]:visible, #gallery:visible, [role=tablist]:visible").count()).isZero();
        assertThat(on("body").evaluate("body => getComputedStyle(body).color")).as("ink").isEqualTo("rgb(26, 29, 35)");
    }

    @Test
    void redrawsAsASliderMoves() {
        open("");
        Object before = on(".circuit svg").evaluate("svg => (svg.dataset.mine = 'kept', svg.querySelectorAll('path').length)");
        on("[data-slider=w0]").evaluate("slider => { slider.value = 3; slider.dispatchEvent(new Event('input', {bubbles: true})) }");
        // The numbers change in the picture that is there, before a new one comes.
        page.waitForFunction("() => document.querySelector('g.node[data-node=mul_1] .value').textContent === '−3'");
        assertThat(on("[data-input=w0]").inputValue()).isEqualTo("3");
        assertThat(on(".circuit svg path").count()).isEqualTo(before);
    }

    /** Every object of JavaScript has a property of this name. */
    @ParameterizedTest
    @ValueSource(strings = {"view=constructor", "lang=constructor", "constructor=1", "view=stored&list=constructor"})
    void showsWhatThereIsWhereALinkNamesWhatThereIsNot(String fragment) {
        open("#" + fragment);
        on(fragment.contains("stored") ? ".entries, .list-note >> visible=true" : "g.node[data-node=mul_1]").first().waitFor();
    }

    @Test
    void opensAViewInAnotherTabWhereAClickAsksForOne() {
        open("");
        Page other = page.context().waitForPage(
                () -> on("a[data-view=networks]").click(new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.CONTROL))));
        // A new tab has no address until its navigation is committed; the page adds what it shows then.
        other.waitForURL(url -> url.contains("#view=networks"));
        other.close();
        assertThat(on("a[data-view=circuit]").getAttribute("aria-current")).as("where it was clicked").isEqualTo("page");
    }

    private void pressTabUntil(String focused) {
        int presses = 0;
        while (!Boolean.TRUE.equals(page.evaluate("selector => document.activeElement.matches(selector)", focused))) {
            assertThat(presses++).as(focused).isLessThan(300);
            press("Tab");
        }
    }

    @Test
    void canBeUsedByKeysAlone() {
        open("");
        pressTabUntil("#step");
        press("Enter");
        assertThat(text(".place")).isEqualTo("1 of 17");
        pressTabUntil("g.node");
        Object first = page.evaluate("() => document.activeElement.dataset.node");
        press("ArrowRight");
        assertThat(page.evaluate("() => document.activeElement.dataset.node")).isNotEqualTo(first);
        assertThat(text(".details h3")).contains("mul_1");
        press("?");
        assertThat(on("dialog[open]").count()).isEqualTo(1);
        press("Escape");
        pressTabUntil("[role=tab]");
        press("ArrowRight");
        assertThat(page.evaluate("() => document.activeElement.id")).isEqualTo("tab-grade");
    }
}
