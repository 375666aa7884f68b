package io.chainrule.core.training;

import io.chainrule.core.FunctionRun;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs the steps of a training that have the same number of samples. One run is repeated with other values, so that its arrays are
 * reused.
 */
final class StepRun {
    private final Trainable program;
    private final FunctionRun run;
    private final Map<String, Tensor> samples = new LinkedHashMap<>();

    /** Allocates arrays for as many samples as the function was compiled for. */
    StepRun(Trainable program, Parallel parallel) {
        this(program, program.function().start(parallel));
    }

    /** The same for a run that computes only some of the program's nodes. */
    StepRun(Trainable program, FunctionRun run) {
        this.program = program;
        this.run = run;
        program.fixed().forEach(run::place);
        var bound = program.function().bound();
        program.data().forEach(name -> samples.put(name,
                Tensor.zeros(bound.inputShape(Objects.requireNonNull(bound.program().find(name), name)))));
    }

    /** Copies the samples {@code order[from]}, {@code order[from + 1]}, … into the run. */
    void placeSamples(Map<String, Tensor> data, int[] order, int from) {
        samples.forEach((name, target) -> {
            double[] source = Objects.requireNonNull(data.get(name), name).data();
            int count = target.shape().dim(0);
            int length = count == 0 ? 0 : target.length() / count;
            for (int i = 0; i < count; i++) {
                System.arraycopy(source, order[from + i] * length, target.data(), i * length, length);
            }
        });
        samples.forEach(run::place);
    }

    /** Places all samples as they are. */
    void placeAllSamples(Map<String, Tensor> data) {
        placeAll(program.data(), data);
    }

    void placeParameters(Map<String, Tensor> parameters, Map<String, Tensor> statistics) {
        placeAll(program.parameters(), parameters);
        placeAll(program.statistics(), statistics);
    }

    private void placeAll(List<String> names, Map<String, Tensor> values) {
        for (String name : names) {
            run.place(name, Objects.requireNonNull(values.get(name), name));
        }
    }

    void placeStep(long step) {
        if (program.step() != null) {
            run.place(program.step(), Tensor.scalar((double) step));
        }
    }

    /** The value of a node of the program in the latest run. */
    Tensor value(int node) {
        return run.value(node);
    }

    /** Throws {@link io.chainrule.core.graph.ProblemException}, which names the program's node at which the problem occurred. */
    void run() {
        run.run();
    }

    double loss() {
        return run.loss();
    }

    boolean hasGradient(String parameter) {
        return program.hasGradient(parameter);
    }

    /** Returns the gradient, which is valid until the next run, even if the parameters are updated before. */
    Tensor gradient(String parameter) {
        return run.gradient(parameter);
    }

    /** The batch's value from which a running statistic is updated. */
    Tensor batchStatistic(String name) {
        return run.value(Objects.requireNonNull(program.batchStatistics().get(name)));
    }

    double metric(Metric metric) {
        return metric.of(compared(Transformation.TrainingStep.PREDICTION), compared(Transformation.TrainingStep.TARGET), program.scores());
    }

    private Tensor compared(String role) {
        return run.value(Objects.requireNonNull(program.function().bound().of().get(role)));
    }

    /** Returns the first node whose value was not finite in the latest run. */
    Training.Failure firstValue() {
        return failure(run.firstNonFiniteValue(), Training.Phase.FORWARD);
    }

    /** Returns the node nearest to the loss whose gradient was not finite in the latest run. */
    Training.Failure firstGradient() {
        return failure(run.firstNonFiniteGradient(), Training.Phase.BACKWARD);
    }

    private Training.Failure failure(int node, Training.Phase phase) {
        return new Training.Failure(program.id(node < 0 ? program.function().bound().program().output() : node), phase);
    }
}
