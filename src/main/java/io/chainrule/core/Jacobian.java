package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.Compression.Mode;
import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.OneHot;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compiled Jacobians of some nodes with respect to others. Immutable and free of input values, so any number of threads may run one at the
 * same time. The sparsity structure comes from the graph. Columns (forward mode) or rows (reverse mode) that share no entry form a group
 * that one pass computes, and several passes run as one batch. The program's value is computed only once. Samples, which inputs carry along
 * a leading axis, add a further batch axis.
 */
final class Jacobian {
    /** Limits how many passes are batched: the largest value of a batch has at most this many elements, or is that of a single pass. */
    private static final int BATCH_ELEMENTS = 1 << 17;
    /** The same limit where all passes together answer that many elements, which then need not be copied from one batch at a time. */
    private static final int ANSWERED_ELEMENTS = 1 << 21;
    private static final int BATCH_PASSES = 1024;
    /** Both modes are compiled and compared if one sample takes this many operations, and {@link #FLOPS_A_NODE} for each node. */
    private static final long FLOPS_TO_COMPARE = 10_000_000;
    private static final long FLOPS_A_NODE = 1_000;
    /** A mode with more than this many times the passes of the other is not compared with it. */
    private static final long PASSES_TO_COMPARE = 4;

    private final Compression compression;
    private final List<Integer> of;
    private final List<Integer> known;
    private final Elements rows;
    private final Elements columns;
    /** Made by the first run that is not streamed; threads that make it at the same time make equal ones. */
    private volatile @Nullable JacobianEntries entries;
    private final JacobianSeeds seeds;
    /** The nodes of {@link #derived} that passes compute for each result (forward mode) or input (reverse mode); −1 where it is zero. */
    private final int[] derivatives;
    /** The graph of the values and their derivatives, of one pass and one sample. */
    private final Graph derived;
    /** How many passes run at once. */
    private final int batch;
    /** The node of the planned graph for each node of {@link #derived}; −1 for nodes that are not needed. */
    private final int[] image;
    /** The inputs of {@link #derived} that hold {@link #seeds}. */
    private final int[] seeded;
    private final PlannedGraph planned;
    private final int samples;

    private Jacobian(List<Integer> of, List<Integer> wrt, List<Integer> known, Compression compression, Graph primal, Samples samples,
            Map<Integer, Integer> sampled, int mostAtOnce, BuildLimits limits) {
        this.compression = compression;
        this.of = List.copyOf(of);
        this.known = List.copyOf(known);
        this.samples = samples.count();
        rows = Elements.of(primal, of);
        columns = Elements.of(primal, wrt);
        boolean forward = compression.mode() == Mode.FORWARD;
        GraphBuilder builder = GraphBuilder.extending(primal, limits.derived());
        Map<Integer, Node> sources = new HashMap<>();
        seeded = (forward ? wrt : of).stream().mapToInt(node -> {
            Node seed = builder.input("seed", primal.shape(node));
            sources.merge(node, seed, Maths::add);
            return seed.index();
        }).toArray();
        int[] all = forward
                ? ForwardMode.tangents(primal, builder, sources)
                : ReverseMode.cotangents(primal, builder, sources, bits(wrt));
        derivatives = (forward ? of : wrt).stream().mapToInt(node -> all[node]).toArray();
        seeds = new JacobianSeeds(compression, forward ? columns : rows, IntStream.of(seeded).mapToObj(builder::shape).toList(),
                node -> IntStream.of(derivatives).anyMatch(derivative -> derivative == seeded[node]));
        derived = builder.build();
        batch = Math.min(batchSize(), mostAtOnce);
        BitSet results = bits(of);
        known.forEach(results::set);
        IntStream.of(derivatives).filter(node -> node >= 0).forEach(results::set);
        Map<Integer, Integer> batched = new HashMap<>();
        Map<Integer, OneHot.Axis> oneHot = new HashMap<>();
        for (int node = 0; node < seeded.length; node++) {
            batched.put(seeded[node], batch);
            OneHot.Axis axis = seeds.axis(node);
            if (axis != null) {
                oneHot.put(seeded[node], axis);
            }
        }
        Batching passes = Batching.of(derived, results, batched, oneHot, limits.derived());
        int firstSeed = IntStream.of(seeded).map(seed -> passes.image()[seed]).filter(seed -> seed >= 0).min()
                .orElse(passes.graph().size());
        boolean runsOnce = forward && compression.passes() > 0 && compression.passes() <= batch;
        EarliestOrder order = runsOnce ? EarliestOrder.of(passes.graph(), firstSeed, limits.derived()) : null;
        image = order == null ? passes.image() : IntStream.of(passes.image()).map(node -> node < 0 ? -1 : order.place()[node]).toArray();
        Map<Integer, Integer> lengths = new HashMap<>();
        sampled.forEach((node, length) -> {
            if (image[node] >= 0) {
                lengths.put(image[node], length);
            }
        });
        planned = PlannedGraph.repeating(order == null ? passes.graph() : order.graph(),
                bits(results.stream().map(node -> image[node]).boxed().toList()), order == null ? firstSeed : 0, lengths, samples, limits);
    }

