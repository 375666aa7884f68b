package io.chainrule.service;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.training.EarlyStopping;
import io.chainrule.core.training.Metric;
import io.chainrule.core.training.Optimizer;
import io.chainrule.core.training.Schedule;
import io.chainrule.core.training.Trainable;
import io.chainrule.core.training.Trainer;
import io.chainrule.core.training.Training;
import io.chainrule.core.training.TrainingOptions;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A training on its way: its program read and planned over each number of samples that it is run over. */
final class TrainingBench implements AutoCloseable {
    private static final long LONGEST = Long.MAX_VALUE / 2;

    private final TrainingCall asked;
    private final Compared compared;
    private final Call call;
    private final Runs runs;
    private final Deadline deadline;
    private final ProgramReader reader;
    private final List<String> carriers;
    private final Map<String, Shape> shapes;
    private final TrainingOptions options;
    private final Deque<Workbench> benches = new ArrayDeque<>();
    private final Map<String, Tensor> data = new LinkedHashMap<>();
    private final Map<String, Tensor> validationData = new LinkedHashMap<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> statistics = new LinkedHashMap<>();
    private final Workbench main;
    private final Trainer trainer;

    private TrainingBench(TrainingCall asked, ProgramReader reader, Runs runs) {
        this.asked = asked;
        compared = new Compared(asked);
        this.reader = reader;
        this.runs = runs;
        deadline = Deadline.after(runs.limits().trainingTime());
        List<String> batch = asked.call().batch().inputs();
        carriers = asked.call().source() instanceof Source.Network network ? network.data() : batch;
        call = asked.call().withBatch(batch.isEmpty() ? Call.Batch.NONE : new Call.Batch(batch, Call.Reduction.MEAN));
        shapes = Workbench.shapes(call.inputs());
        options = options(samples());
        Limits.check("training-steps", options.stepsInAll(), runs.limits().trainingSteps());
        try {
            main = opened(Workbench.openWithValues(read(call, shapesOver(options.batchSize()), true), runs, deadline));
            Trainable whole = trainable(main, main.call().inputs());
            Trainable rest = options.rest() == 0
                    ? null
                    : trainable(openRest(), main.call().inputs());
            Trainable validation = asked.validation() == null ? null : validation(asked.validation());
            collectValues();
            trainer = Runs.derive(() -> new Trainer(options, whole, rest, validation, main.allowance()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    static TrainingBench open(TrainingCall call, ProgramReader reader, Runs runs) {
        return new TrainingBench(call, reader, runs);
    }

    /** How many samples there are; problems where the inputs do not agree. */
    private int samples() {
        Problems problems = new Problems();
        if (call.source() instanceof Source.Network && !call.batch().inputs().isEmpty()) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "a network's data carry their samples without 'batch'").pointer("/batch")
                    .expected("no 'batch'", "names"));
        }
        int length = Samples.of(new Call.Batch(carriers, Call.Reduction.MEAN), shapes, problems).length();
        problems.throwIfAny();
        if (length == 0) {
            String first = carriers.getFirst();
            throw new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, "there are no samples to train with")
                    .pointer(JsonPointer.of("inputs", first)).expected("at least one sample", "0"));
        }
        if (carriers.isEmpty() && asked.batchSize() != null) {
            throw new ProblemException(
                    Problem.of(ProblemCode.INVALID_VALUE, "'batch_size' is of the samples of 'batch', which names no input")
                            .pointer("/batch_size").expected("a 'batch' of inputs", "none"));
        }
        return Math.max(1, length);
    }

    private TrainingOptions options(int samples) {
        TrainingCall.Stopping stopping = asked.earlyStopping();
        long steps = asked.steps() == null ? Long.MAX_VALUE : asked.steps();
        long epochs = asked.epochs() != null ? asked.epochs() : asked.steps() != null ? LONGEST : 1;
        return new TrainingOptions(Optimizer.of(asked.optimizer().type(), asked.optimizer().options()),
                Schedule.of(asked.schedule().type(), asked.schedule().options()), epochs, steps,
                samples, Objects.requireNonNullElse(asked.batchSize(), TrainingCall.BATCH_SIZE), asked.shuffleSeed(),
                Objects.requireNonNullElse(asked.clipNorm(), Double.POSITIVE_INFINITY),
                stopping == null ? null : new EarlyStopping(stopping.patience(), stopping.minDelta()),
                asked.metrics().stream().map(metric -> Metric.valueOf(metric.name())).toList());
    }

    /** The inputs' shapes where those with samples have only so many. */
    private Map<String, Shape> shapesOver(int samples) {
        Map<String, Shape> cut = new LinkedHashMap<>(shapes);
        carriers.forEach(id -> cut.computeIfPresent(id, (_, shape) -> Shape.of(samples).concat(shape.sub(1, shape.rank()))));
        return cut;
    }

    /** The program over so many samples as these shapes say; a network is another one in training. */
    private Reading read(Call ofValues, Map<String, Shape> ofShapes, boolean isInTraining) {
        return reader.over(ofValues.source() instanceof Source.Network network
                ? ofValues.withSource(network.inTraining(isInTraining))
                : ofValues, ofShapes);
    }

    private Workbench open(Call ofValues, Map<String, Shape> ofShapes, boolean isInTraining) {
        return opened(Workbench.open(read(ofValues, ofShapes, isInTraining), runs, deadline));
    }

    /** What is wrong with so few samples alone is so because of their number. */
    private Workbench openRest() {
        try {
            return open(call, shapesOver(options.rest()), true);
        } catch (ProblemException e) {
            String why = "; the last step of an epoch has " + options.rest() + " of the " + options.samples() + " samples, "
                    + options.batchSize() + " at a time";
            throw new ProblemException(e.problems().stream().map(problem -> problem.message(problem.message() + why)
                    .hint("choose another \"batch_size\", or other samples, so that no step has so few")).toList(), e.total());
        }
    }

    private Workbench opened(Workbench bench) {
        benches.push(bench);
        bench.asked().checkScalar(false);
        checkParameters(bench);
        compared.check(bench);
        bench.begin();
        return bench;
    }

    private void checkParameters(Workbench bench) {
        List<String> wrt = bench.call().wrt();
        if (wrt == null || wrt.isEmpty()) {
            bench.asked().names()
                    .note(Problem.of(ProblemCode.INVALID_VALUE, "'wrt' says which inputs are trained; the others stay as they are")
                            .pointer("/wrt").expected("names of inputs", "none"));
            return;
        }
        for (int i = 0; i < wrt.size(); i++) {
            String id = wrt.get(i);
            Integer node = bench.program().find(id);
            if (carriers.contains(id)) {
                bench.asked().names()
                        .note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' carries samples; a parameter is the same for all")
                                .node(id).pointer("/wrt/" + i).expected("an input that is not in 'batch'", id));
            } else if (bench.network() != null
                    && bench.network().statistics().stream().anyMatch(statistic -> statistic.name().equals(id))) {
                bench.asked().names()
                        .note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' is a running statistic, which follows the batches; it is "
                                + "not trained").node(id).pointer("/wrt/" + i).expected("a parameter", "a running statistic"));
            } else if (node != null && !(bench.program().graph().op(node) instanceof Leaf.Input)) {
                bench.asked().names()
                        .note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' is no input; only inputs are trained").node(id)
                                .pointer("/wrt/" + i).expected("an input", bench.program().graph().op(node).name()));
            }
        }
    }

    /** {@code values} are those of the inputs that stay as they are. */
    private Trainable trainable(Workbench bench, Map<String, Tensor> values) {
        NamedGraph program = bench.program();
        Map<String, Integer> batchStatistics = new LinkedHashMap<>();
        List<String> running = new ArrayList<>();
        if (bench.network() != null) {
            bench.network().statistics().forEach(statistic -> {
                running.add(statistic.name());
                if (statistic.batchValue() != null) {
                    batchStatistics.put(statistic.name(), bench.image(statistic.batchValue()));
                }
            });
        }
        String counter = bench.network() == null ? null : bench.network().step();
        Map<String, Integer> trained = new LinkedHashMap<>();
        Map<String, Integer> samples = new LinkedHashMap<>();
        Map<String, Integer> statistics = new LinkedHashMap<>();
        Map<Integer, Tensor> fixed = new LinkedHashMap<>();
        Integer step = null;
        for (int node : program.inputs()) {
            String id = program.id(node);
            int image = bench.image(node);
            if (bench.asked().wrt().containsValue(node)) {
                trained.put(id, image);
            } else if (carriers.contains(id)) {
                samples.put(id, image);
            } else if (running.contains(id)) {
                statistics.put(id, image);
            } else if (id.equals(counter)) {
                step = image;
            } else {
                fixed.put(image, Objects.requireNonNull(values.get(id)));
            }
        }
        Integer prediction = asked.metrics().isEmpty() ? null : image(bench, compared.prediction(bench));
        Integer target = asked.metrics().isEmpty() ? null : image(bench, compared.target());
        Metric.Scores scores = Metric.Scores.PROBABILITIES;
        if (prediction != null && target != null) {
            scores = compared.scores(bench, bench.graph().shape(prediction));
            checkMetrics(bench.graph().shape(prediction), bench.graph().shape(target), scores);
        }
        return new Trainable(bench.graph(), bench.result(program.output()), trained, samples, fixed, step, statistics, batchStatistics,
                prediction, target, scores, node -> program.id(bench.origin(node)));
    }

    private static int image(Workbench bench, @Nullable String id) {
        return bench.image(Objects.requireNonNull(bench.program().find(Objects.requireNonNull(id))));
    }

    private void checkMetrics(Shape prediction, Shape target, Metric.Scores scores) {
        for (int i = 0; i < options.metrics().size(); i++) {
            Metric metric = options.metrics().get(i);
            if (!metric.compares(prediction, target, scores)) {
                throw new ProblemException(Problem.of(ProblemCode.SHAPE_MISMATCH, metric.id() + " cannot compare a prediction of shape "
                        + prediction + " with a target of shape " + target).pointer("/metrics/" + i)
                        .expected(prediction.toString(), target.toString()));
            }
        }
    }

    /** The program over the validation data, whose inputs are the training's but for those given. */
    private Trainable validation(Map<String, Tensor> given) {
        validationData.putAll(new ValidationData(carriers, shapes, main.asked().wrt().keySet()).checked(given));
        Map<String, Tensor> values = new LinkedHashMap<>(main.call().inputs());
        values.putAll(given);
        Map<String, Tensor> inputs = new LinkedHashMap<>(call.inputs());
        inputs.putAll(given);
        return trainable(open(call.withInputs(inputs), Workbench.shapes(inputs), false), values);
    }

    private void collectValues() {
        main.asked().wrt().forEach((id, node) -> {
            if (node != Workbench.NO_NODE) {
                String name = main.program().id(node);
                parameters.put(name, Objects.requireNonNull(main.call().inputs().get(name)));
            }
        });
        if (main.network() != null) {
            main.network().statistics().forEach(statistic -> statistics.put(statistic.name(),
                    Objects.requireNonNull(main.call().inputs().get(statistic.name()))));
        }
        carriers.stream().filter(id -> main.program().find(id) != null)
                .forEach(id -> data.put(id, Objects.requireNonNull(call.inputs().get(id))));
    }

    /** Room for the training, once it is known to be within the limits. */
    Budget.Reservation admit() {
        trainer.graphs().forEach(graph -> Runs.checkSizes(graph, runs.limits()));
        Limits.check("training-flops", (long) trainer.flops(), runs.limits().trainingFlops());
        CostModel cost = trainer.costOfRun();
        long elements = parameters.values().stream().mapToLong(Tensor::length).sum();
        return runs.admit(cost, Double.BYTES * elements * (1 + trainer.numbersAnElement()));
    }

    /** {@link ProblemException} for samples that no step can use. */
    void checkSamples() {
        located(() -> {
            trainer.check(parameters, statistics, data, validationData, deadline);
            return null;
        });
    }

    Training run(Training.Observer observer, Checkpoint checkpoint) {
        return Objects.requireNonNull(located(() -> trainer.run(parameters, statistics, data, validationData, observer, checkpoint)));
    }

    private <T> @Nullable T located(Supplier<@Nullable T> work) {
        try {
            return work.get();
        } catch (ProblemException e) {
            throw main.network() == null ? e : main.network().located(e);
        }
    }

    TrainingOptions options() {
        return options;
    }

    Deadline deadline() {
        return deadline;
    }

    /** The parameters by the names of {@code wrt}, those too that the program never mentions, and those drawn that are not trained. */
    Map<String, Tensor> withUnused(Map<String, Tensor> trained) {
        Map<String, Tensor> all = new LinkedHashMap<>(Objects.requireNonNullElse(main.subject().drawn(), Map.of()));
        main.asked().wrt().forEach((id, node) -> all.put(id, Objects.requireNonNull(
                node == Workbench.NO_NODE ? call.inputs().get(id) : trained.get(main.program().id(node)))));
        return all;
    }

    List<Answer.Diagnostic> diagnostics() {
        Diagnostics diagnostics = new Diagnostics(main);
        diagnostics.unusedInputs();
        List<Answer.Diagnostic> found = new ArrayList<>(diagnostics.found());
        main.asked().wrt().forEach((id, node) -> {
            if (node != Workbench.NO_NODE && !trainer.hasGradient(main.program().id(node))) {
                found.add(Answer.Diagnostic.of("zero-derivative", id,
                        "the derivative of the loss by '" + id + "' is zero everywhere; it stays as it was"));
            }
        });
        return found;
    }

    Answer.Subject subject() {
        return main.subject();
    }

    @Override
    public void close() {
        benches.forEach(Workbench::close);
    }
}
