package io.chainrule.core;

import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.autodiff.ErrorBounds;
import io.chainrule.core.execution.Checks;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A graph with its plan: either the graph itself, or the graph mapped over samples. Immutable. All methods take and return nodes of the
 * graph before it was mapped.
 */
record PlannedGraph(Graph graph, Plan plan, @Nullable Batching batching, int samples, BitSet results, int repeatFrom,
        @Nullable ErrorBounds errors) {

    static PlannedGraph of(Graph graph, BitSet results) {
        return of(graph, results, Checkpoint.NONE);
    }

    static PlannedGraph of(Graph graph, BitSet results, Checkpoint checkpoint) {
        return of(graph, results, Checks.NONE, graph.size(), checkpoint);
    }

    private static PlannedGraph of(Graph graph, BitSet results, Checks checks, int repeatFrom, Checkpoint checkpoint) {
        return new PlannedGraph(graph, Plan.repeating(graph, results, repeatFrom, checks, checkpoint), null, 1, results, repeatFrom, null);
    }

    /**
     * Plans a graph. If {@code samples} keep their axis in results, the graph is mapped over them; {@code lengths} tells which nodes carry
     * how many.
     */
    static PlannedGraph of(Graph graph, BitSet results, Checks checks, Map<Integer, Integer> lengths, Samples samples,
            BuildLimits limits) {
        return of(graph, results, checks, graph.size(), lengths, samples, limits);
    }

    /** Like {@link #of}, but nodes from {@code repeatFrom} on can be run repeatedly on the same values of the nodes before them. */
    static PlannedGraph repeating(Graph graph, BitSet results, int repeatFrom, Map<Integer, Integer> lengths, Samples samples,
            BuildLimits limits) {
        return of(graph, results, Checks.NONE, repeatFrom, lengths, samples, limits);
    }

    private static PlannedGraph of(Graph graph, BitSet results, Checks checks, int repeatFrom, Map<Integer, Integer> lengths,
            Samples samples, BuildLimits limits) {
        return samples.keepAxis()
                ? over(Batching.of(graph, results, lengths, limits.derived()), samples.length(), results, checks, repeatFrom,
                        limits.checkpoint())
                : of(graph, results, checks, repeatFrom, limits.checkpoint());
    }

    /** Like {@link #of}, but runs also bound the errors of {@code bounded} nodes; the plan is the same where there are none. */
    static PlannedGraph bounded(Graph graph, BitSet results, BitSet bounded, Checks checks, Map<Integer, Integer> lengths, Samples samples,
            BuildLimits limits) {
        PlannedGraph plain = of(graph, results, checks, lengths, samples, limits);
        if (bounded.isEmpty()) {
            return plain;
        }
        Batching batching = plain.batching;
        ErrorBounds errors = ErrorBounds.of(plain.graph, batching == null ? bounded : images(batching, bounded), limits.derived());
        BitSet kept = batching == null ? (BitSet) results.clone() : images(batching, results);
        errors.bounds().values().forEach(kept::set);
        return new PlannedGraph(errors.graph(), Plan.of(errors.graph(), kept, plain.plan.checks(), limits.checkpoint()), batching,
                plain.samples, results, errors.graph().size(), errors);
    }

    static PlannedGraph over(Batching batching, int samples, BitSet results) {
        return over(batching, samples, results, Checks.NONE, batching.image().length, Checkpoint.NONE);
    }

    private static PlannedGraph over(Batching batching, int samples, BitSet results, Checks checks, int repeatFrom,
            Checkpoint checkpoint) {
        Graph mapped = batching.graph();
        Checks ofImages = new Checks(images(batching, checks.finite()), images(batching, checks.zeros()));
        int from = repeatFrom == 0 ? 0 : repeatFrom == batching.image().length ? mapped.size() : batching.image()[repeatFrom];
        return new PlannedGraph(mapped, Plan.repeating(mapped, images(batching, results), from, ofImages, checkpoint), batching, samples,
                results, from, null);
    }

    private static BitSet images(Batching batching, BitSet nodes) {
        BitSet images = new BitSet();
        nodes.stream().map(node -> batching.image()[node]).filter(node -> node >= 0).forEach(images::set);
        return images;
    }

    CostModel cost() {
        return CostModel.of(plan);
    }

    /** The memory of those inputs of a run that have these names. */
    long bytesOf(Set<String> inputs) {
        return plan.needed().stream()
                .filter(node -> plan.graph().op(node) instanceof Leaf.Input(String id, Shape _) && inputs.contains(id))
                .mapToLong(node -> Double.BYTES * plan.graph().shape(node).size()).sum();
    }

    /** An estimate of the memory that the plan takes, including its graph if that was mapped. */
    long bytes() {
        return plan.bytes() + (batching == null ? 0 : graph.bytes() + (long) Integer.BYTES * batching.image().length);
    }

    /** How often each node of the plan runs if the repeatable part runs this many times. */
    IntToLongFunction repetitions(long ofPart) {
        return node -> node < repeatFrom ? 1 : ofPart;
    }

    /** The memory for results that do not depend on the sample, since {@link Run#value} copies them for each sample. */
    long copiedBytes() {
        return batching == null
                ? 0
                : results.stream().filter(node -> !batching.isBatched(node))
                        .mapToLong(node -> (long) samples * Double.BYTES * graph.shape(batching.image()[node]).size()).sum();
    }

    /** One run with these values. */
    Run run(Map<Integer, Tensor> placed, Parallel parallel) {
        Run run = start(parallel);
        placed.forEach(run::place);
        run.run();
        return run;
    }

    /** Starts a run whose inputs are still to be placed, and which can be repeated with other values. Not thread-safe. */
    Run start(Parallel parallel) {
        return new Run(this, new Executor(plan, parallel));
    }

    /** Whether a node has a value for each sample. */
    boolean isSampled(int node) {
        return batching != null && batching.isBatched(node);
    }

    private int image(int node) {
        return batching == null ? node : batching.image()[node];
    }

    private int original(int node) {
        return batching == null ? node : batching.original(node);
    }

    /** A run and its results; over samples, each value has their leading axis. */
    record Run(PlannedGraph planned, Executor executor) {

        /** Sets the value of an input. The array is read during runs, not copied. Does nothing if the run does not need the input. */
        void place(int node, Tensor value) {
            int image = planned.image(node);
            if (image >= 0) {
                executor.place(image, value);
            }
        }

        /** Sets the value of a scalar input. Does nothing if {@code node} is negative or the run does not need it. */
        void placeScalar(int node, double value) {
            int image = node < 0 ? -1 : planned.image(node);
            if (image >= 0) {
                executor.placeScalar(image, value);
            }
        }

        /** Runs the plan; a {@link ProblemException} has the number of the node that met the problem. */
        void run() {
            try {
                executor.run();
            } catch (ProblemException e) {
                throw located(e);
            }
        }

        /** Runs the part that is not repeated. */
        void runOnce() {
            run(executor::runOnce);
        }

        void repeat() {
            run(executor::repeat);
        }

        private void run(Runnable part) {
            try {
                part.run();
            } catch (ProblemException e) {
                throw located(e);
            }
        }

        private ProblemException located(ProblemException e) {
            return e.graphNode() < 0 ? e : e.at(planned.original(e.graphNode()));
        }

        /** The value of a node. A constant's array is copied, because callers may write to it while other runs read it. */
        Tensor value(int node) {
            return planned.batching == null || planned.isSampled(node) ? once(node) : once(node).repeated(planned.samples);
        }

        /** Like {@link #value}, but a value that does not depend on the sample is returned once, without the samples' axis. */
        Tensor once(int node) {
            return ofImage(planned.image(node));
        }

        private Tensor ofImage(int image) {
            return planned.graph.op(image) instanceof Leaf.Constant(Tensor value) ? value.copy() : executor.value(image);
        }

        /** How many digits of each element of a node are certain; the node must be among those whose errors are bounded. */
        Tensor digits(int node) {
            Integer bound = Objects.requireNonNull(planned.errors).bounds().get(planned.image(node));
            Tensor digits = Digits.of(once(node), bound == null ? null : ofImage(bound));
            return planned.batching == null || planned.isSampled(node) ? digits : digits.repeated(planned.samples);
        }

        /** The nodes whose ops cannot bound their errors. */
        int[] unbounded() {
            return planned.errors == null ? new int[0] : planned.errors.unknown().stream().map(planned::original).toArray();
        }

        /** The value of a node that is a scalar, in a run that is not mapped over samples; 0 where it was not computed. */
        double scalar(int node) {
            return executor.knownScalar(node);
        }

        boolean isMapped() {
            return planned.batching != null;
        }

        /** Whether any value that the plan checks was not finite. */
        boolean sawNonFinite() {
            return executor.sawNonFinite();
        }

        /** The first of {@code nodes}, in the order of the graph, whose computed value is not finite; −1 if there is none. */
        int firstNonFinite(BitSet nodes) {
            Batching batching = planned.batching;
            int first = executor.firstNonFinite(batching == null ? nodes : images(batching, nodes))[0];
            return first < 0 ? -1 : planned.original(first);
        }

        /** Whether all elements of a placed input are finite; true for an input that the run does not need. */
        boolean isFinite(int input) {
            int image = planned.image(input);
            return image < 0 || !planned.plan.needed().get(image) || executor.isFinite(image);
        }

        /** Whether a node is a leaf or was computed. */
        boolean has(int node) {
            int image = planned.image(node);
            return image >= 0 && (planned.graph().isLeaf(image) || planned.plan.needed().get(image));
        }

        /**
         * Whether all elements of a node are zero, for leaves, scalars, kept nodes and nodes that the plan checks for zeros; false for a
         * node that was not computed.
         */
        boolean isZero(int node) {
            int image = planned.image(node);
            if (!has(node)) {
                return false;
            }
            return switch (planned.graph.op(image)) {
                case Leaf.Literal(double value) -> value == 0;
                case Leaf.Constant(Tensor value) -> isZero(value);
                case Leaf.Input _ -> isZero(executor.value(image));
                default -> executor.isZero(image);
            };
        }

        /** Whether {@link #isZero} is right for a node. */
        boolean tellsZero(int node) {
            return known(node) != null || has(node)
                    && (planned.graph.isLeaf(planned.image(node)) || planned.plan.checks().zeros().get(planned.image(node)));
        }

        /** The value of a node if it can still be read after the run; null if its buffer may have been reused. */
        @Nullable
        Tensor known(int node) {
            int image = planned.image(node);
            boolean isKept = has(node) && planned.plan.needed().get(image)
                    && (planned.graph.isLeaf(image) || planned.plan.isKept(image) || planned.graph.shape(image).isScalar());
            return isKept ? executor.value(image) : null;
        }

        private static boolean isZero(Tensor value) {
            return Arrays.stream(value.data()).allMatch(x -> x == 0);
        }
    }
}
