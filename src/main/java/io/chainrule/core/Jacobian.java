package io.chainrule.core;

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
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Compiled Jacobians of some nodes with respect to others. Immutable and free of input values, so any number of threads may run one at the
 * same time. The sparsity structure comes from the graph. Columns (forward mode) or rows (reverse mode) that share no entry form a group
 * that one pass computes, and several passes run as one batch. The program's value is computed only once. Samples, which inputs carry along
 * a leading axis, add a further batch axis.
 */
final class Jacobian {
    /**
     * Limits how many passes are batched: the largest value of a batch has at most this many elements, unless a single pass already has
     * more.
     */
    private static final int BATCH_ELEMENTS = 1 << 17;
    private static final int BATCH_PASSES = 1024;

    private final Compression compression;
    private final List<Integer> of;
    private final List<Integer> known;
    private final Elements rows;
    private final Elements columns;
    /**
     * The derivative that each pass computes for each result (forward mode) or input (reverse mode), as a node of {@link #derived}; −1
     * where it is zero.
     */
    private final int[] derivatives;
    /** The graph of the values and their derivatives, of one pass and one sample. */
    private final Graph derived;
    /** How many passes run at once. */
    private final int batch;
    /** The node of the planned graph for each node of {@link #derived}; −1 for nodes that are not needed. */
    private final int[] image;
    /** The inputs of {@link #derived} that hold the tangents or cotangents of a pass. */
    private final int[] seeds;
    private final PlannedGraph planned;
    private final int samples;

