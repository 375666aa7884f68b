package io.chainrule.web.v1;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.ETag;
import org.springframework.stereotype.Component;

/** Tells answers apart by what was asked and by the build that answers; the same build answers the same request alike. */
@Component
final class Revision {
    private static final int TAG_BYTES = 16;

    private final String build;

    Revision(ObjectProvider<BuildProperties> properties) {
        build = properties.stream().map(known -> known.getVersion() + " " + known.get("commit") + " " + known.getTime()).findFirst()
                .orElseGet(() -> Instant.now().toString());
    }

    /** A weak tag, because the bytes are others where the answer is compressed. */
    ETag tag(String... asked) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(build.getBytes(StandardCharsets.UTF_8));
            for (String part : asked) {
                digest.update((part.length() + ":" + part).getBytes(StandardCharsets.UTF_8));
            }
            return new ETag(HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), TAG_BYTES)), true);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Whether the client has the answer, by the values of its {@code If-None-Match}. */
    static boolean isKnown(ETag tag, List<String> ifNoneMatch) {
        return ETag.parse(String.join(", ", ifNoneMatch)).stream().anyMatch(known -> known.isWildcard() || known.compare(tag, false));
    }
}
