package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is known of the inputs of a program that is to be stored.
 *
 * @param named the inputs that something is said about, in the order of arguments. A text may read other inputs
 * @param former the named inputs of a model that is stored again. With another output the model may not read all of them
 * @param arguments the inputs that a model has had so far, which are arguments also where its program does not read them
 * @param declared the shapes of some inputs, in one sample
 * @param kept the shapes of the inputs whose values are kept
 */
public record StoredInputs(List<String> named, Set<String> former, Set<String> arguments, Map<String, DeclaredShape> declared,
        Shapes kept) {
    /**
     * Each has other lengths, and other ratios and differences of axes. A program that fits two trials therefore depends on none of these.
     * Some programs accept only long axes, or lengths that are multiples of a number.
     */
    private static final List<Trial> TRIALS = List.of(new Trial(24, 1, 1), new Trial(24, 2, 3), new Trial(840, 1, 2), new Trial(420, 1, 6),
            new Trial(1680, 1, 3));
    private static final int SHORT_TRIALS = 2;
    private static final int FEW_AXES = 4;

    /** Lengths of free axes in units: {@code first}, {@code first + step}, {@code first + 3 step}, and so on. */
    private record Trial(int unit, int first, int step) {
        int length(int axis) {
            return (int) Math.min(Integer.MAX_VALUE, unit * (first + (long) step * axis * (axis + 1L) / 2));
        }
    }

    /**
     * The same without the shapes that are declared of kept values. Where such a shape has a free axis, the value tells its length, also
     * for the other inputs. Notes the values that do not have the shapes that are declared of them.
     */
    StoredInputs withKnownAxes(Problems problems) {
        Map<String, Integer> lengths = new HashMap<>();
        Map<String, DeclaredShape> others = new LinkedHashMap<>(declared);
        declared.forEach((name, shape) -> {
            Shape value = kept.get(name);
            if (value != null) {
                others.remove(name);
                Map<String, Integer> before = Map.copyOf(lengths);
                if (!shape.fits(value, lengths)) {
                    problems.add(mismatch(name, shape, before, value)
                            .at(former.contains(name) ? Place.setting("inputs", name) : Place.setting("declares", name, "shape")));
                }
            }
        });
        others.replaceAll((_, shape) -> new DeclaredShape(
                shape.axes().stream().map(axis -> Objects.requireNonNullElse(lengths.get(axis), axis)).toList()));
        return new StoredInputs(named, former, arguments, others, kept);
    }

    /** The same with the parameters of the definition that is the program, which come first. Nothing need be said about them. */
    StoredInputs withParameters(List<String> parameters) {
        Set<String> all = new LinkedHashSet<>(parameters);
        all.addAll(named);
        Set<String> unsaid = new LinkedHashSet<>(former);
        parameters.stream().filter(name -> !named.contains(name)).forEach(unsaid::add);
        return new StoredInputs(List.copyOf(all), unsaid, arguments, declared, kept);
    }

    /** The same for the program with another output, which is another function: only what it reads is an argument. */
    StoredInputs ofOtherOutput() {
        return new StoredInputs(named, former, Set.of(), declared, kept);
    }

    /** The problem that an input has another shape than it is to have, where {@code lengths} are those of free axes. */
    static Problem mismatch(String name, DeclaredShape shape, Map<String, Integer> lengths, Shape given) {
        String free = shape.names().stream().filter(lengths::containsKey).map(axis -> axis + " is " + lengths.get(axis))
                .reduce((a, b) -> a + ", " + b).map(all -> ", where " + all).orElse("");
        return Problem.of(ProblemCode.SHAPE_MISMATCH, "input '" + name + "' is " + shape + free + "; its value has " + given)
                .node(name).expected(shape.toString(), given.toString());
    }

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

    /** The declared shapes, and those that nodes for inputs have. */
    Map<String, DeclaredShape> declared(NamedGraph graph) {
        Map<String, DeclaredShape> all = new LinkedHashMap<>(declared);
        for (int input : graph.inputs()) {
            Shape ofNode = ((Leaf.Input) graph.graph().op(input)).declared();
            if (ofNode != null) {
                all.putIfAbsent(graph.id(input), new DeclaredShape(List.copyOf(ofNode.toList())));
            }
        }
        return all;
    }

    boolean isFree() {
        return declared.values().stream().anyMatch(DeclaredShape::isFree);
    }

    /** Lengths for the free axes: the first has {@code length} of 0, the next that of 1, and so on. */
    Map<String, Integer> lengths(IntUnaryOperator length) {
        Map<String, Integer> lengths = new LinkedHashMap<>();
        declared.values().forEach(
                shape -> shape.names().forEach(axis -> lengths.computeIfAbsent(axis, _ -> length.applyAsInt(lengths.size()))));
        return lengths;
    }

    /**
     * Lengths for the free axes to try a program with. Each list is one trial: the same lengths in several orders, of which one has to fit.
     * Axes stand in the order of their declarations, and a program may need one of them to be no longer than another. Short lengths of up
     * to four axes are tried in all orders. Long lengths, and lengths of more axes, are tried in two: rising and falling from axis to axis.
     */
    List<List<Map<String, Integer>>> trials() {
        List<Integer> rising = IntStream.range(0, lengths(axis -> axis).size()).boxed().toList();
        List<List<Integer>> all = rising.size() > FEW_AXES ? List.of() : orders(rising);
        return IntStream.range(0, TRIALS.size()).mapToObj(trial -> Stream
                .concat(Stream.of(rising, rising.reversed()), trial < SHORT_TRIALS ? all.stream() : Stream.of())
                .map(order -> lengths(TRIALS.get(trial), order)).distinct().toList()).toList();
    }

    private Map<String, Integer> lengths(Trial trial, List<Integer> order) {
        return lengths(axis -> trial.length(order.get(axis)));
    }

    private static List<List<Integer>> orders(List<Integer> axes) {
        if (axes.isEmpty()) {
            return List.of(axes);
        }
        return axes.stream().flatMap(first -> orders(axes.stream().filter(axis -> !axis.equals(first)).toList()).stream()
                .map(rest -> Stream.concat(Stream.of(first), rest.stream()).toList())).toList();
    }
}
