package io.chainrule.web.v1;

import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What clients ask of lists that are answered in pages, and the pages.
 *
 * @param items what the page has
 * @param next the key of the last item, from which the next page goes on; null if there is no other
 */
public record Paging<T>(List<T> items, @Nullable String next) {
    /** How many items a page has if its client does not say. */
    public static final String DEFAULT = "100";
    public static final String LIMIT = "How many a page has, up to 1,000";
    private static final int MOST = 1_000;

    /** Cuts a list that has one item more than asked for, if there are as many. */
    public static <T> Paging<T> of(List<T> found, int limit, Function<T, String> key) {
        List<T> items = found.subList(0, Math.min(limit, found.size()));
        return new Paging<>(items, found.size() > limit ? key.apply(items.getLast()) : null);
    }

    public static void checkLimit(int limit) {
        if (limit < 1 || limit > MOST) {
            throw refusal("limit", "'limit' is out of range", "1 to " + MOST, String.valueOf(limit));
        }
    }

    /** Throws unless a word is one with which the names of what is stored may begin. */
    public static void checkPart(String word, String parameter) {
        checkWord(word, parameter, "[a-z0-9_]*");
    }

    public static void checkWord(String word, String parameter, String pattern) {
        if (!word.matches(pattern)) {
            throw refusal(parameter, "nothing that is stored can have such a '" + parameter + "'", pattern, word);
        }
    }

    public static RequestException refusal(String parameter, String message, String expected, String actual) {
        return new RequestException(
                ErrorDetail.of(ProblemType.INVALID_VALUE, message).parameter(parameter).expected(expected, actual));
    }
}
