package io.chainrule.service;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.execution.Watch;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.Program;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One request's program on its way: read, its names resolved, its composite gates opened; and runs of graphs derived from it. */
final class Workbench implements AutoCloseable {
    /** Stands for an input of the request that the program never mentions. */
    static final int NO_NODE = -1;

    private final Call call;
    private final Runs runs;
    private final Deadline deadline;
    private final Program program;
    private Gates.@Nullable Expansion expansion;
    private final NodeNames names;
    private final List<Integer> listed;
    private final Map<String, Integer> wrt;
    private final Budget.Reservation reservation;

    private Workbench(Call call, Program parsed, Map<String, Shape> shapes, Runs runs, Deadline deadline, Budget.Reservation reservation) {
        this.call = call;
        this.runs = runs;
        this.deadline = deadline;
        this.reservation = reservation;
        Problems problems = new Problems();
        Program written = ShapeInference.infer(parsed, shapes, problems);
        this.names = new NodeNames(written == null ? parsed : written, problems);
        String asked = call.output();
        Integer output = asked == null ? null : names.find(asked, "/output");
        Program found = written == null ? parsed : written;
        this.program = asked == null || output == null ? found : found.withOutput(output, asked);
        this.listed = listed(call.nodes());
        this.wrt = wrt(call.wrt());
    }

    /** For a program without shapes yet; {@code shapes} are those of its inputs. What is wrong is noted in {@link #names()}. */
    static Workbench open(Call call, Program parsed, Map<String, Shape> shapes, Runs runs, Deadline deadline) {
        Budget.Reservation reservation = runs.reserveProgram(parsed.graph());
        try {
            return new Workbench(call, parsed, shapes, runs, deadline, reservation);
        } catch (RuntimeException e) {
            reservation.close();
            throw e;
        }
    }

    /** Throws what was found wrong, or else opens the composite gates so that work can begin. */
    void begin() {
        names.verify();
        Runs.checkSizes(program.graph(), limits());
        expansion = Runs.derive(() -> Gates.expand(program.graph(), allowance()));
    }

    /** How far a graph derived from this program may grow. */
    Allowance allowance() {
        return runs.allowance(reservation, deadline);
    }

    private List<Integer> listed(Call.NodeSelection selection) {
        Graph graph = program.graph();
        List<Integer> nodes = new ArrayList<>();
        switch (selection) {
            case Call.NodeSelection.None() -> {
            }
            case Call.NodeSelection.Ids(var ids) -> nodes.addAll(names.findAll(ids, "/nodes").stream().distinct().sorted().toList());
            case Call.NodeSelection.All(),Call.NodeSelection.Named() -> {
                boolean all = selection instanceof Call.NodeSelection.All;
                for (int i = 0; i < graph.size(); i++) {
                    if (!graph.isLiteral(i) && (all || program.isNamed(i))) {
                        nodes.add(i);
                    }
                }
            }
        }
        return nodes;
    }

    private Map<String, Integer> wrt(@Nullable List<String> ids) {
        Map<String, Integer> found = new LinkedHashMap<>();
        if (ids == null) {
            call.inputs().keySet().forEach(id -> found.put(id, Objects.requireNonNullElse(program.find(id), NO_NODE)));
            return found;
        }
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            boolean unmentioned = call.inputs().containsKey(id) && program.find(id) == null;
            Integer node = unmentioned ? Integer.valueOf(NO_NODE) : names.find(id, "/wrt/" + i);
            if (node != null) {
                found.put(id, node);
            }
        }
        return found;
    }

    private Gates.Expansion expansion() {
        return Objects.requireNonNull(expansion, "begin() comes first");
    }

    Call call() {
        return call;
    }

    Program program() {
        return program;
    }

    NodeNames names() {
        return names;
    }

    /** How many nodes the client wrote. */
    int nodeCount() {
        return (int) IntStream.range(0, program.graph().size()).filter(i -> !program.graph().isLiteral(i)).count();
    }

    /** The graph that is run and differentiated, without composite ops. */
    Graph graph() {
        return expansion().graph();
    }

    /** Where a node of the program stands in {@link #graph()}. */
    int image(int node) {
        return expansion().image()[node];
    }

    /** The node of the program to which a node of {@link #graph()} belongs. */
    int origin(int node) {
        return expansion().origin()[node];
    }

    /** The nodes that the answer lists, in topological order. */
    List<Integer> listed() {
        return listed;
    }

    /** Nodes by the names under which the answer gives derivatives; {@link #NO_NODE} where nothing depends on the name. */
    Map<String, Integer> wrt() {
        return wrt;
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

    /** Runs a graph that extends {@link #graph()}, with values for the inputs that it has beside the program's. */
    Executor run(Graph derived, BitSet results, Map<Integer, Tensor> seeds, Watch... watches) {
        Runs.checkSizes(derived, limits());
        Plan plan = Plan.of(derived, results);
        CostModel cost = CostModel.of(plan);
        try (var _ = runs.admit(cost, 0)) {
            Executor executor = new Executor(plan, deadline);
            inputs().forEach(executor::place);
            seeds.forEach(executor::place);
            for (Watch watch : watches) {
                executor.watch(watch);
            }
            return runs.run(cost, deadline, () -> {
                try {
                    executor.run();
                } catch (ProblemException e) {
                    throw named(e, executor.current());
                }
                return executor;
            });
        }
    }

    private ProblemException named(ProblemException e, int node) {
        boolean isClients = node < graph().size();
        return isClients
                ? new ProblemException(e.problems().stream().map(problem -> problem.node(program.id(origin(node)))).toList())
                : e;
    }

    /** The inputs' values by node of {@link #graph()}. */
    Map<Integer, Tensor> inputs() {
        Map<Integer, Tensor> values = new LinkedHashMap<>();
        for (int node : program.inputs()) {
            Leaf.Input input = (Leaf.Input) program.graph().op(node);
            values.put(image(node), Objects.requireNonNull(call.inputs().get(input.id())));
        }
        return values;
    }

    Runs runs() {
        return runs;
    }

    @Override
    public void close() {
        reservation.close();
    }
}
