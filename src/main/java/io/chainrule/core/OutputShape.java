package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the shape that the output of a program has for all lengths of its free axes.
 *
 * @param tried the graphs for some lengths
 * @param node the node that is the output; null for the output of each graph
 */
record OutputShape(Trials tried, @Nullable Integer node) {
    /** The name of an axis of the output whose length depends on free axes but equals none of them; underscores follow if it is taken. */
    private static final String UNNAMED = "free";
    /** Short lengths: programs have branches for these, slices are clamped or empty, and {@code squeeze} removes an axis of length 1. */
    static final List<Integer> SHORT = List.of(0, 1, 2, 3);
    private static final Pattern BOUND = Pattern.compile("\\d+");
    private static final BigInteger LONGEST = BigInteger.valueOf(Integer.MAX_VALUE);
    private static final int MOST_LENGTHS = 16;

    /**
     * The shape; null if it is not known, or if the number of its axes depends on the lengths. Further lengths are tried, which the program
     * need not accept.
     *
     * @param independent the graph without shapes; null if the nodes depend on the lengths
     */
    @Nullable
    DeclaredShape of(Program program, @Nullable NamedGraph independent, StoredInputs given, BuildLimits limits) {
        if (!tried.graphs().stream().allMatch(graph -> graph.graph().hasShapes())) {
            return null;
        }
        List<Shape> shapes = new ArrayList<>();
        tried.graphs().forEach(graph -> shapes.add(shape(graph)));
        List<Map<String, Integer>> axes = new ArrayList<>(tried.lengths());
        if (!given.isFree()) {
            return declared(shapes, axes, true);
        }
        // These graphs are dropped at once, and have no more nodes than those whose memory has been asked for.
        BuildLimits uncharged = limits.telling(_ -> {}, _ -> {});
        Set<Integer> bounds = bounds();
        Set<Integer> untried = beyond(bounds);
        for (Map<String, Integer> all : axes(given, further(bounds, independent == null ? longest() : limits.tensorElements()))) {
            try {
                NamedGraph graph = independent == null
                        ? Trials.graph(program, given.names(), given.shapes(all), uncharged)
                        : Trials.inferred(independent, given.shapes(all), uncharged);
                // If a loop runs zero times, the text may read a name that the loop would have assigned: then shapes are not known.
                if (graph.graph().hasShapes()) {
                    shapes.add(shape(graph));
                    axes.add(all);
                }
            } catch (ProblemException _) {
                // The program does not accept these lengths.
            } catch (LimitException _) {
                // It may accept one of these lengths where other axes are shorter.
                continue;
            }
            untried.removeAll(all.values());
        }
        return declared(shapes, axes, untried.isEmpty());
    }

    private Shape shape(NamedGraph graph) {
        return graph.graph().shape(node == null ? graph.output() : node);
    }

    /** The bounds of slices that do not depend on the lengths of axes, without those that no axis can be longer than. */
    private Set<Integer> bounds() {
        Set<Integer> all = bounds(tried.graphs().getFirst().graph());
        tried.graphs().forEach(graph -> all.retainAll(bounds(graph.graph())));
        return all;
    }

    private static Set<Integer> bounds(Graph graph) {
        Set<Integer> all = new TreeSet<>();
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i).attributes().get("at") instanceof List<?> at) {
                at.stream().filter(String.class::isInstance).flatMap(item -> BOUND.matcher((String) item).results())
                        .map(bound -> new BigInteger(bound.group())).filter(bound -> bound.compareTo(LONGEST) < 0)
                        .forEach(bound -> all.add(bound.intValueExact()));
            }
        }
        return all;
    }

    /**
     * Returns further lengths to be tried: short lengths, and lengths that are one more than a bound of a slice.
     *
     * @param most the longest that an axis may be. A text may have nodes for each element; then no axis is to be longer than before
     */
    private static List<Integer> further(Set<Integer> bounds, long most) {
        return Stream.concat(SHORT.stream(), bounds.stream().map(bound -> bound + 1)).filter(length -> length <= most)
                .distinct().limit(MOST_LENGTHS).toList();
    }

    /** All free axes of these lengths each, and of lengths that fall from axis to axis. */
    private List<Map<String, Integer>> axes(StoredInputs given, List<Integer> lengths) {
        int longest = longest();
        List<Map<String, Integer>> all = new ArrayList<>();
        lengths.forEach(length -> all.add(given.lengths(_ -> length)));
        all.add(given.lengths(axis -> longest / (axis + 1)));
        return all;
    }

    private int longest() {
        return Collections.max(tried.lengths().getFirst().values());
    }

    /**
     * The lengths that are one more than a bound which may lie beyond all axes of the first trials, so that nothing was cut there. A loop
     * over an axis has bounds of its length.
     */
    private Set<Integer> beyond(Set<Integer> bounds) {
        int seen = Math.max(longest() + 1, Collections.min(tried.lengths().getLast().values()));
        return bounds.stream().filter(bound -> bound >= seen).map(bound -> bound + 1).collect(Collectors.toCollection(HashSet::new));
    }

    /** An axis whose length differs gets the name of the free axis of that length, if all lengths were tried at which it might differ. */
    private static @Nullable DeclaredShape declared(List<Shape> shapes, List<Map<String, Integer>> lengths, boolean areAllTried) {
        Shape first = shapes.getFirst();
        if (shapes.stream().anyMatch(shape -> shape.rank() != first.rank())) {
            return null;
        }
        Set<String> names = lengths.getFirst().keySet();
        String unnamed = Stream.iterate(UNNAMED, name -> name + "_").filter(name -> !names.contains(name)).findFirst().orElseThrow();
        return new DeclaredShape(IntStream.range(0, first.rank()).mapToObj(axis -> {
            List<Integer> seen = shapes.stream().map(shape -> shape.dim(axis)).toList();
            boolean isFixed = seen.stream().distinct().count() == 1;
            return isFixed
                    ? (Object) seen.getFirst()
                    : names.stream().filter(name -> areAllTried && lengths.stream().map(all -> all.get(name)).toList().equals(seen))
                            .findFirst()
                            .orElse(unnamed);
        }).toList());
    }
}
