package io.chainrule.service;

import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.execution.Watch;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.expression.LatexPrinter;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Program;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * One method per compute endpoint. All throw {@link io.chainrule.core.graph.ProblemException},
 * {@link LimitExceededException}, {@link OverloadedException} or
 * {@link io.chainrule.core.tensor.DeadlineExceededException}; none leaves anything behind.
 */
@Service
public final class GradientService {
    private final ProgramReader reader;
    private final Runs runs;

    GradientService(ProgramReader reader, Runs runs) {
        this.reader = reader;
        this.runs = runs;
    }

    /** Values of the output and of the listed nodes. */
    public Answer.Evaluation evaluate(Call call) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            bench.begin();
            Program program = bench.program();
            BitSet results = new BitSet();
            bench.addImages(bench.listed(), results);
            results.set(bench.image(program.output()));
            Watch forward = new Watch(images(bench));
            Executor executor = bench.run(bench.graph(), results, Map.of(), forward);
            Diagnostics diagnostics = new Diagnostics(bench);
            diagnostics.unusedInputs();
            diagnostics.nonFiniteValue(forward.first());
            return new Answer.Evaluation(program.outputId(), executor.value(bench.image(program.output())),
                    NodeViews.of(bench, node -> executor.value(bench.image(node)), null), diagnostics.found(), bench.nodeCount());
        }
    }

    /** The gradient of the output by every node, with the chain's local Jacobians. */
    public Answer.Gradient gradient(Call call, @Nullable Tensor cotangent, Call.LocalJacobians jacobians) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            Program program = bench.program();
            int output = program.output();
            bench.checkSeed(cotangent);
            bench.begin();

            Derivation derivation = (cotangent == null
                    ? Derivation.ofOnes(bench, output, differentiated(bench))
                    : Derivation.of(bench, List.of(output), differentiated(bench))).countingKinks();
            LocalJacobians local = new LocalJacobians(bench, jacobians);
            BitSet results = new BitSet();
            bench.addImages(bench.listed(), results);
            results.set(bench.image(output));
            if (jacobians != Call.LocalJacobians.NONE) {
                local.nodes().forEach(node -> operands(program.graph(), node).forEach(operand -> results.set(bench.image(operand))));
            }
            results.or(derivation.cotangentsOf(bench.listed()));
            results.or(derivation.cotangentsOf(bench.wrt().values()));
            derivation.kinks().forEach(results::set);

            List<Integer> allNodes = IntStream.range(0, program.graph().size()).boxed().toList();
            Watch values = new Watch(images(bench));
            Watch gradients = new Watch(derivation.cotangentsOf(allNodes));
            Executor executor = bench.run(derivation.graph(), results,
                    derivation.seedValues(cotangent == null ? Map.of() : Map.of(output, cotangent)),
                    values, gradients);

            Diagnostics diagnostics = new Diagnostics(bench);
            diagnostics.unusedInputs();
            diagnostics.zeroGradients(bench.wrt(), derivation);
            diagnostics.nonFiniteValue(values.first());
            if (gradients.first() >= 0) {
                diagnostics.nonFiniteGradient(derivation.origin(gradients.first()));
            }
            diagnostics.kinks(derivation.kinkCounts(executor));
            IntFunction<Tensor> gradientOf = node -> derivation.cotangent(node, executor);
            return new Answer.Gradient(program.outputId(), executor.value(bench.image(output)), bench.byName(gradientOf),
                    NodeViews.of(bench, node -> executor.value(bench.image(node)), gradientOf),
                    jacobians == Call.LocalJacobians.NONE ? List.of() : local.collect(executor), diagnostics.found(), bench.nodeCount());
        }
    }

    /** Vector–Jacobian products for cotangents on any nodes. */
    public Answer.Vjp vjp(Call call, Map<String, Tensor> cotangents) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            Map<Integer, Tensor> given = bench.names().findValues(cotangents, "/cotangents");
            bench.begin();
            Derivation derivation = Derivation.of(bench, given.keySet(), onlyWrt(bench));
            BitSet results = derivation.cotangentsOf(bench.wrt().values());
            bench.addImages(given.keySet(), results);
            Executor executor = bench.run(derivation.graph(), results, derivation.seedValues(given));
            return new Answer.Vjp(values(bench, cotangents.keySet(), executor),
                    bench.byName(node -> derivation.cotangent(node, executor)), bench.nodeCount());
        }
    }

    /** Jacobian–vector products for tangents on any nodes. */
    public Answer.Jvp jvp(Call call, Map<String, Tensor> tangents, @Nullable List<String> of) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            Map<Integer, Tensor> given = bench.names().findValues(bench.withoutUnmentioned(tangents, "tangents"), "/tangents");
            Map<String, Integer> wanted = bench.wanted(of);
            bench.begin();

            GraphBuilder builder = GraphBuilder.extending(bench.graph(), bench.allowance());
            Map<Integer, Node> seeds = new LinkedHashMap<>();
            Map<Integer, Tensor> seedValues = new HashMap<>();
            given.forEach((node, value) -> {
                Node seed = builder.input("tangent", value.shape());
                seeds.put(bench.image(node), seed);
                seedValues.put(seed.index(), value);
            });
            int[] derived = Runs.derive(() -> ForwardMode.tangents(bench.graph(), builder, seeds));
            BitSet results = new BitSet();
            bench.addImages(wanted.values(), results);
            wanted.values().stream().map(node -> derived[bench.image(node)]).filter(node -> node >= 0).forEach(results::set);
            Executor executor = bench.run(builder.build(), results, seedValues);

            Map<String, Tensor> answer = new LinkedHashMap<>();
            wanted.forEach((id, node) -> {
                int tangent = derived[bench.image(node)];
                answer.put(id, tangent < 0 ? Tensor.zeros(bench.program().graph().shape(node)) : executor.value(tangent));
            });
            return new Answer.Jvp(values(bench, wanted.keySet(), executor), answer, bench.nodeCount());
        }
    }

    /** The program itself and what its gradient would cost; nothing is run. */
    public Answer.Description describe(Call call, Map<String, Shape> shapes) {
        Deadline deadline = runs.deadline();
        Map<String, Shape> known = new LinkedHashMap<>(Workbench.shapes(call.inputs()));
        known.putAll(shapes);
        Program parsed = reader.read(call.source(), call.output(), known.keySet());
        parsed.inputs().forEach(node -> {
            Shape declared = ((Leaf.Input) parsed.graph().op(node)).declared();
            if (declared != null) {
                known.putIfAbsent(parsed.id(node), declared);
            }
        });
        try (Workbench bench = Workbench.open(call, parsed, known, runs, deadline)) {
            bench.begin();
            Program program = bench.program();
            List<Answer.InputView> inputs = program.inputs().stream()
                    .map(node -> new Answer.InputView(program.id(node), program.graph().shape(node))).toList();
            return new Answer.Description(inputs, program.outputId(), NodeViews.of(bench, null, null),
                    ExpressionPrinter.print(program), LatexPrinter.print(program),
                    cost(bench), bench.nodeCount());
        }
    }

    private static Answer.Cost cost(Workbench bench) {
        Program program = bench.program();
        BitSet output = new BitSet();
        output.set(bench.image(program.output()));
        BitSet inputs = new BitSet();
        bench.addImages(program.inputs(), inputs);
        Derivation derivation = Derivation.of(bench, List.of(program.output()), inputs);
        BitSet results = derivation.cotangentsOf(program.inputs());
        results.or(output);
        CostModel forward = CostModel.of(Plan.of(bench.graph(), output));
        CostModel gradient = CostModel.of(Plan.of(derivation.graph(), results));
        return new Answer.Cost(forward.flops(), gradient.flops(), gradient.bytes());
    }

    /** Every node whose gradient the answer gives. */
    private static BitSet differentiated(Workbench bench) {
        BitSet nodes = onlyWrt(bench);
        bench.addImages(bench.listed(), nodes);
        return nodes;
    }

    private static BitSet onlyWrt(Workbench bench) {
        BitSet nodes = new BitSet();
        bench.addImages(bench.wrt().values(), nodes);
        return nodes;
    }

    /** The images of all nodes that the client wrote. */
    private static BitSet images(Workbench bench) {
        BitSet images = new BitSet();
        bench.addImages(() -> IntStream.range(0, bench.program().graph().size()).iterator(), images);
        return images;
    }

    private static List<Integer> operands(Graph graph, int node) {
        List<Integer> operands = new ArrayList<>();
        for (int k = 0; k < graph.operandCount(node); k++) {
            operands.add(graph.operand(node, k));
        }
        return operands;
    }

    private static Map<String, Tensor> values(Workbench bench, Collection<String> ids, Executor executor) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (String id : ids) {
            Integer node = bench.program().find(id);
            if (node != null) {
                values.put(id, executor.value(bench.image(node)));
            }
        }
        return values;
    }
}
