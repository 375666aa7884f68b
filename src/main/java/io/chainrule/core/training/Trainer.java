package io.chainrule.core.training;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the loss of a program small, step by step. Each number of samples is differentiated and planned once, before the
 * first step; a step writes into arrays that are there, and its result depends on nothing but the values and seeds given.
 */
public final class Trainer {
    private final TrainingOptions options;
    private final StepPlan whole;
    private final @Nullable StepPlan rest;
    private final @Nullable StepPlan validation;
    private final DataCheck check;
    private final @Nullable DataCheck validationCheck;
    private final int validationSamples;

    /**
     * Plans a training.
     *
     * @param whole the program over {@link TrainingOptions#batchSize()} samples
     * @param rest over {@link TrainingOptions#rest()} samples; null where that is 0
     * @param validation over all samples of the validation data; null without
     */
    public Trainer(TrainingOptions options, Trainable whole, @Nullable Trainable rest, @Nullable Trainable validation,
            Allowance allowance) {
        this.options = options;
        this.whole = new StepPlan(whole, true, allowance);
        this.rest = rest == null ? null : new StepPlan(rest, true, allowance);
        this.validation = validation == null ? null : new StepPlan(validation, false, allowance);
        this.check = new DataCheck(whole, options.batchSize(), allowance);
        this.validationSamples = validation == null ? 0 : samples(validation);
        this.validationCheck = validation == null ? null : new DataCheck(validation, validationSamples, allowance);
    }

    private static int samples(Trainable program) {
        return program.data().values().stream().mapToInt(node -> program.graph().shape(node).dim(0)).findFirst().orElse(0);
    }

    /** The graphs that are run. */
    public List<Graph> graphs() {
        List<Graph> graphs = new ArrayList<>(List.of(whole.graph()));
        if (rest != null) {
            graphs.add(rest.graph());
        }
        if (validation != null) {
            graphs.add(validation.graph());
        }
        return graphs;
    }

    /** What the most expensive run costs, and the memory of all of them. */
    public CostModel costOfRun() {
        CostModel ofRest = rest == null ? new CostModel(0, 0) : rest.cost();
        CostModel ofValidation = validation == null ? new CostModel(0, 0) : validation.cost();
        CostModel ofWhole = whole.cost();
        return new CostModel(Math.max(ofWhole.flops(), ofValidation.flops()), ofWhole.bytes() + ofRest.bytes() + ofValidation.bytes()
                + check.cost().bytes() + (validationCheck == null ? 0 : validationCheck.cost().bytes()));
    }

    /** The operations of the whole training if nothing stops it. */
    public double flops() {
        double flops = (double) options.stepsInAll() * whole.cost().flops() + (double) options.stepsAnEpoch() * check.cost().flops();
        return validation == null ? flops : flops + (double) options.epochsInAll() * validation.cost().flops();
    }

    /** How many numbers are kept for each element of the parameters: themselves, the ones before, the optimizer's state. */
    public int numbersAnElement() {
        return 2 + options.optimizer().stateSize();
    }

    /** Whether a parameter changes at all. */
    public boolean hasGradient(String parameter) {
        return whole.hasGradient(parameter);
    }

    /** {@link io.chainrule.core.graph.ProblemException} for samples that no step can use; parameters are as for {@link #run}. */
    public void check(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data,
            Map<String, Tensor> validationData, Checkpoint checkpoint) {
        check.run(parameters, statistics, data, options.samples(), checkpoint, "inputs");
        if (validationCheck != null) {
            validationCheck.run(parameters, statistics, validationData, validationSamples, checkpoint, "validation", "inputs");
        }
    }

    /**
     * Trains.
     *
     * @param parameters the values that it starts from, by name; they are not changed
     * @param statistics running statistics before the first step
     * @param data all samples, by the names of {@link Trainable#data()}
     * @param validationData the same for validation
     * @param checkpoint may stop it between and within steps: {@link io.chainrule.core.tensor.DeadlineExceededException} ends it
     *        with what there is by then, any other exception is passed on
     * @throws io.chainrule.core.graph.ProblemException where a step meets values that an op cannot use
     */
    public Training run(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data,
            Map<String, Tensor> validationData, Training.Observer observer, Checkpoint checkpoint) {
        whole.start(checkpoint);
        if (rest != null) {
            rest.start(checkpoint);
        }
        if (validation != null) {
            validation.start(checkpoint);
        }
        Weights weights = new Weights(parameters, statistics, whole, options.optimizer());
        return new TrainingLoop(options, whole, rest, validation, weights, data, validationData, observer, checkpoint).run();
    }
}
