package io.chainrule.core;

import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Maths;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The samples that a program is mapped over: the inputs that carry them along a leading axis, and its length. */
final class Samples {
    private static final int NONE = -1;

    private final Set<String> inputs;
    private final Signature.Reduction reduction;
    private int length = NONE;

    private Samples(Signature.Batch batch) {
        inputs = new LinkedHashSet<>(batch.inputs());
        reduction = batch.reduction();
    }

    /** A program that is mapped over nothing. */
    static Samples none() {
        return new Samples(Signature.Batch.NONE);
    }

    /** Reads the samples from {@code shapes}, the inputs' shapes as given, with the leading axis. Notes inputs whose shapes do not fit. */
    static Samples of(Signature.Batch batch, Map<String, Shape> shapes, Problems problems) {
        Samples samples = new Samples(batch);
        String first = "";
        for (String input : samples.inputs) {
            Shape shape = shapes.get(input);
            if (shape == null) {
                continue;
            }
            if (shape.isScalar()) {
                problems.add(Problem
                        .of(ProblemCode.SHAPE_MISMATCH,
                                "input '" + input + "' is in 'batch' and needs a leading axis, its value is a scalar")
                        .node(input).at(Place.setting("inputs", input)).expected("[N, …]", shape.toString()));
            } else if (samples.length == NONE) {
                samples.length = shape.dim(0);
                first = input;
            } else if (samples.length != shape.dim(0)) {
                problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, "the inputs in 'batch' have one number of samples: '" + first + "' has "
                        + samples.length + ", '" + input + "' has " + shape.dim(0)).node(input).at(Place.setting("inputs", input))
                        .expected("[" + samples.length + ", …]", shape.toString()));
            }
        }
        return samples;
    }

    /** Whether results keep the samples' axis. */
    boolean keepAxis() {
        return length != NONE && reduction == Signature.Reduction.NONE;
    }

    /** Whether results are summed or averaged over the samples. */
    boolean areReduced() {
        return length != NONE && reduction != Signature.Reduction.NONE;
    }

    boolean carriedBy(String input) {
        return inputs.contains(input);
    }

    int length() {
        return length;
    }

    int count() {
        return keepAxis() ? length : 1;
    }

    /** The length of the leading axis for each of these nodes, which carry samples; empty if results do not keep the axis. */
    Map<Integer, Integer> lengths(Collection<Integer> nodes) {
        Map<Integer, Integer> lengths = new HashMap<>();
        if (keepAxis()) {
            nodes.forEach(node -> lengths.put(node, length));
        }
        return lengths;
    }

    Shape all(Shape ofOne) {
        return Shape.of(length).concat(ofOne);
    }

    /** The shapes that the inputs have in one sample. */
    Map<String, Shape> ofOne(Map<String, Shape> shapes) {
        Map<String, Shape> ofOne = new LinkedHashMap<>(shapes);
        inputs.forEach(input -> ofOne.computeIfPresent(input, (_, shape) -> shape.isScalar() ? shape : shape.without(0)));
        return ofOne;
    }

    /**
     * The program over all samples, as one graph: its inputs carry the samples, and its results are summed or averaged.
     *
     * @param places the new number of each node of the expansion
     * @param results the node of the reduced value, by the node of the program whose value is wanted
     */
    record Reduced(Gates.Expansion expansion, int[] places, Map<Integer, Integer> results) {}

    /**
     * Maps a program over all samples and reduces its results. {@code inputs} are the nodes of the expansion that carry samples, {@code
     * results} are nodes of the program that was expanded.
     */
    Reduced reduce(Gates.Expansion program, Collection<Integer> inputs, Collection<Integer> results, Allowance allowance) {
        Map<Integer, Integer> lengths = new HashMap<>();
        inputs.forEach(node -> lengths.put(node, length));
        BitSet all = new BitSet();
        all.set(0, program.graph().size());
        Batching batching = Batching.of(program.graph(), all, lengths, allowance);
        GraphBuilder builder = GraphBuilder.extending(batching.graph(), allowance);
        int[] image = Arrays.stream(program.image()).map(node -> batching.image()[node]).toArray();
        int[] origin = new int[batching.graph().size() + 2 * results.size() + 1];
        int next = 0;
        for (int i = 0; i < program.graph().size(); i++) {
            while (next <= batching.image()[i]) {
                origin[next++] = program.origin()[i];
            }
        }
        Map<Integer, Integer> reduced = new HashMap<>();
        for (int node : results) {
            int before = builder.size();
            Node value = builder.node(image[node]);
            reduced.put(node, reduced(value, batching.isBatched(program.image()[node])).index());
            Arrays.fill(origin, before, builder.size(), node);
        }
        Graph graph = builder.build();
        return new Reduced(new Gates.Expansion(graph, image, origin), batching.image(), reduced);
    }

    private Node reduced(Node value, boolean isBatched) {
        boolean mean = reduction == Signature.Reduction.MEAN;
        if (!isBatched) {
            return mean ? value : Maths.mul(length, value);
        }
        Node sum = Maths.sum(value, List.of(0), false);
        return mean ? Maths.div(sum, length) : sum;
    }
}
