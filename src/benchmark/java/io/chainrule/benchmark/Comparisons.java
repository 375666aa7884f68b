package io.chainrule.benchmark;

import java.util.List;
import java.util.stream.Stream;

/** All comparisons that JMH times, in the order of the table. */
final class Comparisons {
    private Comparisons() {}

    static List<Comparison> all() {
        return Stream.of(NeuronRows.all(), MatrixRows.all(), ModelRows.all(), GraphRows.all(), JacobianRows.all(),
                JsonRow.all(), LinearAlgebraRow.all(), GradBenchRows.all()).flatMap(List::stream).toList();
    }

    static Comparison named(String id) {
        return all().stream().filter(comparison -> comparison.id().equals(id)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no comparison '" + id + "'"));
    }
}
