package io.chainrule.core.training;

import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A program over one number of samples, with its gradients, planned once and run for every step. */
final class StepPlan {
    private static final int NONE = -1;

    private final Trainable program;
    private final Gates.Expansion opened;
    private final Plan plan;
    private final int[] cotangents;
    private final Map<String, Tensor> samples = new LinkedHashMap<>();
    /** Where gradients are put that would else be inputs themselves, which the updates of others change. */
    private final Map<String, Tensor> copies = new HashMap<>();
    private @Nullable Executor executor;

    /** With gradients for training, without for validation. */
    StepPlan(Trainable program, boolean withGradients, Allowance allowance) {
        this.program = program;
        opened = Gates.expand(program.graph(), allowance);
        GraphBuilder builder = GraphBuilder.extending(opened.graph(), allowance);
        BitSet wrt = new BitSet();
        program.parameters().values().forEach(node -> wrt.set(image(node)));
        cotangents = withGradients
                ? ReverseMode.cotangents(opened.graph(), builder, Map.of(image(program.loss()), builder.literal(1)), wrt)
                : new int[0];
        plan = Plan.of(builder.build(), results(withGradients));
    }

    /** A program's nodes without the loss; {@code opened} is its expansion. */
    StepPlan(Trainable program, Gates.Expansion opened, BitSet nodes) {
        this.program = program;
        this.opened = opened;
        cotangents = new int[0];
        plan = Plan.of(opened.graph(), nodes);
    }

    private BitSet results(boolean withGradients) {
        BitSet results = new BitSet();
        results.set(image(program.loss()));
        if (withGradients) {
            program.parameters().keySet().stream().filter(this::hasGradient).forEach(name -> results.set(gradientNode(name)));
            program.batchStatistics().values().forEach(node -> results.set(image(node)));
        }
        if (program.prediction() != null && program.target() != null) {
            results.set(image(program.prediction()));
            results.set(image(program.target()));
        }
        return results;
    }

    private int image(int node) {
        return opened.image()[node];
    }

    private int gradientNode(String parameter) {
        return cotangents[image(Objects.requireNonNull(program.parameters().get(parameter)))];
    }

    Graph graph() {
        return plan.graph();
    }

    CostModel cost() {
        return CostModel.of(plan);
    }

    /** Whether the loss depends on a parameter as far as derivatives see. */
    boolean hasGradient(String parameter) {
        return program.parameters().containsKey(parameter) && gradientNode(parameter) != NONE;
    }

    /** Makes room for a run of as many samples as the program is over. */
    void start(Checkpoint checkpoint) {
        Executor made = new Executor(plan, checkpoint);
        program.fixed().forEach((node, value) -> made.place(image(node), value));
        program.data().forEach((name, node) -> samples.put(name, Tensor.zeros(program.graph().shape(node))));
        executor = made;
    }

    private Executor executor() {
        return Objects.requireNonNull(executor, "start() comes first");
    }

    /** Places the samples at the places {@code order[from]} and the next. */
    void placeSamples(Map<String, Tensor> data, int[] order, int from) {
        samples.forEach((name, target) -> {
            double[] source = Objects.requireNonNull(data.get(name), name).data();
            int count = target.shape().dim(0);
            int length = count == 0 ? 0 : target.length() / count;
            for (int i = 0; i < count; i++) {
                System.arraycopy(source, order[from + i] * length, target.data(), i * length, length);
            }
        });
        placeAll(program.data(), samples);
    }

    /** Places all samples as they are. */
    void placeAllSamples(Map<String, Tensor> data) {
        placeAll(program.data(), data);
    }

    void placeParameters(Map<String, Tensor> parameters, Map<String, Tensor> statistics) {
        placeAll(program.parameters(), parameters);
        placeAll(program.statistics(), statistics);
    }

    private void placeAll(Map<String, Integer> nodes, Map<String, Tensor> values) {
        nodes.forEach((name, node) -> executor().place(image(node), Objects.requireNonNull(values.get(name), name)));
    }

    void placeStep(long step) {
        if (program.step() != null) {
            executor().placeScalar(image(program.step()), (double) step);
        }
    }

    /** {@link ProblemException} names the program's node that met the problem. */
    void run() {
        try {
            executor().run();
        } catch (ProblemException e) {
            int node = e.graphNode();
            throw node < 0 || node >= opened.origin().length
                    ? e
                    : new ProblemException(
                            e.problems().stream().map(problem -> problem.node(program.id().apply(opened.origin()[node]))).toList())
                            .at(node);
        }
        copies.forEach((name, copy) -> System.arraycopy(executor().value(gradientNode(name)).data(), 0, copy.data(), 0, copy.length()));
    }

    double loss() {
        return executor().scalar(image(program.loss()));
    }

    /** Valid until the next run, whatever becomes of the parameters. */
    Tensor gradient(String parameter) {
        int node = gradientNode(parameter);
        if (graph().shape(node).isScalar() || !(graph().op(node) instanceof Leaf.Input)) {
            return executor().value(node);
        }
        return copies.computeIfAbsent(parameter, _ -> Tensor.of(graph().shape(node), executor().value(node).data().clone()));
    }

    /** The value of a node of {@link Trainable#batchStatistics()}. */
    Tensor batchStatistic(String name) {
        return executor().value(image(Objects.requireNonNull(program.batchStatistics().get(name))));
    }

    double metric(Metric metric) {
        return metric.of(executor().value(image(Objects.requireNonNull(program.prediction()))),
                executor().value(image(Objects.requireNonNull(program.target()))), program.scores());
    }

    /** The first node whose value was not finite in the run before, which is made again to find it. */
    Training.Failure firstValue() {
        BitSet nodes = new BitSet();
        nodes.set(0, opened.graph().size());
        int first = executor().firstNonFinite(nodes)[0];
        int end = first < 0 ? opened.graph().size() : first;
        for (int i = 0; i < end; i++) {
            if (graph().op(i) instanceof Leaf.Input && plan.needed().get(i) && !executor().isFinite(i)) {
                return failure(i, Training.Phase.FORWARD);
            }
        }
        return failure(first < 0 ? image(program.loss()) : first, Training.Phase.FORWARD);
    }

    /** The node, nearest to the loss, whose gradient was not finite in the run before. */
    Training.Failure firstGradient() {
        BitSet derivatives = new BitSet();
        Arrays.stream(cotangents).filter(node -> node >= opened.graph().size()).forEach(derivatives::set);
        int first = executor().firstNonFinite(derivatives)[0];
        int node = first < 0 ? NONE : lastIndexOf(first);
        return failure(node < 0 ? image(program.loss()) : node, Training.Phase.BACKWARD);
    }

    private int lastIndexOf(int cotangent) {
        int node = cotangents.length - 1;
        while (node >= 0 && cotangents[node] != cotangent) {
            node--;
        }
        return node;
    }

    private Training.Failure failure(int node, Training.Phase phase) {
        return new Training.Failure(program.id().apply(opened.origin()[node]), phase);
    }
}
