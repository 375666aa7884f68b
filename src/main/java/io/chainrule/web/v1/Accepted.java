package io.chainrule.web.v1;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** What a client accepts, by the header {@code Accept} (RFC 9110, section 12.5.1). */
public record Accepted(List<MediaType> ranges) {
    /** Without the header everything is accepted; what does not read as a list of media types accepts nothing. */
    public static Accepted by(HttpServletRequest request) {
        try {
            List<MediaType> ranges = MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)));
            return new Accepted(ranges.isEmpty() ? List.of(MediaType.ALL) : ranges);
        } catch (InvalidMediaTypeException _) {
            return new Accepted(List.of());
        }
    }

    /** What the client wants most; of several the first. Nothing of quality 0 is taken. */
    public <T> Optional<T> best(List<T> offered, Function<T, MediaType> type) {
        return offered.stream().filter(form -> quality(type.apply(form)) > 0)
                .max(Comparator.<T>comparingDouble(form -> quality(type.apply(form))).thenComparingInt(form -> -offered.indexOf(form)));
    }

    /** How much the client wants a type: the most specific range that includes it says so. */
    double quality(MediaType offered) {
        return ranges.stream().filter(range -> range.includes(offered))
                .min(Comparator.comparingInt(range -> range.isWildcardType() ? 2 : range.isWildcardSubtype() ? 1 : 0))
                .map(MediaType::getQualityValue).orElse(0.0);
    }

    /** Whether the header names this type exactly, not only by a wildcard. */
    boolean names(MediaType type) {
        return ranges.stream().anyMatch(type::equalsTypeAndSubtype);
    }
}
