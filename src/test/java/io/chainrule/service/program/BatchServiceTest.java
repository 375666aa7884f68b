package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.descriptions;
import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.nodes;
import static io.chainrule.service.program.TestService.with;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Outcome;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.service.program.TestService.Found;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.LimitException;
import io.chainrule.service.run.Query;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A request over samples answers what single requests answer, one for each sample; reduced, their sum or mean. */
class BatchServiceTest {
    private static final int N = 3;
    private static final Tensor W = Tensor.matrix(new double[]{0.1, 0.5}, new double[]{-0.3, 0.8}, new double[]{0.7, -0.2});
    private static final Tensor X = Tensor.matrix(new double[]{0.2, 0.4}, new double[]{-1, 3}, new double[]{0.5, 0.25});
    private static final Tensor T = Tensor.vector(1, -2, 0.5);

    private static Query program(String expression, Map<String, Tensor> inputs) {
        return new Query(new Source.Text(expression), inputs, null, null, new Signature.NodeSelection.All(), Signature.Batch.NONE);
    }

    private static Query together(String expression) {
        return batch(program(expression, TestService.inputs("W", W, "x", X, "t", T)), Signature.Reduction.NONE, "x", "t");
    }

    private static Query single(String expression, int n) {
        return program(expression, TestService.inputs("W", W, "x", row(X, n), "t", row(T, n)));
    }

    private static Tensor row(Tensor all, int n) {
        Shape shape = all.shape().sub(1, all.shape().rank());
        return Tensor.of(shape, Arrays.copyOfRange(all.data(), n * shape.length(), (n + 1) * shape.length()));
    }

    private static List<Query> singles(String expression) {
        return IntStream.range(0, N).mapToObj(n -> single(expression, n)).toList();
    }

    private static Tensor stacked(List<Tensor> samples) {
        double[] all = samples.stream().flatMapToDouble(sample -> Arrays.stream(sample.data())).toArray();
        return Tensor.of(Shape.of(samples.size()).concat(samples.getFirst().shape()), all);
    }

    private static void same(Tensor found, List<Tensor> singles) {
        close(found, stacked(singles));
    }

    private static void close(Tensor found, Tensor expected) {
        assertThat(found.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < found.length(); i++) {
            assertThat(found.data()[i]).isCloseTo(expected.data()[i], within(1e-12 * Math.max(1, Math.abs(expected.data()[i]))));
        }
    }

    /** Every named tensor of the batch's answer is the stack of those of the single answers. */
    private static <A> void same(Query together, List<Query> singles, Function<Query, A> ask, Function<A, Map<String, Tensor>> tensors) {
        Map<String, Tensor> found = tensors.apply(ask.apply(together));
        List<Map<String, Tensor>> expected = singles.stream().map(ask.andThen(tensors)).toList();
        assertThat(found.keySet()).isEqualTo(expected.getFirst().keySet());
        found.forEach((name, tensor) -> same(tensor, expected.stream().map(one -> at(one, name)).toList()));
    }

    private static Map<String, Tensor> everything(Found answer) {
        Map<String, Tensor> all = new LinkedHashMap<>(answer.gradients());
        all.put("value", answer.value());
        answer.nodes().forEach(node -> {
            all.put("value of " + node.id(), Objects.requireNonNull(node.value()));
            all.put("gradient of " + node.id(), Objects.requireNonNull(node.gradient()));
        });
        answer.jacobians().forEach(local -> all.put("local " + local.node() + " by " + local.wrt() + local.operand(),
                Objects.requireNonNull(local.value())));
        return all;
    }

