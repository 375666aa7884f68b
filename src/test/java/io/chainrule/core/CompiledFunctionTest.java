package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that a program and a transformation compile to: what they answer, to whom, and what they say to wrong calls. */
class CompiledFunctionTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Tensor W = Tensor.matrix(new double[]{0.1, 0.5, -0.4}, new double[]{-0.3, 0.8, 0.2});
    private static final Tensor X = Tensor.vector(0.2, 0.4, -1.5);
    private static final Tensor V = Tensor.vector(1, -2, 0.5);
    private static final Shapes SHAPES = Shapes.of("W", 2, 3, "x", 3);
    private static final Map<String, Tensor> INPUTS = Map.of("W", W, "x", X);

    private static double[] gradient(ToDoubleFunction<Tensor> f, Tensor at) {
        double[] slopes = new double[at.length()];
        double step = 1e-5;
        for (int i = 0; i < slopes.length; i++) {
            slopes[i] = (f.applyAsDouble(moved(at, i, step)) - f.applyAsDouble(moved(at, i, -step))) / (2 * step);
        }
        return slopes;
    }

    private static Tensor moved(Tensor tensor, int entry, double step) {
        double[] data = tensor.data().clone();
        data[entry] += step;
        return Tensor.of(tensor.shape(), data);
    }

    private static Map<String, Tensor> with(Map<String, Tensor> inputs, String name, Tensor value) {
        Map<String, Tensor> changed = new HashMap<>(inputs);
        changed.put(name, value);
        return changed;
    }

    private static double dot(Tensor a, Tensor b) {
        return IntStream.range(0, a.length()).mapToDouble(i -> a.data()[i] * b.data()[i]).sum();
    }

    private static void assertClose(Tensor actual, Shape shape, double... expected) {
        assertThat(actual.shape()).isEqualTo(shape);
        assertThat(actual.data()).containsExactly(expected, within(1e-8));
    }

    static Stream<Arguments> scalars() {
        return Stream.of("sum((W @ x)^2)", "h = tanh(W @ x); sum(h * h[0])", "logsumexp(W @ x)", "sum(softmax(x) * x) + max(W)",
                "s = 0\nfor i in 0:3\n  s = s + x[i]^i\ns").flatMap(text -> Stream.of("W", "x").map(name -> Arguments.of(text, name)));
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void gradientsAgreeWithDifferences(String text, String name) {
        CompiledFunction f = Program.parse(text).valueAndGradient(name).compile(SHAPES);
        CompiledFunction value = Program.parse(text).value().compile(SHAPES);
        Outcome r = f.call(INPUTS);
        assertThat(r.value()).isEqualTo(value.call(INPUTS).value());
        Tensor at = Objects.requireNonNull(INPUTS.get(name));
        assertClose(r.gradient(name), at.shape(), gradient(x -> value.call(with(INPUTS, name, x)).value().item(), at));
        assertThat(r.gradients()).containsOnlyKeys(name);
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void hessianVectorProductsAgreeWithDifferencesOfGradients(String text, String name) {
        Tensor at = Objects.requireNonNull(INPUTS.get(name));
        Tensor v = Tensor.of(at.shape(), IntStream.range(0, at.length()).mapToDouble(i -> Math.cos(i + 1.0)).toArray());
        Program program = Program.parse(text);
        CompiledFunction gradient = program.valueAndGradient(name).compile(SHAPES);
        Outcome r = program.hvp(Shapes.of(Map.of(name, at.shape())), name).compile(SHAPES).call(INPUTS, Map.of(name, v));
        assertThat(r.gradient(name)).isEqualTo(gradient.call(INPUTS).gradient(name));
        assertClose(r.product(name), at.shape(), gradient(x -> dot(gradient.call(with(INPUTS, name, x)).gradient(name), v), at));
        assertThat(r.products()).containsEntry(name, r.product(name));
    }

    @Test
    void closedForms() {
        // y = W x, f = Σ y²: ∂f/∂x = 2 Wᵀ y, ∂f/∂W = 2 y xᵀ.
        Outcome r = Program.parse("f = sum((W @ x)^2)").valueAndGradient("W", "x")
                .compile(SHAPES)
                .call(Map.of("W", Tensor.matrix(new double[]{1, 0, 2}, new double[]{0, -1, 1}), "x", Tensor.vector(1, 2, 3)));
        assertThat(r.value()).isEqualTo(Tensor.scalar(50));
        assertThat(r.gradient("x")).isEqualTo(Tensor.vector(14, -2, 30));
        assertThat(r.gradient("W")).isEqualTo(Tensor.matrix(new double[]{14, 28, 42}, new double[]{2, 4, 6}));
    }

    @Test
    void vectorJacobianProductsPullBack() {
        CompiledFunction f = Program.parse("y = W @ x; z = 3 * x").vjp(Shapes.of("y", 2, "z", 3), "x").compile(SHAPES);
        Outcome r = f.call(INPUTS, Map.of("y", Tensor.vector(1, 10), "z", V));
        assertClose(r.gradient("x"), Shape.of(3), 0.1 - 3 + 3, 0.5 + 8 - 6, -0.4 + 2 + 1.5);
        assertThat(r.values()).containsOnlyKeys("y", "z");
        assertClose(r.value("z"), Shape.of(3), 0.6, 1.2, -4.5);
    }

    @Test
    void jacobianVectorProductsPushForward() {
        CompiledFunction f = Program.parse("y = W @ x * x[0]").jvp(Shapes.of("x", 3)).compile(SHAPES);
        CompiledFunction value = Program.parse("y = W @ x * x[0]").value().compile(SHAPES);
        Outcome r = f.call(INPUTS, Map.of("x", V));
        double step = 1e-6;
        Tensor ahead = value.call(with(INPUTS, "x", along(step))).value();
        Tensor back = value.call(with(INPUTS, "x", along(-step))).value();
        assertClose(r.tangent(), Shape.of(2), (ahead.data()[0] - back.data()[0]) / (2 * step),
                (ahead.data()[1] - back.data()[1]) / (2 * step));
        assertThat(r.tangents()).containsEntry("y", r.tangent());
        assertThat(r.values()).containsEntry("y", value.call(INPUTS).value());
    }

    private static Tensor along(double step) {
        return Tensor.of(X.shape(), IntStream.range(0, 3).mapToDouble(i -> X.data()[i] + step * V.data()[i]).toArray());
    }

    @Test
    void anyNodeCanBeDifferentiatedAndDifferentiatedBy() {
        Outcome r = Program.parse("h = W @ x; g = sum(h^3); f = g^2").valueAndGradient("h", "x").output("g").compile(SHAPES).call(INPUTS);
        Tensor h = Program.parse("W @ x").value().compile(SHAPES).call(INPUTS).value();
        assertClose(r.gradient("h"), Shape.of(2), 3 * Math.pow(h.data()[0], 2), 3 * Math.pow(h.data()[1], 2));
        assertThat(r.value().item()).isCloseTo(Math.pow(h.data()[0], 3) + Math.pow(h.data()[1], 3), within(1e-12));
    }

    @Test
    void listedNodesHaveValuesAndGradients() {
        Outcome r = Program.parse("q = x + y; f = q * z").valueAndGradient("x").listing("q", "z").compile(Shapes.of("x", "y", "z"))
                .call(-2, 5, -4);
        assertThat(r.value("q")).isEqualTo(Tensor.scalar(3));
        assertThat(r.value("f")).isEqualTo(r.value()).isEqualTo(Tensor.scalar(-12));
        assertThat(r.gradient("q")).isEqualTo(Tensor.scalar(-4));
        assertThat(r.gradient("z")).isEqualTo(Tensor.scalar(3));
        assertThatThrownBy(() -> r.value("y")).isInstanceOf(NoSuchElementException.class).hasMessageContaining("'y'");
        assertThatThrownBy(() -> r.gradient("y")).isInstanceOf(NoSuchElementException.class).hasMessageContaining("'y'");
    }

    @Test
    void whatNothingDependsOnHasTheGradientZero() {
        Outcome r = Program.parse("f = sum(x) + floor(W[0, 0])").valueAndGradient().compile(Shapes.of("W", 2, 3, "x", 3, "unused", 2))
                .call(with(INPUTS, "unused", Tensor.vector(7, 8)));
        assertThat(r.gradient("W")).isEqualTo(Tensor.zeros(W.shape()));
        assertThat(r.gradient("unused")).isEqualTo(Tensor.vector(0, 0));
    }

    @ParameterizedTest
    @EnumSource(Signature.GateForm.Whole.class)
    void gatesMeanTheSameOpenedOrClosed(Signature.GateForm.Whole form) {
        Program program = Program.parse("u = dot(W[0], x); f = sigmoid(u) + 1 / (1 + exp(-u))");
        CompiledFunction f = program.valueAndGradient("x").gates(form).compile(SHAPES);
        Outcome plain = program.valueAndGradient("x").compile(SHAPES).call(INPUTS);
        assertClose(f.call(INPUTS).gradient("x"), Shape.of(3), plain.gradient("x").data());
        assertThat(Integer.signum(f.bound().nodeCount() - plain.function().bound().nodeCount())).isEqualTo(switch (form) {
            case AS_WRITTEN -> 0;
            case EXPAND -> 1;
            case COLLAPSE -> -1;
        });
    }

    private static final Tensor SAMPLES = Tensor.matrix(new double[]{0.2, 0.4, -1.5}, new double[]{1, -1, 2}, new double[]{0, 0.3, 0.1});

    private static Tensor sample(int i) {
        return Tensor.of(Shape.of(3), Arrays.copyOfRange(SAMPLES.data(), 3 * i, 3 * i + 3));
    }

    @ParameterizedTest
    @EnumSource(Signature.Reduction.class)
    void samplesAreAnsweredOneByOneOrTheirSumOrMean(Signature.Reduction reduction) {
        Transformed<CompiledFunction> one = Program.parse("f = sum(tanh(W @ x))").valueAndGradient("W", "x");
        Outcome r = one.reducedOver(reduction, "x").compile(Shapes.of("W", 2, 3, "x", 3, 3)).call(Map.of("W", W, "x", SAMPLES));
        List<Outcome> each = IntStream.range(0, 3).mapToObj(i -> one.compile(SHAPES).call(with(INPUTS, "x", sample(i)))).toList();
        double weight = reduction == Signature.Reduction.MEAN ? 1.0 / 3 : 1;
        double[] ofX = each.stream().flatMapToDouble(o -> Arrays.stream(o.gradient("x").data())).map(d -> weight * d).toArray();
        assertClose(r.gradient("x"), Shape.of(3, 3), ofX);
        if (reduction == Signature.Reduction.NONE) {
            assertClose(r.value(), Shape.of(3), each.stream().mapToDouble(o -> o.value().item()).toArray());
            assertClose(r.gradient("W"), Shape.of(3, 2, 3),
                    each.stream().flatMapToDouble(o -> Arrays.stream(o.gradient("W").data())).toArray());
        } else {
            assertClose(r.value(), Shape.SCALAR, weight * each.stream().mapToDouble(o -> o.value().item()).sum());
            assertClose(r.gradient("W"), W.shape(),
                    IntStream.range(0, 6).mapToDouble(k -> weight * each.stream().mapToDouble(o -> o.gradient("W").data()[k]).sum())
                            .toArray());
        }
    }

    @Test
    void scalarsAreGivenByPositionInTheOrderOfTheShapes() {
        CompiledFunction f = Program.parse("a / b").valueAndGradient().compile(Shapes.of("b", "unused", "a"));
        Outcome r = f.call(2.0, 99.0, 3.0);
        assertThat(r.value().item()).isEqualTo(1.5);
        assertThat(r.gradients()).isEqualTo(Map.of("a", Tensor.scalar(0.5), "b", Tensor.scalar(-0.75), "unused", Tensor.scalar(0)));
        assertThat(r.inputs()).isEqualTo(Map.of("a", Tensor.scalar(3), "b", Tensor.scalar(2), "unused", Tensor.scalar(99)));
        assertThat(f.call(r.inputs()).gradients()).isEqualTo(r.gradients());
    }

    @Test
    void aFunctionKeepsNothingOfACall() {
        CompiledFunction f = Program.parse("f = sum(tanh(W @ x)^2) + max(x)").valueAndGradient().compile(SHAPES);
        Outcome first = f.call(INPUTS);
        Map<String, Tensor> before = first.gradients();
        Map<String, Tensor> others = Map.of("W", Tensor.full(W.shape(), Double.NaN), "x", V);
        f.call(others);
        Outcome again = f.call(INPUTS);
        assertThat(again.gradients()).isEqualTo(before).isEqualTo(first.gradients());
        assertThat(again.value()).isEqualTo(first.value());
        CompiledFunction fresh = Program.parse("f = sum(tanh(W @ x)^2) + max(x)").valueAndGradient().compile(SHAPES);
        assertThat(fresh.call(INPUTS).gradients()).isEqualTo(before);
        assertThat(fresh.call(others).gradients()).isEqualTo(f.call(others).gradients());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sum(x * [1, 2, 3])", "sum([1, 2, 3] * x + [4, 5, 6])", "sum(where([1, 0, 1] > 0.5, x, 0))", "c = [1, 2, 3]; x @ c"})
    void whatACallerWritesIntoAnAnswerReachesNoOtherCall(String text) {
        CompiledFunction f = Program.parse(text).valueAndGradient().listing(new Signature.NodeSelection.All()).compile(Shapes.of("x", 3));
        Outcome before = f.call(Map.of("x", X.copy()));
        Tensor value = before.value();
        Tensor gradient = before.gradient("x").copy();
        List<Tensor> answered = new ArrayList<>(List.of(before.gradient("x")));
        f.bound().listed().forEach(node -> answered.addAll(List.of(before.value(node.node()), before.gradient(node.node()))));
        answered.forEach(tensor -> Arrays.fill(tensor.data(), 99));
        Outcome after = f.call(Map.of("x", X));
        assertThat(after.value()).isEqualTo(value);
        assertThat(after.gradient("x")).isEqualTo(gradient);
    }

    @Test
    void anOutcomeRefusesWhatItsFunctionDoesNotCompute() {
        Program program = Program.parse("y = x^3");
        Shapes shapes = Shapes.of("x");
        Map<String, Tensor> one = Map.of("x", Tensor.scalar(1));
        Outcome value = program.value().compile(shapes).call(2);
        Outcome gradient = program.valueAndGradient().compile(shapes).call(2);
        Outcome jvp = program.jvp(shapes).compile(shapes).call(one, one);
        Outcome hvp = program.hvp(shapes).compile(shapes).call(one, one);
        assertThat(List.of(jvp.tangent().item(), hvp.gradient("x").item(), hvp.product("x").item())).containsExactly(3.0, 3.0, 6.0);
        Map<String, ThrowingCallable> refused = Map.of("gradients, it answers: value", () -> value.gradient("x"),
                "gradients, it answers: jvp", () -> jvp.gradients(), "gradients", () -> value.isZeroGradient(0),
                "products, it answers: gradient", () -> gradient.product("x"), "products", () -> jvp.products(),
                "tangents, it answers: gradient", gradient::tangent, "tangents, it answers: hvp", hvp::tangents,
                "which value is not finite", jvp.findings()::firstNonFiniteValue, "which gradient is not finite",
                hvp.findings()::firstNonFiniteGradient);
        assertThatThrownBy(value.findings()::kinks).hasMessageContaining("does not answer kinks");
        assertThatThrownBy(() -> hvp.findings().lostGradients(List.of(0)))
                .hasMessageContaining("does not answer where gradients are lost");
        assertThat(hvp.values()).isEqualTo(Map.of("x", Tensor.scalar(1)));
        refused.forEach((told, call) -> assertThatThrownBy(call).as(told).isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("the function does not answer " + told));
    }

    @Test
    void aGradientThatTheRunDidNotKeepIsRefused() {
        Outcome r = Program.parse("a = x * 3; b = a * 2; u = y; c = sin(b) * u; f = sum(c * c)").valueAndGradient("x").listing("b")
                .compile(Shapes.of("x", 2, "y")).call(Map.of("x", Tensor.vector(-1, 2), "y", Tensor.scalar(2)));
        assertThat(r.gradient("b").shape()).isEqualTo(Shape.of(2));
        for (String id : List.of("a", "c", "f", "y")) {
            int node = Objects.requireNonNull(r.function().bound().program().find(id));
            assertThatThrownBy(() -> r.gradient(node)).as(id).isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("does not answer the gradient by '" + id + "'");
            assertThatThrownBy(() -> r.isZeroGradient(node)).as(id).isInstanceOf(NoSuchElementException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v = u; f = v * w", "g(a) = a; v = g(u); f = v * w", "v = +u; f = v * w"})
    void aSecondNameOfAnInputMeansTheInputButNotItsSamples(String text) {
        Map<String, Tensor> inputs = Map.of("u", Tensor.vector(1, 2), "w", Tensor.scalar(3));
        Shapes shapes = Shapes.of("u", 2, "w");
        Map<String, Tensor> byInput = Program.parse(text).valueAndGradient().over("u").compile(shapes).call(inputs).gradients();
        assertThat(Program.parse(text).valueAndGradient("v").over("u").compile(shapes).call(inputs).gradient("u"))
                .isEqualTo(byInput.get("u"));
        // A text reads the shape of one sample before it is known that v is u.
        assertThatThrownBy(() -> Program.parse(text + " * sum(v) / len(u)").valueAndGradient().over("v").compile(shapes))
                .isInstanceOf(ProblemException.class).hasMessageContaining("'v' is another name of 'u'");
    }

    @Test
    void manyThreadsGetTheBitsOfOne() throws InterruptedException, ExecutionException {
        CompiledFunction f = Program.parse("f = sum(tanh(W @ x)^2) + sum(softmax(x) * x)").valueAndGradient().listing("x").compile(SHAPES);
        List<Map<String, Tensor>> calls = IntStream.range(0, 200).mapToObj(i -> with(INPUTS, "x", moved(X, i % 3, i))).toList();
        List<Map<String, Tensor>> alone = calls.stream().map(f::call).map(Outcome::gradients).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<List<Map<String, Tensor>>>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                all.add(threads.submit(() -> calls.stream().map(f::call).map(Outcome::gradients).toList()));
            }
            for (Future<List<Map<String, Tensor>>> one : all) {
                assertThat(one.get()).isEqualTo(alone);
            }
        }
    }

    static Stream<Arguments> wrongCalls() {
        CompiledFunction f = Program.parse("sum(W @ x)").valueAndGradient().compile(SHAPES);
        CompiledFunction pulled = Program.parse("y = W @ x").vjp(Shapes.of("y", 2), "x").compile(SHAPES);
        CompiledFunction pushed = Program.parse("y = a * b").jvp(Shapes.of("a")).compile(Shapes.of("a", "b"));
        CompiledFunction numbers = Program.parse("a * b").value().compile(Shapes.of("a", "b"));
        return Stream.of(
                wrong("a missing input", () -> f.call(Map.of("W", W)), "input 'x' of shape [3]", "[W]"),
                wrong("an input of another shape", () -> f.call(Map.of("W", W, "x", Tensor.vector(1, 2))), "'x' has shape [3]", "[2]"),
                wrong("an unknown name", () -> f.call(with(INPUTS, "w", X)), "no input 'w'", "[W, x]", "did you mean"),
                wrong("a missing cotangent", () -> pulled.call(INPUTS), "cotangent 'y' of shape [2]"),
                wrong("a cotangent of another shape", () -> pulled.call(INPUTS, Map.of("y", X)), "cotangent 'y' has shape [2]", "[3]"),
                wrong("an unknown cotangent", () -> pulled.call(INPUTS, Map.of("y", Tensor.vector(1, 2), "z", X)), "no cotangent 'z'"),
                wrong("too few numbers", () -> numbers.call(1), "takes 2 numbers, for a, b, not 1"),
                wrong("too many numbers", () -> numbers.call(1, 2, 3), "takes 2 numbers, for a, b, not 3"),
                wrong("numbers for arrays", () -> f.call(1, 2), "only a function of scalars", "W, x"),
                wrong("numbers without tangents", () -> pushed.call(1, 2), "a tangent for each of [a]"));
    }

    private static Arguments wrong(String what, ThrowingCallable call, String... told) {
        return Arguments.of(what, call, told);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongCalls")
    void aWrongCallIsToldWhatWasExpected(String what, ThrowingCallable call, String[] told) {
        assertThatThrownBy(call).as(what).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(told);
    }

    @Test
    void whatIsWrongWithAProgramIsToldBeforeItIsCompiled() {
        assertThatThrownBy(() -> Program.parse("f = (x")).isInstanceOf(ProblemException.class).hasMessageContaining("line 1, column 5");
        assertThatThrownBy(() -> Program.parse("sum(W @ y)").value().compile(SHAPES)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("'y'");
        assertThatThrownBy(() -> Program.parse("W @ x").valueAndGradient().compile(SHAPES)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("a gradient is that of a scalar");
        assertThatThrownBy(() -> Program.parse("f = x").valueAndGradient("y", "z").compile(Shapes.of("x")))
                .isInstanceOf(ProblemException.class).hasMessageContaining("no node 'y'").hasMessageContaining("and 1 more");
    }

    @Test
    void valuesThatAnOpCannotUseNameIt() {
        CompiledFunction f = Program.parse("t = take(x, k); sum(t)").value().compile(Shapes.of("x", 3, "k"));
        assertThatThrownBy(() -> f.call(Map.of("x", X, "k", Tensor.scalar(7)))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("7");
    }

    @Test
    void everyStagePrintsItselfAndTellsItsCost() {
        Program program = Program.parse("h = W @ x\nf = sum(h^2)");
        assertThat(program).hasToString("h = W @ x\nf = sum(h^2)");
        BoundProgram bound = program.valueAndGradient("x").bind(SHAPES);
        assertThat(bound).hasToString("h = W @ x\nf = sum(h^2)\n# W [2, 3], x [3] -> f []");
        CompiledFunction f = program.valueAndGradient("x").compile(SHAPES);
        assertThat(f.toString()).startsWith(bound + "\n# gradient by x: ").contains("instructions {matmul=").endsWith(f.cost().toString());
        assertThat(bound.cost().forward().flops()).isPositive().isLessThan(bound.cost().gradient().flops());
        assertThat(f.cost().flops()).isPositive();
        assertThat(Program.parse("y = x^3").valueAndGradient().compile(Shapes.of("x")).call(2))
                .hasToString("[][8.0], gradients {x=[][12.0]}");
        assertThat(Program.parse("y = x^3").hvp(Shapes.of("x")).compile(Shapes.of("x")).call(Map.of("x", Tensor.scalar(2)),
                Map.of("x", Tensor.scalar(1)))).hasToString("[][8.0], gradients {x=[][12.0]}, products {x=[][12.0]}");
        assertThat(Program.of(List.of(new NodeSpec("y", "mul", List.of("x", 2.0), Map.of())), null)).hasToString("y = mul[x, 2.0]{}");
    }

    @Test
    void aValueThatTheRunDidNotKeepIsRefused() {
        Outcome pulled = Program.parse("h = tanh(W @ x); f = sum(exp(h))").vjp(Shapes.of("h", 2), "x").compile(SHAPES)
                .call(INPUTS, Map.of("h", Tensor.vector(1, 2)));
        assertThat(pulled.value("h").shape()).isEqualTo(Shape.of(2));
        assertThatThrownBy(pulled::value).isInstanceOf(NoSuchElementException.class).hasMessageContaining("the value of 'f'");
    }

    @Test
    void withoutRemarksItRunsNoOpAndChecksNoValueForThem() {
        Program program = Program.parse("f = sum(abs(x))");
        Shapes x = Shapes.of("x", 2);
        CompiledFunction explained = compiled(program, new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE), x);
        CompiledFunction plain = program.valueAndGradient().withoutRemarks().compile(x);
        assertThat(plain.cost().flops()).isLessThan(explained.cost().flops());
        Outcome outcome = plain.call(Map.of("x", Tensor.vector(0, Double.NaN)));
        assertThat(outcome.gradients()).isEqualTo(explained.call(outcome.inputs()).gradients());
        assertThatThrownBy(outcome.findings()::kinks).hasMessageContaining("does not answer kinks");
        assertThatThrownBy(outcome.findings()::firstNonFiniteValue).hasMessageContaining("does not answer which value is not finite");
    }

    private static CompiledFunction compiled(Program program, Transformation asked, Shapes shapes) {
        return CompiledFunction.of(program.bind(Signature.of(asked, shapes), BuildLimits.GENEROUS), BuildLimits.GENEROUS);
    }

    static Stream<Transformation> transformations() {
        Shapes x = Shapes.of("x", 3);
        return Stream.of(new Transformation.Value(), new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE),
                new Transformation.Jvp(x, null), new Transformation.Hvp(x), new Transformation.Check(1),
                new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE),
                new Transformation.Hessian(true));
    }

    /**
     * Of what a long program allocates while it is compiled, the most between two checkpoints. Bytes stand for time here:
     * every pass allocates for each node, and a count of bytes does not depend on what else the machine does.
     */
    private static double longestPart(Transformation transformation) {
        List<Long> bytes = new ArrayList<>();
        BuildLimits limits = new BuildLimits(1_000_000, 100, 10_000_000, 1_000, 1_000, Long.MAX_VALUE, Long.MAX_VALUE, _ -> {},
                () -> bytes.add(THREADS.getCurrentThreadAllocatedBytes()));
        Program program = Program.parse("y = x\nfor i in range(3000):\n  y = tanh(y * x) + y[::-1]\nsum(y)");
        bytes.add(THREADS.getCurrentThreadAllocatedBytes());
        Compiled.of(program.bind(Signature.of(transformation, Shapes.of("x", 3)), limits), limits);
        bytes.add(THREADS.getCurrentThreadAllocatedBytes());
        long longest = IntStream.range(1, bytes.size()).mapToLong(i -> bytes.get(i) - bytes.get(i - 1)).max().orElseThrow();
        return (double) longest / (bytes.getLast() - bytes.getFirst());
    }

    /** A program of many steps takes long to compile: it lets others go on, and ends when its time is over. */
    @ParameterizedTest
    @MethodSource("transformations")
    void compilingLooksAtItsCheckpoint(Transformation transformation) {
        assertThat(longestPart(transformation)).isLessThan(0.25);
    }
}
