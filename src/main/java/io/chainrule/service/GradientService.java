package io.chainrule.service;

import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.expression.LatexPrinter;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
            NamedGraph program = bench.program();
            BitSet results = new BitSet();
            bench.addImages(bench.asked().listed(), results);
            results.set(bench.result(program.output()));
            AnswerSize size = bench.answerSize(List.of(program.output())).nodes(program, bench.asked().listed(), bench::answered, 1);
            Run run = bench.run(size, bench.graph(), results, Map.of(), images(bench));
            Diagnostics diagnostics = new Diagnostics(bench);
            diagnostics.unusedInputs();
            diagnostics.nonFiniteValue(run.firstNonFinite(0));
            return new Answer.Evaluation(program.outputId(), run.value(bench.result(program.output())),
                    NodeViews.of(bench, node -> run.value(bench.image(node)), null), diagnostics.found(), bench.subject());
        }
    }

    /** The gradient of the output by every node, with the chain's local Jacobians. */
    public Answer.Gradient gradient(Call call, @Nullable Tensor cotangent, Call.LocalJacobians jacobians) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            NamedGraph program = bench.program();
            int output = program.output();
            bench.asked().checkSeed(cotangent);
            bench.begin();

            Derivation derivation = (cotangent == null
                    ? Derivation.ofOnes(bench, output, differentiated(bench))
                    : Derivation.of(bench, List.of(output), differentiated(bench))).countingKinks();
            LocalJacobians local = new LocalJacobians(bench, bench.samples().areReduced() ? Call.LocalJacobians.NONE : jacobians);
            BitSet results = new BitSet();
            bench.addImages(bench.asked().listed(), results);
            results.set(bench.result(output));
            local.nodes().forEach(node -> operands(program.graph(), node).forEach(operand -> results.set(bench.image(operand))));
            results.or(derivation.cotangentsOf(bench.asked().listed()));
            results.or(derivation.cotangentsOf(bench.asked().wrt().values()));
            derivation.kinks().forEach(results::set);

            List<Integer> allNodes = IntStream.range(0, program.graph().size()).boxed().toList();
            Map<Integer, Tensor> seeds = derivation.seedValues(cotangent == null ? Map.of() : Map.of(output, cotangent));
            AnswerSize size = local.measure(bench.derivatives(bench.answerSize(List.of(output))))
                    .nodes(program, bench.asked().listed(), bench::answered, 2);
            Run run = bench.run(size, derivation.graph(), results, seeds, images(bench), derivation.cotangentsOf(allNodes));

            Diagnostics diagnostics = new Diagnostics(bench);
            diagnostics.unusedInputs();
            diagnostics.zeroGradients(bench.asked().wrt(), derivation);
            diagnostics.nonFiniteValue(run.firstNonFinite(0));
            int firstGradient = run.firstNonFinite(1);
            if (firstGradient >= 0) {
                diagnostics.nonFiniteGradient(derivation.origin(firstGradient));
            }
            diagnostics.kinks(derivation.kinkCounts(run));
            IntFunction<Tensor> gradientOf = node -> derivation.cotangent(node, run);
            Map<String, Tensor> gradients = bench.byName(gradientOf);
            diagnostics.vanishedGradients(bench.asked().wrt(), derivation, seeds, gradients);
            diagnostics.stretchedLosses();
            return new Answer.Gradient(program.outputId(), run.value(bench.result(output)), gradients,
                    NodeViews.of(bench, node -> run.value(bench.image(node)), gradientOf),
                    local.collect(run), diagnostics.found(), bench.subject());
        }
    }

    /** Vector–Jacobian products for cotangents on any nodes. */
    public Answer.Vjp vjp(Call call, Map<String, Tensor> cotangents) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            Map<Integer, Tensor> given = bench.asked().cotangents(cotangents);
            bench.begin(given.keySet());
            Derivation derivation = Derivation.of(bench, given.keySet(), onlyWrt(bench));
            BitSet results = derivation.cotangentsOf(bench.asked().wrt().values());
            given.keySet().forEach(node -> results.set(bench.result(node)));
            AnswerSize size = bench.derivatives(bench.answerSize(given.keySet()));
            Run run = bench.run(size, derivation.graph(), results, derivation.seedValues(given));
            return new Answer.Vjp(values(bench, cotangents.keySet(), run),
                    bench.byName(node -> derivation.cotangent(node, run)), bench.subject());
        }
    }

    /** Jacobian–vector products for tangents on any nodes. */
    public Answer.Jvp jvp(Call call, Map<String, Tensor> tangents, @Nullable List<String> of) {
        try (Workbench bench = Workbench.open(call, reader, runs)) {
            Map<Integer, Tensor> given = bench.asked().directions(tangents, "tangents");
            Map<String, Integer> wanted = bench.asked().wanted(of);
            bench.begin(wanted.values());
            AnswerSize size = bench.answerSize(wanted.values());
            wanted.forEach((id, node) -> size.named(id, bench.answered(node)));
            Tangents derived = Tangents.of(bench, bench.graph(), given);
            BitSet results = new BitSet();
            wanted.values().forEach(node -> {
                int result = bench.result(node);
                results.set(result);
                if (derived.nodes()[result] >= 0) {
                    results.set(derived.nodes()[result]);
                }
            });
            Run run = bench.run(size, derived.graph(), results, derived.seeds());
            Map<String, Tensor> answer = new LinkedHashMap<>();
            wanted.forEach((id, node) -> {
                int tangent = derived.nodes()[bench.result(node)];
                answer.put(id, tangent < 0 ? Tensor.zeros(bench.answered(node)) : run.value(tangent));
            });
            return new Answer.Jvp(values(bench, wanted.keySet(), run), answer, bench.subject());
        }
    }

    /** The program itself and what its gradient would cost; nothing is run. */
    public Answer.Description describe(Call call, Map<String, Shape> shapes) {
        Deadline deadline = runs.deadline();
        Reading reading = reader.describe(call, shapes);
        reading.program().inputs().forEach(node -> {
            Shape declared = ((Leaf.Input) reading.program().graph().op(node)).declared();
            if (declared != null) {
                reading.shapes().putIfAbsent(reading.program().id(node), declared);
            }
        });
        try (Workbench bench = Workbench.open(reading, runs, deadline)) {
            bench.begin();
            NamedGraph program = bench.program();
            List<Answer.InputView> inputs = program.inputs().stream()
                    .map(node -> new Answer.InputView(program.id(node), bench.asked().inputShape(node))).toList();
            return new Answer.Description(inputs, program.outputId(), NodeViews.of(bench, null, null),
                    Answer.Text.of(ExpressionPrinter.write(program, reading.shapes().keySet())), LatexPrinter.print(program),
                    cost(bench), layers(bench), bench.subject());
        }
    }

    /** With the operations of the nodes inside each layer; null where the program is no network. */
    private static @Nullable List<Answer.LayerView> layers(Workbench bench) {
        LoweredNetwork network = bench.network();
        if (network == null) {
            return null;
        }
        Map<String, Long> flops = new HashMap<>();
        network.layers().forEach(layer -> flops.put(layer.name(), 0L));
        Graph graph = bench.graph();
        for (int i = 0; i < graph.size(); i++) {
            if (!graph.isLeaf(i)) {
                long ofNode = bench.samples().count() * graph.op(i).flops(graph.operandShapes(i), graph.shape(i));
                flops.computeIfPresent(owner(bench.program().id(bench.origin(i)), flops.keySet()), (_, sum) -> sum + ofNode);
            }
        }
        return network.layers().stream().map(layer -> new Answer.LayerView(layer.name(), layer.type(), bench.answered(layer.outputShape()),
                layer.parameters(), Objects.requireNonNull(flops.get(layer.name())))).toList();
    }

    /** The layer of a node {@code hidden} or {@code hidden/op_1}. */
    private static String owner(String id, Set<String> layers) {
        String owner = id;
        while (!layers.contains(owner) && owner.contains("/")) {
            owner = owner.substring(0, owner.lastIndexOf('/'));
        }
        return owner;
    }

    private static Answer.Cost cost(Workbench bench) {
        NamedGraph program = bench.program();
        BitSet output = new BitSet();
        output.set(bench.result(program.output()));
        BitSet inputs = new BitSet();
        bench.addImages(program.inputs(), inputs);
        Derivation derivation = Derivation.of(bench, List.of(program.output()), inputs);
        BitSet results = derivation.cotangentsOf(program.inputs());
        results.or(output);
        CostModel forward = bench.cost(bench.graph(), output);
        CostModel gradient = bench.cost(derivation.graph(), results);
        return new Answer.Cost(forward.flops(), gradient.flops(), gradient.bytes());
    }

    /** Every node whose gradient the answer gives. */
    private static BitSet differentiated(Workbench bench) {
        BitSet nodes = onlyWrt(bench);
        bench.addImages(bench.asked().listed(), nodes);
        return nodes;
    }

    private static BitSet onlyWrt(Workbench bench) {
        BitSet nodes = new BitSet();
        bench.addImages(bench.asked().wrt().values(), nodes);
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

    private static Map<String, Tensor> values(Workbench bench, Collection<String> ids, Run run) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (String id : ids) {
            Integer node = bench.program().find(id);
            if (node != null) {
                values.put(id, run.value(bench.result(node)));
            }
        }
        return values;
    }
}
