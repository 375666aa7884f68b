package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Minimises the loss of a program, step by step. All steps write into the same arrays. The result depends only on the given values and
 * seeds. Immutable.
 */
public final class Trainer {
    private final TrainingOptions options;
    private final Trainable whole;
    private final @Nullable Trainable rest;
    private final @Nullable Trainable validation;
    private final DataCheck check;
    private final @Nullable DataCheck validationCheck;

    /**
     * Takes the program, compiled for each number of samples that it is run with.
     *
     * @param whole compiled for {@link TrainingOptions#batchSize()} samples
     * @param rest compiled for {@link TrainingOptions#rest()} samples; null if that is 0
     * @param validation compiled for all samples of the validation data; null if there are none
     */
    public Trainer(TrainingOptions options, Trainable whole, @Nullable Trainable rest, @Nullable Trainable validation) {
        this.options = options;
        this.whole = whole;
        this.rest = rest;
        this.validation = validation;
        this.check = new DataCheck(whole);
        this.validationCheck = validation == null ? null : new DataCheck(validation);
    }

    /**
     * Creates a trainer of a {@link io.chainrule.core.Transformation.TrainingStep} that is compiled for
     * {@link TrainingOptions#batchSize()} samples. The number of all samples must be a multiple of that.
     */
    public static Trainer of(TrainingOptions options, CompiledFunction step) {
        if (options.rest() != 0) {
            throw new IllegalArgumentException("batches of " + options.batchSize() + " leave " + options.rest() + " of "
                    + options.samples() + " samples, for which a function of their own is needed");
        }
        Trainable whole = Trainable.of(step, Map.of(), Metric.Scores.PROBABILITIES);
        if (!whole.data().isEmpty() && whole.samples() != options.batchSize()) {
            throw new IllegalArgumentException(
                    "the step is compiled for " + whole.samples() + " samples, batches have " + options.batchSize());
        }
        return new Trainer(options, whole, null, null);
    }

    /** Trains until the epochs or steps are over, starting from these parameters and with these samples, both by name. */
    public Training run(Map<String, Tensor> parameters, Map<String, Tensor> data) {
        return run(parameters, Map.of(), data, Map.of(), (steps, stepsInAll, latest) -> {}, Parallel.NONE);
    }

    /** Returns the operations and the time of the most expensive run, and the memory of all runs together. */
    public CostModel costOfRun() {
        CostModel ofRest = cost(rest);
        CostModel ofValidation = cost(validation);
        CostModel ofWhole = cost(whole);
        return new CostModel(Math.max(ofWhole.flops(), ofValidation.flops()), ofWhole.bytes() + ofRest.bytes() + ofValidation.bytes()
                + check.cost().bytes() + (validationCheck == null ? 0 : validationCheck.cost().bytes()),
                Math.max(ofWhole.nanos(), ofValidation.nanos()));
    }

    private static CostModel cost(@Nullable Trainable program) {
        return program == null ? CostModel.NONE : program.function().cost();
    }

    /** The cost of the whole training if nothing stops it. */
    public CostModel cost() {
        return cost(whole).times(options.stepsInAll()).plus(check.cost().times(options.stepsAnEpoch()))
                .plus(cost(validation).times(options.epochsInAll()));
    }

    /**
     * How many numbers are kept for each element of the parameters: its value, its value before the latest step, and the optimizer's
     * state, all for a short training beside too, and two more for what is looked at there.
     */
    public int numbersAnElement() {
        return 2 * (2 + options.optimizer().stateSize()) + 2;
    }

    /** Whether the parameter has a gradient; otherwise training does not change it. */
    public boolean hasGradient(String parameter) {
        return whole.hasGradient(parameter);
    }

    /**
     * Throws {@link io.chainrule.core.graph.ProblemException} if there are samples that no step can use. The parameters are those of
     * {@link #run}.
     */
    public void check(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data,
            Map<String, Tensor> validationData, Parallel parallel) {
        check.run(parameters, statistics, data, options.samples(), parallel, false);
        if (validationCheck != null) {
            validationCheck.run(parameters, statistics, validationData, Objects.requireNonNull(validation).samples(), parallel,
                    true);
        }
    }

    /**
     * Trains.
     *
     * @param parameters the values that it starts from, by name; they are not changed
     * @param statistics the running statistics before the first step
     * @param data all samples, by the names of {@link Trainable#data()}
     * @param validationData the same for validation
     * @param parallel is called between and within steps. After a {@link io.chainrule.core.tensor.DeadlineExceededException} the
     *        result so far is returned; any other exception is passed on
     * @throws IllegalArgumentException if the number of samples in the data is not that of the options
     * @throws io.chainrule.core.graph.ProblemException if a step meets values that an op cannot use
     */
    public Training run(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data,
            Map<String, Tensor> validationData, Training.Observer observer, Parallel parallel) {
        return resume(null, parameters, statistics, data, validationData, observer, parallel);
    }

    /**
     * Goes on with a training, which ends with the same bits as if it had not been interrupted. All other arguments are those of
     * {@link #run}, with the parameters and statistics before the first step.
     *
     * @param state what an observer was told; null to begin
     * @throws UnreadableBytesException if the state is not one of this training
     */
    public Training resume(byte @Nullable [] state, Map<String, Tensor> parameters, Map<String, Tensor> statistics,
            Map<String, Tensor> data, Map<String, Tensor> validationData, Training.Observer observer, Parallel parallel) {
        whole.data().forEach(name -> {
            Tensor samples = data.get(name);
            if (samples == null || samples.shape().rank() == 0 || samples.shape().dim(0) != options.samples()) {
                throw new IllegalArgumentException("data '" + name + "' must have " + options.samples() + " samples, found "
                        + (samples == null ? "none" : "shape " + samples.shape()));
            }
        });
        StepRun ofWhole = new StepRun(whole, parallel);
        StepRun ofRest = rest == null ? null : new StepRun(rest, parallel);
        StepRun ofValidation = validation == null ? null : new StepRun(validation, parallel);
        Weights weights = new Weights(parameters, statistics, ofWhole, options.optimizer());
        Autopsy autopsy = observer.isExplained()
                ? new Autopsy(options, whole, ofWhole, weights, parameters,
                        new Trials(options, whole, ofWhole, parameters, statistics, data, parallel), observer)
                : null;
        return new TrainingLoop(options, ofWhole, ofRest, ofValidation, weights, data, validationData, autopsy, observer, parallel)
                .run(state);
    }
}
