package io.chainrule.service;

import io.chainrule.core.autodiff.Compression;
import io.chainrule.core.autodiff.ForwardMode;
import io.chainrule.core.autodiff.Jacobian;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.execution.Deadline;
import io.chainrule.core.execution.Executor;
import io.chainrule.core.execution.Plan;
import io.chainrule.core.execution.Watch;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Program;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
        try (Workbench bench = open(call)) {
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
        try (Workbench bench = open(call)) {
            Program program = bench.program();
            int output = program.output();
            checkSeed(bench, cotangent);
            bench.begin();

            Derivation derivation = cotangent == null
                    ? Derivation.ofOnes(bench, output, differentiated(bench))
                    : Derivation.of(bench, List.of(output), differentiated(bench));
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
            return new Answer.Gradient(program.outputId(), executor.value(bench.image(output)), byName(bench, gradientOf),
                    NodeViews.of(bench, node -> executor.value(bench.image(node)), gradientOf),
                    jacobians == Call.LocalJacobians.NONE ? List.of() : local.collect(executor), diagnostics.found(), bench.nodeCount());
        }
    }

    /** Vector–Jacobian products for cotangents on any nodes. */
    public Answer.Vjp vjp(Call call, Map<String, Tensor> cotangents) {
        try (Workbench bench = open(call)) {
            Map<Integer, Tensor> given = bench.names().findValues(cotangents, "/cotangents");
            bench.begin();
            Derivation derivation = Derivation.of(bench, given.keySet(), onlyWrt(bench));
            BitSet results = derivation.cotangentsOf(bench.wrt().values());
            bench.addImages(given.keySet(), results);
            Executor executor = bench.run(derivation.graph(), results, derivation.seedValues(given));
            return new Answer.Vjp(values(bench, cotangents.keySet(), executor),
                    byName(bench, node -> derivation.cotangent(node, executor)), bench.nodeCount());
        }
    }

    /** Jacobian–vector products for tangents on any nodes. */
    public Answer.Jvp jvp(Call call, Map<String, Tensor> tangents, @Nullable List<String> of) {
        try (Workbench bench = open(call)) {
            Map<String, Tensor> mentioned = new LinkedHashMap<>(tangents);
            mentioned.keySet().removeIf(id -> isUnmentionedInput(bench, id, tangents));
            Map<Integer, Tensor> given = bench.names().findValues(mentioned, "/tangents");
            Map<String, Integer> wanted = wanted(bench, of);
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

    /** Jacobians of nodes by nodes. */
    public Answer.Jacobians jacobian(Call call, @Nullable List<String> of, JacobianMode mode) {
        try (Workbench bench = open(call)) {
            Map<String, Integer> wanted = wanted(bench, of);
            bench.begin();
            List<Integer> results = wanted.values().stream().map(bench::image).toList();
            List<Integer> wrt = bench.wrt().values().stream().filter(node -> node != Workbench.NO_NODE).map(bench::image).toList();
            long entries = 0;
            for (int o : results) {
                for (Map.Entry<String, Integer> w : bench.wrt().entrySet()) {
                    entries += bench.graph().shape(o).concat(shape(bench, w)).size();
                }
            }
            Limits.check("jacobian-entries", entries, bench.limits().jacobianEntries());

            Jacobian.@Nullable Mode chosen = switch (mode) {
                case AUTO -> null;
                case FORWARD -> Jacobian.Mode.FORWARD;
                case REVERSE -> Jacobian.Mode.REVERSE;
            };
            Compression compression = Compression.of(bench.graph(), results, wrt, chosen, bench.limits().jacobianEntries(),
                    bench.deadline());
            Jacobian jacobian = Runs.derive(() -> Jacobian.of(bench.graph(), results, wrt, compression, bench.allowance()));
            try (var _ = runs.admit(jacobian.cost(), entries * Double.BYTES)) {
                Jacobian.Result result = runs.run(jacobian.cost(), bench.deadline(), () -> jacobian.run(bench.inputs(), bench.deadline()));
                return collect(bench, wanted, result, jacobian);
            } catch (ProblemException e) {
                throw bench.named(e);
            }
        }
    }

    private static Answer.Jacobians collect(Workbench bench, Map<String, Integer> of, Jacobian.Result result, Jacobian jacobian) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        Map<String, Map<String, Tensor>> jacobians = new LinkedHashMap<>();
        int row = 0;
        for (String id : of.keySet()) {
            Map<String, Tensor> byWrt = new LinkedHashMap<>();
            int column = 0;
            Tensor value = result.values().get(row);
            for (Map.Entry<String, Integer> w : bench.wrt().entrySet()) {
                Shape shape = value.shape().concat(shape(bench, w));
                byWrt.put(w.getKey(),
                        w.getValue() == Workbench.NO_NODE ? Tensor.zeros(shape) : result.jacobians().get(row).get(column++).dense(shape));
            }
            values.put(id, value);
            row++;
            jacobians.put(id, byWrt);
        }
        return new Answer.Jacobians(values, jacobians, jacobian.mode().name().toLowerCase(Locale.ROOT),
                Math.toIntExact(jacobian.passes()), bench.nodeCount());
    }

    /** The program itself and what its gradient would cost; nothing is run. */
    public Answer.Description describe(Call call, Map<String, Shape> shapes) {
        Deadline deadline = runs.deadline();
        Map<String, Shape> known = new LinkedHashMap<>(shapes(call.inputs()));
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
                    ExpressionPrinter.print(program),
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

    private Workbench open(Call call) {
        Deadline deadline = runs.deadline();
        Program parsed = reader.read(call.source(), call.output(), call.inputs().keySet());
        return Workbench.open(call, parsed, shapes(call.inputs()), runs, deadline);
    }

    private static Map<String, Shape> shapes(Map<String, Tensor> inputs) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((id, value) -> shapes.put(id, value.shape()));
        return shapes;
    }

    private static void checkSeed(Workbench bench, @Nullable Tensor cotangent) {
        Program program = bench.program();
        if (cotangent != null) {
            bench.names().checkShape(program.output(), cotangent.shape(), "/cotangent");
        } else if (program.graph().hasShapes() && !program.graph().shape(program.output()).isScalar()) {
            Shape shape = program.graph().shape(program.output());
            String id = program.outputId();
            bench.names()
                    .note(Problem
                            .of(ProblemCode.NOT_SCALAR, "the output '" + id + "' has shape " + shape + ", a gradient is that of a scalar")
                            .node(id).position(program.position(program.output())).expected("[]", shape.toString())
                            .hint("reduce it, as by sum(" + id + "), or give a \"cotangent\" of shape " + shape));
        }
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

    /** An input that the program never mentions can have a tangent, of its shape; it changes nothing. */
    private static boolean isUnmentionedInput(Workbench bench, String id, Map<String, Tensor> tangents) {
        Tensor input = bench.call().inputs().get(id);
        if (input == null || bench.program().find(id) != null) {
            return false;
        }
        bench.names().checkShape(id, input.shape(), at(tangents, id).shape(), JsonPointer.of("tangents", id));
        return true;
    }

    private static <T> T at(Map<String, T> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }

    private static Map<String, Integer> wanted(Workbench bench, @Nullable List<String> of) {
        Map<String, Integer> wanted = new LinkedHashMap<>();
        if (of == null) {
            wanted.put(bench.program().outputId(), bench.program().output());
            return wanted;
        }
        for (int i = 0; i < of.size(); i++) {
            Integer node = bench.names().find(of.get(i), "/of/" + i);
            if (node != null) {
                wanted.put(of.get(i), node);
            }
        }
        return wanted;
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

    private static Map<String, Tensor> byName(Workbench bench, IntFunction<Tensor> gradientOf) {
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> entry : bench.wrt().entrySet()) {
            gradients.put(entry.getKey(),
                    entry.getValue() == Workbench.NO_NODE ? Tensor.zeros(shape(bench, entry)) : gradientOf.apply(entry.getValue()));
        }
        return gradients;
    }

    private static Shape shape(Workbench bench, Map.Entry<String, Integer> wrt) {
        return wrt.getValue() == Workbench.NO_NODE
                ? Objects.requireNonNull(bench.call().inputs().get(wrt.getKey())).shape()
                : bench.program().graph().shape(wrt.getValue());
    }
}
