package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Shapes;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.InputSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Tasks that go to another process as JSON: the service writes it by Jackson 3, and Spark brings Jackson 2, which reads it. */
class RowTaskTest {
    private static final RowPolicy POLICY = new RowPolicy(RowPolicy.OnCell.NAN, RowPolicy.OnResult.SKIP, RowPolicy.OnResult.KEEP, 7);
    private static final Source.Network NETWORK = new Source.Network(new NetworkSpec(new InputSpec("x", Shape.of(3)),
            List.of(new LayerSpec("dense", "first", Map.of("units", 3.0, "activation", "tanh"), List.of(),
                    new InitializerSpec("normal", Map.of("stddev", 0.1))),
                    new LayerSpec("residual", null, Map.of(), List.of(new LayerSpec("dense", null, Map.of("units", 3.0), List.of(), null)),
                            null),
                    new LayerSpec("dense", null, Map.of("units", 2.0), List.of(), null)),
            new LossSpec("mse", "y", Map.of()), 0, 1e-4), InitializerSpec.DEFAULT, true, 1L << 60);
    private static final StoredProgram MODEL = new StoredProgram("digest", new Source.Nodes(List.of(
            new NodeSpec("x", "input", List.of(), Map.of()), new NodeSpec("k", "input", List.of(), Map.of()),
            new NodeSpec("f", "mul", List.of("x", "k"), Map.of())), "f"), List.of("x"),
            Map.of("x", new DeclaredShape(List.of("n", 3))), Shapes.of(Map.of("k", Shape.of(3))));

