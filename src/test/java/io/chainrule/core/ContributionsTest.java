package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Contributions to gradients: they add up to these, and local derivatives are those of differences. */
class ContributionsTest {

    static Outcome explained(String text, Map<String, Tensor> inputs, Signature.GateForm gates) {
        return outcome(text, inputs, gates, Transformation.Extra.CONTRIBUTIONS);
    }

    private static Outcome outcome(String text, Map<String, Tensor> inputs, Signature.GateForm gates, Transformation.Extra extra) {
        Transformation asked = new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.ALL, extra);
        Signature signature = Signature.of(asked, Shapes.ofValues(inputs)).withNodes(new Signature.NodeSelection.All()).withGates(gates);
        BuildLimits limits = BuildLimits.GENEROUS;
        BoundProgram bound = Program.parse(text).bind(signature, limits);
        return CompiledFunction.of(bound, limits).call(inputs);
    }

    @ParameterizedTest
    @EnumSource(Signature.GateForm.Whole.class)
    void addUpToTheGradientBitForBit(Signature.GateForm gates) {
        int contributions = 0;
        for (long seed = 0; seed < 500; seed++) {
            String text = RandomText.program(seed);
            Map<String, Tensor> inputs = RandomText.inputs(seed);
            Outcome outcome = explained(text, inputs, gates);
            Outcome plain = outcome(text, inputs, gates, Transformation.Extra.NOTHING);
            NamedGraph program = outcome.function().bound().program();
            IntFunction<List<Contribution>> all = outcome.contributions()::of;
            for (int node = 0; node < program.graph().size(); node++) {
                if (program.graph().isLiteral(node)) {
                    continue;
                }
                List<Contribution> found = all.apply(node);
                double[] gradient = outcome.gradient(node).data();
                assertThat(bits(gradient)).as(text + "\n" + program.id(node)).isEqualTo(bits(plain.gradient(node).data()));
                if (node != program.output()) {
                    assertThat(bits(sum(found, gradient.length))).as(text + "\n" + program.id(node)).isEqualTo(bits(gradient));
                }
                contributions += found.size();
            }
        }
        assertThat(contributions).isGreaterThan(10_000);
    }

    private static double[] sum(List<Contribution> contributions, int length) {
        double[] sum = contributions.isEmpty() ? new double[length] : contributions.getFirst().value().data().clone();
        contributions.stream().skip(1).forEach(next -> Arrays.setAll(sum, i -> sum[i] + next.value().data()[i]));
        return sum;
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    @Test
    void localDerivativesAreThoseOfDifferences() {
        int checked = 0;
        for (long seed = 0; seed < 60; seed++) {
            checked += checkLocals(explained(RandomText.program(seed), RandomText.inputs(seed), Signature.GateForm.Whole.AS_WRITTEN));
        }
        assertThat(checked).isGreaterThan(1000);
    }

    static Stream<OpDefinition> elementwise() {
        return OpCatalogue.all().stream().filter(op -> op.family() == Family.ELEMENTWISE);
    }

    @ParameterizedTest
    @MethodSource("elementwise")
    void localDerivativesOfEveryOpAreThoseOfDifferences(OpDefinition op) {
        checkLocals(explained(op.example(), op.exampleInputs(), Signature.GateForm.Whole.AS_WRITTEN));
    }

    /** Compares the local derivatives of all ops with differences, but for those on a kink; returns how many there are. */
    private static int checkLocals(Outcome outcome) {
        BoundProgram bound = outcome.function().bound();
        IntFunction<List<Contribution>> all = outcome.contributions()::of;
        Map<List<Integer>, double[]> locals = new LinkedHashMap<>();
        for (NodeDescription node : bound.listed()) {
            for (Contribution found : all.apply(node.node())) {
                Tensor local = found.local();
                if (local != null) {
                    double[] sum = locals.computeIfAbsent(List.of(found.to(), found.operand()), _ -> new double[local.length()]);
                    Arrays.setAll(sum, i -> sum[i] + local.data()[i]);
                    assertThat(found.upstream().shape()).isEqualTo(local.shape());
                }
            }
        }
        locals.keySet().removeIf(edge -> outcome.findings().kinks().containsKey(edge.getFirst()));
        locals.forEach((edge, local) -> {
            double[] difference = difference(outcome, edge.getFirst(), edge.getLast());
            for (int i = 0; i < difference.length; i++) {
                assertThat(local[i]).as(bound + "\n" + edge + " " + i)
                        .isCloseTo(difference[i], within(1e-6 * Math.max(1, Math.abs(difference[i]))));
            }
        });
        return locals.size();
    }

    /** The central difference of one op by all elements of an operand at once, which is the diagonal of its Jacobian. */
    private static double[] difference(Outcome outcome, int node, int operand) {
        NodeDescription op = outcome.function().bound().listed().stream().filter(each -> each.node() == node).findFirst().orElseThrow();
        List<Object> operands = new ArrayList<>();
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (Object input : op.inputs()) {
            operands.add(input instanceof String ? "x" + operands.size() : input);
            if (input instanceof String id) {
                Tensor value = outcome.value(id);
                values.put("x" + (operands.size() - 1), value);
            }
        }
        double step = 1e-5;
        Program alone = Program.of(new Source.Nodes(List.of(new NodeSpec("y", op.op(), operands, op.attributes())), "y"), 10);
        double[] up = value(alone, values, operand, step);
        double[] down = value(alone, values, operand, -step);
        Arrays.setAll(up, i -> (up[i] - down[i]) / (2 * step));
        return up;
    }

    private static double[] value(Program program, Map<String, Tensor> values, int operand, double step) {
        Map<String, Tensor> moved = new LinkedHashMap<>(values);
        moved.computeIfPresent("x" + operand, (_, value) -> {
            Tensor other = value.copy();
            Arrays.setAll(other.data(), i -> other.data()[i] + step);
            return other;
        });
        Signature signature = Signature.of(new Transformation.Value(), Shapes.ofValues(moved));
        return CompiledFunction.of(program.bind(signature, BuildLimits.GENEROUS), BuildLimits.GENEROUS).call(moved).value().data();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            // A read twice by one op, once as each operand.
            "f = x * x | x | f.0 f.1",
            // Later readers come first on the way back.
            "a = 2 * x; b = 3 * x; f = a + b | x | b.1 a.1",
            // A composite gate whose circuit reads its operand twice.
            "f = mish(x) | x | f.0",
            // Elements are added last, those read first come first; the plain reader before them.
            "f = v[0] * v[1] + sum(v) | v | sum_1.0 index_1.0 index_2.0"})
    void saysWhoReads(String text, String of, String readers) {
        Outcome outcome = explained(text, Map.of("x", Tensor.scalar(2), "v", Tensor.vector(1, 2, 3)),
                Signature.GateForm.Whole.AS_WRITTEN);
        NamedGraph program = outcome.function().bound().program();
        List<Contribution> found = outcome.contributions().of(Objects.requireNonNull(program.find(of)));
        assertThat(found.stream().map(each -> program.id(each.to()) + "." + each.operand()).distinct()).containsExactly(readers.split(" "));
    }

    @Test
    void samplesHaveTheirOwn() {
        Transformation asked = new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.ALL,
                Transformation.Extra.CONTRIBUTIONS);
        Map<String, Tensor> inputs = Map.of("x", Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}), "w", Tensor.vector(5, 6));
        Signature signature = Signature.of(asked, Shapes.ofValues(inputs)).withNodes(new Signature.NodeSelection.All())
                .withBatch(new Signature.Batch(List.of("x"), Signature.Reduction.NONE));
        Outcome outcome = CompiledFunction.of(Program.parse("p = w * x\nf = sum(p)").bind(signature, BuildLimits.GENEROUS),
                BuildLimits.GENEROUS).call(inputs);
        Contribution only = outcome.contributions()
                .of(Objects.requireNonNull(outcome.function().bound().program().find("w"))).getFirst();
        assertThat(only.local()).isEqualTo(inputs.get("x"));
        assertThat(only.value()).isEqualTo(outcome.gradient("w"));
        assertThat(only.value().shape()).isEqualTo(Shape.of(2, 2));
    }
}
