package io.chainrule.service;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.autodiff.Batching;
import io.chainrule.core.autodiff.Perturbations;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One request's program on its way: read, its names resolved, its composite gates opened; and runs of graphs derived from it. */
final class Workbench implements AutoCloseable {
    /** Stands for an input of the request that the program never mentions. */
    static final int NO_NODE = -1;

    private final Reading reading;
    private final Call call;
    private final Runs runs;
    private final Deadline deadline;
    private final NamedGraph program;
    private final Samples samples;
    private Gates.@Nullable Expansion expansion;
    private Map<Integer, Integer> results = Map.of();
    private final Map<Integer, Integer> points = new HashMap<>();
    private final Asked asked;
    private final Budget.Reservation reservation;

    private Workbench(Reading reading, Runs runs, Deadline deadline, Budget.Reservation reservation) {
        this.reading = reading;
        this.call = reading.call();
        this.runs = runs;
        this.deadline = deadline;
        this.reservation = reservation;
        Problems problems = new Problems();
        this.samples = Samples.of(call.batch(), reading.shapes(), problems);
        NamedGraph written = ShapeInference.infer(reading.program(), samples.ofOne(reading.shapes()), problems);
        NamedGraph found = written == null ? reading.program() : withGates(written);
        NodeNames names = new NodeNames(found, problems);
        String output = call.output();
        Integer node = output == null ? null : names.find(output, "/output");
        this.program = output == null || node == null ? found : found.withOutput(node, output);
        this.asked = new Asked(call, program, samples, names);
    }

    /** Reads the program of a call that gives values. */
    static Workbench open(Call call, ProgramReader reader, Runs runs) {
        Deadline deadline = runs.deadline();
        return openWithValues(reader.read(call), runs, deadline);
    }

    /** For a program that gets the values that the call does not give. */
    static Workbench openWithValues(Reading reading, Runs runs, Deadline deadline) {
        return open(reading.program(), runs,
                reservation -> new Workbench(reading.begun(runs.limits(), reservation, deadline), runs, deadline, reservation));
    }

    /** For a program of which only the shapes of its inputs are known. What is wrong is noted in {@link Asked#names()}. */
    static Workbench open(Reading reading, Runs runs, Deadline deadline) {
        return open(reading.program(), runs, reservation -> new Workbench(reading, runs, deadline, reservation));
    }

    private static Workbench open(NamedGraph program, Runs runs, Function<Budget.Reservation, Workbench> prepare) {
        Budget.Reservation reservation = runs.reserveProgram(program.graph());
        try {
            return prepare.apply(reservation);
        } catch (RuntimeException e) {
            reservation.close();
            throw e;
        }
    }

