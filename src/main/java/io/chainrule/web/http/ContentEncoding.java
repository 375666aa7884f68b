package io.chainrule.web.http;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import org.springframework.http.HttpHeaders;

/** How the bytes of a body are packed: as they are, or by gzip. */
enum ContentEncoding {
    IDENTITY,
    GZIP;

    /** The value of {@code Accept-Encoding} in a refusal, after RFC 9110, section 15.5.16. */
    static String accepted(boolean isGzipRead) {
        return isGzipRead ? "gzip, identity" : "identity";
    }

    /** Throws {@link RequestException} for an encoding that the service does not unpack. Files that it keeps must come without any. */
    static void check(HttpServletRequest request, boolean isGzipRead) {
        if (of(request) == GZIP && !isGzipRead) {
            throw new RequestException(ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "files are read as they are")
                    .expected("no Content-Encoding", "Content-Encoding: gzip").hint("unpack the file before it is sent"));
        }
    }

    static ContentEncoding of(HttpServletRequest request) {
        return of(String.join(", ", Collections.list(request.getHeaders(HttpHeaders.CONTENT_ENCODING))));
    }

    /** Throws {@link RequestException} for an encoding that is not read here, and for several of them. */
    private static ContentEncoding of(String header) {
        return switch (header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            default -> throw new RequestException(
                    ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "bodies are read as they are, or compressed by gzip")
                            .expected("Content-Encoding: gzip, or none", "Content-Encoding: " + header));
        };
    }
}