    private static RowTask sent(RowTask task) {
        try {
            Map<String, Object> read = new ObjectMapper().readValue(new JsonMapper().writeValueAsString(task.plain()),
                    new TypeReference<Map<String, Object>>() {});
            return RowTask.of(read);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RowTask task(Source source, List<RowInput> inputs, Map<String, Tensor> fixed) {
        return new RowTask(new RowProgram(source, Derivatives.NONE, null, inputs, fixed), POLICY,
                new RowTask.Results.Reduced(Moments.Order.SECOND));
    }

    static Stream<RowTask> tasks() {
        List<RowInput> vector = List.of(new RowInput.Vector("x", List.of("a", "b", "c")));
        Map<String, Tensor> k = Map.of("k", Tensor.vector(1, -0.0, Double.MIN_VALUE));
        return Stream.of(
                new RowTask(new RowProgram(new Source.Text("y = w * a\nz = y + 1"), "y", Derivatives.HESSIAN, List.of("w"), List.of("z"),
                        List.of(new RowInput.Scalar("a", "column \"one\", ü")), Map.of("w", Tensor.scalar(0.1)), -5), POLICY,
                        new RowTask.Results.Written(RowWriter.Form.RAW)),
                task(new Source.Text("sum(m(x))", Map.of("m", MODEL)), vector, Map.of("m.k", Tensor.vector(1, 2, 3))),
                task(new Source.Nodes(List.of(new NodeSpec("x", "input", List.of(), Map.of("shape", List.of(2.0))),
                        new NodeSpec("c", "constant", List.of(), Map.of("value", Tensor.matrix(new double[]{1, Double.NaN}))),
                        new NodeSpec("s", "sum", List.of("x"), Map.of("axis", 0.0, "keepdims", false)),
                        new NodeSpec("f", "add", List.of("s", Double.NEGATIVE_INFINITY), Map.of())), "f"),
                        List.of(new RowInput.Array("x", "v", Shape.of(2))), Map.of()),
                task(new Source.Nodes(List.of(new NodeSpec("f", "exp", List.of("x"), Map.of())), "y", Map.of(), Map.of("y", "f")), vector,
                        Map.of()),
                task(new Source.Stored(MODEL), vector, k),
                task(NETWORK, List.of(new RowInput.Array("x", "v", Shape.of(3)), new RowInput.Vector("y", List.of("p", "q"))), Map.of()),
                task(new Source.Stored(new StoredProgram("other", NETWORK.inTraining(false), List.of("x"), Map.of(), Shapes.NONE)), vector,
                        Map.of()));
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void everyKindOfProgramArrivesAsItWasSent(RowTask task) {
        assertThat(sent(task)).isEqualTo(task);
        assertThat(sent(task).plain()).isEqualTo(task.plain());
    }

    /** A stored program is equal by its digest alone, so that what it is made of is compared here. */
    @Test
    void aStoredProgramArrivesWithAllThatItIsMadeOf() {
        RowTask task = task(new Source.Stored(MODEL), List.of(), Map.of());
        StoredProgram found = ((Source.Stored) sent(task).program().source()).program();
        assertThat(found.source()).isEqualTo(MODEL.source());
        assertThat(found.inputs()).isEqualTo(MODEL.inputs());
        assertThat(found.declared()).isEqualTo(MODEL.declared());
        assertThat(found.kept()).isEqualTo(MODEL.kept());
    }

    @Test
    void eachBitOfANumberArrives() {
        Random random = new Random(11);
        double[] bits = random.longs(10_000).mapToDouble(Double::longBitsToDouble).toArray();
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("all", Tensor.of(Shape.of(100, 100), bits));
        values.put("empty", Tensor.of(Shape.of(0, 3)));
        Map<String, Tensor> found = sent(task(new Source.Text("x"), List.of(), values)).program().fixed();
        Tensor all = Objects.requireNonNull(found.get("all"));
        assertThat(all.shape()).isEqualTo(Shape.of(100, 100));
        for (int i = 0; i < bits.length; i++) {
            assertThat(Double.doubleToRawLongBits(all.data()[i])).isEqualTo(Double.doubleToRawLongBits(bits[i]));
        }
        assertThat(Objects.requireNonNull(found.get("empty")).shape()).isEqualTo(Shape.of(0, 3));
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (int i = 0; i < 1_000; i++) {
            if (!Double.isNaN(bits[i])) {
                attributes.put("a" + i, bits[i]);
            }
        }
        attributes.put("list", List.of(-0.0, Double.NaN, true, "text", List.of(1e23)));
        RowTask nodes = task(new Source.Nodes(List.of(new NodeSpec("n", "op", List.of(), attributes)), null), List.of(), Map.of());
        assertThat(sent(nodes)).isEqualTo(nodes);
    }

    /** The function is compiled twice; the rows come to the same bits. */
    @Test
    void aProgramThatWasSentComputesTheSameBits() {
        RowTask task = new RowTask(new RowProgram(NETWORK.inTraining(false), null, Derivatives.GRADIENT, null, List.of(),
                List.of(new RowInput.Vector("x", List.of("a", "b", "c")), new RowInput.Vector("y", List.of("p", "q"))), Map.of(), 42),
                new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL), new RowTask.Results.Reduced(Moments.Order.FIRST));
        List<String[]> rows = List.<String[]>of(new String[]{"0.1", "0.2", "-0.3", "1", "2"}, new String[]{"4", "-5", "6", "0.5", "0.25"});
        RowReduction expected = reduced(task, rows);
        assertThat(expected.count()).isEqualTo(2);
        assertThat(reduced(sent(task), rows).toBytes()).isEqualTo(expected.toBytes());
    }

    private static RowReduction reduced(RowTask task, List<String[]> rows) {
        RowFunction function = RowFunction.of(task.program(), BuildLimits.GENEROUS);
        RowReduction reduction = new RowReduction(function.quantities(), Moments.Order.FIRST);
        RowRun run = function.start("", task.policy(), reduction, Parallel.NONE);
        for (int row = 0; row < rows.size(); row++) {
            run.begin(row + 1L);
            for (int column = 0; column < rows.get(row).length; column++) {
                run.cell(column, rows.get(row)[column]);
            }
            run.end();
        }
        run.finish();
        return reduction;
    }

    @Test
    void whatIsNoTaskIsRefused() {
        Map<String, Object> plain = task(new Source.Text("x"), List.of(), Map.of()).plain();
        plain.remove("derivatives");
        assertThatThrownBy(() -> RowTask.of(plain)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'derivatives'");
    }

    /** Parts count their rows by themselves; in the end rows are counted through, those before a part first. */
    @Test
    void rowsOfPartsAreCountedThrough() {
        RowTally all = new RowTally(2);
        for (String part : List.of("10", "02", "00")) {
            RowTally one = new RowTally(2);
            RowFault fault = new RowFault(part, 5, RowFault.Kind.MISSING_CELL, "x", "", "a number");
            one.add(fault);
            one.fail(fault);
            all.add(one);
        }
        RowTally found = all.countedThrough(part -> 100L * Integer.parseInt(part));
        assertThat(found.faults()).extracting(RowFault::row).containsExactly(5L, 205L);
        assertThat(Objects.requireNonNull(found.failure()).message()).isEqualTo("row 5, column 'x': the cell is missing");
    }
}
