package io.chainrule.service.models;

import io.chainrule.core.expression.SourceLines;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the problems of a text come from a version or an alias that it means to call. {@code digits@prod(x)} is the product of
 * {@code digits} and {@code prod(x)}, and {@code digits:3(x)} is no expression: a text calls what {@code latest} names.
 */
public final class PinnedCalls {
    private static final Pattern CALL = Pattern.compile("(?<![\\p{L}\\p{N}_.])(" + ModelName.FORM + ")\\s*(?::\\s*([1-9][0-9]{0,8})|@\\s*("
            + ModelName.FORM + "))(?=\\s*\\()");
    private static final int MOST = 100;

    private PinnedCalls() {}

    /**
     * Returns the problems with one that says what is meant in place of those that come from such a call.
     *
     * @param text the program; null if it is no text
     * @param given the inputs that have a value: a product with one of these is meant as such
     */
    public static ProblemException told(ProblemException found, @Nullable String text, Set<String> given, Models models) {
        if (text == null) {
            return found;
        }
        ProblemException told = found;
        Matcher call = CALL.matcher(text);
        SourceLines lines = new SourceLines(text);
        for (int i = 0; i < MOST && call.find(); i++) {
            Predicate<Problem> isOfCall = isOf(call, lines);
            if (!given.contains(call.group(1)) && told.problems().stream().anyMatch(isOfCall) && isModel(call, models)) {
                told = told(told, isOfCall, problem(call, lines, models.isThere(reference(call))));
            }
        }
        return told;
    }

    /** Whether a problem is at the name, the sign or the alias of a call, or is that the name has no value. */
    private static Predicate<Problem> isOf(Matcher call, SourceLines lines) {
        String name = call.group(1);
        int start = call.start();
        int end = call.end();
        return problem -> problem.code() == ProblemCode.MISSING_INPUT && name.equals(problem.node())
                || isWithin(problem, start, end, lines);
    }

    private static boolean isWithin(Problem problem, int start, int end, SourceLines lines) {
        if (problem.line() == null || problem.column() == null) {
            return false;
        }
        int offset = lines.offset(new Problem.Position(problem.line(), problem.column()));
        return start <= offset && offset < end;
    }

    /** A product with a call of an op is mostly meant as such, unless there is an alias of that name. */
    private static boolean isModel(Matcher call, Models models) {
        String alias = call.group(3);
        return models.isThere(alias != null && OpCatalogue.find(alias) != null ? reference(call) : call.group(1));
    }

    private static String reference(Matcher call) {
        return call.group(1) + (call.group(2) == null ? "@" + call.group(3) : ":" + call.group(2));
    }

    private static Problem problem(Matcher call, SourceLines lines, boolean isThere) {
        String reference = reference(call);
        String hint = isThere
                ? "store it under a name of its own by PUT /v1/models/… with {\"model\": \"" + reference + "\"}, and call that name"
                : "there is no '" + reference + "'";
        return Problem.of(ProblemCode.UNKNOWN_OP, "a text calls the version of a model that 'latest' names, and no other: '" + reference
                + "(…)' is no call")
                .position(lines.position(call.start())).expected(call.group(1) + "(…)", reference + "(…)")
                .hint(call.group(3) == null || !isThere
                        ? hint
                        : hint + "; that keeps this version, also when '" + call.group(3) + "' is moved");
    }

    private static ProblemException told(ProblemException found, Predicate<Problem> isOfCall, Problem meant) {
        List<Problem> others = new ArrayList<>(found.problems());
        int first = found.problems().indexOf(found.problems().stream().filter(isOfCall).findFirst().orElseThrow());
        others.removeIf(isOfCall);
        others.add(first, meant);
        return new ProblemException(others, found.total() - found.problems().size() + others.size());
    }
}
