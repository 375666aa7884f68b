package io.chainrule.web.v1.pictures;

import io.chainrule.core.language.Language;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.service.program.Answer;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Accepted;
import io.chainrule.web.v1.Languages;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Answers with pictures. Nothing in one is fetched or run, wherever it is opened. */
final class PictureResponses {
    static final String SVG = "image/svg+xml";
    static final String PNG = "image/png";
    static final String DOT = "text/vnd.graphviz";
    static final String MERMAID = "text/vnd.mermaid";
    static final String TIKZ = "text/x-tex";
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    /** The other name that TeX goes by. */
    private static final MediaType TEX = MediaType.parseMediaType("application/x-tex");
    private static final int LONGEST_SHOWN = 200;

    private PictureResponses() {}

    /** A form in which a client takes a picture. */
    record Form(PictureFormat format, MediaType type) {
        private static Form of(PictureFormat format) {
            return new Form(format, MediaType.parseMediaType(format.mediaType()));
        }
    }

    /** The format that is asked for, or else the one that the client accepts most; of several the first. */
    static Form form(@Nullable PictureFormat asked, HttpServletRequest request) {
        return asked != null ? Form.of(asked) : accepted(request, Arrays.asList(PictureFormat.values()));
    }

    /** Throws {@link RequestException} where the client does not accept what a link draws. */
    static void checkSvgIsAccepted(HttpServletRequest request) {
        accepted(request, List.of(PictureFormat.SVG));
    }

    /** The format that a link asks for, or else SVG, which its client has to accept. */
    static Form linked(@Nullable PictureFormat asked, HttpServletRequest request) {
        return asked != null ? Form.of(asked) : accepted(request, List.of(PictureFormat.SVG));
    }

    private static Form accepted(HttpServletRequest request, List<PictureFormat> formats) {
        String header = String.join(", ", Collections.list(request.getHeaders(HttpHeaders.ACCEPT)));
        List<Form> offered = formats.stream().map(Form::of).collect(Collectors.toList());
        if (formats.contains(PictureFormat.TIKZ)) {
            offered.add(new Form(PictureFormat.TIKZ, TEX));
        }
        return Accepted.by(request).best(offered, Form::type).orElseThrow(() -> notAcceptable(offered, header));
    }

    private static RequestException notAcceptable(List<Form> offered, String header) {
        String types = offered.stream().map(form -> form.type.toString()).collect(Collectors.joining(", "));
        boolean isOne = offered.size() == 1;
        return new RequestException(ErrorDetail
                .of(ProblemType.NOT_ACCEPTABLE,
                        "the picture is to be had as " + types + ", and the header Accept takes "
                                + (isOne ? "something else" : "none of them"))
                .expected(types, header.length() > LONGEST_SHOWN ? header.substring(0, LONGEST_SHOWN) + "…" : header)
                .hint(isOne
                        ? "leave the header out, or choose another format by the parameter format of /v1/render.svg"
                        : "leave the header out and choose by \"format\": svg, png, dot, mermaid or tikz"));
    }

    static ResponseEntity<byte[]> svg(Answer<Answer.Drawing> answer, Language language) {
        return ofLink(answer, Form.of(PictureFormat.SVG), language);
    }

    /** The answer to a GET, whose form is told by its address. */
    static ResponseEntity<byte[]> ofLink(Answer<Answer.Drawing> answer, Form form, Language language) {
        return answer(answer, form, Languages.headers(language));
    }

    /** The answer to a POST, whose form may be that which the client accepts. */
    static ResponseEntity<byte[]> of(Answer<Answer.Drawing> answer, Form form, Language language) {
        HttpHeaders headers = Languages.headers(language);
        headers.setVary(List.of(HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_LANGUAGE));
        return answer(answer, form, headers);
    }

    private static ResponseEntity<byte[]> answer(Answer<Answer.Drawing> answer, Form form, HttpHeaders headers) {
        MediaType type = form.format == PictureFormat.SVG || form.format == PictureFormat.PNG
                ? form.type
                : new MediaType(form.type, StandardCharsets.UTF_8);
        return ResponseEntity.ok().headers(headers).contentType(type).header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff").body(answer.result().file());
    }
}
