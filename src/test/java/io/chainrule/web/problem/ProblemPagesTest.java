package io.chainrule.web.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemPagesTest extends HttpTest {

    @ParameterizedTest
    @EnumSource
    void areThereForEveryType(ProblemType type) {
        HttpResponse<String> page = get(type.uri());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(json(page).path("status").asInt()).isEqualTo(type.status());
        assertThat(json(page).path("meaning").asString()).isEqualTo(type.text().meaning());

        HttpResponse<String> html = get(type.uri(), "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        assertThat(html.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(html.body()).startsWith("<!DOCTYPE html>").contains("<h1>" + type.text().title() + "</h1>", type.code());
    }

    @ParameterizedTest
    @EnumSource
    void showARequestThatHasTheProblem(ProblemType type) {
        ProblemText.Example example = type.text().example();
        if (example != null) {
            HttpResponse<String> response = post(example.endpoint(), example.body());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(type.status());
            assertThat(json(response).path("type").asString()).isEqualTo(type.uri());
            if (example.pointer() != null) {
                assertThat(errors(response)).containsExactly(type.code() + " " + example.pointer());
            }
        }
    }

    @Test
    void areListed() {
        assertThat(json(get("/problems"))).hasSize(ProblemType.values().length);
    }

    @Test
    void coverWhatTheCoreFindsWrong() {
        assertThat(Arrays.stream(ProblemCode.values()).map(ProblemCode::code))
                .allSatisfy(code -> assertThat(ProblemType.of(code).status()).isEqualTo(422));
    }

    @Test
    void areThereForNoOther() {
        HttpResponse<String> none = get("/problems/none");
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(json(none).path("detail").asString()).isEqualTo("there is no problem type 'none'");
    }
}
