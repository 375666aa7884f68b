package io.chainrule.web.v1;

import io.chainrule.core.picture.PictureFormat;
import io.chainrule.service.program.Answer;
import java.nio.charset.StandardCharsets;
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

    private PictureResponses() {}

    static ResponseEntity<byte[]> of(Answer<Answer.Drawing> answer) {
        return ResponseEntity.ok().contentType(type(answer.result().format())).header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff").body(answer.result().file());
    }

    private static MediaType type(PictureFormat format) {
        MediaType type = MediaType.parseMediaType(format.mediaType());
        return type.getType().equals("text") ? new MediaType(type, StandardCharsets.UTF_8) : type;
    }
}
