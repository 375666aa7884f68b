package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A program of one's own: written, mended, undone, shared. */
class ProgramPageTest extends BrowserTest {
    @Test
    void findsTheInputsOfWhatIsWritten() {
        open("");
        write("q = a + b\nf = q * c");
        waitForText(".output", "f = 2");
        assertThat(on("[data-input]").evaluateAll("fields => fields.map(field => field.dataset.input).join()")).isEqualTo("a,b,c");
        on("[data-input=a]").fill("-2");
        on("[data-input=b]").fill("5");
        on("[data-input=c]").fill("-4");
        waitForText(".output", "f = -12");
    }

    /** The first answer to a new program takes the fields of the program before away. */
    @Test
    void leavesTheFieldInWhichIsTyped() {
        List<Route> late = new ArrayList<>();
        open("");
        page.route("**/v1/gradient", route -> {
            if (route.request().postData().contains("\"b\":1")) {
                late.add(route);
            } else {
                route.resume();
            }
        });
        write("f = a * b");
        page.waitForCondition(() -> !late.isEmpty());
        on("[data-input=a]").press("Control+a");
        press("-");
        late.forEach(Route::resume);
        waitForText(".output", "f = 1");
        assertThat(on("[data-input=w0]").count()).isZero();
        page.unroute("**/v1/gradient");
        press("3");
        waitForText(".output", "f = -3");
        assertThat(on("[data-input=a]").inputValue()).isEqualTo("-3");
        page.evaluate("() => { location.hash = '#expression=f+%3D+a+*+b&in.a=5&in.b=2'; }");
        waitForText(".output", "f = 10");
        assertThat(on("[data-input=a]").inputValue()).as("of the link").isEqualTo("5");
    }

    /** By a link, Back or an undo. The field may hold something that is no value yet, or inputs of the program before. */
    @Test
    void writesIntoTheFieldInWhichIsTypedWhatIsChangedElsewhere() {
        open("");
        write("f = a * b");
        waitForText(".output", "f = 1");
        on("[data-input=a]").fill("-");
        assertThat(text(".inputs .note")).isNotEmpty();
        follow("f+%3D+a+*+b&in.a=5&in.b=2");
        waitForText(".output", "f = 10");
        assertThat(on("[data-input=a]").inputValue()).isEqualTo("5");
        assertThat(text(".inputs .note")).isEmpty();
        on("[data-slider=b]").focus();
        follow("f+%3D+a+*+b&in.a=5&in.b=3");
        waitForText(".output", "f = 15");
        assertThat(on("[data-slider=b]").inputValue()).isEqualTo("3");
        on(".inputs .switch input").click();
        Locator json = on("[data-inputs=json]");
        json.focus();
        follow("f+%3D+a+*+b&in.a=7&in.b=3");
        waitForText(".output", "f = 21");
        assertThat(json.inputValue()).isEqualTo("{\n \"a\": 7,\n \"b\": 3\n}");
        json.fill("{\"a\": 7, \"b\": 4}");
        waitForText(".output", "f = 28");
        assertThat(json.inputValue()).as("what is typed").isEqualTo("{\"a\": 7, \"b\": 4}");
        json.fill("{");
        follow("f+%3D+2*c&in.c=4");
        waitForText(".output", "f = 8");
        assertThat(json.inputValue()).isEqualTo("{\n \"c\": 4\n}");
        assertThat(json.getAttribute("aria-invalid")).isNull();
        assertThat(json.evaluate("field => field === document.activeElement")).as("it keeps the focus").isEqualTo(true);
        json.fill("null");
        assertThat(json.getAttribute("aria-invalid")).isEqualTo("true");
        on("#undo").click();
        waitForText(".output", "f = 28");
        assertThat(json.inputValue()).isEqualTo("{\n \"a\": 7,\n \"b\": 4\n}");
    }

    private void follow(String program) {
        page.evaluate("program => { location.hash = '#expression=' + program; }", program);
    }