    /**
     * Compiles the Jacobians of a graph without composite ops, with the compression found for the same nodes.
     *
     * @param lengths the number of samples, by input that carries samples along its leading axis
     * @param known further nodes whose values are wanted
     */
    static Jacobian over(Samples samples, Map<Integer, Integer> lengths, Graph graph, List<Integer> of, List<Integer> wrt,
            List<Integer> known, Compression compression, BuildLimits limits) {
        return new Jacobian(of, wrt, known, compression, graph, samples, lengths, BATCH_PASSES, limits);
    }

    /**
     * Compiles the Jacobians so that their cost {@code fits}, if possible, in the mode that takes fewer operations unless the caller asked
     * for one. If batched passes take too much, passes run one by one; if that is still too much, the other mode is tried in the same ways.
     * If nothing fits, the first variant is returned.
     *
     * <p>The modes round differently. So that a sample has the same bits beside any number of others and on every machine, as long as that
     * mode fits, the operations of one sample alone are compared.
     */
    static Jacobian fitting(Predicate<CostModel> fits, Samples samples, Map<Integer, Integer> lengths, Graph graph, List<Integer> of,
            List<Integer> wrt, List<Integer> known, Compression compression, BuildLimits limits) {
        Jacobian first = over(samples, lengths, graph, of, wrt, known, compression, limits);
        Supplier<Jacobian> inOtherMode = () -> over(samples, lengths, graph, of, wrt, known, compression.inOtherMode(), limits);
        Jacobian cheaper = first;
        if (compression.isChosen() && compression.leastInOtherMode() <= PASSES_TO_COMPARE * compression.passes()) {
            long least = Math.max(FLOPS_TO_COMPARE, FLOPS_A_NODE * first.derived.size());
            // Alone, a sample takes less than twice the operations of a block: only its last batch of passes may have unused places.
            if (samples.keepAxis() && first.operations() >= least / 2) {
                Jacobian ofOne = withinLimits(
                        () -> fitting(_ -> true, Samples.none(), Map.of(), graph, of, wrt, known, compression, limits), first, limits);
                cheaper = ofOne.mode() == first.mode() ? first : withinLimits(inOtherMode, first, limits);
            } else if (!samples.keepAxis() && first.operations() >= least) {
                Jacobian other = withinLimits(inOtherMode, first, limits);
                cheaper = other.operations() < first.operations() ? other : first;
            }
        }
        Function<Compression, Jacobian> singly = found -> new Jacobian(of, wrt, known, found, graph, samples, lengths, 1, limits);
        Jacobian best = cheaper.orSingly(singly, fits);
        if (!compression.isChosen() || fits.test(best.cost())) {
            return best;
        }
        Jacobian other = (cheaper == first ? withinLimits(inOtherMode, first, limits) : first).orSingly(singly, fits);
        return fits.test(other.cost()) ? other : best;
    }

    /** The same Jacobian with passes that run one by one, where only that fits. */
    private Jacobian orSingly(Function<Compression, Jacobian> compiling, Predicate<CostModel> fits) {
        if (batch == 1 || fits.test(cost())) {
            return this;
        }
        Jacobian single = compiling.apply(compression);
        return fits.test(single.cost()) ? single : this;
    }

    private static Jacobian withinLimits(Supplier<Jacobian> compiling, Jacobian instead, BuildLimits limits) {
        try {
            return compiling.get();
        } catch (LimitException e) {
            if (!limits.choose()) {
                throw e;
            }
            return instead;
        }
    }

