package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Derivatives in which comparisons, signs and the like have the values that they have at the user's inputs, whatever the inputs are. */
final class FixedChoices {
    private final Sheet sheet;
    private final Map<Integer, Tensor> given;
    private final Runner runner;

    FixedChoices(Sheet sheet, Map<Integer, Tensor> given, Runner runner) {
        this.sheet = sheet;
        this.given = given;
        this.runner = runner;
    }

    /** The derivative with its choices fixed; null if there are none. */
    @Nullable
    Node of(Node derivative) {
        BitSet result = new BitSet();
        result.set(derivative.index());
        Graph graph = sheet.graph();
        BitSet within = Activity.ancestors(graph, result);
        BitSet choices = new BitSet();
        within.stream().filter(node -> graph.operandCount(node) > 0
                && IntStream.range(0, graph.operandCount(node)).allMatch(graph.op(node)::ignores)).forEach(choices::set);
        Map<Integer, Tensor> values = choices.isEmpty() ? null : new Runs(graph, choices, runner).attempt(given);
        if (values == null) {
            return null;
        }
        within.stream().filter(sheet::isOfProgram).forEach(within::clear);
        Map<Integer, Integer> fixed = new HashMap<>();
        choices.stream().forEach(node -> fixed.put(node, constant(Objects.requireNonNull(values.get(node))).index()));
        return Sheet.attempt(() -> sheet.replaced(derivative.index(), fixed, within));
    }

    private Node constant(Tensor value) {
        return value.shape().isScalar() ? sheet.builder().literal(value.item()) : sheet.builder().constant(value);
    }
}
