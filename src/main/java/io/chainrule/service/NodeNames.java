package io.chainrule.service;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Program;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the nodes that a request names, and says all at once which of the names are none. */
final class NodeNames {
    private final Program program;
    private final List<Problem> problems = new ArrayList<>();

    NodeNames(Program program) {
        this.program = program;
    }

    /** The node, or null, after noting the problem. */
    @Nullable
    Integer find(String id, String pointer) {
        Integer node = program.find(id);
        if (node == null) {
            problems.add(Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + id + "'").pointer(pointer)
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

    /** Values by node; each must have the node's shape. */
    Map<Integer, Tensor> findValues(Map<String, Tensor> values, String pointer) {
        Map<Integer, Tensor> found = new LinkedHashMap<>();
        values.forEach((id, value) -> {
            String at = pointer + "/" + id.replace("~", "~0").replace("/", "~1");
            Integer node = find(id, at);
            if (node != null) {
                checkShape(node, value.shape(), at);
                found.put(node, value);
            }
        });
        return found;
    }

    void checkShape(int node, Shape actual, String pointer) {
        Shape expected = program.graph().shape(node);
        if (!expected.equals(actual)) {
            String id = program.id(node);
            problems.add(
                    Problem.of(ProblemCode.SHAPE_MISMATCH, "the value for '" + id + "' has shape " + actual + ", the node has " + expected)
                            .node(id).pointer(pointer).expected(expected.toString(), actual.toString()));
        }
    }

    void note(Problem problem) {
        problems.add(problem);
    }

    /** {@link ProblemException} with all that was noted. */
    void verify() {
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
    }
}
