package io.chainrule.core.expression;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The functions of other libraries that a text may call, and the methods of arrays, for documentation. */
public final class Libraries {
    private Libraries() {}

    /**
     * The functions of one library.
     *
     * @param name of the table
     * @param prefixes with which its functions are called; none for methods and for names without a prefix
     */
    public record Table(String name, List<String> prefixes, List<Call> calls, List<Refusal> refusals) {}

    /**
     * One form of a call.
     *
     * @param written with its parameters and what they are without an argument
     * @param means an expression of ours
     * @param condition on the arguments, null if there is none
     */
    public record Call(String written, String means, @Nullable String condition) {}

    /** A function that has no meaning here, or only in some forms; {@code hint} says what to write instead. */
    public record Refusal(String name, String hint) {}

    /** The names of the tables. */
    public static Collection<String> names() {
        return Library.tables();
    }

    public static Optional<Table> find(String name) {
        return Library.tables().contains(name) ? Optional.of(table(name)) : Optional.empty();
    }

    private static Table table(String name) {
        Library library = Library.table(name);
        List<String> prefixes = Library.prefixes(name);
        String before = prefixes.isEmpty() ? "" : prefixes.getFirst() + ".";
        List<Call> calls = new ArrayList<>();
        for (String function : library.names()) {
            library.forms(function).forEach(form -> calls.add(new Call(form.text(before + function), form.bodyText(), form.condition())));
        }
        return new Table(name, prefixes, List.copyOf(calls),
                library.refusals().entrySet().stream().map(refusal -> new Refusal(refusal.getKey(), refusal.getValue())).toList());
    }
}