    /** The service is asked for a program without a value, and tells that it is missing when the user has given it. */
    @Test
    void keepsAValueThatIsGivenMeanwhile() {
        List<Route> late = new ArrayList<>();
        open("");
        page.route("**/v1/gradient", route -> {
            if (route.request().postData().contains("\"a\":")) {
                route.resume();
            } else {
                late.add(route);
            }
        });
        on(".inputs .switch input").click();
        write("f = a * b");
        page.waitForCondition(() -> !late.isEmpty());
        on("[data-inputs=json]").fill("{\"a\": 7}");
        late.forEach(Route::resume);
        waitForText(".output", "f = 7");
        assertThat(on("[data-inputs=json]").inputValue()).as("what is typed").isEqualTo("{\"a\": 7}");
        on("[data-inputs=json]").blur();
        assertThat(on("[data-inputs=json]").inputValue()).isEqualTo("{\n \"a\": 7,\n \"b\": 1\n}");
    }

    /** While a picture is on its way, no number of the new program gets into that of the old one. */
    @Test
    void drawsEachProgramWithItsOwnNumbers() {
        open("");
        page.route("**/v1/render", route -> {
            page.waitForTimeout(300);
            route.resume();
        });
        String before = text("g.node[data-node=mul_1] .value");
        write("h = w0 * 10\nf = h * h * h");
        waitForText(".output", "f = 8000");
        on("[data-slider=w0]").evaluate("slider => { slider.value = 3; slider.dispatchEvent(new Event('input')) }");
        waitForText(".output", "f = 27000");
        // One question, because both programs have a node mul_1 and the picture may change between two.
        assertThat(page.evaluate("""
                () => document.querySelector('g.node[data-node=exp_1]')
                      ? document.querySelector('g.node[data-node=mul_1] .value').textContent : null""")).isIn(before, null);
        on("g.node[data-node=h]").waitFor();
        assertThat(text("g.node[data-node=h] .value")).isEqualTo("30");
    }

    /** What a slider asked for may come when the page shows another program. */
    @Test
    void dropsNumbersOfTheProgramBefore() {
        List<Route> late = new ArrayList<>();
        open("");
        page.route("**/v1/gradient", route -> {
            if (route.request().postData().contains("\"w0\":3")) {
                late.add(route);
            } else {
                route.resume();
            }
        });
        on("[data-slider=w0]").evaluate("slider => { slider.value = 3; slider.dispatchEvent(new Event('input')) }");
        page.waitForCondition(() -> !late.isEmpty());
        on("#gallery").selectOption("product-of-sum");
        waitForText(".output", "f = -12");
        page.waitForResponse("**/v1/gradient", late.getFirst()::resume);
        page.waitForTimeout(200);
        assertThat(text(".output")).startsWith("f = -12");
    }

    @Test
    void mendsAnErrorByItsFix() {
        open("");
        write("f = sigmod(x) + 1");
        waitForText(".problem", "there is no op 'sigmod'");
        on(".cm-lintRange-error").waitFor();
        on("#fix").click();
        assertThat(text(".cm-line")).isEqualTo("f = sigmoid(x) + 1");
        waitForText(".output", "f = 1.73");
        page.waitForFunction("() => !document.querySelector('.problem li')");
        assertThat(on(".cm-lintRange-error").count()).isZero();
    }

    @Test
    void completesNamesFromTheCatalogue() {
        open("");
        write("f = softp");
        on(".cm-tooltip-autocomplete").waitFor();
        assertThat(text(".cm-tooltip-autocomplete")).contains("softplus");
        on(".cm-completionInfo math").first().waitFor();
        // The list takes no key just after it has opened, lest a line break choose from it.
        page.waitForTimeout(150);
        press("Enter");
        assertThat(text(".cm-line")).isEqualTo("f = softplus");
    }

    @Test
    void takesArraysAndAnUpstreamGradient() {
        open("");
        write("y = W @ x");
        on("[data-input=W]").fill("2x3");
        on("[data-input=x]").fill("[1, 0, 0]");
        on("[data-input=cotangent]").waitFor();
        waitForText(".output", "y = [");
        on("[data-input=W]").waitFor();
        assertThat(on("[data-input=W]").evaluate("field => field.tagName")).isEqualTo("TEXTAREA");
    }

