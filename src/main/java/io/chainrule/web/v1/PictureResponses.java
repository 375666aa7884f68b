package io.chainrule.web.v1;

import io.chainrule.service.program.Answer;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Answers with pictures. Nothing in one is fetched or run, wherever it is opened. */
final class PictureResponses {
    static final String SVG = "image/svg+xml";
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

    private PictureResponses() {}

    static ResponseEntity<byte[]> of(Answer<Answer.Drawing> answer) {
        return ResponseEntity.ok().contentType(MediaType.parseMediaType(SVG)).header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff").body(answer.result().text().getBytes(StandardCharsets.UTF_8));
    }
}
