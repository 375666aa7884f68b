package io.chainrule.web.http;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 that a body should have, by the header {@code Content-Digest} or {@code Repr-Digest} (RFC 9530). Digests by other algorithms
 * are ignored, as that document has it.
 *
 * @param header that tells it
 * @param sha256 in hexadecimal; null if the client does not tell it
 */
record ContentDigest(String header, @Nullable String sha256) {
    static final String CONTENT_DIGEST = "Content-Digest";
    static final String REPR_DIGEST = "Repr-Digest";
    private static final Pattern SHA_256 = Pattern.compile("(?:^|,)\\s*sha-256\\s*=\\s*:([^:,]*):\\s*(?:,|$)");
    private static final int BYTES = 32;

    static ContentDigest of(HttpServletRequest request) {
        ContentDigest ofContent = of(request, CONTENT_DIGEST);
        return ofContent.sha256 == null ? of(request, REPR_DIGEST) : ofContent;
    }

    private static ContentDigest of(HttpServletRequest request, String header) {
        String value = String.join(",", Collections.list(request.getHeaders(header)));
        Matcher found = SHA_256.matcher(value);
        if (found.find()) {
            return new ContentDigest(header, hexadecimal(header, found.group(1)));
        }
        if (value.contains("sha-256")) {
            throw malformed(header, value);
        }
        return new ContentDigest(header, null);
    }

    private static String hexadecimal(String header, String base64) {
        try {
            byte[] digest = Base64.getDecoder().decode(base64);
            if (digest.length == BYTES) {
                return HexFormat.of().formatHex(digest);
            }
        } catch (IllegalArgumentException _) {
            // It is told below.
        }
        throw malformed(header, base64);
    }

    private static RequestException malformed(String header, String value) {
        return new RequestException(ErrorDetail.of(ProblemType.BAD_REQUEST, "the header " + header + " has no SHA-256")
                .expected("sha-256=:…:, with 32 bytes in base64 between the colons (RFC 9530)", value));
    }

    /** A digest in hexadecimal as headers have it. */
    static String text(String sha256) {
        return "sha-256=:" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256)) + ":";
    }

    /** Throws {@link RequestException} if the first bytes of an array, so many, are not what the client says. */
    void check(byte[] bytes, int length) {
        if (sha256 != null) {
            check(HexFormat.of().formatHex(DigestUtils.digest(DigestUtils.getSha256Digest(), ByteBuffer.wrap(bytes, 0, length))));
        }
    }

    /** Throws {@link RequestException} if a body whose digest is this, in hexadecimal, is not what the client says. */
    void check(String digest) {
        if (sha256 != null && !sha256.equals(digest)) {
            throw new RequestException(ErrorDetail.of(ProblemType.BAD_REQUEST, "the body that came is not what " + header + " says")
                    .expected("SHA-256 " + sha256, "SHA-256 " + digest).hint("send it again; nothing was done with this one"));
        }
    }
}