    private Jacobian(List<Integer> of, List<Integer> wrt, List<Integer> known, Compression compression, Graph primal, Samples samples,
            Map<Integer, Integer> sampled, int mostAtOnce, BuildLimits limits) {
        this.compression = compression;
        this.of = List.copyOf(of);
        this.known = List.copyOf(known);
        this.rows = Elements.of(primal, of);
        this.columns = Elements.of(primal, wrt);
        this.samples = samples.count();
        boolean forward = compression.mode() == Mode.FORWARD;
        GraphBuilder builder = GraphBuilder.extending(primal, limits.derived());
        Map<Integer, Node> seeded = new HashMap<>();
        seeds = (forward ? wrt : of).stream().mapToInt(node -> {
            Node seed = builder.input("seed", primal.shape(node));
            seeded.merge(node, seed, Maths::add);
            return seed.index();
        }).toArray();
        int[] all = forward
                ? ForwardMode.tangents(primal, builder, seeded)
                : ReverseMode.cotangents(primal, builder, seeded, bits(wrt));
        derivatives = (forward ? of : wrt).stream().mapToInt(node -> all[node]).toArray();
        batch = Math.min(batchSize(builder, primal.size()), mostAtOnce);
        derived = builder.build();
        BitSet results = bits(of);
        known.forEach(results::set);
        IntStream.of(derivatives).filter(node -> node >= 0).forEach(results::set);
        Map<Integer, Integer> batched = new HashMap<>();
        IntStream.of(seeds).forEach(seed -> batched.put(seed, batch));
        Batching passes = Batching.of(derived, results, batched, limits.derived());
        int firstSeed = IntStream.of(seeds).map(seed -> passes.image()[seed]).filter(seed -> seed >= 0).min()
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
     * Compiles the Jacobians so that their cost {@code fits}, if possible. If batched passes take too much memory, passes run one by one;
     * if that is still too much, the other mode is tried, unless the caller asked for this mode. If nothing fits, the first variant is
     * returned.
     */
    static Jacobian fitting(Predicate<CostModel> fits, Samples samples, Map<Integer, Integer> lengths, Graph graph, List<Integer> of,
            List<Integer> wrt, List<Integer> known, Compression compression, BuildLimits limits) {
        Jacobian first = over(samples, lengths, graph, of, wrt, known, compression, limits);
        if (fits.test(first.cost())) {
            return first;
        }
        if (first.batch > 1) {
            Jacobian single = new Jacobian(of, wrt, known, compression, graph, samples, lengths, 1, limits);
            if (fits.test(single.cost())) {
                return single;
            }
        }
        if (!compression.isChosen()) {
            return first;
        }
        try {
            Jacobian other = over(samples, lengths, graph, of, wrt, known, compression.inOtherMode(), limits);
            return fits.test(other.cost()) ? other : first;
        } catch (LimitException _) {
            return first;
        }
    }

    private int batchSize(GraphBuilder builder, int from) {
        long largest = 1;
        for (int i = from; i < builder.size(); i++) {
            largest = Math.max(largest, builder.shape(i).size());
        }
        return Math.clamp(BATCH_ELEMENTS / (Math.max(1, samples) * largest), 1, Math.clamp(compression.passes(), 1, BATCH_PASSES));
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

    CostModel cost() {
        return planned.cost((passes() + batch - 1) / batch);
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
    Result run(Map<Integer, Tensor> inputs, Checkpoint checkpoint) {
        try {
            return run(inputs, planned.start(checkpoint));
        } catch (ProblemException e) {
            throw e.graphNode() < 0 ? e : e.at(Batching.original(image, e.graphNode()));
        }
    }

    private Result run(Map<Integer, Tensor> inputs, PlannedGraph.Run run) {
        inputs.forEach((node, value) -> place(node, value, run));
        run.runOnce();
        List<SparseMatrix> wholes = IntStream.range(0, samples).mapToObj(_ -> SparseMatrix.of(compression.rows())).toList();
        List<Tensor> units = IntStream.of(seeds)
                .mapToObj(seed -> image[seed] < 0 ? Tensor.scalar(0) : Tensor.zeros(Shape.of(batch).concat(derived.shape(seed)))).toList();
        for (int first = 0; first < passes(); first += batch) {
            seed(units, first, run);
            run.repeat();
            collect(first, run, wholes);
        }
        return new Result(of.stream().map(node -> run.value(image[node])).toList(),
                known.stream().map(node -> run.value(image[node])).toList(),
                SparseMatrix.blocks(wholes, rows, columns));
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

    private Elements seeded() {
        return mode() == Mode.FORWARD ? columns : rows;
    }

    private Elements others() {
        return mode() == Mode.FORWARD ? rows : columns;
    }

    private List<int[]> groups(int first) {
        return compression.groups().subList(first, (int) Math.min(first + (long) batch, passes()));
    }

    /** Writes the seeds of the batch that starts with group {@code first}: each of its rows is the sum of the unit vectors of one group. */
    private void seed(List<Tensor> units, int first, PlannedGraph.Run run) {
        units.forEach(unit -> Arrays.fill(unit.data(), 0));
        Elements elements = seeded();
        int row = 0;
        for (int[] group : groups(first)) {
            for (int member : group) {
                int node = elements.node(member);
                if (image[seeds[node]] >= 0) {
                    units.get(node).data()[row * elements.length(node) + member - elements.offset(node)] = 1;
                }
            }
            row++;
        }
        for (int s = 0; s < seeds.length; s++) {
            place(seeds[s], units.get(s), run);
        }
    }

    private void collect(int first, PlannedGraph.Run run, List<SparseMatrix> wholes) {
        double[][] values = IntStream.of(derivatives).mapToObj(node -> node < 0 ? new double[0] : run.once(image[node]).data())
                .toArray(double[][]::new);
        int[] rowsASample = IntStream.of(derivatives).map(node -> node >= 0 && planned.isSampled(image[node]) ? batch : 0).toArray();
        for (int sample = 0; sample < samples; sample++) {
            int before = sample;
            collect(first, values, derivative -> before * rowsASample[derivative], wholes.get(sample));
        }
    }

    /**
     * Copies the derivatives of one sample into its matrix. {@code before} returns how many rows of a derivative's value belong to earlier
     * samples.
     */
    private void collect(int first, double[][] values, IntUnaryOperator before, SparseMatrix whole) {
        Elements elements = others();
        int[][] partners = compression.partners();
        int row = 0;
        for (int[] group : groups(first)) {
            for (int member : group) {
                for (int partner : partners[member]) {
                    int node = elements.node(partner);
                    if (derivatives[node] >= 0) {
                        int at = (before.applyAsInt(node) + row) * elements.length(node) + partner - elements.offset(node);
                        double value = values[node][at];
                        whole.set(mode() == Mode.FORWARD ? partner : member, mode() == Mode.FORWARD ? member : partner, value);
                    }
                }
            }
            row++;
        }
    }
}
