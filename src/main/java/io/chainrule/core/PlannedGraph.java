package io.chainrule.core;

import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.execution.Checks;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph as it is run: itself, or mapped over samples. Immutable. All methods speak of nodes of the graph before it was mapped.
 */
record PlannedGraph(Graph graph, Plan plan, @Nullable Batching batching, int samples, BitSet results) {

    static PlannedGraph of(Graph graph, BitSet results) {
        return of(graph, results, Checks.NONE);
    }

    private static PlannedGraph of(Graph graph, BitSet results, Checks checks) {
        return new PlannedGraph(graph, Plan.of(graph, results, checks), null, 1, results);
    }

    /** Mapped over samples, where these nodes carry so many, if {@code samples} are answered one by one. */
    static PlannedGraph of(Graph graph, BitSet results, Checks checks, Map<Integer, Integer> lengths, Samples samples,
            BuildLimits limits) {
        return samples.keepAxis()
                ? over(BuildLimits.derive(() -> Batching.of(graph, results, lengths, limits.derived())), samples.length(), results, checks)
                : of(graph, results, checks);
    }

    static PlannedGraph over(Batching batching, int samples, BitSet results, Checks checks) {
        Checks ofImages = new Checks(images(batching, checks.finite()), images(batching, checks.zeros()));
        return new PlannedGraph(batching.graph(), Plan.of(batching.graph(), images(batching, results), ofImages), batching, samples,
                results);
    }

    private static BitSet images(Batching batching, BitSet nodes) {
        BitSet images = new BitSet();
        nodes.stream().map(node -> batching.image()[node]).filter(node -> node >= 0).forEach(images::set);
        return images;
    }

    CostModel cost() {
        return CostModel.of(plan);
    }

    /** The memory of copies of results that are the same in every sample, which answers repeat for each. */
    long copiedBytes() {
        return batching == null
                ? 0
                : results.stream().filter(node -> !batching.isBatched(node))
                        .mapToLong(node -> (long) samples * Double.BYTES * graph.shape(batching.image()[node]).size()).sum();
    }

    /** One run with these values. */
    Run run(Map<Integer, Tensor> placed, Checkpoint checkpoint) {
        Run run = start(checkpoint);
        placed.forEach(run::place);
        run.run();
        return run;
    }

    /** A run that is still to be given its values, and may be repeated with others. Not for more than one thread. */
    Run start(Checkpoint checkpoint) {
        return new Run(this, new Executor(plan, checkpoint));
    }

    private int image(int node) {
        return batching == null ? node : batching.image()[node];
    }

    private int original(int node) {
        return batching == null ? node : batching.original(node);
    }

    /** What a run found; over samples, each value has their axis. */
    record Run(PlannedGraph planned, Executor executor) {

        /** Gives an input its value, which is read, not copied; nothing happens where the run does not need the input. */
        void place(int node, Tensor value) {
            int image = planned.image(node);
            if (image >= 0) {
                executor.place(image, value);
            }
        }

        /** The same for an input that is a scalar; nothing happens where there is no such node. */
        void placeScalar(int node, double value) {
            int image = node < 0 ? -1 : planned.image(node);
            if (image >= 0) {
                executor.placeScalar(image, value);
            }
        }

        /** Problems have the number of the node that met them. */
        void run() {
            try {
                executor.run();
            } catch (ProblemException e) {
                throw e.graphNode() < 0 ? e : e.at(planned.original(e.graphNode()));
            }
        }

        Tensor value(int node) {
            Batching batching = planned.batching;
            if (batching == null) {
                return executor.value(node);
            }
            Tensor value = executor.value(batching.image()[node]);
            return batching.isBatched(node) ? value : value.repeated(planned.samples);
        }

        /** Whether a value that is checked was not finite. */
        boolean sawNonFinite() {
            return executor.sawNonFinite();
        }

        /** The first of {@code nodes} whose computed value is not finite, in the order of the run; −1 where all are. */
        int firstNonFinite(BitSet nodes) {
            Batching batching = planned.batching;
            int first = executor.firstNonFinite(batching == null ? nodes : images(batching, nodes))[0];
            return first < 0 ? -1 : planned.original(first);
        }

        /** Whether all elements of an input that was placed are finite; true of one that the run does not need. */
        boolean isFinite(int input) {
            int image = planned.image(input);
            return image < 0 || !planned.plan.needed().get(image) || executor.isFinite(image);
        }

        /** Whether a node is a leaf or was computed. */
        boolean has(int node) {
            int image = planned.image(node);
            return image >= 0 && (planned.graph().isLeaf(image) || planned.plan.needed().get(image));
        }

        /** Whether all elements of a node checked for it are zero; not of one that no result needs, which is not computed. */
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

        /** The value of a node, where it can still be read after the run; null where its array may hold another one. */
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
