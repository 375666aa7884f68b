package io.chainrule.service.training;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.StoppedException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.core.training.Trainable;
import io.chainrule.core.training.Trainer;
import io.chainrule.core.training.Training;
import io.chainrule.core.training.TrainingOptions;
import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.diagnostics.Diagnostics;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.AnswerSize;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A training that is ready to run: its values at the start, and the program compiled for each number of samples that a step or the
 * validation has.
 */
final class PreparedTraining implements AutoCloseable {
    private static final long LONGEST = Long.MAX_VALUE / 2;

    private final TrainingCall asked;
    private final Query query;
    private final Functions functions;
    private final Admission admission;
    private final Turn turn;
    private final Budget.Reservation reservation;
    private final BuildLimits limits;
    private final List<String> carriers;
    private final Map<String, Shape> shapes;
    private final TrainingOptions options;
    private final MetricTargets targets;
    private final BoundProgram program;
    private final @Nullable Map<String, Tensor> drawn;
    private final Map<String, Tensor> values;
    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> statistics;
    private final Map<String, Tensor> data;
    private final Map<String, Tensor> validationData = new LinkedHashMap<>();
    private final Trainer trainer;
    private final long answerBytes;

    private PreparedTraining(TrainingCall asked, Functions functions, Admission admission, Turn turn,
            Budget.Reservation reservation, BuildLimits limits) {
        this.asked = asked;
        this.functions = functions;
        this.admission = admission;
        this.turn = turn;
        this.reservation = reservation;
        this.limits = limits;
        targets = new MetricTargets(asked);
        List<String> batch = asked.query().batch().inputs();
        carriers = asked.query().source() instanceof Source.Network network ? network.data() : batch;
        query = asked.query().withBatch(
                batch.isEmpty() ? Signature.Batch.NONE : new Signature.Batch(batch, Signature.Reduction.MEAN));
        shapes = Shapes.ofValues(query.inputs()).toMap();
        options = options(samples());
        LimitException.check("training-steps", options.stepsInAll(), admission.limits().trainingSteps());
        CompiledFunction whole = compile(query, shapesOver(options.batchSize()), true);
        program = whole.bound();
        BoundProgram.InitialValues initial = program.initialValues(query.values(), query.initializerSeed(), limits);
        drawn = initial.drawn();
        values = initial.all();
        Trainable ofWhole = trainable(whole, values);
        Trainable ofRest = options.rest() == 0 ? null : trainable(compileRest(), values);
        Trainable ofValidation = asked.validation() == null ? null : validation(asked.validation());
        parameters = valuesOf(ofWhole.parameters());
        statistics = valuesOf(ofWhole.statistics());
        data = valuesOf(ofWhole.data());
        trainer = new Trainer(options, ofWhole, ofRest, ofValidation);
        answerBytes = Double.BYTES * parameters.values().stream().mapToLong(Tensor::length).sum() * (1 + trainer.numbersAnElement());
    }

    static PreparedTraining of(TrainingCall call, Functions functions, Admission admission) {
        return functions.opened(admission.turnOfTraining(),
                (reservation, turn, limits) -> new PreparedTraining(call, functions, admission, turn, reservation, limits));
    }