    static Map<String, Shape> shapes(Map<String, Tensor> inputs) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((id, value) -> shapes.put(id, value.shape()));
        return shapes;
    }

    /** The program with gates opened or closed as the call asks; an opened one is as large as if the client had written it so. */
    private NamedGraph withGates(NamedGraph written) {
        return switch (call.gates()) {
            case AS_WRITTEN -> written;
            case EXPAND -> {
                try {
                    NamedGraph opened = Gates.open(written, new Allowance(limits().nodes(), allowance().growth()));
                    runs.reserve(opened.graph(), reservation);
                    yield opened;
                } catch (LimitException e) {
                    throw Limits.exceeded(e.limit(), e);
                }
            }
            case COLLAPSE -> {
                BitSet kept = new BitSet();
                call.asked().stream().map(written::find).filter(Objects::nonNull).forEach(kept::set);
                yield Gates.close(written, kept);
            }
        };
    }

    /** {@link #begin(Collection)} for answers with the value of the output alone. */
    void begin() {
        begin(List.of(program.output()));
    }

    /**
     * Throws what was found wrong, or else opens the composite gates so that work can begin.
     *
     * @param wanted the nodes whose values, or derivatives, the answer gives
     */
    void begin(Collection<Integer> wanted) {
        begin(wanted, List.of());
    }

    /** The same, for derivatives of the second order of the output by {@code moved} nodes; see {@link #point}. */
    void beginMoving(Collection<Integer> moved) {
        begin(List.of(program.output()), moved.stream().filter(node -> node != NO_NODE).toList());
    }

    private void begin(Collection<Integer> wanted, Collection<Integer> moved) {
        asked.names().verify();
        Runs.checkSizes(program.graph(), limits());
        expansion = Runs.derive(() -> Gates.expand(program.graph(), allowance()));
        if (moved.stream().anyMatch(node -> !(program.graph().op(node) instanceof Leaf.Input))) {
            perturb(moved);
        }
        if (samples.areReduced()) {
            reduce(wanted);
        }
    }

    private void perturb(Collection<Integer> moved) {
        Gates.Expansion opened = expansion();
        Perturbations perturbed = Runs
                .derive(() -> Perturbations.of(opened.graph(), moved.stream().map(this::image).toList(), allowance()));
        moved.forEach(node -> {
            Integer point = perturbed.points().get(image(node));
            if (point != null) {
                points.put(node, point);
            }
        });
        expansion = new Gates.Expansion(perturbed.graph(), Arrays.stream(opened.image()).map(node -> perturbed.image()[node]).toArray(),
                Arrays.stream(perturbed.source()).map(node -> opened.origin()[node]).toArray());
    }

    private void reduce(Collection<Integer> wanted) {
        Set<Integer> carriers = new HashSet<>();
        program.inputs().stream().filter(asked::isSampled).map(this::image).forEach(carriers::add);
        points.forEach((node, point) -> {
            if (asked.isSampled(node)) {
                carriers.add(point);
            }
        });
        Samples.Reduced reduced = Runs.derive(() -> samples.reduce(expansion(), carriers, new LinkedHashSet<>(wanted), allowance()));
        expansion = reduced.expansion();
        results = reduced.results();
        points.replaceAll((_, point) -> reduced.places()[point]);
    }

    /** How far a graph derived from this program may grow. */
    Allowance allowance() {
        return runs.allowance(reservation, deadline);
    }

    private Gates.Expansion expansion() {
        return Objects.requireNonNull(expansion, "begin() comes first");
    }

    Call call() {
        return call;
    }

    NamedGraph program() {
        return program;
    }

    /** What the call names of the program. */
    Asked asked() {
        return asked;
    }

    /** What answers say of the program. */
    Answer.Subject subject() {
        int nodes = (int) IntStream.range(0, program.graph().size()).filter(i -> !program.graph().isLiteral(i)).count();
        return new Answer.Subject(nodes, reading.network() == null ? null : reading.drawn());
    }

    /** The network that the program was lowered from, or null. */
    @Nullable
    LoweredNetwork network() {
        return reading.network();
    }

    /** The graph that is run and differentiated, without composite ops. */
    Graph graph() {
        return expansion().graph();
    }

    /** Where a node of the program stands in {@link #graph()}. */
    int image(int node) {
        return expansion().image()[node];
    }

    /** Where the value stands in {@link #graph()} that the answer gives of a node: its image, or that reduced over the samples. */
    int result(int node) {
        return results.getOrDefault(node, image(node));
    }

    /** The input of {@link #graph()} by which a moved node is moved: itself, or a perturbation that is added to it. */
    int point(int node) {
        return points.getOrDefault(node, image(node));
    }

    /** The node of the program to which a node of {@link #graph()} belongs. */
    int origin(int node) {
        return expansion().origin()[node];
    }

    Limits limits() {
        return runs.limits();
    }

    Deadline deadline() {
        return deadline;
    }

    void addImages(Iterable<Integer> nodes, BitSet to) {
        for (int node : nodes) {
            if (node != NO_NODE) {
                to.set(image(node));
            }
        }
    }

    /**
     * Runs a graph that extends {@link #graph()}, over all samples at once, with values for the inputs that it has beside the program's.
     *
     * @param watched sets of nodes of which the run tells the first that is not finite
     */
    Run run(Graph derived, BitSet results, Map<Integer, Tensor> seeds, BitSet... watched) {
        return run(new AnswerSize(call.isBase64()), derived, results, seeds, watched);
    }

    /** The same for an answer of this size, which may be too large. */
    Run run(AnswerSize answer, Graph derived, BitSet results, Map<Integer, Tensor> seeds, BitSet... watched) {
        Map<Integer, Tensor> placed = new LinkedHashMap<>(inputs());
        placed.putAll(seeds);
        try {
            return run(answer, mapping(derived, results, placed), placed, watched);
        } catch (ProblemException e) {
            throw named(e, derived);
        }
    }

    /** Runs a graph as it is mapped, with values for all its inputs; problems have the numbers of that graph's nodes. */
    Run run(Run.Mapping mapping, Map<Integer, Tensor> placed, BitSet... watched) {
        return run(new AnswerSize(call.isBase64()), mapping, placed, watched);
    }

    private Run run(AnswerSize answer, Run.Mapping mapping, Map<Integer, Tensor> placed, BitSet... watched) {
        Runs.checkSizes(mapping.graph(), limits());
        CostModel cost = mapping.cost();
        try (var _ = runs.admit(cost, mapping.copiedBytes())) {
            answer.check(limits());
            return runs.run(cost, deadline, () -> mapping.run(placed, deadline, watched));
        }
    }

    /** Runs a mapped graph several times, for what {@code use} takes of each run; what a run holds is given back after the last. */
    void runRepeatedly(Run.Mapping mapping, int times, IntFunction<Map<Integer, Tensor>> placed, ObjIntConsumer<Run> use) {
        Runs.checkSizes(mapping.graph(), limits());
        CostModel cost = mapping.cost();
        Limits.check("flops", (long) Math.min(Long.MAX_VALUE, (double) times * cost.flops()), limits().flops());
        try (Budget.Reservation reservation = runs.admit(cost, 0)) {
            for (int i = 0; i < times; i++) {
                int number = i;
                use.accept(runs.run(cost, deadline, () -> mapping.run(placed.apply(number), deadline)), i);
            }
            reservation.release();
        }
    }

    /** What such a run costs. */
    CostModel cost(Graph derived, BitSet results) {
        return mapping(derived, results, Map.of()).cost();
    }

    private Run.Mapping mapping(Graph derived, BitSet results, Map<Integer, Tensor> placed) {
        Map<Integer, Integer> lengths = sampleLengths();
        placed.forEach((node, value) -> {
            if (!value.shape().equals(derived.shape(node))) {
                lengths.put(node, samples.length());
            }
        });
        return over(lengths, derived, results);
    }

    /** A graph as it is run: over all samples, where the nodes with these lengths carry them. */
    Run.Mapping over(Map<Integer, Integer> lengths, Graph graph, BitSet results) {
        return samples.keepAxis()
                ? Runs.derive(() -> Run.Mapping.over(Batching.of(graph, results, lengths, allowance()), samples.length(), results))
                : Run.Mapping.of(graph, results);
    }

    /** The number of samples by input of {@link #graph()} over which runs of it are mapped; empty where they are not. */
    Map<Integer, Integer> sampleLengths() {
        return samples.lengths(program.inputs().stream().filter(asked::isSampled).map(this::image).toList());
    }

    Samples samples() {
        return samples;
    }

    /** The same problems, with the name and place of the client's node that met them in a run of a graph that extends {@link #graph()}. */
    ProblemException named(ProblemException e, Graph derived) {
        ProblemException named = new Culprits(program, expansion()).named(e, derived);
        return network() == null ? named : network().located(named);
    }

    /** The inputs' values by node of {@link #graph()}. */
    Map<Integer, Tensor> inputs() {
        Map<Integer, Tensor> values = new LinkedHashMap<>();
        for (int node : program.inputs()) {
            Leaf.Input input = (Leaf.Input) program.graph().op(node);
            values.put(image(node), Objects.requireNonNull(call.inputs().get(input.id())));
        }
        points.values().forEach(point -> values.put(point, Perturbations.none(graph().shape(point))));
        return values;
    }

    Runs runs() {
        return runs;
    }

    /** A derivative for each name that the request is to be differentiated by; zero where nothing depends on it. */
    Map<String, Tensor> byName(IntFunction<Tensor> derivativeBy) {
        Map<String, Tensor> derivatives = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> entry : asked.wrt().entrySet()) {
            derivatives.put(entry.getKey(),
                    entry.getValue() == NO_NODE ? Tensor.zeros(answered(shape(entry))) : derivativeBy.apply(entry.getValue()));
        }
        return derivatives;
    }

    /** The shape in {@link #graph()} of what a name of {@link Asked#wrt()} stands for. */
    Shape shape(Map.Entry<String, Integer> entry) {
        if (entry.getValue() != NO_NODE) {
            return graph().shape(image(entry.getValue()));
        }
        Shape given = Objects.requireNonNull(call.inputs().get(entry.getKey())).shape();
        return samples.keepAxis() && samples.carriedBy(entry.getKey()) ? given.sub(1, given.rank()) : given;
    }

    /** What the answer says of the program, and the values of these nodes. */
    AnswerSize answerSize(Collection<Integer> values) {
        AnswerSize size = new AnswerSize(call.isBase64());
        if (network() != null) {
            reading.drawn().forEach((id, value) -> size.named(id, value.shape()));
        }
        values.forEach(node -> size.named(program.id(node), answered(node)));
        return size;
    }

    /** A derivative for each name that the request is to be differentiated by. */
    AnswerSize derivatives(AnswerSize size) {
        asked.wrt().entrySet().forEach(entry -> size.named(entry.getKey(), answered(shape(entry))));
        return size;
    }

    /** The shape in the answer of what has this shape in {@link #graph()}. */
    Shape answered(Shape shape) {
        return samples.keepAxis() ? samples.all(shape) : shape;
    }

    /** The shape in the answer of a node's value, and of its gradient where that is given for each sample. */
    Shape answered(int node) {
        return answered(program.graph().shape(node));
    }

    @Override
    public void close() {
        reservation.close();
    }
}
