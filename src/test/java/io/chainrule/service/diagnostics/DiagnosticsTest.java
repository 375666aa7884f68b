package io.chainrule.service.diagnostics;

import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.gradient;
import static io.chainrule.service.program.TestService.inputs;
import static io.chainrule.service.program.TestService.matrices;
import static io.chainrule.service.program.TestService.checks;
import static io.chainrule.service.program.TestService.descriptions;
import static io.chainrule.service.program.TestService.symbolic;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.with;
import static io.chainrule.service.program.TestService.withRemarks;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.CheckOptions;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.network.InitializerSpec;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.network.NetworkSpec;
import io.chainrule.core.network.Networks;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.program.DerivativeForm;
import io.chainrule.service.program.DerivativeFormat;
import io.chainrule.service.program.DerivativeOptions;
import io.chainrule.service.program.MatrixFormat;
import io.chainrule.service.run.Query;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer says beside its numbers. */
class DiagnosticsTest {

    static Stream<Arguments> programs() {
        double nan = Double.NaN;
        return Stream.of(Arguments.of(call("f = x * 2", "x", 1), ""),
                Arguments.of(call("f = x * 2", "x", 1, "u", 3), "unused-input u"),
                Arguments.of(call("g = y * 2\nf = x * 2", "x", 1, "y", 1), "unreached-output y"),
                Arguments.of(call("f = floor(x) + y", "x", 1.5, "y", 1), "zero-derivative x"),
                Arguments.of(wrt(call("c = x > 0\nf = where(c, x, 0)", "x", 1), "c"), "zero-derivative c"),
                Arguments.of(wrt(call("f = nll_loss(x, c)", "x", vector(-1, -2), "c", 1), "c"), "zero-derivative c"),
                Arguments.of(wrt(call("f = cross_entropy(x, c)", "x", vector(-1, -2), "c", 1), "c"), "zero-derivative c"),
                Arguments.of(call("f = hinge_loss(x, 0)", "x", vector(1, 0, -1)), "kink f 1, zero-gradient x"),
                Arguments.of(call("f = norm(x, ord=3)", "x", vector(0, 0)), "kink f 1, zero-gradient x"),
                Arguments.of(call("f = norm(x, ord=3)", "x", vector(0, 1)), ""),
                Arguments.of(call("f = sum(norm(x, ord=1.5, axis=1))", "x", new double[][]{{0, 0}, {1, 0}, {0, 0}}), "kink norm_1 2"),
                Arguments.of(call("y = scaled_dot_product_attention(x, x, x, [0, 1])\nf = sum(y)", "x", new double[][]{{1, 0}, {0, 1}}),
                        ""),
                Arguments.of(call("f = heaviside(x, y)", "x", 0, "y", 1), "zero-derivative x"),
                Arguments.of(call("f = relu(x)", "x", 0), "kink f 1, zero-gradient x"),
                Arguments.of(call("f = sum(relu(x))", "x", vector(0, 1, 0)), "kink relu_1 2"),
                Arguments.of(call("f = 0 * relu(x)", "x", 0), "zero-gradient x"),
                Arguments.of(call("f = max(x)", "x", vector(2, 2, 1)), "kink f 1"),
                Arguments.of(call("f = sum(maxout(x, pieces=2))", "x", vector(2, 2, 1, 0)), "kink maxout_1 1"),
                Arguments.of(call("f = sum(sort(x) * [1, 2])", "x", vector(1, 1)), "kink sort_1 2"),
                Arguments.of(call("f = sum(sort(x, axis=0, descending=true)[1])", "x", new double[][]{{1, 1}, {1, 2}, {0, 3}}),
                        "kink sort_1 1"),
                Arguments.of(call("f = sum(take_along_axis(x, argsort(x)))", "x", vector(1, 2)), ""),
                Arguments.of(call("f = sum(cummax(x))", "x", vector(1, 1)), "kink cummax_1 1"),
                Arguments.of(call("f = sum(cummax(x, axis=-1))", "x", new double[][]{{3, 1, 3, 4}, {1, 2, 1, 0}}), "kink cummax_1 1"),
                Arguments.of(call("f = sum(cummin(x))", "x", vector(2, 1, 1, 3)), "kink cummin_1 2"),
                Arguments.of(call("f = sum(topk(x, k=1))", "x", vector(1, 1)), "kink topk_1 1"),
                Arguments.of(call("f = sum(topk(x, k=1))", "x", vector(1, 1, 2)), ""),
                Arguments.of(call("f = median(x)", "x", vector(1, 1, 2)), "kink f 1"),
                Arguments.of(call("f = median(x)", "x", vector(1, 2, 2, 2, 3)), "kink f 1"),
                Arguments.of(call("f = median(x)", "x", vector(1, 1, 2, 3, 3)), ""),
                Arguments.of(call("f = quantile(x, q=0.25)", "x", vector(1, 1, 2)), "kink f 2"),
                Arguments.of(call("f = abs(x) + maximum(x, y)", "x", 0, "y", 0), "kink abs_1 1, kink maximum_1 1"),
                Arguments.of(call("y = eigvalsh(x)\nf = y[0]", "x", new double[][]{{2, 0, 0}, {0, 2, 0}, {0, 0, 3}}), "kink y 1"),
                Arguments.of(call("v = eigh_vectors(x)\nf = sum(v^3)", "x", new double[][]{{2, 0}, {0, 2}}), "kink v 2, zero-gradient x"),
                Arguments.of(call("f = matrix_norm(x, ord='nuc')", "x", new double[][]{{1, 2}, {2, 4}}), "kink f 1"),
                Arguments.of(call("v = eigh_vectors(x)\nf = sum(v^3)", "x", new double[][]{{2, 1}, {1, 2}}), ""),
                Arguments.of(call("f = exp(log(x))", "x", -1), "non-finite log_1 forward, non-finite log_1 backward"),
                Arguments.of(call("f = sqrt(x) * 1", "x", 0), "non-finite x backward"),
                Arguments.of(call("f = x + 1", "x", nan), "non-finite x forward"),
                Arguments.of(call("f = where(x > 0, sqrt(x), 0)", "x", 0), "zero-gradient x"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aGradientSaysWhatIsRemarkable(Query call, String expected) {
        assertThat(gradient(call).diagnostics())
                .extracting(d -> d.kind() + " " + d.node() + (d.phase() == null ? "" : " " + d.phase())
                        + (d.count() == null ? "" : " " + d.count()))
                .isEqualTo(expected.isEmpty() ? java.util.List.of() : java.util.List.of(expected.split(", ")));
        assertThat(gradient(call).diagnostics()).allSatisfy(d -> assertThat(d.message(Language.EN)).contains("'" + d.node() + "'"));
        KoreanText.check(gradient(call).diagnostics());
    }

    @Test
    void everyReasonOfAnOpIsToldInKorean() {
        assertThat(OpCatalogue.all()).extracting(OpDefinition::vanishing).filteredOn(text -> text != null)
                .allMatch(text -> Phrase.ofEnglish("vanishing", text).isIn(Language.KO));
    }

    /** What is asked of a program in which something given has no place, whatever it is. */
    static Stream<Arguments> questions() {
        Query query = call("f = weight^2 * x", "weight", 2, "x", 3, "weigth", 1);
        Map<String, Tensor> output = inputs("f", 1);
        Map<String, Tensor> direction = inputs("weigth", 1);
        return Stream.<Supplier<List<Diagnostic>>>of(() -> with().evaluate(query).diagnostics(), () -> gradient(query).diagnostics(),
                () -> with().vjp(query, output).diagnostics(),
                () -> with().jvp(query, direction, null).diagnostics(), () -> with().hvp(query, direction).diagnostics(),
                () -> matrices().jacobian(query, new Transformation.Jacobians(null, Transformation.Mode.AUTO, Transformation.Extent.DENSE))
                        .diagnostics(),
                () -> matrices().hessian(query, MatrixFormat.DENSE).diagnostics(),
                () -> checks().check(query, 1, CheckOptions.DEFAULT).diagnostics(),
                () -> descriptions().describe(query, Map.of()).diagnostics(),
                () -> symbolic()
                        .derivatives(query, Map.of(), new DerivativeOptions(DerivativeForm.TEXTBOOK, DerivativeFormat.EXPRESSION, 1, false))
                        .diagnostics())
                .map(Arguments::of);
    }

    @Test
    void noneAreGivenWhereNoneAreWanted() {
        Query query = withRemarks(Transformation.Remarks.NONE, call("f = weight^2 * sqrt(x)", "weight", 2, "x", 0, "weigth", 1));
        assertThat(Stream.<Supplier<List<Diagnostic>>>of(() -> with().evaluate(query).diagnostics(), () -> gradient(query).diagnostics(),
                () -> with().vjp(query, inputs("f", 1)).diagnostics(), () -> with().hvp(query, inputs("x", 1)).diagnostics(),
                () -> matrices().hessian(query, MatrixFormat.DENSE).diagnostics(),
                () -> checks().check(query, 1, CheckOptions.DEFAULT).diagnostics(),
                () -> descriptions().describe(query, Map.of()).diagnostics(),
                () -> symbolic()
                        .derivatives(query, Map.of(), new DerivativeOptions(DerivativeForm.TEXTBOOK, DerivativeFormat.EXPRESSION, 1, false))
                        .diagnostics()))
                .allSatisfy(answer -> assertThat(answer.get()).isEmpty());
        assertThat(gradient(query).gradients()).isEqualTo(gradient(withRemarks(Transformation.Remarks.ALL, query)).gradients());
    }

    @ParameterizedTest
    @MethodSource("questions")
    void whatTheProgramNeverMentionsIsToldWithTheNearestNameWhateverIsAsked(Supplier<List<Diagnostic>> question) {
        assertThat(question.get()).singleElement().satisfies(d -> assertThat(d.message(Language.EN))
                .isEqualTo("the program never mentions input 'weigth'; its gradient is zero; did you mean 'weight'?"));
    }

    @Test
    void aShapeThatTheProgramNeverMentionsIsToldWithTheNearestInputThatHasNone() {
        assertThat(symbolic()
                .derivatives(call("f = weight^2 * x"), Map.of("x", Shape.SCALAR, "weigth", Shape.of(2)),
                        new DerivativeOptions(DerivativeForm.TEXTBOOK, DerivativeFormat.EXPRESSION, 1, false))
                .diagnostics())
                .extracting(d -> d.message(Language.EN))
                .containsExactly("the program never mentions input 'weigth'; its gradient is zero; did you mean 'weight'?");
        assertThat(descriptions().describe(call("f = w^2 * x"), Map.of("x", Shape.of(2), "w", Shape.of(2), "v", Shape.of(2))).diagnostics())
                .extracting(d -> d.message(Language.EN)).containsExactly("the program never mentions input 'v'; its gradient is zero");
    }

    /** It is near to many others. */
    @Test
    void forANameOfTwoLettersNoneWithAValueIsSuggested() {
        assertThat(told(with().evaluate(call("f = ab * x", "ab", 1, "x", 2, "AB", 3)).diagnostics()))
                .containsExactly("the program never mentions input 'AB'; its gradient is zero");
    }

    @Test
    void aParameterWithoutAValueIsSuggestedBeforeOneThatHasAValue() {
        NetworkSpec network = Networks.network(Shape.of(1), new LossSpec("mse", "y", Map.of()),
                Networks.layer("dense", "h1", Map.of("units", 1)), Networks.layer("dense", "h2", Map.of("units", 1)));
        Query query = new Query(new Source.Network(network, InitializerSpec.DEFAULT, true, 0),
                inputs("x", new double[][]{{1}}, "y", new double[][]{{1}}, "h1.weigth", 1), inputs("h1.weight", new double[][]{{1}}), 0,
                null, null, new Signature.NodeSelection.None(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false, Set.of(),
                Transformation.Remarks.ALL);
        assertThat(told(with().evaluate(query).diagnostics()))
                .containsExactly("the program never mentions input 'h1.weigth'; its gradient is zero; did you mean 'h2.weight'?");
    }

    @Test
    void forNoMoreThanTwentyInputsANearNameIsSuggested() {
        Map<String, Tensor> values = new LinkedHashMap<>(inputs("weight", 2));
        for (int i = 10; i < 32; i++) {
            values.put("weight" + i, Tensor.scalar(1));
        }
        List<String> told = told(with().evaluate(call("f = weight^2").withInputs(values)).diagnostics());
        assertThat(told).hasSize(22);
        assertThat(told.subList(0, 20)).allMatch(text -> text.endsWith("did you mean 'weight'?"));
        assertThat(told.subList(20, 22)).allMatch(text -> text.endsWith("its gradient is zero"));
    }

    private static List<String> told(List<Diagnostic> diagnostics) {
        return diagnostics.stream().map(d -> d.message(Language.EN)).toList();
    }

    /** A program, and all that is said of its gradient. */
    static Stream<Arguments> sentences() {
        String back = "on the way back from the output, ";
        String kink = ", where it has no single derivative; by convention ";
        double[] some = vector(Double.NaN, 1);
        return Stream.of(
                Arguments.of(call("f = relu(x) + x", "x", 0), "'relu_1' (relu) sits on its kink at 1 element" + kink
                        + "at 0 the derivative is 0"),
                Arguments.of(call("f = sum(relu(x)) + x[0]", "x", vector(0, 1, 0)),
                        "'relu_1' (relu) sits on its kink at 2 elements" + kink + "at 0 the derivative is 0"),
                Arguments.of(call("f = x[1]", "x", some), "the value given for 'x' is not finite"),
                Arguments.of(call("f = sum(x * [1, 1])", "x", some), "the value given for 'x' is not finite"),
                Arguments.of(call("f = sqrt(x) + x", "x", 0),
                        back + "'x' (input) is the first node whose gradient is not finite; it comes through 'sqrt_1' (sqrt), 'f' (add)"),
                Arguments.of(call("f = sqrt(x) + 2 * x + sin(x)", "x", 0), back + "'x' (input) is the first node whose gradient is not "
                        + "finite; it comes through 'sqrt_1' (sqrt), 'mul_1' (mul), 'sin_1' (sin)"),
                Arguments.of(call("f = sqrt(x) + 2 * x + sin(x) + tan(x)", "x", 0), back + "'x' (input) is the first node whose gradient "
                        + "is not finite; it comes through 'sqrt_1' (sqrt), 'mul_1' (mul), 'sin_1' (sin) and others"),
                Arguments.of(call("f = sqrt(x)", "x", 0), back + "'x' (input) is the first node whose gradient is not finite; it comes "
                        + "through 'f' (sqrt), whose local derivative is not finite, at x = 0.0"),
                Arguments.of(call("f = sum(sqrt(x))", "x", vector(0, 1)), back + "'x' (input) is the first node whose gradient is not "
                        + "finite; it comes through 'sqrt_1' (sqrt), whose local derivative is not finite"));
    }

    @ParameterizedTest
    @MethodSource("sentences")
    void aGradientIsRemarkedOnInOneSentence(Query query, String sentence) {
        assertThat(told(gradient(query).diagnostics())).containsExactly(sentence);
    }

    @Test
    void whereTheGivenGradientOfTheOutputIsNotFiniteThatIsTold() {
        assertThat(told(with().gradient(call("f = 2 * x", "x", 1), Tensor.scalar(Double.NaN), Transformation.Locals.AUTO).diagnostics()))
                .containsExactly("on the way back from the output, 'f' (mul) is the first node whose gradient is not finite");
    }

    @Test
    void anOpWhoseRoundingIsNotKnownIsToldOfWhereDigitsAreAsked() {
        Query query = wrt(call("y = cofactor_derivative(A, A)\nf = sum(y) + sum(A)", "A",
                new double[][]{{2, 1, 0, 0}, {1, 3, 0, 1}, {0, 0, 2, 1}, {0, 1, 1, 5}}), "A");
        assertThat(told(with().gradient(query, null, Transformation.Locals.AUTO, true).diagnostics())).containsExactly(
                "how much 'y' (cofactor_derivative) rounds is not known, so that 0 digits are called certain of what depends on it");
        assertThat(with().gradient(query, null, Transformation.Locals.AUTO, false).diagnostics()).isEmpty();
    }

    /** A chain of so many nodes behind the one whose value is not finite. */
    @ParameterizedTest
    @ValueSource(ints = {31, 32, 50})
    void ofALongPathTheEndsAreTold(int behind) {
        List<String> path = with().evaluate(call("a = 1 / x\nh = a\nfor i in 0:" + behind + ":\n  h = h + 1\nf = h", "x", 0))
                .diagnostics().getFirst().path();
        assertThat(path).startsWith("a", "h_2").endsWith("h").doesNotHaveDuplicates();
        if (behind < 32) {
            assertThat(path).hasSize(behind + 1).doesNotContain("…");
        } else {
            assertThat(path).hasSize(33);
            assertThat(path.get(16)).isEqualTo("…");
        }
    }

    @ParameterizedTest
    @CsvSource({"64, true", "65, false"})
    void anOperandOfMoreThan64ElementsIsNamedWithoutItsValue(int length, boolean isShown) {
        Diagnostic told = with().evaluate(call("f = log(x)", "x", new double[length])).diagnostics().getFirst();
        assertThat(told.operands()).containsOnlyKeys("x");
        assertThat(told.operands().get("x") != null).isEqualTo(isShown);
    }

    @Test
    void ofManyInputsWithoutGradientTheFirstTwentyAreExplained() {
        StringBuilder program = new StringBuilder("f = 1");
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (int i = 0; i < 23; i++) {
            program.append(" + relu(x").append(i).append(')');
            values.put("x" + i, Tensor.scalar(-1));
        }
        List<String> told = told(gradient(call(program.toString()).withInputs(values)).diagnostics());
        assertThat(told).hasSize(21);
        assertThat(told.getLast()).isEqualTo("the gradients of 'x20' and 2 other inputs are zero at these values too");
        assertThat(told.subList(0, 20)).allMatch(text -> text.contains("a dead relu"));
    }

    @Test
    void equalEigenvaluesAreToldWithTheirConvention() {
        double[][] identity = {{1, 0}, {0, 1}};
        assertThat(gradient(call("v = eigh_vectors(x)\nf = sum(v^3)", "x", identity)).diagnostics().getFirst().message(Language.EN))
                .contains("by convention 1/(λⱼ − λᵢ) counts as 0 between equal eigenvalues");
    }

    @Test
    void anEvaluationNamesTheFirstValueThatIsNotFinite() {
        assertThat(with().evaluate(call("a = 1 / x\nb = a * 2", "x", 0)).diagnostics()).singleElement()
                .satisfies(d -> assertThat(d.node()).isEqualTo("a"));
    }

    @Test
    void aZeroDerivativeNamesTheOpThatIgnoresItsOperand() {
        assertThat(gradient(wrt(call("c = x > 0\nf = where(c, x, 0)", "x", 1), "c")).diagnostics().getFirst().message(Language.EN))
                .contains("'f' (where)");
    }

    /** A program, the input whose gradient is zero, its way to where that happens, and the reason as it is told. */
    static Stream<Arguments> cancelled() {
        double[][] dead = {{-1, -2}, {-3, 0}};
        double[] ones = vector(1, 1);
        double[][] certain = {{1000, 0, 0}, {0, 0, 1000}};
        String saturated = "lost at 'softmax_1' (softmax), which is saturated: one class has all the probability";
        Query deadWithBias = call("f = sum(relu(W @ x + b))", "W", dead, "x", ones, "b", vector(-1, -1));
        String inPart = "whose derivative is zero wherever a gradient arrives";
        String deadRelu = "lost at 'relu_1' (relu), whose operand is nowhere above 0: a dead relu";
        Query normalized = call("h = x + b\nc = h - mean(h, axis=0)\nf = sum(c * [[1], [3]])", "x", new double[][]{{0, 2}, {2, 4}}, "b",
                vector(0, 0));
        return Stream.of(
                Arguments.of(call("f = x - x", "x", 3), "x", "x f", "cancels in double precision between the operands of 'f' (sub)"),
                Arguments.of(call("a = 2 * x\nb = 2 * x\nf = a - b", "x", 3), "x", "x",
                        "it cancels in double precision between 'a' (mul) and 'b' (mul)"),
                Arguments.of(call("a = 2 * x\nb = 3 * x\nc = 5 * x\nf = a + b - c", "x", 3), "x", "x",
                        "cancels in double precision between 'a' (mul), 'b' (mul) and 'c' (mul)"),
                Arguments.of(call("a = 2 * x\nb = 2 * x\nc = relu(x)\nf = a - b + c", "x", -3), "x", "x",
                        "cancels in double precision between 'a' (mul) and 'b' (mul)"),
                Arguments.of(call("y = x^2\na = sin(y)\nf = a + y - sin(y) - y", "x", 3), "x", "x y",
                        "that of 'y' (pow) cancels in double precision between 'a' (sin), 'add_1' (add), 'sin_1' (sin) and others"),
                Arguments.of(call("f = sum(x - mean(x))", "x", vector(1, 2)), "x", "x", "between 'mean_1' (mean) and 'sub_1' (sub)"),
                Arguments.of(call("h = x + b\nf = sum(h * [[1], [-1]])", "x", new double[][]{{1, 2}, {3, 4}}, "b", vector(1, 2)), "b",
                        "b h", "cancels in double precision within 'h' (add), in the sum over the elements that 'b' is broadcast to"),
                Arguments.of(call("f = sum(h * [1, -1])", "h", 3), "h", "h mul_1",
                        "cancels in double precision within 'mul_1' (mul), in the sum over the elements that 'h' is broadcast to"),
                Arguments.of(normalized, "b", "b h", "cancels in double precision within 'h' (add)"),
                Arguments.of(call("f = sum(w * relu(x))", "x", vector(-1, -2), "w", 3), "w", "w mul_1",
                        "lost at 'mul_1' (mul), where it is multiplied by 0"),
                Arguments.of(call("f = sum(relu(W @ x) @ v)", "W", dead, "x", new double[][]{{1}, {1}}, "v", vector(2)), "v", "v matmul_2",
                        "lost at 'matmul_2' (matmul), where it is multiplied by 0"),
                Arguments.of(call("f = sum(softmax(x))", "x", ones), "x", "x softmax_1",
                        "cancels in double precision within 'softmax_1' (softmax)"),
                Arguments.of(call("f = sum(W @ x)", "W", new double[][]{{1, 2}, {-1, -2}}, "x", ones), "x", "x matmul_1",
                        "cancels in double precision within 'matmul_1' (matmul)"),
                Arguments.of(call("f = sum(W @ x)", "W", new double[][]{{0, 0}, {0, 0}}, "x", ones), "x", "x matmul_1",
                        "lost at 'matmul_1' (matmul), where it is multiplied by 0"),
                Arguments.of(batch(call("f = x * w", "x", vector(1, -1), "w", 2), Signature.Reduction.SUM, "x"), "w", "w f",
                        "cancels in double precision within 'f' (mul), in the sum over the samples"),
                Arguments.of(batch(call("f = sum(W @ x + b)", "x", new double[][]{{1, 2}, {-1, -2}}, "W", dead, "b", ones),
                        Signature.Reduction.MEAN, "x"), "W", "W matmul_1", "cancels in double precision within 'matmul_1' (matmul)"),
                Arguments.of(batch(call("f = (x - x) * w", "x", vector(1, -1), "w", 2), Signature.Reduction.NONE, "x"), "x", "x sub_1",
                        "cancels in double precision between the operands of 'sub_1' (sub)"),
                Arguments.of(batch(call("f = (x - x) * w", "x", vector(1, -1), "w", 2), Signature.Reduction.MEAN, "x"), "w", "w f",
                        "lost at 'f' (mul), where it is multiplied by 0"),
                Arguments.of(call("f = max([x, y])", "x", 1, "y", 2), "x", "x stack_1 f",
                        "lost at 'f' (max), where other elements are larger"),
                Arguments.of(call("f = max(2 * concatenate([x, y]))", "x", ones, "y", vector(2, 3)), "x", "x concatenate_1 mul_1 f",
                        "lost at 'f' (max), where other elements are larger"),
                Arguments.of(call("s = [x, y]\nf = s[1]", "x", 1, "y", 2), "x", "x s f", "lost at 'f' (index), whose indices do not touch"),
                Arguments.of(call("f = mean(y * x)", "x", vector(1, -1), "y", 2), "y", "y mul_1", "that 'y' is broadcast to"),
                Arguments.of(call("f = sum(y * x) * z", "x", vector(1, -1), "y", 2, "z", 3), "y", "y mul_1", "that 'y' is broadcast to"),
                Arguments.of(batch(call("f = sum(x * y)", "x", new double[][]{{1, 2}, {-1, -2}}, "y", ones), Signature.Reduction.SUM, "x"),
                        "y", "y mul_1", "cancels in double precision within 'mul_1' (mul), in the sum over the samples"),
                Arguments.of(batch(call("f = x * y", "x", vector(1, -1), "y", 2), Signature.Reduction.MEAN, "x"), "y", "y f",
                        "cancels in double precision within 'f' (mul), in the sum over the samples"),
                Arguments.of(batch(call("f = sum(x) * relu(b)", "x", new double[][]{{1, 2}, {-1, -2}}, "b", 3), Signature.Reduction.MEAN,
                        "x"), "b", "b relu_1 f", "cancels in double precision within 'f' (mul), in the sum over the samples"),
                Arguments.of(call("f = sum(relu(x) * m)", "x", vector(3, -4), "m", vector(0, 1)), "x", "x relu_1", inPart),
                Arguments.of(call("f = sum(clip(x, min=0, max=1) * m)", "x", vector(0.5, 4), "m", vector(0, 1)), "x", "x clip_1", inPart),
                Arguments.of(call("f = sum(where(c > 0, x, 0) * m)", "x", 2, "c", vector(1, -1), "m", vector(0, 1)), "x", "x where_1",
                        inPart),
                Arguments.of(call("f = sum(linear(x, w, b))", "x", vector(0, 0), "w", new double[][]{{1}, {2}}, "b", vector(1)), "w",
                        "w linear_1", "multiplied by 0"),
                Arguments.of(call("y = cumprod(x)\nf = y[2]", "x", vector(0, 0, 3)), "x", "x y", "lost at 'y' (cumprod), " + inPart),
                Arguments.of(call("f = prod([x, y, z])", "x", 1, "y", 0, "z", 3), "x", "x stack_1 f",
                        "lost at 'f' (prod), where it is multiplied by 0"),
                Arguments.of(call("f = prod([x, y, z])", "x", 1, "y", 1e-200, "z", 1e-200), "x", "x stack_1",
                        "the part of the gradient of 'stack_1' (stack) that is zero"),
                Arguments.of(call("h = exp(x * -300)\nf = h[0] * h[1]", "x", vector(1, 2)), "x", "x mul_1 h",
                        "underflows at 'h' (exp): its product with the derivative there is too small for a double"),
                Arguments.of(call("f = sum(exp(x))", "x", vector(-1000, -2000)), "x", "x exp_1",
                        "lost at 'exp_1' (exp), whose derivative underflows: it is too small for a double there"),
                Arguments.of(call("f = x * w * z", "x", 1e-200, "w", 1e-200, "z", 1e-200), "x", "x mul_1", "underflows at 'mul_1' (mul)"),
                Arguments.of(call("f = sum((x @ x) * x)", "x", new double[][]{{1e-200}}), "x", "x matmul_1", "underflows at"),
                Arguments.of(call("f = sum(softplus(x))", "x", vector(-1000, -2000)), "x", "x softplus_1", "whose derivative underflows"),
                Arguments.of(call("f = sum(concatenate([x, u])[2:4])", "x", ones, "u", ones), "x", "x concatenate_1 index_1",
                        "lost at 'index_1' (index), whose indices do not touch it"),
                Arguments.of(batch(call("f = sum(softmax(x * w) * [1, 2, 3])", "x", certain, "w", vector(1, 2, 3)),
                        Signature.Reduction.NONE, "x"), "x", "x mul_1 softmax_1", saturated),
                Arguments.of(batch(call("f = sum(softmax(x * w) * [1, 2, 3])", "x", certain, "w", vector(1, 2, 3)),
                        Signature.Reduction.MEAN, "x"), "w", "w mul_1 softmax_1", saturated),
                Arguments.of(
                        batch(call("f = mean(tanh(x * w))", "x", new double[][]{{900, -900}, {800, 700}}, "w", 10),
                                Signature.Reduction.MEAN, "x"),
                        "w",
                        "w mul_1 tanh_1", "saturated"),
                Arguments.of(deadWithBias, "W", "W matmul_1 add_1 relu_1", deadRelu),
                Arguments.of(deadWithBias, "x", "x matmul_1 add_1 relu_1", deadRelu),
                Arguments.of(deadWithBias, "b", "b add_1 relu_1", deadRelu));
    }

    @ParameterizedTest
    @MethodSource({"cancelled", "vanished"})
    void aGradientThatIsZeroAtTheseValuesIsToldWithThePlaceAndTheReason(Query call, String input, String path, String reason) {
        assertThat(gradient(call).diagnostics()).filteredOn(d -> d.kind().equals("zero-gradient") && input.equals(d.node())).singleElement()
                .satisfies(d -> {
                    assertThat(d.message(Language.EN)).contains(reason);
                    assertThat(String.join(" ", d.path())).isEqualTo(path);
                });
    }

    @Test
    void aBiasBeforeANormalizationInTrainingCancelsOverTheBatch() {
        NetworkSpec network = Networks.network(Shape.of(2), new LossSpec("mse", "y", Map.of()),
                Networks.layer("dense", "h", Map.of("units", 2)), Networks.layer("batch_norm", "n", Map.of()),
                Networks.layer("dense", "o", Map.of("units", 1)));
        Query query = new Query(new Source.Network(network, InitializerSpec.DEFAULT, true, 0),
                inputs("x", new double[][]{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}, "y", new double[][]{{1}, {-1}, {1}, {-1}}),
                inputs("h.weight", new double[][]{{1, 0}, {0, 1}}, "h.bias", vector(0, 0), "o.weight", new double[][]{{1}, {1}}, "o.bias",
                        vector(0)),
                0, null, null, new Signature.NodeSelection.None(), Signature.Batch.NONE, Signature.GateForm.Whole.AS_WRITTEN, false,
                Set.of(),
                Transformation.Remarks.ALL);
        assertThat(gradient(query).diagnostics()).filteredOn(d -> "h.bias".equals(d.node())).singleElement()
                .satisfies(d -> assertThat(d.message(Language.EN)).endsWith(
                        "it cancels in double precision within 'h' (linear), in the sum over the elements that 'h.bias' is broadcast to"));
    }

    static Stream<Arguments> vanished() {
        return Stream.of(Arguments.of(call("h = relu(W @ x)\nf = sum(h)", "W", new double[][]{{-1, -2}, {-3, 0}}, "x", vector(1, 1)),
                "W", "W matmul_1 h", "dead relu"),
                Arguments.of(call("s = tanh(w * x)\nf = s", "w", 1, "x", 800), "w", "w mul_1 s", "saturated"),
                Arguments.of(call("f = sum(x[1:] * 0) + z", "x", vector(1, 2), "z", 0), "x", "x index_1 mul_1", "multiplied by 0"),
                Arguments.of(call("f = sum(x[2:]) + z", "x", vector(1, 2), "z", 0), "x", "x index_1", "do not touch"),
                Arguments.of(call("f = clip(x, min=0, max=1) + y", "x", 3, "y", 1), "x", "x clip_1", "outside the bounds"),
                Arguments.of(call("f = where(x > 0, y, z)", "x", 1, "y", 2, "z", 3), "z", "z f", "other branch"));
    }

    @Test
    void theFirstValueThatIsNotFiniteIsToldWithWhatTheOpReadAndItsWayToTheOutput() {
        assertThat(gradient(call("a = x - 3\nb = log(a)\nf = b * 2 + x", "x", 1)).diagnostics())
                .filteredOn(d -> "forward".equals(d.phase()))
                .singleElement().satisfies(d -> {
                    assertThat(d.node()).isEqualTo("b");
                    assertThat(d.path()).containsExactly("b", "mul_1", "f");
                    assertThat(d.operands()).containsExactly(Map.entry("a", Tensor.scalar(-2)));
                    assertThat(d.message(Language.EN)).contains("at a = -2.0");
                });
    }

    /** Programs whose first value that is not finite comes of an op that reads a literal, an input of all samples, or both. */
    static Stream<Arguments> notFiniteOverSamples() {
        double[] some = vector(0, 1);
        return Stream.of(Arguments.of(call("f = 1 / x", "x", some), "f", "1.0 x"),
                Arguments.of(call("f = x^0.5", "x", vector(-1, 1)), "f", "x 0.5"), Arguments.of(call("f = x^-1", "x", some), "f", "x -1.0"),
                Arguments.of(call("f = log(x) * 2", "x", some), "log_1", "x"),
                Arguments.of(call("f = w / x", "x", some, "w", 3), "f", "w x"),
                Arguments.of(call("f = 1 / w * x", "x", some, "w", 0), "div_1", "1.0 w"),
                Arguments.of(call("f = sum(x / [0, 1])", "x", new double[][]{{1, 2}, {3, 4}}), "div_1", "x constant_1"),
                Arguments.of(call("f = 1 / x", "x", vector(0)), "f", "1.0 x"));
    }

    @ParameterizedTest
    @MethodSource("notFiniteOverSamples")
    void overSamplesTheFirstValueThatIsNotFiniteIsToldWithWhatTheOpRead(Query query, String node, String operands) {
        for (Signature.Reduction reduction : Signature.Reduction.values()) {
            Query call = batch(query, reduction, "x");
            assertThat(with().evaluate(call).diagnostics()).singleElement().satisfies(d -> {
                assertThat(d.node()).isEqualTo(node);
                assertThat(String.join(" ", d.operands().keySet())).isEqualTo(operands);
                assertThat(d.operands()).as("a literal is one number, however many samples there are")
                        .allSatisfy((id, value) -> assertThat(!id.matches("-?[0-9].*") || value != null && value.length() == 1).isTrue());
            });
            assertThat(gradient(call).diagnostics()).filteredOn(d -> "forward".equals(d.phase())).singleElement()
                    .satisfies(d -> assertThat(String.join(" ", d.operands().keySet())).isEqualTo(operands));
            assertThat(gradient(call).diagnostics()).filteredOn(d -> "backward".equals(d.phase())).isNotEmpty();
        }
    }

    @Test
    void theFirstGradientThatIsNotFiniteIsToldWithTheOpItComesThrough() {
        assertThat(gradient(call("s = x * 0\nr = sqrt(s)\nf = r + 1", "x", 1)).diagnostics()).filteredOn(d -> "backward".equals(d.phase()))
                .singleElement().satisfies(d -> {
                    assertThat(d.node()).isEqualTo("s");
                    assertThat(d.path()).containsExactly("s", "r", "f");
                    assertThat(d.message(Language.EN)).contains("'r' (sqrt)").contains("s = 0.0");
                });
    }

    static Stream<Arguments> losses() {
        double[] row = vector(1, 2, 3);
        double[][] column = {{1}, {2}, {4}};
        return Stream.of(Arguments.of(call("d = p - y\nf = mean(d^2)", "p", column, "y", row), "d"),
                Arguments.of(call("f = mse_loss(p, y)", "p", row, "y", column), "f"),
                Arguments.of(call("f = mean((p - y)^2)", "p", row, "y", row), ""),
                Arguments.of(call("f = sum(p * y)", "p", column, "y", row), ""),
                Arguments.of(call("f = sum(p - y)", "p", new double[][]{{1}}, "y", vector(1)), ""));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aDifferenceOfARowAndAColumnIsToldOf(Query call, String node) {
        assertThat(gradient(call).diagnostics()).filteredOn(d -> d.kind().equals("broadcast")).extracting(Diagnostic::node)
                .isEqualTo(node.isEmpty() ? java.util.List.of() : java.util.List.of(node));
    }
}