    private static Map<String, Tensor> matrices(CompiledJacobian.Result result) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        result.blocks().forEach((of, row) -> row.forEach((wrt, block) -> all.put(of + " by " + wrt, block.dense())));
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "q = W @ x\nf = sum(q^2) * t",
            "f = t^2",
            "h = relu(W @ x)\np = softmax(h)\nf = -log(p[1]) + t * sum(W^2)",
            "c = sum(W)\nf = c * x[0]",
            "m = W[0:2] + outer(x, x)\nf = logdet(m @ m.T + eye(n=2)) + t",
            "f = mse_loss(W @ x, [1, 2, 3]) + maximum(t, x[0])",
    })
    void everyEndpointAnswersSamplesTogetherAsEachAlone(String program) {
        Query together = together(program);
        List<Query> singles = singles(program);
        same(together, singles, call -> Found.of(with().gradient(call, null, Transformation.Locals.ALL)), BatchServiceTest::everything);
        same(together, singles, with()::evaluate, answer -> Map.of("value", answer.result().value()));
        same(together, singles,
                call -> TestService.matrices().jacobian(call,
                        new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE)),
                answer -> matrices(answer.result()));
        same(together, singles, call -> TestService.matrices().hessian(call, MatrixFormat.DENSE), answer -> {
            Map<String, Tensor> all = matrices(answer.result());
            all.put("value", Objects.requireNonNull(answer.result().value()));
            all.putAll(answer.result().values());
            return all;
        });
        Map<String, Tensor> direction = Map.of("W", Tensor.full(W.shape(), 0.5), "x", Tensor.vector(1, -2));
        same(together, singles, call -> with().jvp(call, direction, null), answer -> answer.result().tangents());
        same(together, singles, call -> with().vjp(call, Map.of("f", Tensor.scalar(3))), answer -> answer.result().gradients());
        same(together, singles, call -> TestService.with().hvp(call, direction), answer -> answer.result().products());
    }

    @Test
    void cotangentsAndTangentsMayDifferFromSampleToSample() {
        Query together = together("h = W @ x");
        Tensor cotangents = Tensor.of(Shape.of(N, 3), IntStream.range(0, 9).mapToDouble(i -> i - 4).toArray());
        Outcome vjp = with().vjp(together, Map.of("h", cotangents)).result();
        Outcome jvp = with().jvp(together, Map.of("x", X), null).result();
        for (int n = 0; n < N; n++) {
            close(row(at(vjp.gradients(), "W"), n),
                    at(with().vjp(single("h = W @ x", n), Map.of("h", row(cotangents, n))).result().gradients(), "W"));
            close(row(at(jvp.tangents(), "h"), n),
                    at(with().jvp(single("h = W @ x", n), Map.of("x", row(X, n)), null).result().tangents(), "h"));
        }
        assertThat(with().gradient(together, cotangents, Transformation.Locals.NONE).result().outcome().gradients()).containsEntry("W",
                at(vjp.gradients(), "W"));
    }

    @ParameterizedTest
    @EnumSource(names = {"SUM", "MEAN"})
    void aReducedBatchIsDifferentiatedAsOneProgram(Signature.Reduction reduction) {
        String program = "q = W @ x\nf = sum(q^2) * t + sum(W)";
        Query call = batch(together(program), reduction, "x", "t");
        String mapped = "q = x @ W.T\nf = " + (reduction == Signature.Reduction.SUM ? "sum" : "mean")
                + "(sum(q^2, axis=1) * t + sum(W))";
        Query whole = nodes(program(mapped, call.inputs()), new Signature.NodeSelection.None());
        Found gradient = Found.of(with().gradient(call, null, Transformation.Locals.AUTO));
        Found expected = Found.of(with().gradient(whole, null, Transformation.Locals.NONE));
        close(gradient.value(), expected.value());
        gradient.gradients().forEach((name, tensor) -> close(tensor, at(expected.gradients(), name)));
        assertThat(gradient.nodes()).isEmpty();
        assertThat(gradient.jacobians()).isEmpty();
        Map<String, Tensor> hessian = matrices(TestService.matrices().hessian(call, MatrixFormat.DENSE).result());
        matrices(TestService.matrices().hessian(whole, MatrixFormat.DENSE).result())
                .forEach((name, tensor) -> close(at(hessian, name), tensor));
        Map<String, Tensor> direction = Map.of("x", X, "W", W);
        close(at(with().jvp(call, direction, null).result().tangents(), "f"),
                at(with().jvp(whole, direction, null).result().tangents(), "f"));
        Outcome product = TestService.with().hvp(call, direction).result();
        TestService.with().hvp(whole, direction).result().products().forEach((name, tensor) -> close(at(product.products(), name), tensor));
        Outcome vjp = with().vjp(call, Map.of("f", Tensor.scalar(2))).result();
        with().vjp(whole, Map.of("f", Tensor.scalar(2))).result().gradients()
                .forEach((name, tensor) -> close(at(vjp.gradients(), name), tensor));
        Map<String, Tensor> jacobians = matrices(
                TestService.matrices()
                        .jacobian(call,
                                new Transformation.Jacobians(List.of("q", "f"), Transformation.Mode.AUTO, Transformation.Extent.DENSE))
                        .result());
        assertThat(at(jacobians, "q by x").shape()).isEqualTo(Shape.of(3, N, 2));
        assertThat(at(jacobians, "f by W").shape()).isEqualTo(W.shape());
    }

    @Test
    void entriesOfSparseMatricesBeginWithTheSample() {
        Query call = batch(call("f = x^3", "x", X), Signature.Reduction.NONE, "x");
        CompiledJacobian.Block block = TestService.matrices()
                .jacobian(call, new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.ENTRIES)).result()
                .block("f", "x");
        CompiledJacobian.Entries coo = block.entries();
        assertThat(block.shape()).isEqualTo(Shape.of(N, 2, 2));
        assertThat(coo.indices()[3]).containsExactly(1, 1, 1);
        assertThat(coo.values()[3]).isEqualTo(27);
    }

    @Test
    void unmentionedUnbatchedAndDerivedNodesHaveTheSamplesAxisToo() {
        Query call = wrt(batch(call("q = W * 2\nf = sum(q) + x", "W", 3, "x", T, "z", Tensor.vector(1, 2, 3)), Signature.Reduction.NONE,
                "x", "z"), "z", "W", "q");
        Map<String, Tensor> gradients = with().gradient(call, null, Transformation.Locals.NONE).result().outcome().gradients();
        assertThat(gradients).containsEntry("z", Tensor.vector(0, 0, 0)).containsEntry("W", Tensor.vector(2, 2, 2))
                .containsEntry("q", Tensor.vector(1, 1, 1));
    }

    @Test
    void samplesOfAnInputThatTheProgramNeverMentionsHaveAnAxisToo() {
        Query call = batch(call("f = x^2", "x", 3, "z", Tensor.vector(1, 2)), Signature.Reduction.NONE, "z");
        Map<String, Tensor> found = matrices(
                TestService.matrices()
                        .jacobian(call, new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE))
                        .result());
        assertThat(found).containsEntry("f by x", Tensor.vector(6, 6)).containsEntry("f by z", Tensor.vector(0, 0));
        CompiledJacobian.Result hessian = TestService.matrices().hessian(call, MatrixFormat.DENSE).result();
        assertThat(hessian.value()).isEqualTo(Tensor.vector(9, 9));
        assertThat(matrices(hessian)).containsEntry("x by x", Tensor.vector(2, 2));
    }

    @Test
    void noSampleIsLegal() {
        Query call = batch(call("f = sum(W @ x)", "W", W, "x", Tensor.zeros(Shape.of(0, 2))), Signature.Reduction.NONE, "x");
        Found answer = Found.of(with().gradient(call, null, Transformation.Locals.ALL));
        assertThat(answer.value().shape()).isEqualTo(Shape.of(0));
        assertThat(at(answer.gradients(), "W").shape()).isEqualTo(Shape.of(0, 3, 2));
        Found sum = Found.of(with().gradient(batch(call, Signature.Reduction.SUM, "x"), null, Transformation.Locals.NONE));
        assertThat(sum.value()).isEqualTo(Tensor.scalar(0));
        assertThat(sum.gradients()).containsEntry("W", Tensor.zeros(W.shape()));
    }

    @Test
    void whatIsWrongWithABatchIsToldAtOnce() {
        Query call = batch(call("h = x * y\nf = sum(h)", "x", X, "y", 1, "t", Tensor.vector(1, 2)), Signature.Reduction.NONE, "x", "y", "t",
                "h",
                "k");
        assertThatThrownBy(() -> with().evaluate(call)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).extracting(Problem::place).containsExactlyInAnyOrder(Place.setting("inputs", "y"),
                        Place.setting("inputs", "t"), Place.setting("batch", "3"),
                        Place.setting("batch", "4")));
    }

    @Test
    void aKinkIsCountedOverAllSamples() {
        Found answer = Found.of(with().gradient(batch(call("f = relu(x)", "x", Tensor.vector(0, 1, 0)), Signature.Reduction.NONE, "x"),
                null,
                Transformation.Locals.NONE));
        assertThat(answer.diagnostics()).singleElement().satisfies(d -> assertThat(d.count()).isEqualTo(2));
    }

    @Test
    void limitsCountTheSamples() {
        Query call = batch(call("f = sum(x^2) * sum(W)", "x", Tensor.zeros(Shape.of(1000, 10)), "W", Tensor.zeros(Shape.of(1000))),
                Signature.Reduction.NONE, "x");
        assertThatThrownBy(() -> with("tensor-elements", "100000").gradient(call, null, Transformation.Locals.NONE))
                .isInstanceOf(LimitException.class);
        assertThat(with("tensor-elements", "1000000", "answer-bytes", "100000000").gradient(call, null, Transformation.Locals.NONE).result()
                .outcome().value()
                .length()).isEqualTo(1000);
    }

    @Test
    void theGraphTellsShapesAndCostOfAllSamples() {
        List<Long> flops = new ArrayList<>();
        for (int n : new int[]{1, 1000}) {
            Answer<Answer.Description> answer = descriptions().describe(batch(call("f = sum((W @ x)^2)"), Signature.Reduction.NONE, "x"),
                    Map.of("W", W.shape(), "x", Shape.of(n, 2)));
            assertThat(TestService.inputShape(answer, "x")).isEqualTo(Shape.of(n, 2));
            flops.add(answer.result().cost().gradientFlops());
        }
        assertThat(flops.get(1)).isBetween(900 * flops.get(0), 1000 * flops.get(0));
    }
}
