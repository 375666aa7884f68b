package io.chainrule.web.v1;

import io.chainrule.web.http.Standing;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * What a client says of what it would change: by {@code If-Match} what is there, by {@code If-None-Match} what is not (RFC 9110, 13.1).
 *
 * @param what is to be changed, as messages name it
 */
public record Preconditions(String what, @Nullable String ifMatch, @Nullable String ifNoneMatch) {
    public static final String IF_MATCH = "Changes it only if it has this `ETag`, with its quotes, or one of several; `*` stands for any";
    public static final String IF_NONE_MATCH = "`*` stores only what is new";

    private static final String ANY = "*";
    private static final String ANY_TAG = "[ \t]*(?:(?:W/)?\"[^\"]*\"[ \t]*)?";
    /** A list of entity tags, as RFC 9110 has it. */
    private static final Pattern TAGS = Pattern.compile(ANY_TAG + "(?:," + ANY_TAG + ")*+");
    private static final Pattern TAG = Pattern.compile("(W/)?(\"[^\"]*\")");

    /**
     * Returns a check of what a request would change, which throws {@link RequestException} unless that is as the client says, and if the
     * client is not let in any more: what it has sent may have come for days.
     *
     * @param tags the entity tags of a thing
     */
    public static <T> Consumer<Optional<T>> of(HttpServletRequest request, String what, Function<T, List<String>> tags) {
        Preconditions asked = new Preconditions(what, header(request, HttpHeaders.IF_MATCH), header(request, HttpHeaders.IF_NONE_MATCH));
        Standing standing = Standing.of(request);
        return found -> {
            standing.checkNow();
            asked.check(found.map(tags).orElse(List.of()));
        };
    }

    /** Throws {@link RequestException} if the request asks by {@code If-Match} for another thing than the one with this entity tag. */
    public static void checkMatch(HttpServletRequest request, String what, String tag) {
        new Preconditions(what, header(request, HttpHeaders.IF_MATCH), null).check(List.of(tag));
    }

    private static @Nullable String header(HttpServletRequest request, String name) {
        List<String> values = Collections.list(request.getHeaders(name));
        return values.isEmpty() ? null : String.join(",", values);
    }

    public static boolean isAny(String header) {
        return header.strip().equals(ANY);
    }

    /** The entity tags in a header, with their quotes; none if it is no list of tags. */
    public static List<String> tags(String header, boolean areWeakTaken) {
        List<String> tags = new ArrayList<>();
        if (TAGS.matcher(header).matches()) {
            TAG.matcher(header).results().filter(tag -> areWeakTaken || tag.group(1) == null).forEach(tag -> tags.add(tag.group(2)));
        }
        return tags;
    }

    /** Throws unless the thing with these tags fits; if there are none, there is no such thing. */
    private void check(List<String> now) {
        if (ifMatch != null && !matches(ifMatch, false, now)) {
            throw now.isEmpty()
                    ? failed("there is no " + what, HttpHeaders.IF_MATCH + ": " + ifMatch, now, "If-None-Match: * stores what is new")
                    : failed("the " + what + " is not the one that If-Match names", HttpHeaders.IF_MATCH + ": " + ifMatch, now,
                            "GET it again, and send its ETag, with its quotes, as If-Match");
        }
        if (ifNoneMatch == null) {
            return;
        }
        if (!isAny(ifNoneMatch) && tags(ifNoneMatch, true).isEmpty()) {
            throw failed("If-None-Match has no entity tag", "* or a tag in quotes", List.of(ifNoneMatch), null);
        }
        if (matches(ifNoneMatch, true, now)) {
            throw failed("there is a " + what + ", which If-None-Match forbids to change", HttpHeaders.IF_NONE_MATCH + ": " + ifNoneMatch,
                    now, null);
        }
    }

    private static boolean matches(String header, boolean areWeakTaken, List<String> now) {
        return isAny(header) ? !now.isEmpty() : tags(header, areWeakTaken).stream().anyMatch(now::contains);
    }

    private static RequestException failed(String message, String expected, List<String> now, @Nullable String hint) {
        return new RequestException(ErrorDetail.of(ProblemType.PRECONDITION_FAILED, message)
                .expected(expected, now.isEmpty() ? "nothing" : String.join(", ", now)).hint(hint));
    }
}
