package io.chainrule.web.v1.pictures;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.CacheControl;
import org.springframework.http.ETag;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Tells answers apart by what was asked and by the build that answers; the same build answers the same request alike. */
@Component
final class Revision {
    private static final int TAG_BYTES = 16;
    /** Answers change only with the build; who asks again after this time is told whether they have. */
    private static final CacheControl KEPT = CacheControl.maxAge(Duration.ofHours(1)).cachePublic();

    private static final CacheControl ASKED_AGAIN = CacheControl.noCache().cachePrivate();

    /** What the build says where it cannot tell the commit. Each start of the service then counts as another build. */
    private static final String UNKNOWN = "unknown";

    private final String build;

    Revision(ObjectProvider<BuildProperties> properties) {
        build = properties.stream().filter(known -> !UNKNOWN.equals(known.get("commit")))
                .map(known -> known.getVersion() + " " + known.get("commit")).findFirst().orElseGet(() -> Instant.now().toString());
    }

    /** A weak tag, because the bytes are others where the answer is compressed. */
    ETag tag(String... asked) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        digest.update(build.getBytes(StandardCharsets.UTF_8));
        for (String part : asked) {
            digest.update((part.length() + ":" + part).getBytes(StandardCharsets.UTF_8));
        }
        return new ETag(HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), TAG_BYTES)), true);
    }

    /**
     * Answers a request for something that clients may keep: a client that names the tag has the answer, and nothing is computed.
     *
     * @param always headers that both answers have, 200 with a body and 304 without
     */
    <B> ResponseEntity<B> answer(HttpServletRequest request, ETag tag, HttpHeaders always, Supplier<ResponseEntity<B>> compute) {
        return answer(request, tag, always, true, compute);
    }

    /** {@code isSame} says whether the answer is the same for all clients and until the next build; else each client asks again. */
    <B> ResponseEntity<B> answer(HttpServletRequest request, ETag tag, HttpHeaders always, boolean isSame,
            Supplier<ResponseEntity<B>> compute) {
        HttpHeaders headers = new HttpHeaders(always);
        headers.setETag(tag.formattedTag());
        headers.setCacheControl(isSame ? KEPT : ASKED_AGAIN);
        List<ETag> known = ETag.parse(String.join(", ", Collections.list(request.getHeaders(HttpHeaders.IF_NONE_MATCH))));
        if (known.stream().anyMatch(other -> !other.isWildcard() && other.compare(tag, false))) {
            return ResponseEntity.status(HttpStatus.NOT_MODIFIED).headers(headers).build();
        }
        ResponseEntity<B> answer = compute.get();
        // The wildcard stands for any answer, and a request that is refused has none.
        if (known.stream().anyMatch(ETag::isWildcard)) {
            return ResponseEntity.status(HttpStatus.NOT_MODIFIED).headers(headers).build();
        }
        headers.putAll(answer.getHeaders());
        return new ResponseEntity<>(answer.getBody(), headers, answer.getStatusCode());
    }
}
