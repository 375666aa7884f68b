package io.chainrule.core.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.InputSpec;
import io.chainrule.core.network.LayerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.rows.RowProgram.Derivatives;
import io.chainrule.core.rows.RowQuantity.Kind;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs over rows: which inputs come from which columns, what is computed of each row, and which programs are refused. */
class RowFunctionTest {
    private static final RowPolicy STRICT = new RowPolicy(RowPolicy.OnCell.FAIL, RowPolicy.OnResult.FAIL);
    private static final RowInput X = new RowInput.Scalar("x", "x");

    private static RowFunction function(RowProgram program) {
        return RowFunction.of(program, BuildLimits.GENEROUS);
    }

    private static RowProgram program(String expression, Derivatives derivatives, @Nullable List<String> wrt, Map<String, Tensor> fixed,
            RowInput... inputs) {
        return new RowProgram(new Source.Text(expression), derivatives, wrt, List.of(inputs), fixed);
    }

    private static List<List<Tensor>> results(RowFunction function, String... rows) {
        Rows found = Rows.of(function, STRICT, IntStream.range(0, rows.length).mapToObj(i -> rows[i].split("; ?", -1)).toList());
        found.tally().throwIfFailed();
        return List.copyOf(found.results().values());
    }

    @Test
    void inputs_are_numbers_vectors_of_columns_and_array_columns() {
        RowFunction function = function(program("f = a * sum(M @ v) + c", Derivatives.GRADIENT, List.of("a", "v", "M"),
                Map.of("c", Tensor.scalar(100)), new RowInput.Vector("v", List.of("left", "right")), new RowInput.Scalar("a", "right"),
                new RowInput.Array("M", "matrix", Shape.of(2, 2))));
        assertThat(function.columns()).containsExactly("left", "right", "matrix");
        assertThat(function.quantities()).containsExactly(new RowQuantity(Kind.VALUE, "f", null, Shape.SCALAR),
                new RowQuantity(Kind.GRADIENT, "a", null, Shape.SCALAR), new RowQuantity(Kind.GRADIENT, "v", null, Shape.of(2)),
                new RowQuantity(Kind.GRADIENT, "M", null, Shape.of(2, 2)));
        assertThat(results(function, "1; 2; [[1, 2], [3, 4]]", "0; -1; [5, 6, 7, 8]")).containsExactly(
                List.of(Tensor.scalar(2 * 16 + 100), Tensor.scalar(16), Tensor.vector(8, 12), matrix(2, 4, 2, 4)),
                List.of(Tensor.scalar(14 + 100), Tensor.scalar(-14), Tensor.vector(-12, -14), matrix(0, 1, 0, 1)));
    }

    private static Tensor matrix(double... values) {
        return Tensor.of(Shape.of(2, 2), values);
    }

    /** Nodes of many kinds: those that differ from row to row, those that do not, inputs, and what the output does not need. */
    @Test
    void further_nodes_are_computed_beside_the_output() {
        RowProgram asked = new RowProgram(new Source.Text("h = x * w\nk = sum(w)\nunused = x + 1\nf = dot(h, h)"), null,
                Derivatives.GRADIENT,
                List.of("w"), List.of("unused", "h", "k", "x", "w"), List.of(X), Map.of("w", Tensor.vector(1, 2)), 0);
        assertThat(results(function(asked), "3", "-1")).containsExactly(
                List.of(Tensor.scalar(45), Tensor.scalar(4), Tensor.vector(3, 6), Tensor.scalar(3), Tensor.scalar(3), Tensor.vector(1, 2),
                        Tensor.vector(18, 36)),
                List.of(Tensor.scalar(5), Tensor.scalar(0), Tensor.vector(-1, -2), Tensor.scalar(3), Tensor.scalar(-1), Tensor.vector(1, 2),
                        Tensor.vector(2, 4)));
    }

    @Test
    void the_output_may_be_any_node_and_an_array_if_nothing_is_differentiated() {
        RowProgram asked = new RowProgram(new Source.Text("h = [x, x^2]\nf = sum(h)"), "h", Derivatives.NONE, null, List.of(), List.of(X),
                Map.of(), 0);
        assertThat(results(function(asked), "3")).containsExactly(List.of(Tensor.vector(3, 9)));
    }

