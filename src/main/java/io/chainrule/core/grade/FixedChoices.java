package io.chainrule.core.grade;

import io.chainrule.core.Runner;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Node;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Derivatives in which comparisons, signs and the like have the values that they have at the user's inputs, whatever the inputs are. */
final class FixedChoices {
    private static final int MOST_CHOICES = 6;

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
        Map<Integer, Tensor> values = values(derivative);
        return values.isEmpty() ? null : fixed(derivative, values);
    }

    /** The derivative with one of its choices fixed, by that choice. */
    Map<Integer, Node> each(Node derivative) {
        Map<Integer, Node> each = new TreeMap<>();
        values(derivative).entrySet().stream().sorted(Map.Entry.comparingByKey()).limit(MOST_CHOICES).forEach(choice -> {
            Node fixed = fixed(derivative, Map.ofEntries(choice));
            if (fixed != null) {
                each.put(choice.getKey(), fixed);
            }
        });
        return each;
    }

    /** What the choices of a derivative are at the user's inputs. */
    private Map<Integer, Tensor> values(Node derivative) {
        Graph graph = sheet.graph();
        BitSet choices = new BitSet();
        ancestors(derivative).stream().filter(node -> graph.operandCount(node) > 0
                && IntStream.range(0, graph.operandCount(node)).allMatch(graph.op(node)::ignores)).forEach(choices::set);
        Map<Integer, Tensor> values = choices.isEmpty() ? null : new Runs(graph, choices, runner).attempt(given);
        return values == null ? Map.of() : values;
    }

    private BitSet ancestors(Node derivative) {
        BitSet result = new BitSet();
        result.set(derivative.index());
        return Activity.ancestors(sheet.graph(), result);
    }

    private @Nullable Node fixed(Node derivative, Map<Integer, Tensor> values) {
        BitSet within = ancestors(derivative);
        within.stream().filter(sheet::isOfProgram).forEach(within::clear);
        Map<Integer, Integer> fixed = new HashMap<>();
        values.forEach((node, value) -> fixed.put(node, constant(value).index()));
        return Sheet.attempt(() -> sheet.replaced(derivative.index(), fixed, within));
    }

    private Node constant(Tensor value) {
        return value.shape().isScalar() ? sheet.builder().literal(value.item()) : sheet.builder().constant(value);
    }
}