    private int batchSize() {
        BitSet sources = bits(IntStream.of(seeded).boxed().toList());
        long largest = Activity.dependents(derived, derived.size(), sources).stream().mapToLong(node -> derived.shape(node).size()).max()
                .orElse(1);
        long answered = IntStream.of(derivatives).filter(node -> node >= 0).mapToLong(node -> derived.shape(node).size()).max().orElse(0);
        long elements = Math.max(BATCH_ELEMENTS, Math.min(passes() * answered, ANSWERED_ELEMENTS));
        return Math.clamp(elements / (Math.max(1, samples) * Math.max(1, largest)), 1, Math.clamp(passes(), 1, BATCH_PASSES));
    }

    private static BitSet bits(List<Integer> nodes) {
        BitSet bits = new BitSet();
        nodes.forEach(bits::set);
        return bits;
    }

    Mode mode() {
        return compression.mode();
    }

    /** How many products of the Jacobian with a vector are computed. */
    long passes() {
        return compression.passes();
    }

    /** An estimate of the memory that it takes. */
    long bytes() {
        return compression.bytes() + derived.bytes() + planned.graph().bytes() + planned.bytes();
    }

    long bytesOf(Set<String> inputs) {
        return planned.bytesOf(inputs);
    }

    CostModel cost() {
        return CostModel.of(planned.plan(), repetitions());
    }

    private long operations() {
        return CostModel.operations(planned.plan(), repetitions());
    }

    private IntToLongFunction repetitions() {
        return planned.repetitions((passes() + batch - 1) / batch);
    }

    /**
     * The values of the results and their Jacobians.
     *
     * @param values the values of the results, in their order; over samples with a leading axis
     * @param known the values of the further nodes, in the same form
     * @param jacobians indexed {@code [of][wrt]}; over samples with the rows of all samples, one sample after the other
     */
    record Result(List<Tensor> values, List<Tensor> known, List<List<SparseMatrix>> jacobians) {}

    /** Runs all passes; {@code inputs} holds the values of the input nodes. */
    Result run(Map<Integer, Tensor> inputs, Parallel parallel) {
        JacobianEntries all = entries;
        if (all == null) {
            all = new JacobianEntries(compression, rows, columns, samples);
            entries = all;
        }
        JacobianEntries.Run found = all.start();
        Result values = run(inputs, parallel, found);
        return new Result(values.values, values.known, found.matrices());
    }

    /** Runs all passes and passes their entries on; the result has no matrices. */
    Result stream(Map<Integer, Tensor> inputs, Parallel parallel, JacobianStream.Sink sink) {
        return run(inputs, parallel, new JacobianStream(compression, rows, columns, samples, sink));
    }

    private Result run(Map<Integer, Tensor> inputs, Parallel parallel, JacobianEntries.Collector collector) {
        try {
            return run(inputs, planned.start(parallel), collector);
        } catch (ProblemException e) {
            throw e.graphNode() < 0 ? e : e.at(Batching.original(image, e.graphNode()));
        }
    }

    private Result run(Map<Integer, Tensor> inputs, PlannedGraph.Run run, JacobianEntries.Collector collector) {
        inputs.forEach((node, value) -> place(node, value, run));
        run.runOnce();
        List<Tensor> arrays = seeds.arrays(batch);
        for (int first = 0; first < passes(); first += batch) {
            seeds.write(first, batch, arrays);
            for (int node = 0; node < seeded.length; node++) {
                place(seeded[node], arrays.get(node), run);
            }
            run.repeat();
            JacobianEntries.@Nullable Derivative[] computed = new JacobianEntries.Derivative[derivatives.length];
            Arrays.setAll(computed, node -> derivative(derivatives[node], run));
            collector.collect(first, (int) Math.min(batch, passes() - first), computed);
        }
        return new Result(of.stream().map(node -> run.value(image[node])).toList(),
                known.stream().map(node -> run.value(image[node])).toList(), List.of());
    }

    private JacobianEntries.@Nullable Derivative derivative(int node, PlannedGraph.Run run) {
        return node < 0 ? null : new JacobianEntries.Derivative(run.once(image[node]).data(), batch, planned.isSampled(image[node]));
    }

    private void place(int node, Tensor value, PlannedGraph.Run run) {
        if (image[node] >= 0) {
            run.place(image[node], value);
        }
    }

    /** The graph of the values and their derivatives; {@link ProblemException#graphNode()} is a node of it. */
    Graph derived() {
        return derived;
    }
}