    @Test
    void undoesWhatWasChosen() {
        open("");
        on("#gallery").selectOption("product-of-sum");
        waitForText(".output", "f = -12");
        on("#undo").click();
        waitForText(".output", "f = 0.73");
        assertThat(text(".cm-content")).contains("exp");
        assertThat(on("#gallery").inputValue()).isEqualTo("sigmoid-neuron");
    }

    @Test
    void enlargesTheCircuit() {
        open("");
        double width = on(".circuit svg").boundingBox().width;
        on(".zoom button").nth(1).click();
        double larger = on(".circuit svg").boundingBox().width;
        assertThat(larger).isGreaterThan(width * 1.2);
        on("#gallery").selectOption("product-of-sum");
        on("g.node[data-node=q]").waitFor();
        on(".zoom button").nth(2).click();
        double whole = on(".circuit svg").boundingBox().width;
        on(".zoom button").nth(0).click();
        assertThat(on(".circuit svg").boundingBox().width).isLessThan(whole);
    }

    @Test
    void sharesWhatItShows() {
        open("#tab=share");
        on("#gallery").selectOption("staged");
        waitForText(".output", "f = 1.545");
        on("[data-share=link]:has-text('example=staged')").waitFor();
        String link = text("[data-share=link]");
        open(link.substring(link.indexOf('#')), in("en-US"));
        assertThat(text(".output")).startsWith("f = 1.545");
        assertThat(text("[role=tab][aria-selected=true]")).isEqualTo("Copy and share");
    }

    /** A link to a list of jobs, say, that a user puts into the address of an open page. */
    @Test
    void keepsTheProgramWhereALinkNamesNone() {
        open("#tab=check");
        write("f = a * b");
        waitForText(".output", "f = 1");
        on("[data-input=a]").fill("7");
        waitForText(".output", "f = 7");
        page.evaluate("() => { location.hash = '#view=activations'; }");
        on(".view:visible h1:text-is('Activation functions')").waitFor();
        page.waitForFunction("() => location.hash.includes('a+*+b') && location.hash.includes('view=activations')");
        on("a[data-view=circuit]").click();
        waitForText(".output", "f = 7");
        assertThat(text(".cm-content")).isEqualTo("f = a * b");
        page.evaluate("() => { location.hash = '#example=product-of-sum'; }");
        waitForText(".output", "f = -12");
        page.evaluate("() => { location.hash = '#expression=f+%3D+2*c&in.c=4'; }");
        waitForText(".output", "f = 8");
        page.evaluate("() => { location.hash = '#expression=f+%3D+2*c&in.c=5&quiz=true&functions=[\"elu\"]&network={\"epochs\":7}'; }");
        waitForText(".output", "f = 10");
        page.evaluate("() => { location.hash = '#view=networks'; }");
        on("[data-key=epochs]").waitFor();
        assertThat(on("[data-key=epochs]").inputValue()).isEqualTo("7");
        page.evaluate("() => { location.hash = '#view=activations&functions=[\"gelu\"]'; }");
        page.waitForFunction("() => ['2*c', 'quiz=true', 'epochs', 'gelu'].every(part => location.hash.includes(part))");
        assertThat(page.evaluate("() => location.hash").toString()).as("but for what it names").doesNotContain("elu%22%2C")
                .doesNotContain("%22elu");
    }

    @Test
    void saysWhenTheServiceIsOutOfReach() {
        open("", in("ko-KR"));
        on(".cm-content").waitFor();
        page.context().setOffline(true);
        waitForText(".status", "연결");
        page.context().setOffline(false);
        page.waitForFunction("() => document.querySelector('.status').textContent === ''");
    }

    @Test
    void loadsItsEditorLaterWhereTheConnectionWasLost() {
        complains("Failed to load resource: net::ERR_FAILED");
        page.route("**/editor.js*", Route::abort);
        open("");
        waitForText(".status", "No connection");
        assertThat(text(".output")).startsWith("f = 0.73");
        page.unroute("**/editor.js*");
        on(".cm-content").waitFor();
        page.waitForFunction("() => document.querySelector('.status').textContent === ''");
    }
}
