package io.chainrule.core.network;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that are taken in a network. Inputs, layers, parameters and nodes share one namespace. */
final class NetworkNames {
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Problems problems;

    NetworkNames(Problems problems) {
        this.problems = problems;
    }

    /** Claims a name for {@code what}, which describes its owner in messages. If the name is taken, reports that and returns false. */
    boolean claim(String name, String what, @Nullable Place place) {
        String other = owners.putIfAbsent(name, what);
        if (other != null) {
            problems.add(Problem.of(ProblemCode.DUPLICATE_ID, "'" + name + "' is the name of " + other + " and of " + what).node(name)
                    .at(place).hint("names are unique over the whole network, also inside residual layers"));
        }
        return other == null;
    }

    /** Claims the first of {@code base_1}, {@code base_2}, … that is free. */
    String next(String base, String what) {
        String name;
        do {
            name = base + "_" + counts.merge(base, 1, Integer::sum);
        } while (owners.putIfAbsent(name, what) != null);
        return name;
    }

    boolean isTaken(String name) {
        return owners.containsKey(name);
    }
}
