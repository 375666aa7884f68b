package io.chainrule.core;

import io.chainrule.core.autodiff.Perturbations;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A bound program as a graph that can be differentiated and run: composite gates are opened, perturbations are added to nodes that second
 * derivatives are taken by, and samples are reduced. Methods take nodes of the bound program unless they say otherwise.
 *
 * @param expansion the graph, with the maps between its nodes and those of the program
 * @param results the node of the reduced value, by the node of the program whose value is wanted
 * @param points the input that perturbs a node, by that node of the program
 */
record LoweredProgram(BoundProgram bound, Gates.Expansion expansion, Map<Integer, Integer> results, Map<Integer, Integer> points) {

    /**
     * Lowers a program for values and first derivatives.
     *
     * @param wanted the nodes whose values, or derivatives, are wanted
     */
    static LoweredProgram of(BoundProgram bound, Collection<Integer> wanted, BuildLimits limits) {
        return opened(bound, limits).reduced(wanted, limits);
    }

    private static LoweredProgram opened(BoundProgram bound, BuildLimits limits) {
        return new LoweredProgram(bound, Gates.expand(bound.program().graph(), limits.derived()), Map.of(), Map.of());
    }

    /** Lowers a program for second derivatives of the output by the {@code moved} nodes. */
    static LoweredProgram moving(BoundProgram bound, Collection<Integer> moved, BuildLimits limits) {
        Graph written = bound.program().graph();
        LoweredProgram lowered = opened(bound, limits);
        return (moved.stream().allMatch(node -> written.op(node) instanceof Leaf.Input) ? lowered : lowered.perturbed(moved, limits))
                .reduced(List.of(bound.program().output()), limits);
    }

    private LoweredProgram perturbed(Collection<Integer> moved, BuildLimits limits) {
        Perturbations perturbed = Perturbations.of(graph(), moved.stream().map(this::image).toList(), limits.derived());
        Map<Integer, Integer> found = new HashMap<>();
        moved.forEach(node -> {
            Integer point = perturbed.points().get(image(node));
            if (point != null) {
                found.put(node, point);
            }
        });
        Gates.Expansion moving = new Gates.Expansion(perturbed.graph(),
                Arrays.stream(expansion.image()).map(node -> perturbed.image()[node]).toArray(),
                Arrays.stream(perturbed.source()).map(node -> expansion.origin()[node]).toArray());
        return new LoweredProgram(bound, moving, results, found);
    }

    private LoweredProgram reduced(Collection<Integer> wanted, BuildLimits limits) {
        if (!bound.samples().areReduced()) {
            return this;
        }
        Set<Integer> carriers = new HashSet<>();
        bound.inputs().stream().filter(bound.names()::isSampled).map(this::image).forEach(carriers::add);
        points.forEach((node, point) -> {
            if (bound.names().isSampled(node)) {
                carriers.add(point);
            }
        });
        Samples.Reduced reduced = bound.samples().reduce(expansion, carriers, new LinkedHashSet<>(wanted), limits.derived());
        Map<Integer, Integer> moved = new HashMap<>(points);
        moved.replaceAll((_, point) -> reduced.places()[point]);
        return new LoweredProgram(bound, reduced.expansion(), reduced.results(), moved);
    }

    NamedGraph program() {
        return bound.program();
    }

    Graph graph() {
        return expansion.graph();
    }

    /** The node of {@link #graph()} that stands for a node of the program. */
    int image(int node) {
        return expansion.image()[node];
    }

    /** The node of {@link #graph()} whose value results contain for a node: its image, or its value reduced over the samples. */
    int result(int node) {
        return results.isEmpty() ? image(node) : results.getOrDefault(node, image(node));
    }

    /** The input of {@link #graph()} to differentiate by in place of a moved node: its image, or the perturbation that is added to it. */
    int point(int node) {
        return points.getOrDefault(node, image(node));
    }

    /** The node of the program that a node of {@link #graph()} was made for. */
    int origin(int node) {
        return expansion.origin()[node];
    }

    /** The images of nodes; {@link ResolvedNames#NO_NODE} is skipped. */
    BitSet images(Iterable<Integer> nodes) {
        BitSet images = new BitSet();
        nodes.forEach(node -> {
            if (node != ResolvedNames.NO_NODE) {
                images.set(image(node));
            }
        });
        return images;
    }

    BitSet images() {
        BitSet images = new BitSet();
        Arrays.stream(expansion.image()).forEach(images::set);
        return images;
    }

    /**
     * The shape, in one sample, of the array that a name to differentiate by stands for; {@code node} may be {@link ResolvedNames#NO_NODE}.
     */
    Shape shape(String name, int node) {
        if (node != ResolvedNames.NO_NODE) {
            return graph().shape(image(node));
        }
        Shape given = Objects.requireNonNull(bound.shapes().get(name));
        return bound.samples().keepAxis() && bound.samples().carriedBy(name) ? given.without(0) : given;
    }

    /** The shapes in which derivatives are returned, by the name to differentiate by. */
    Map<String, Shape> derivativeShapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        bound.names().wrt().forEach((name, node) -> shapes.put(name, bound.answered(shape(name, node))));
        return shapes;
    }

    /** The number of samples that each input of {@link #graph()} carries when runs are mapped over them; empty if they are not. */
    Map<Integer, Integer> sampleLengths() {
        return bound.samples().lengths(bound.inputs().stream().filter(bound.names()::isSampled).map(this::image).toList());
    }

    /**
     * Converts values by name to values by input of {@link #graph()}; throws {@link IllegalArgumentException} if they do not match the
     * program's inputs.
     */
    Map<Integer, Tensor> placed(Map<String, Tensor> inputs) {
        Map<Integer, Tensor> values = new LinkedHashMap<>();
        for (int node : bound.inputs()) {
            values.put(image(node), Arguments.get(inputs, "input", bound.program().id(node), bound.inputShape(node)));
        }
        if (inputs.size() > values.size()) {
            Arguments.refuseOthers(inputs, "input", bound.inputNames());
        }
        values.putAll(perturbations());
        return values;
    }

    /** The values of the perturbations, which leave the nodes' values unchanged. */
    Map<Integer, Tensor> perturbations() {
        if (points.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Tensor> values = new HashMap<>();
        points.values().forEach(point -> values.put(point, Perturbations.none(graph().shape(point))));
        return values;
    }

    /** Adds to problems that were met in a run of a graph that extends {@link #graph()} the name and place of the program's node. */
    ProblemException named(ProblemException e, Graph derived) {
        return new ProblemLocator(program(), expansion).named(e, derived);
    }

    /** Like {@link #named}; for a network the problems also name the layer that contains the node. */
    ProblemException located(ProblemException e, Graph derived) {
        ProblemException named = named(e, derived);
        return bound.network() == null ? named : bound.network().located(named);
    }
}
