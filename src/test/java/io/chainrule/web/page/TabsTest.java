package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every tab, in both languages. */
class TabsTest extends BrowserTest {
    private static final String SQUARED_NORM = "expression=q+%3D+W+%40+x%0Af+%3D+sum(q%5E2)&in.W=[[0.1,0.5],[-0.3,0.8]]&in.x=[0.2,0.4]";

    private static final String IN_ENGLISH = """
            ledger      | upstream          | ∂f/∂W
            grade       | Mark it           | My backward pass
            matrices    | Hessian of f      | 0.636
            plot        | Plot              | A plot needs
            check       | agree             | good
            derivative  | on paper          | ∂f
            diagnostics | Nothing looks odd | ✓
            json        | Answer            | "gradients"
            share       | Quiz link         | curl -s
            """;
    private static final String IN_KOREAN = """
            ledger      | 상류 기울기          | ∂f/∂W
            grade       | 채점하기             | 내 역전파
            matrices    | f의 헤세 행렬        | 0.636
            plot        | 그림                 | 출력이 수
            check       | 일치합니다           | 좋음
            derivative  | 종이에               | ∂f
            diagnostics | 이상한 점이 없습니다 | ✓
            json        | 응답                 | "gradients"
            share       | 퀴즈 링크            | curl -s
            """;

    /** A line of {@code tabs} has a tab, a word of it, and some of what else it tells. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"en-US; '" + IN_ENGLISH + "'", "ko-KR; '" + IN_KOREAN + "'"})
    void tells(String locale, String tabs) {
        open("#" + SQUARED_NORM, in(locale));
        assertThat(page.evaluate("() => document.documentElement.lang")).isEqualTo(locale.substring(0, 2));
        tabs.lines().map(line -> line.split(" *\\| *", -1)).forEach(line -> {
            on("#tab-" + line[0]).click();
            waitForText("[data-panel=" + line[0] + "]", line[1]);
            assertThat(text("[role=tabpanel]")).as(line[0]).contains(line[2]);
        });
    }

    @Test
    void tellsWhatHidesADifference() {
        open("#tab=check&expression=f+%3D+((1e12+%2B+y+%2F+3)+-+1e12)%5E2&in.y=3.3");
        waitForText("[data-panel=check] p", "rounding hides the difference");
    }

    @Test
    void tellsOfTheDirectionThatACheckTakesBesideSomeEntries() {
        page.route("**/v1/check", route -> route.resume(new Route.ResumeOptions()
                .setPostData(route.request().postData().replaceFirst("[{]", "{\"samples\": 1, "))));
        open("#tab=check&expression=f+%3D+sum(x%5E2)&in.x=[1,2,3]");
        on("[data-panel=check] tr:has-text('a random direction'):has-text('good')").waitFor();
        assertThat(on("[data-panel=check] tbody tr").count()).isEqualTo(2);
    }

    @Test
    void plotsTheOutputOverItsInputs() {
        open("#tab=plot&expression=f+%3D+(1-x)%5E2+%2B+b*(y-x%5E2)%5E2&in.x=-1&in.y=1&in.b=3");
        waitForText("[data-panel=plot] figcaption", "f over x and y");
        Object before = on("[data-panel=plot] svg").evaluate("svg => svg.outerHTML");
        on("[data-panel=plot] [data-key=rate]").fill("0.01");
        press("Enter");
        page.waitForFunction("before => document.querySelector('[data-panel=plot] svg').outerHTML !== before", before);
        on("[data-panel=plot] [data-key=up]").selectOption("");
        waitForText("[data-panel=plot] figcaption", "f over x, and its derivative");
        assertThat(on("[data-panel=plot] svg path").count()).isPositive();
    }

    @Test
    void asksForGradientsAndMarksTheAnswers() {
        List<String> asked = new ArrayList<>();
        page.onRequest(request -> asked.add(URI.create(request.url()).getPath()));
        open("#quiz=true&expression=q+%3D+x+%2B+y%0Af+%3D+q*z&in.x=-2&in.y=5&in.z=-4");
        assertThat(text("main")).as("nothing gives a gradient away").doesNotContain("∂f/∂q");
        assertThat(on("g.node[aria-label*=gradient]").count()).isZero();
        on("[data-answer=x]").fill("-4");
        on("[data-answer=z]").fill("4");
        on("#mark-answers").click();
        on(".quiz [data-line=x][data-verdict=right]").waitFor();
        on(".quiz [data-line=z][data-verdict=wrong]").waitFor();
        assertThat(asked).as("the page itself does not know the gradients").contains("/v1/evaluate", "/v1/grade")
                .doesNotContain("/v1/gradient", "/v1/explain");
        on("#leave-quiz").click();
        waitForText("[data-panel=ledger]", "∂f/∂q");
    }

    @Test
    void changesTheLanguageInPlace() {
        open("");
        on("#language").selectOption("ko");
        waitForText("h2", "프로그램");
        assertThat(text("#step")).contains("단계");
        assertThat(text("#tab-ledger")).isEqualTo("장부");
        on("#language").selectOption("en");
        waitForText("h2", "Program");
    }

    @Test
    void tellsRemarksInTheLanguageOfThePage() {
        open("#expression=f%20%3D%20relu(x)&inputs=%7B%22x%22%3A0%7D&tab=diagnostics");
        waitForText(".diagnostics", "sits on its kink");
        on("#language").selectOption("ko");
        waitForText(".diagnostics", "꺾이는 점");
    }

    @Test
    void findsTheWrongLineOfABackwardPass() {
        open("#" + SQUARED_NORM + "&tab=grade");
        on("#backward").fill("dq = 2 * q\ndW = outer(x, dq)\ndx = W.T @ dq");
        on("#mark").click();
        on(".lines [data-line=dW][data-verdict=wrong]").waitFor();
        assertThat(on(".lines [data-line=dq]").getAttribute("data-verdict")).isEqualTo("right");
        assertThat(on(".lines [data-line=dx]").getAttribute("data-verdict")).isEqualTo("right");
        on("#backward").fill("dq = 2 * q\ndW = outer(dq, x)\ndx = W.T @ dq");
        on("#mark").click();
        waitForText(".marks .verdict", "Every line is right");
    }
}
