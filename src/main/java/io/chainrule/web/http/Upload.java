package io.chainrule.web.http;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as a file, which is deleted after the request unless it has been moved.
 *
 * @param length its bytes
 * @param sha256 its digest, in hexadecimal
 * @param ended gives back its place and its owner's bytes
 */
public record Upload(Path file, long length, String sha256, Runnable ended) implements ReceivedBody {
    /** The headers by which a client tells the digest of a file. */
    public static final String CONTENT_DIGEST = ContentDigest.CONTENT_DIGEST;
    public static final String REPR_DIGEST = ContentDigest.REPR_DIGEST;
    /** What the document tells of them. */
    public static final String DIGEST = "The SHA-256 of the body, as `sha-256=:…:` in base64; a body with another one is refused (RFC 9530)";

    private static final String ATTRIBUTE = Upload.class.getName();

    void noteAt(ServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The upload of a request that an {@link UploadRoute} takes. */
    public static Upload of(ServletRequest request) {
        return (Upload) Objects.requireNonNull(request.getAttribute(ATTRIBUTE), "the request has no upload");
    }

    /** The SHA-256 of the body that the request's header announces, in hexadecimal; null if there is none. */
    public static @Nullable String announcedSha256(HttpServletRequest request) {
        return ContentDigest.of(request).sha256();
    }

    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            ended.run();
        }
    }
}
