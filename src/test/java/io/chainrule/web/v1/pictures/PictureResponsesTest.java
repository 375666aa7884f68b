package io.chainrule.web.v1.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.picture.PictureFormat;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.RequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletRequest;

/** In which form a picture is answered, and what is said where there is none that the client accepts. */
class PictureResponsesTest {
    private static MockHttpServletRequest accepting(String... ranges) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        for (String range : ranges) {
            request.addHeader("Accept", range);
        }
        return request;
    }

    @ParameterizedTest
    @CsvSource({"image/png, PNG, image/png", "image/*;q=0.5, SVG, image/svg+xml", "text/x-tex, TIKZ, text/x-tex",
            "application/x-tex, TIKZ, application/x-tex"})
    void anAnswerHasTheFormThatIsAccepted(String accept, PictureFormat format, String type) {
        assertThat(PictureResponses.form(null, accepting(accept)))
                .isEqualTo(new PictureResponses.Form(format, MediaType.parseMediaType(type)));
    }

    @Test
    void theFormatThatIsAskedForNeedNotBeAccepted() {
        assertThat(PictureResponses.form(PictureFormat.DOT, accepting("image/png")).format()).isEqualTo(PictureFormat.DOT);
        assertThat(PictureResponses.linked(PictureFormat.PNG, accepting("text/html")).format()).isEqualTo(PictureFormat.PNG);
    }

    @Test
    void aLinkIsSvgWhereThatIsAccepted() {
        assertThat(PictureResponses.linked(null, accepting()).format()).isEqualTo(PictureFormat.SVG);
        assertThat(PictureResponses.linked(null, accepting("image/png", "*/*;q=0.1")).format()).isEqualTo(PictureFormat.SVG);
        assertThatCode(() -> PictureResponses.checkSvgIsAccepted(accepting("image/svg+xml"))).doesNotThrowAnyException();
    }

    private static ErrorDetail refusal(Runnable asking) {
        return catchThrowableOfType(RequestException.class, asking::run).errors().getFirst();
    }

    @Test
    void whoAcceptsNoneOfManyIsToldAll() {
        ErrorDetail error = refusal(() -> PictureResponses.form(null, accepting("text/html", "audio/*")));
        assertThat(error.message()).contains("image/svg+xml, image/png", "none of them");
        assertThat(error.expected()).contains("image/svg+xml").contains("application/x-tex");
        assertThat(error.actual()).isEqualTo("text/html, audio/*");
        assertThat(error.hint()).contains("svg, png, dot, mermaid or tikz");
    }

    @Test
    void whoDoesNotAcceptTheOnlyOneIsToldOfOthers() {
        for (Runnable asking : new Runnable[]{() -> PictureResponses.linked(null, accepting("image/png")),
                () -> PictureResponses.checkSvgIsAccepted(accepting("image/png"))}) {
            ErrorDetail error = refusal(asking);
            assertThat(error.message()).contains("image/svg+xml, and", "something else");
            assertThat(error.expected()).isEqualTo("image/svg+xml");
            assertThat(error.hint()).contains("the parameter format of /v1/render.svg");
        }
    }

    /** A header may be very long. */
    @Test
    void aLongHeaderIsToldInPart() {
        String most = "a/" + "b".repeat(198);
        assertThat(refusal(() -> PictureResponses.form(null, accepting(most))).actual()).isEqualTo(most);
        assertThat(refusal(() -> PictureResponses.form(null, accepting(most + "c"))).actual()).isEqualTo(most + "…");
    }
}
