package io.chainrule.service;

import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.execution.Checks;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.stream.Stream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run of a graph found, by node of that graph; over samples, each value has their axis. */
final class Run {
    private final Mapping mapping;
    private final Executor executor;

    private Run(Mapping mapping, Executor executor) {
        this.mapping = mapping;
        this.executor = executor;
    }

    Tensor value(int node) {
        return mapping.value(node, executor);
    }

    /** The first node of a watched set whose value is not finite; −1 where all are. */
    int firstNonFinite(int watch) {
        int first = executor.firstNonFinite(mapping.watched[watch])[0];
        return first < 0 ? -1 : mapping.original(first);
    }

    /** A graph as it is run: itself, or mapped over samples. */
    record Mapping(Graph graph, Plan plan, @Nullable Batching batching, int samples, BitSet results, BitSet... watched) {
        static Mapping of(Graph graph, BitSet results, BitSet... watched) {
            return new Mapping(graph, Plan.of(graph, results, checks(watched)), null, 1, results, watched);
        }

        static Mapping over(Batching batching, int samples, BitSet results, BitSet... watched) {
            BitSet images = images(batching, results);
            BitSet[] watchedImages = Stream.of(watched).map(nodes -> images(batching, nodes)).toArray(BitSet[]::new);
            return new Mapping(batching.graph(), Plan.of(batching.graph(), images, checks(watchedImages)), batching, samples, results,
                    watchedImages);
        }

        private static Checks checks(BitSet... watched) {
            BitSet all = new BitSet();
            Stream.of(watched).forEach(all::or);
            return Checks.finite(all);
        }

        CostModel cost() {
            return CostModel.of(plan);
        }

        /** What the answer holds of values that are the same in every sample. */
        long copiedBytes() {
            return batching == null
                    ? 0
                    : results.stream().filter(node -> !batching.isBatched(node))
                            .mapToLong(node -> (long) samples * Double.BYTES * graph.shape(batching.image()[node]).size()).sum();
        }

        Run run(Map<Integer, Tensor> placed, Deadline deadline) {
            Executor executor = new Executor(plan, deadline);
            placed.forEach((node, value) -> {
                int image = batching == null ? node : batching.image()[node];
                if (image >= 0) {
                    executor.place(image, value);
                }
            });
            try {
                executor.run();
            } catch (ProblemException e) {
                throw e.graphNode() < 0 ? e : e.at(original(e.graphNode()));
            }
            return new Run(this, executor);
        }

        private Tensor value(int node, Executor executor) {
            if (batching == null) {
                return executor.value(node);
            }
            Tensor value = executor.value(batching.image()[node]);
            return batching.isBatched(node) ? value : value.repeated(samples);
        }

        private int original(int node) {
            return batching == null ? node : batching.original(node);
        }

        private static BitSet images(Batching batching, BitSet nodes) {
            BitSet images = new BitSet();
            nodes.stream().map(node -> batching.image()[node]).filter(node -> node >= 0).forEach(images::set);
            return images;
        }
    }
}
