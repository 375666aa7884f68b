package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the nodes that a signature names, and collects the names that no node has. */
final class NameResolver {
    private final NamedGraph program;
    private final Problems problems;

    NameResolver(NamedGraph program, Problems problems) {
        this.program = program;
        this.problems = problems;
    }

    /** Finds the node with this name; if there is none, notes the problem and returns null. */
    @Nullable
    Integer find(String id, Place place) {
        Integer node = program.find(id);
        if (node == null) {
            problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + id + "'").at(place)
                    .hint(Nearest.hint(id, program.allIds()).orElse(null)));
        }
        return node;
    }

    /** The nodes with these names. Notes names that no node has. */
    Map<String, Integer> findAll(List<String> ids, Place place) {
        Map<String, Integer> found = new LinkedHashMap<>();
        for (int i = 0; i < ids.size(); i++) {
            Integer node = find(ids.get(i), place.item(i));
            if (node != null) {
                found.put(ids.get(i), node);
            }
        }
        return found;
    }

    /**
     * Notes second names of inputs, as {@code v} is one after {@code v = x}. Values, and so samples, are known by the inputs' own names
     * before the program is evaluated.
     */
    void checkCarriers(List<String> ids) {
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            Integer node = program.find(id);
            if (node != null && program.graph().op(node) instanceof Leaf.Input && !program.id(node).equals(id)) {
                note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' is another name of '" + program.id(node) + "'").node(id)
                        .at(Place.setting("batch").item(i)).expected("the name of an input", id)
                        .hint("write '" + program.id(node) + "'"));
            }
        }
    }

    /** The gates with these names. Notes names that no node has, and nodes that do not open. */
    BitSet gates(List<String> ids) {
        Place place = Place.setting("gates");
        BitSet gates = new BitSet();
        for (int i = 0; i < ids.size(); i++) {
            Integer node = find(ids.get(i), place.item(i));
            if (node != null && program.graph().op(node).isGate()) {
                gates.set(node);
            } else if (node != null) {
                note(Problem.of(ProblemCode.INVALID_VALUE, "'" + ids.get(i) + "' is no gate that opens").node(ids.get(i))
                        .at(place.item(i))
                        .expected("an op that stands for a circuit, such as sigmoid", program.graph().op(node).name()));
            }
        }
        return gates;
    }

    /** The nodes with these names. Notes names that no node has, and shapes that {@code allowed} does not list for the node. */
    Map<String, Integer> findAll(Shapes shapes, Place place, IntFunction<List<Shape>> allowed) {
        Map<String, Integer> found = new LinkedHashMap<>();
        shapes.toMap().forEach((id, shape) -> {
            Place at = place.part(id);
            Integer node = find(id, at);
            if (node != null) {
                checkShape(node, shape, at, allowed);
                found.put(id, node);
            }
        });
        return found;
    }

    /**
     * Notes a shape that is not allowed. Does nothing if the program's shapes could not be inferred, since that problem has already been
     * noted.
     */
    void checkShape(int node, Shape actual, Place place, IntFunction<List<Shape>> allowed) {
        if (program.graph().hasShapes()) {
            checkShape(program.id(node), allowed.apply(node), actual, place);
        }
    }

    void checkShape(String id, List<Shape> allowed, Shape actual, Place place) {
        if (!allowed.contains(actual)) {
            String expected = allowed.stream().map(Shape::toString).collect(Collectors.joining(" or "));
            note(Problem.of(ProblemCode.SHAPE_MISMATCH, "the value for '" + id + "' has shape " + actual + ", the node has " + expected)
                    .node(id).at(place).expected(expected, actual.toString()));
        }
    }

    void note(Problem problem) {
        problems.add(problem);
    }
}
