package io.chainrule.service;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.expression.LatexPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.Maths;
import io.chainrule.core.rewrite.Simplifier;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Derivatives as programs. Nothing is run, so that shapes are enough. */
@Service
public final class DerivativeService {
    /** Of a node while its graph is simplified. */
    private static final long BYTES_A_NODE = 500;
    /** In all the forms that an answer has. */
    private static final long BYTES_A_WRITTEN_NODE = 500;
    private static final long BYTES_A_WRITTEN_NUMBER = 60;

    private final ProgramReader reader;
    private final Runs runs;

    DerivativeService(ProgramReader reader, Runs runs) {
        this.reader = reader;
        this.runs = runs;
    }

    /**
     * The derivative of the output, a scalar, by each name. Inputs with neither a value nor a shape are scalars. The
     * same exceptions as {@link GradientService}.
     */
    public Answer.Derivatives derivatives(Call call, Map<String, Shape> shapes) {
        Deadline deadline = runs.deadline();
        Reading reading = reader.describe(call, shapes);
        NamedGraph parsed = reading.program();
        Set<String> wrt = new LinkedHashSet<>(call.inputs().keySet());
        shapes.keySet().stream().filter(id -> parsed.find(id) != null).forEach(wrt::add);
        for (int input : parsed.inputs()) {
            Shape declared = ((Leaf.Input) parsed.graph().op(input)).declared();
            reading.shapes().putIfAbsent(parsed.id(input), declared == null ? Shape.SCALAR : declared);
            wrt.add(parsed.id(input));
        }
        try (Workbench bench = Workbench.open(reading.differentiatedBy(List.copyOf(wrt)), runs, deadline)) {
            bench.asked().checkScalar(false);
            bench.begin();
            return new Answer.Derivatives(bench.program().outputId(), derivatives(bench), bench.subject());
        }
    }

    private static Map<String, Answer.Derivative> derivatives(Workbench bench) {
        BitSet wrt = new BitSet();
        bench.addImages(bench.asked().wrt().values(), wrt);
        Derivation derivation = Derivation.ofOnes(bench, bench.program().output(), wrt);
        Runs.checkSizes(derivation.graph(), bench.limits());
        Map<String, Answer.Derivative> derivatives = new LinkedHashMap<>();
        long nodes = 0;
        for (Map.Entry<String, Integer> entry : bench.asked().wrt().entrySet()) {
            int node = entry.getValue();
            Graph simple;
            if (node == Workbench.NO_NODE || derivation.isZero(node)) {
                simple = zeros(bench.shape(entry), bench.allowance());
            } else {
                BitSet result = new BitSet();
                result.set(derivation.cotangentNode(node));
                int needed = Activity.ancestors(derivation.graph(), result).cardinality();
                nodes += needed;
                if (nodes > bench.limits().derivedNodes()) {
                    throw Limits.exceeded("derived-nodes", LimitException.moreThan("nodes", bench.limits().derivedNodes()));
                }
                bench.allowance().growth().accept(needed * BYTES_A_NODE);
                // Its memory has been taken from the budget.
                Allowance allowance = new Allowance(bench.limits().derivedNodes(), bytes -> bench.deadline().check());
                simple = Runs.derive(
                        () -> Simplifier.simplify(derivation.graph(), derivation.cotangentNode(node), bench.graph().size(), allowance));
            }
            derivatives.put(entry.getKey(), written(simple, entry.getKey(), bench));
        }
        return derivatives;
    }

    private static Graph zeros(Shape shape, Allowance allowance) {
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int zero = Maths.broadcastTo(builder.literal(0), shape).index();
        return Simplifier.simplify(builder.build(), zero, builder.size(), allowance);
    }

    private static Answer.Derivative written(Graph graph, String by, Workbench bench) {
        long bytes = 0;
        @Nullable
        String[] names = new String[graph.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = graph.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
            bytes += BYTES_A_WRITTEN_NODE + BYTES_A_WRITTEN_NUMBER * graph.operandCount(i)
                    + (graph.op(i) instanceof Leaf.Constant ? BYTES_A_WRITTEN_NUMBER * graph.shape(i).size() : 0);
        }
        Limits.check("bytes", bytes, bench.limits().bytes());
        bench.allowance().growth().accept(bytes);
        NamedGraph program = new NamedGraph(graph, graph.size() - 1, names, node -> null);
        List<Integer> listed = IntStream.range(0, graph.size()).filter(i -> !graph.isLiteral(i)).boxed().toList();
        Set<String> given = new HashSet<>(bench.call().inputs().keySet());
        bench.program().inputs().forEach(input -> given.add(bench.program().id(input)));
        return new Answer.Derivative(Answer.Text.of(ExpressionPrinter.write(program, given)),
                LatexPrinter.derivative(program, bench.program().outputId(), by),
                NodeViews.of(program, listed, graph::shape, null, null), program.id(program.output()));
    }
}
