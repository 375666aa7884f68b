package io.chainrule.service;

import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the nodes that a request names, and says all at once which of the names are none. */
final class NodeNames {
    private final NamedGraph program;
    private final Problems problems;

    NodeNames(NamedGraph program, Problems problems) {
        this.program = program;
        this.problems = problems;
    }

    /** The node, or null, after noting the problem. */
    @Nullable
    Integer find(String id, String pointer) {
        Integer node = program.find(id);
        if (node == null) {
            problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + id + "'").pointer(pointer)
                    .hint(Nearest.hint(id, program.allIds()).orElse(null)));
        }
        return node;
    }

    List<Integer> findAll(List<String> ids, String pointer) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            found.add(Objects.requireNonNullElse(find(ids.get(i), pointer + "/" + i), -1));
        }
        return found;
    }

    /** Values by node, each of one of the shapes that the node may have here; those of names that mean the same node add up. */
    Map<Integer, Tensor> findValues(Map<String, Tensor> values, String pointer, IntFunction<List<Shape>> allowed) {
        Map<Integer, Tensor> found = new LinkedHashMap<>();
        values.forEach((id, value) -> {
            String at = pointer + JsonPointer.of(id);
            Integer node = find(id, at);
            if (node != null) {
                checkShape(node, value.shape(), at, allowed);
                found.merge(node, value, (a, b) -> sum(a, b, id, at));
            }
        });
        return found;
    }

    private Tensor sum(Tensor a, Tensor b, String id, String pointer) {
        if (!a.shape().equals(b.shape())) {
            checkShape(id, List.of(a.shape()), b.shape(), pointer);
            return a;
        }
        double[] sum = a.data().clone();
        Arrays.setAll(sum, i -> a.data()[i] + b.data()[i]);
        return Tensor.of(a.shape(), sum);
    }

    /** Only where the program has shapes; where it has none, that was noted before. */
    void checkShape(int node, Shape actual, String pointer, IntFunction<List<Shape>> allowed) {
        if (program.graph().hasShapes()) {
            checkShape(program.id(node), allowed.apply(node), actual, pointer);
        }
    }

    void checkShape(String id, List<Shape> allowed, Shape actual, String pointer) {
        if (!allowed.contains(actual)) {
            String expected = allowed.stream().map(Shape::toString).collect(Collectors.joining(" or "));
            note(Problem.of(ProblemCode.SHAPE_MISMATCH, "the value for '" + id + "' has shape " + actual + ", the node has " + expected)
                    .node(id).pointer(pointer).expected(expected, actual.toString()));
        }
    }

    void note(Problem problem) {
        problems.add(problem);
    }

    /** {@link io.chainrule.core.graph.ProblemException} with all that was noted. */
    void verify() {
        problems.throwIfAny();
    }
}