    /** Gradients that do not depend on the row, or are zero for all rows, are there for each row as well. */
    @Test
    void gradients_by_what_all_rows_share_come_row_by_row() {
        RowFunction function = function(program("f = a * x + b + floor(c)", Derivatives.GRADIENT, List.of("x", "a", "b", "c"),
                Map.of("a", Tensor.scalar(2), "b", Tensor.scalar(1), "c", Tensor.scalar(0.5)), X));
        assertThat(function.quantities().stream().map(RowQuantity::name)).containsExactly("f", "x", "a", "b", "c");
        assertThat(results(function, "3", "4")).containsExactly(
                IntStream.of(7, 2, 3, 1, 0).mapToObj(Tensor::scalar).toList(),
                IntStream.of(9, 2, 4, 1, 0).mapToObj(Tensor::scalar).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f = sum(exp(a * x)) * b + sum(x)^2 | a,x
            f = dot(x, x)^2 + b^2 * x[1]       | x,a,b
            f = a^2 + b + floor(x[0])          | a,x
            f = tanh(a * sum(x) + b)           | b
            """)
    void hessians_of_rows_are_those_of_single_calls(String expression, String wrt) {
        String[] names = wrt.split(",", -1);
        RowProgram asked = new RowProgram(new Source.Text("h = 2 * a\n" + expression + " * h"), null, Derivatives.HESSIAN, List.of(names),
                List.of("h"),
                List.of(new RowInput.Array("x", "x", Shape.of(3)), new RowInput.Scalar("a", "a")), Map.of("b", Tensor.scalar(0.7)), 0);
        RowFunction function = function(asked);
        List<String> rows = List.of("[1, 0.5, -2]; 0.3", "[0, 0, 0]; 2", "[-1, 0.25, 0.125]; -0.9");
        List<List<Tensor>> found = results(function, rows.toArray(String[]::new));
        double[][] x = {{1, 0.5, -2}, {0, 0, 0}, {-1, 0.25, 0.125}};
        double[] a = {0.3, 2, -0.9};
        for (int row = 0; row < x.length; row++) {
            Map<String, Tensor> values = Map.of("x", Tensor.vector(x[row]), "a", Tensor.scalar(a[row]), "b", Tensor.scalar(0.7));
            CompiledJacobian.Result alone = Program.of(asked.source(), 100).hessian(names).compile(Shapes.ofValues(values)).call(values);
            List<Tensor> expected = new ArrayList<>(List.of(Objects.requireNonNull(alone.value()), Tensor.scalar(2 * a[row])));
            expected.addAll(alone.values().values());
            for (String name : names) {
                for (String by : names) {
                    expected.add(alone.block(name, by).dense());
                }
            }
            assertThat(found.get(row)).isEqualTo(expected);
        }
    }

    /** The structure of this matrix, a full row, column and a diagonal, is found only by sets of 80,000 entries. */
    @Test
    void limits_that_do_not_refuse_second_derivatives_change_no_bit() {
        double[] waves = IntStream.range(0, 4_000).mapToDouble(i -> i / 2_000.0 - 1).toArray();
        double[] w = IntStream.range(0, 20).mapToDouble(i -> 0.3 * i - 2).toArray();
        RowProgram asked = program("f = sum(tanh(reshape(w, [20, 1]) * t * x + b))", Derivatives.HESSIAN, List.of("w", "b"),
                Map.of("w", Tensor.vector(w), "t", Tensor.vector(waves), "b", Tensor.scalar(0.1)), X);
        RowFunction generous = function(asked);
        RowFunction limited = RowFunction.of(asked, new BuildLimits(1_000, 100, 10_000, 1_000_000, 10_000, 1, 1, _ -> {}, () -> {}));
        assertThat(limited.cost()).isEqualTo(generous.cost());
        assertThat(results(limited, "0.7", "-3")).isEqualTo(results(generous, "0.7", "-3"));
        BuildLimits fewer = new BuildLimits(1_000, 100, 10_000, 1_000_000, 440, 1, 1, _ -> {}, () -> {});
        assertThatThrownBy(() -> RowFunction.of(asked, fewer)).isInstanceOf(LimitException.class).hasMessageContaining("441 asked for");
    }

    private static final NetworkSpec NETWORK = new NetworkSpec(new InputSpec("x", Shape.of(2)),
            List.of(layer("hidden", 3, "tanh"), layer("out", 2, null)), new LossSpec("cross_entropy", "y", Map.of()), 0, 0);

    private static LayerSpec layer(String name, int units, @Nullable String activation) {
        return new LayerSpec("dense", name, activation == null ? Map.of("units", units) : Map.of("units", units, "activation", activation),
                List.of(), null);
    }

    /** As a program itself, with a stored name, and called by a text, a network gets one sample in each row. */
    @Test
    void networks_get_one_sample_in_each_row() {
        Source.Network network = new Source.Network(NETWORK, InitializerSpec.DEFAULT, false, 0);
        List<RowInput> data = List.of(new RowInput.Vector("x", List.of("p", "q")), new RowInput.Scalar("y", "label"));
        RowFunction asNetwork = function(new RowProgram(network, null, Derivatives.GRADIENT, null, List.of("out"), data, Map.of(), 7));
        Map<String, Tensor> parameters = new LinkedHashMap<>(asNetwork.values());
        assertThat(parameters.keySet()).containsExactly("hidden.weight", "hidden.bias", "out.weight", "out.bias");
        StoredProgram stored = new StoredProgram("digest", network, List.of("x", "y"), Map.of(), Shapes.ofValues(parameters));
        RowFunction asStored = function(
                new RowProgram(new Source.Stored(stored), null, Derivatives.GRADIENT, List.copyOf(parameters.keySet()),
                        List.of("out"), data, parameters, 0));
        Map<String, Tensor> kept = new LinkedHashMap<>();
        parameters.forEach((name, value) -> kept.put("digits." + name, value));
        RowFunction asCalled = function(
                new RowProgram(new Source.Text("out = digits(x)\nf = logsumexp(out) - take(out, y)", Map.of("digits", stored)),
                        null, Derivatives.GRADIENT, List.copyOf(kept.keySet()), List.of("out"), data, kept, 0));
        String[] rows = {"0.5; -1; 0", "2; 0.25; 1", "0; 0; 1"};
        List<List<Tensor>> found = results(asNetwork, rows);
        assertThat(results(asStored, rows)).isEqualTo(found);
        assertThat(asNetwork.quantities().get(1)).isEqualTo(new RowQuantity(Kind.NODE, "out", null, Shape.of(1, 2)));
        List<List<Tensor>> called = results(asCalled, rows);
        for (int row = 0; row < rows.length; row++) {
            for (int k = 0; k < found.get(row).size(); k++) {
                assertThat(called.get(row).get(k).data()).containsExactly(found.get(row).get(k).data(), within(1e-15));
            }
        }
    }

    /** A fit gives all values that a model keeps, of which a text may read some for some lengths only. */
    @Test
    void a_stored_program_need_not_read_all_of_its_inputs() {
        StoredProgram stored = new StoredProgram("digest",
                new Source.Text("if len(x) > 2:\n    y = W * sum(x)\nelse:\n    y = c * sum(x)"), List.of("x"),
                Map.of("x", new DeclaredShape(List.of("n"))), Shapes.of("W", "c")).withoutKept();
        Map<String, Tensor> kept = new LinkedHashMap<>(Map.of("W", Tensor.scalar(1)));
        kept.put("c", Tensor.scalar(2));
        List<RowInput> x = List.of(new RowInput.Vector("x", List.of("u", "v")));
        RowFunction function = function(
                new RowProgram(new Source.Stored(stored), Derivatives.GRADIENT, List.of("W", "c"), x, kept));
        assertThat(results(function, "1; 2")).containsExactly(List.of(Tensor.scalar(6), Tensor.scalar(0), Tensor.scalar(3)));
        assertThat(function.constantBy()).containsExactly("W");
        kept.put("wide", Tensor.scalar(3));
        assertRefused(new RowProgram(new Source.Stored(stored), Derivatives.GRADIENT, List.of("c"), x, kept), "no input 'wide'");
    }

    @Test
    void parameters_can_be_changed_without_compiling_again() {
        RowFunction function = function(program("f = w * x", Derivatives.GRADIENT, List.of("w"), Map.of("w", Tensor.scalar(2)), X));
        assertThat(results(function.with(Map.of("w", Tensor.scalar(5))), "3"))
                .containsExactly(List.of(Tensor.scalar(15), Tensor.scalar(3)));
        assertThat(results(function, "3")).containsExactly(List.of(Tensor.scalar(6), Tensor.scalar(3)));
        assertThatIllegalArgumentException().isThrownBy(() -> function.with(Map.of("w", Tensor.vector(1))))
                .withMessageContaining("shape [1]");
        assertThatIllegalArgumentException().isThrownBy(() -> function.with(Map.of("v", Tensor.scalar(1)))).withMessageContaining("'v'");
        assertThatIllegalArgumentException().isThrownBy(() -> function.with(Map.of("x", Tensor.scalar(1)))).withMessageContaining("'x'");
    }

    /** What is computed of a row decides how many rows are computed at once: neither the data nor the machine does. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f = softplus(dot(w, x))     | 10   | NONE     | 256
            f = softplus(dot(w, x))     | 10   | GRADIENT | 256
            f = softplus(dot(w, x))     | 100  | HESSIAN  | 8
            f = sum(tanh(x * w))        | 1000 | GRADIENT | 16
            f = sum(outer(x, w)^2)      | 1000 | NONE     | 1
            """)
    void blocks_have_as_many_rows_as_stay_in_a_cache(String expression, int length, Derivatives derivatives, int rows) {
        RowFunction function = function(program(expression, derivatives, List.of("w"), Map.of("w", Tensor.zeros(Shape.of(length))),
                new RowInput.Array("x", "x", Shape.of(length))));
        assertThat(function.block()).isEqualTo(rows);
        assertThat(function.cost().flops()).isPositive();
        assertThat(function.bytes()).isPositive();
        long results = function.quantities().stream().mapToLong(quantity -> quantity.shape().size()).sum();
        assertThat(function.runBytes()).isGreaterThan(8L * rows * (results + length));
    }

    @Test
    void node_lists_are_programs_too() {
        Source nodes = new Source.Nodes(List.of(new NodeSpec("f", "square", List.of("x"), Map.of())), null);
        assertThat(results(function(new RowProgram(nodes, Derivatives.GRADIENT, null, List.of(X), Map.of())), "3"))
                .containsExactly(List.of(Tensor.scalar(9), Tensor.scalar(6)));
    }

    @Test
    void programs_that_cannot_be_run_over_rows_are_refused() {
        Map<String, Tensor> w = Map.of("w", Tensor.scalar(1));
        assertRefused(program("f = w * x", Derivatives.NONE, null, w), "no input gets its value from a column");
        assertRefused(program("f = w * sum(x)", Derivatives.NONE, null, w, new RowInput.Vector("x", List.of())), "input 'x' has no column");
        assertRefused(program("f = w * x", Derivatives.NONE, null, w, X, X), "'x' gets its value twice");
        assertRefused(program("f = w * x", Derivatives.NONE, null, w, X, new RowInput.Scalar("w", "w")), "'w' gets its value twice");
        assertRefused(
                program("f = x * speed", Derivatives.NONE, null, Map.of("speed", Tensor.scalar(1)), X, new RowInput.Scalar("sped", "v")),
                "no input 'sped'", "did you mean 'speed'");
        assertRefused(program("f = w * x", Derivatives.NONE, null, Map.of("w", Tensor.scalar(1), "wide", Tensor.scalar(2)), X),
                "no input 'wide'");
        assertRefused(program("f = w * x", Derivatives.NONE, null, w, X, new RowInput.Scalar("f", "f")), "'f' is one of the inputs");
        assertRefused(program("f = w * x", Derivatives.NONE, null, Map.of(), X), "'w'");
        assertRefused(program("f = w * sum(x)", Derivatives.NONE, null, w, new RowInput.Array("x", "x", Shape.SCALAR)),
                "an array has an axis");
        assertRefused(program("f = w * x * sum(v)", Derivatives.NONE, null, w, X, new RowInput.Array("v", "x", Shape.of(2))),
                "column 'x' is an array for input 'v' and a number for input 'x'");
        assertRefused(program("f = [w, x]", Derivatives.GRADIENT, null, w, X), "scalar");
        assertRefused(program("f = w * x", Derivatives.GRADIENT, List.of("u"), w, X), "'u'");
        assertRefused(program("f = w *", Derivatives.GRADIENT, null, w, X), "");
        assertRefused(program("f = w @ x", Derivatives.GRADIENT, null, w, X), "");
        assertThatThrownBy(() -> RowFunction.of(program("f = w * x + 1", Derivatives.NONE, null, w, X),
                new BuildLimits(2, 100, 100, 100, 100, 1, 1, _ -> {}, () -> {}))).isInstanceOf(LimitException.class);
        assertThat(RowFunction.of(program("f = w * x + 1", Derivatives.NONE, null, w, X),
                new BuildLimits(20, 100, 100, 1000, 100, 1, 1, _ -> {}, () -> {})).block()).isEqualTo(256);
    }

    private static void assertRefused(RowProgram program, String... messages) {
        assertThatThrownBy(() -> function(program)).isInstanceOf(ProblemException.class).hasMessageContainingAll(messages);
    }
}
