package io.chainrule.core;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of the inputs of a program that is to be stored.
 *
 * @param named the inputs that something is said about, in the order of arguments. A text may read other inputs
 * @param former those of them that a model has which is stored again. With another output it may not read all of them
 * @param declared the shapes of some inputs, in one sample
 * @param kept the shapes of the inputs whose values are kept
 */
public record StoredInputs(List<String> named, Set<String> former, Map<String, DeclaredShape> declared, Shapes kept) {

    /** Notes the inputs that a client has said something about and that the program does not read. */
    void checkAreRead(Set<String> read, Problems problems) {
        for (String name : named) {
            if (!read.contains(name) && !former.contains(name)) {
                problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "the program does not read '" + name + "'")
                        .at(Place.setting("declares", name)).hint(Nearest.hint(name, read).orElse(null)));
            }
        }
    }

    /** The names of all these inputs. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(named);
        names.addAll(declared.keySet());
        names.addAll(kept.names());
        return names;
    }

    /** The shapes that are known if free axes have these lengths. */
    Map<String, Shape> shapes(Map<String, Integer> axes) {
        Map<String, Shape> shapes = kept.toMap();
        declared.forEach((name, shape) -> shapes.put(name, shape.with(axes)));
        return shapes;
    }

    /** The shapes that do not depend on the lengths of free axes. */
    Map<String, Shape> fixedShapes() {
        Map<String, Shape> shapes = kept.toMap();
        declared.forEach((name, shape) -> {
            if (!shape.isFree()) {
                shapes.put(name, shape.with(Map.of()));
            }
        });
        return shapes;
    }

    boolean isFree() {
        return declared.values().stream().anyMatch(DeclaredShape::isFree);
    }

    /** Lengths for the free axes: the first is so long, and each other one longer than the one before. */
    Map<String, Integer> lengths(int first) {
        Map<String, Integer> lengths = new LinkedHashMap<>();
        declared.values().forEach(shape -> shape.names().forEach(axis -> lengths.putIfAbsent(axis, first * (1 + lengths.size()))));
        return lengths;
    }
}
