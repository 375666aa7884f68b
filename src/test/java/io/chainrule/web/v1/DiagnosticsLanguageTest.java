package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Diagnostics over HTTP are in the language that is asked for; what is for programs, as their kinds, stays the same. */
class DiagnosticsLanguageTest extends HttpTest {
    private static final String KOREAN = "프로그램은 입력 typo를 쓰지 않으므로 그 기울기는 0이다.";
    private static final String ENGLISH = "the program never mentions input 'typo'; its gradient is zero";

    private static void assertIs(HttpResponse<String> response, String language, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode first = json(response).path("diagnostics").get(0);
        assertThat(first.path("message").asString()).isEqualTo(message);
        assertThat(first.path("kind").asString()).isEqualTo("unused-input");
        assertThat(response.headers().firstValue("Content-Language")).hasValue(language);
        assertThat(String.join(",", response.headers().allValues("Vary")).toLowerCase(Locale.ROOT)).contains("accept-language");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"evaluate|", "gradient|", "explain|", "graph|", "derivative|", "check|",
            "jacobian|", "hessian|", "vjp|, \"cotangents\": {\"f\": 1}", "jvp|, \"tangents\": {\"x\": 1}", "hvp|, \"vectors\": {\"x\": 1}",
            "grade|, \"answers\": {\"x\": 4}", "train|, \"wrt\": [\"x\"], \"steps\": 1"})
    void areInTheLanguageThatIsAskedFor(String endpoint, String more) {
        String body = "{\"expression\": \"f = (x - 1)^2\", \"inputs\": {\"x\": 3, \"typo\": 2}" + (more == null ? "" : more);
        assertIs(post("/v1/" + endpoint, body + ", \"lang\": \"ko\"}"), "ko", KOREAN);
        assertIs(post("/v1/" + endpoint, body + "}", "Content-Type", "application/json", "Accept-Language", "ko-KR, en;q=0.5"), "ko",
                KOREAN);
        assertIs(post("/v1/" + endpoint, body + ", \"lang\": \"en\"}", "Content-Type", "application/json", "Accept-Language", "ko"), "en",
                ENGLISH);
        assertIs(post("/v1/" + endpoint, body + "}"), "en", ENGLISH);
    }

    @Test
    void keepLanguagesApartInLinks() {
        String link = "/v1/gradient?expression=x%5E2&in.x=3&in.typo=2";
        HttpResponse<String> english = get(link);
        HttpResponse<String> korean = get(link, "Accept-Language", "ko");
        assertIs(english, "en", ENGLISH);
        assertIs(korean, "ko", KOREAN);
        String tag = english.headers().firstValue("ETag").orElseThrow();
        assertThat(korean.headers().firstValue("ETag")).isPresent().isNotEqualTo(english.headers().firstValue("ETag"));
        assertThat(get(link, "Accept-Language", "ko", "If-None-Match", tag).statusCode()).isEqualTo(200);
        assertThat(get(link, "Accept-Language", "en", "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertIs(get(link + "&lang=ko", "Accept-Language", "en"), "ko", KOREAN);
    }

    @Test
    void tellAStreamOfATrainingInItsLanguage() {
        String body = "{\"expression\": \"f = (x - 1)^2\", \"inputs\": {\"x\": 3}, \"wrt\": [\"x\"], \"steps\": 60, "
                + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 1.2}, \"lang\": \"ko\"}";
        String events = post("/v1/train", body, "Content-Type", "application/json", "Accept", "text/event-stream").body();
        assertThat(events).contains("event: diagnostic", "손실이").doesNotContain("the loss grows");
    }

    @Test
    void tellHowAProgramWasRead() {
        assertThat(json(post("/v1/gradient", "{\"expression\": \"3\", \"lang\": \"ko\"}")).path("diagnostics").get(0).path("message")
                .asString()).startsWith("1행 1열: 프로그램에 입력이 없으므로");
    }
}
