package io.chainrule.core.training;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Minimises the loss of a program, step by step. Steps write into the same arrays. The result depends on nothing but the given values and
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
     * For programs that are compiled over as many samples as they meet.
     *
     * @param whole over {@link TrainingOptions#batchSize()} samples
     * @param rest over {@link TrainingOptions#rest()} samples; null where that is 0
     * @param validation over all samples of the validation data; null without
     */
    public Trainer(TrainingOptions options, Trainable whole, @Nullable Trainable rest, @Nullable Trainable validation) {
        this.options = options;
        this.whole = whole;
        this.rest = rest;
        this.validation = validation;
        this.check = new DataCheck(whole);
        this.validationCheck = validation == null ? null : new DataCheck(validation);
    }

    /** For a {@link io.chainrule.core.Transformation.TrainingStep} over {@link TrainingOptions#batchSize()} samples, which divides all samples. */
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

    /** Trains from these parameters with these samples, by name, until the epochs or steps are over. */
    public Training run(Map<String, Tensor> parameters, Map<String, Tensor> data) {
        return run(parameters, Map.of(), data, Map.of(), (steps, stepsInAll, latest) -> {}, Checkpoint.NONE);
    }

    /** What the most expensive run costs, and the memory of all of them. */
    public CostModel costOfRun() {
        CostModel ofRest = cost(rest);
        CostModel ofValidation = cost(validation);
        CostModel ofWhole = cost(whole);
        return new CostModel(Math.max(ofWhole.flops(), ofValidation.flops()), ofWhole.bytes() + ofRest.bytes() + ofValidation.bytes()
                + check.cost().bytes() + (validationCheck == null ? 0 : validationCheck.cost().bytes()));
    }

    private static CostModel cost(@Nullable Trainable program) {
        return program == null ? new CostModel(0, 0) : program.function().cost();
    }

    /** The operations of the whole training if nothing stops it. */
    public double flops() {
        return (double) options.stepsInAll() * cost(whole).flops() + (double) options.stepsAnEpoch() * check.cost().flops()
                + (double) options.epochsInAll() * cost(validation).flops();
    }

    /** How many numbers are kept for each element of the parameters: themselves, the ones before, the optimizer's state. */
    public int numbersAnElement() {
        return 2 + options.optimizer().stateSize();
    }

    /** Whether the loss depends on a parameter; otherwise it stays as it is. */
    public boolean hasGradient(String parameter) {
        return whole.hasGradient(parameter);
    }

    /** {@link io.chainrule.core.graph.ProblemException} for samples that no step can use; parameters are as for {@link #run}. */
    public void check(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data,
            Map<String, Tensor> validationData, Checkpoint checkpoint) {
        check.run(parameters, statistics, data, options.samples(), checkpoint, false);
        if (validationCheck != null) {
            validationCheck.run(parameters, statistics, validationData, Objects.requireNonNull(validation).samples(), checkpoint,
                    true);
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
     * @throws IllegalArgumentException where data have not as many samples as the options say
     * @throws io.chainrule.core.graph.ProblemException where a step meets values that an op cannot use
     */
    public Training run(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data,
            Map<String, Tensor> validationData, Training.Observer observer, Checkpoint checkpoint) {
        whole.data().forEach(name -> {
            Tensor samples = data.get(name);
            if (samples == null || samples.shape().rank() == 0 || samples.shape().dim(0) != options.samples()) {
                throw new IllegalArgumentException("data '" + name + "' must have " + options.samples() + " samples, found "
                        + (samples == null ? "none" : "shape " + samples.shape()));
            }
        });
        StepRun ofWhole = new StepRun(whole, checkpoint);
        StepRun ofRest = rest == null ? null : new StepRun(rest, checkpoint);
        StepRun ofValidation = validation == null ? null : new StepRun(validation, checkpoint);
        Weights weights = new Weights(parameters, statistics, ofWhole, options.optimizer());
        return new TrainingLoop(options, ofWhole, ofRest, ofValidation, weights, data, validationData, observer, checkpoint).run();
    }
}