    /** The number of samples; throws {@link ProblemException} if the inputs disagree. */
    private int samples() {
        Problems problems = new Problems();
        if (query.source() instanceof Source.Network && !query.batch().inputs().isEmpty()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "a network's data carry their samples without 'batch'")
                    .at(Place.setting("batch"))
                    .expected("no 'batch'", "names"));
        }
        int length = Signature.Batch.commonLength(carriers, shapes, problems);
        problems.throwIfAny();
        if (length == 0) {
            String first = carriers.getFirst();
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "there are no samples to train with")
                    .at(Place.setting("inputs", first)).expected("at least one sample", "0"));
        }
        if (carriers.isEmpty() && asked.batchSize() != null) {
            throw new ProblemException(
                    Problem.of(ProblemCode.INVALID_VALUE, "'batch_size' is of the samples of 'batch', which names no input")
                            .at(Place.setting("batch_size")).expected("a 'batch' of inputs", "none"));
        }
        return Math.max(1, length);
    }

    private TrainingOptions options(int samples) {
        long steps = asked.steps() == null ? Long.MAX_VALUE : asked.steps();
        long epochs = asked.epochs() != null ? asked.epochs() : asked.steps() != null ? LONGEST : 1;
        return new TrainingOptions(Optimizer.of(asked.optimizer().type(), asked.optimizer().options()),
                Schedule.of(asked.schedule().type(), asked.schedule().options()), epochs, steps,
                samples, Objects.requireNonNullElse(asked.batchSize(), TrainingCall.BATCH_SIZE), asked.shuffleSeed(),
                Objects.requireNonNullElse(asked.clipNorm(), Double.POSITIVE_INFINITY),
                asked.earlyStopping(), asked.metrics());
    }

    /** The inputs' shapes with this number of samples. */
    private Map<String, Shape> shapesOver(int samples) {
        Map<String, Shape> cut = new LinkedHashMap<>(shapes);
        carriers.forEach(id -> cut.computeIfPresent(id, (_, shape) -> shape.with(0, samples)));
        return cut;
    }

    /** Compiles the function of one step for inputs of these shapes. A network is lowered differently for training and for validation. */
    private CompiledFunction compile(Query ofValues, Map<String, Shape> ofShapes, boolean isInTraining) {
        Source source = ofValues.source() instanceof Source.Network network ? network.inTraining(isInTraining) : ofValues.source();
        Transformation step = new Transformation.TrainingStep(carriers, isInTraining, !asked.metrics().isEmpty(), asked.prediction(),
                targets.target());
        Signature signature = ofValues.signature(step, Shapes.of(ofShapes), Signature.Missing.REFUSED);
        return (CompiledFunction) functions.compiled(source, signature, turn, limits);
    }

    /** Compiles the last step of an epoch, which may have fewer samples. Problems here are caused by that, so the message says so. */
    private CompiledFunction compileRest() {
        try {
            return compile(query, shapesOver(options.rest()), true);
        } catch (ProblemException e) {
            String why = "; the last step of an epoch has " + options.rest() + " of the " + options.samples() + " samples, "
                    + options.batchSize() + " at a time";
            throw new ProblemException(e.problems().stream().map(problem -> problem.message(problem.message() + why)
                    .hint("choose another \"batch_size\", or other samples, so that no step has so few")).toList(), e.total());
        }
    }

    private Trainable trainable(CompiledFunction function, Map<String, Tensor> ofInputs) {
        return Trainable.of(function, ofInputs, targets.scores(function.bound(), options.metrics()));
    }

    /** The program over the validation data; inputs that are not given there have the training's values. */
    private Trainable validation(Map<String, Tensor> given) {
        validationData.putAll(new ValidationData(carriers, shapes, program.wrt().keySet()).checked(given));
        Map<String, Tensor> all = new LinkedHashMap<>(values);
        all.putAll(given);
        Map<String, Tensor> inputs = new LinkedHashMap<>(query.inputs());
        inputs.putAll(given);
        return trainable(compile(query.withInputs(inputs), Shapes.ofValues(inputs).toMap(), false), all);
    }

    private Map<String, Tensor> valuesOf(List<String> names) {
        Map<String, Tensor> found = new LinkedHashMap<>();
        names.forEach(name -> found.put(name, Objects.requireNonNull(values.get(name), name)));
        return found;
    }

    /** Throws {@link LimitException} if the training takes more than the limits allow. */
    void check() {
        LimitException.check("training-flops", cost().flops(), admission.limits().trainingFlops());
        new AnswerSize(query.isBase64()).named(Shapes.ofValues(withUnused(parameters)).toMap()).named(Shapes.ofValues(statistics).toMap())
                .history(options.historyEntries(), options.metrics().size()).check(admission.limits());
        admission.check(trainer.costOfRun(), answerBytes);
    }

    /** Checks the limits, and reserves the memory of the training, for which it may have to wait. */
    Budget.Reservation admit() {
        check();
        return admission.admit(trainer.costOfRun(), answerBytes);
    }

    /** Throws {@link ProblemException} for samples that no step can use. */
    void checkSamples() {
        located(() -> {
            trainer.check(parameters, statistics, data, validationData, admission.parallel(turn, turn));
            return true;
        });
    }

    /** @param earlier the state to go on from; null to begin */
    Training run(byte @Nullable [] earlier, Training.Observer observer, Checkpoint progress) {
        Parallel parallel = admission.parallel(turn, () -> {
            progress.check();
            turn.check();
        });
        return located(() -> admission.train(turn, cost(),
                () -> trainer.resume(earlier, parameters, statistics, data, validationData, observer, parallel),
                training -> earlier == null && training.isWhole()));
    }

    private <T> T located(Supplier<T> work) {
        try {
            return work.get();
        } catch (ProblemException e) {
            throw program.network() == null ? e : program.network().located(e);
        }
    }

    CostModel cost() {
        return trainer.cost();
    }

    TrainingOptions options() {
        return options;
    }

    /**
     * The parameters to return: all names in {@code wrt}, including those that the program never mentions, and the drawn parameters that
     * are not trained.
     */
    Map<String, Tensor> withUnused(Map<String, Tensor> trained) {
        Map<String, Tensor> all = new LinkedHashMap<>(Objects.requireNonNullElse(drawn, Map.of()));
        program.wrt().forEach((id, node) -> all.put(id,
                Objects.requireNonNull(node < 0 ? query.inputs().get(id) : trained.get(program.program().id(node)))));
        return all;
    }

    /** Whether the answer has diagnostics. */
    boolean isExplained() {
        return query.remarks() == Transformation.Remarks.ALL;
    }

    List<Diagnostic> diagnostics() {
        List<Diagnostic> found = new ArrayList<>(Diagnostics.ofInputs(program));
        program.wrt().forEach((id, node) -> {
            if (node >= 0 && !trainer.hasGradient(program.program().id(node))) {
                found.add(Diagnostic.of("zero-derivative", id, Phrase.of("training.zero-derivative", id)));
            }
        });
        return found;
    }

    /**
     * Compiles the products of the Hessian of a step's loss by the parameters with a vector; null where limits or an op's rules do not
     * allow it.
     */
    @Nullable
    CompiledFunction curvature() {
        Source source = query.source() instanceof Source.Network network ? network.inTraining(true) : query.source();
        Map<String, Shape> vectors = new LinkedHashMap<>();
        parameters.forEach((name, value) -> {
            if (trainer.hasGradient(name)) {
                vectors.put(name, value.shape());
            }
        });
        Signature signature = query.signature(new Transformation.Hvp(Shapes.of(vectors)), Shapes.of(shapesOver(options.batchSize())),
                Signature.Missing.REFUSED);
        try {
            CompiledFunction product = (CompiledFunction) functions.compiled(source, signature, turn, limits);
            LimitException.check("bytes", product.cost().bytes(), admission.limits().bytes());
            limits.growth().accept(product.cost().bytes());
            return product;
        } catch (LimitException | ProblemException | OverloadedException | StoppedException _) {
            return null;
        }
    }

    Answer<Training> answer(Training training, List<Diagnostic> diagnostics) {
        return new Answer<>(training, diagnostics, program.nodeCount(), drawn);
    }

    @Override
    public void close() {
        reservation.close();
    }
}
