package io.chainrule.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The cases of one op, which one test takes together. Mutation testing runs tests one by one, and a test for each case takes it hours. */
public record OpCases(String op, List<OpCase> cases) {

    /** The cases by their op. */
    public static Stream<OpCases> of(Stream<OpCase> cases) {
        Map<String, List<OpCase>> byOp = new LinkedHashMap<>();
        cases.forEach(one -> byOp.computeIfAbsent(one.definition().name(), _ -> new ArrayList<>()).add(one));
        return byOp.entrySet().stream().map(entry -> new OpCases(entry.getKey(), entry.getValue()));
    }

    /** Checks each case; a failure names it. */
    public void each(Consumer<OpCase> check) {
        for (OpCase one : cases) {
            try {
                check.accept(one);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(one + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public String toString() {
        return op;
    }
}
