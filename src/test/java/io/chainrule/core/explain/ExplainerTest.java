package io.chainrule.core.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.RandomText;
import io.chainrule.core.Signature;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients in words. */
class ExplainerTest {
    private static final Map<String, Tensor> SQUARED_NORM = Map.of("W", Tensor.matrix(new double[]{0.1, 0.5}, new double[]{-0.3, 0.8}), "x",
            Tensor.vector(0.2, 0.4));
    private static final List<Signature.GateForm> GATES = List.of(Signature.GateForm.Whole.values());
    private static final String NORM = "q = W @ x\nf = sum(q^2)";

    @Test
    void derivesTheSquaredNormInEnglish() {
        assertThat(new Explained(NORM, SQUARED_NORM).explanation().text().lines()).containsSubsequence(
                "Backpropagation starts at f: its gradient by itself is 1.",
                "∂f/∂q = [0.44, 0.52]. pow_1 multiplies the upstream gradient by its slope at q: ∂pow₁/∂q = 2 q.",
                "  q reads x: ∂f/∂x = Wᵀ (∂f/∂q), shapes [2, 2]ᵀ·[2] → [2]; the value is [-0.112, 0.636].",
                "  q reads W: ∂f/∂W = (∂f/∂q) xᵀ, shapes [2]·[2]ᵀ → [2, 2]; the value is [[0.088, 0.176], [0.104, 0.208]].");
    }

    @Test
    void derivesTheSquaredNormInKorean() {
        assertThat(new Explained(NORM, SQUARED_NORM).in(Language.KO).explanation().text().lines()).containsSubsequence(
                "역전파는 f에서 시작한다. f의 자기 자신에 대한 기울기는 1이다.",
                "∂f/∂q = [0.44, 0.52]. pow_1은 상류 기울기에 q에서의 국소 기울기를 곱한다. 국소 기울기는 ∂pow₁/∂q = 2 q이다.",
                "  q가 x를 읽는다. ∂f/∂x = Wᵀ (∂f/∂q), 형상은 [2, 2]ᵀ·[2] → [2], 값은 [-0.112, 0.636]이다.",
                "  q가 W를 읽는다. ∂f/∂W = (∂f/∂q) xᵀ, 형상은 [2]·[2]ᵀ → [2, 2], 값은 [[0.088, 0.176], [0.104, 0.208]]이다.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "f = x * y | x | f is a multiply gate: it switches, so x gets the upstream gradient times the other factor.",
            "f = x + y | x | f is an add gate: it distributes its gradient unchanged to its operands.",
            "f = y - x | x | f is a subtract gate: x, which is subtracted, gets its gradient with the opposite sign.",
            "f = y - x | y | f is a subtract gate: y gets its gradient unchanged.",
            "f = maximum(x, y) | x | f is a choosing gate: it did not take x, so nothing is routed there. The gradient of x is 0 at"
                    + " these values: it is lost at f.",
            "f = maximum(x, y) | y | f is a choosing gate: it took y and routes the whole gradient there.",
            "f = maximum(x, x + 0) | add_1 | f is a choosing gate: there is a tie, so the gradient is shared.",
            "f = sum(v) | v | f adds up the elements of v: each of them gets the gradient of the sum.",
            "f = sum(v.T) | v | transpose_1 only moves elements, so it moves their gradients back to where they came from.",
            "f = x^y^0.5 | y | pow_1 multiplies the upstream gradient by its slope at y: ∂pow₁/∂y = 0.5 y^(−0.5) = 0.5 ⋅ 3^(−0.5) = 0.288675.",
            "f = max(v) | v | f is a choosing gate: it routes each gradient to the element that it took.",
            "f = dot(v, w) | v | f is a product of arrays: each factor gets the upstream gradient times the other factor.",
            "f = x * x | x | x is read 2 times, and where a value is copied, the gradients that come back add up.",
            "c = x * y; f = y | x | x does not reach f, so its gradient is 0.",
            "f = floor(x) + y | x | On every path from x to f there is a gate whose derivative is 0 everywhere, so the gradient of x is 0.",
            "f = relu(z) | f | Backpropagation starts at f: its gradient by itself is 1. f sits on a kink at 1 of its elements, where it has"
                    + " no single derivative; by convention at 0 the derivative is 0.",
            "f = clip(y, 0, 3) | f | Backpropagation starts at f: its gradient by itself is 1. f sits on a kink at 1 of its elements, where it"
                    + " has no single derivative; by convention the gradient passes at the bounds, as in PyTorch.",
            "f = maximum(x, z + 2) | f | Backpropagation starts at f: its gradient by itself is 1. f sits on a kink at 1 of its elements, where"
                    + " it has no single derivative; by convention a tie is shared equally.",
            "f = mean(v) | v | f is a mean of elements of v: each of them gets the share 1/3 of the gradient.",
            "f = sum(avg_pool2d(reshape(v, shape=[1, 1, 1, 3]), kernel_size=[1, 2], stride=1)) | reshape_1 | avg_pool2d_1 takes means of"
                    + " elements of reshape_1: each of them gets its share of the gradient of a mean.",
            "f = dot(sort(v), w) | v | sort_1 is made of elements of v: its gradient goes back to those.",
            "f = trace(outer(v, w)) | outer_1 | f is made of elements of outer_1: its gradient goes back to those.",
            "f = sum(scatter_add(v, [0, 0], [x, y])) | v | scatter_add_1 is made of elements of v: its gradient goes back to those.",
            "f = sum(take(v, [0, 0])) | v | take_1 copies or moves elements of v: each of them gets the sum of the gradients of its copies.",
            "f = sum(cumsum(v)) | v | cumsum_1 uses v in several places, so the gradients of all of them add up.",
            "f = x - x | x | The gradient of x is 0 at these values: contributions to it cancel at f.",
            "f = maximum(x, log(-y)) | x | f is a choosing gate whose value is NaN: there is nothing to choose, so no gradient is routed to x."
                    + " The gradient of x is 0 at these values: it is lost at f.",
            "s = (1e12 + x / 3) - 1e12; f = s^2 | s | s is a difference of numbers that cancel: about 12 of 16 digits are lost.",
            "f = log(z) * x | log_1 | log_1 is the first node whose value is not finite."})
    void tellsTheRoleOfAGate(String text, String node, String sentence) {
        Explanation.Entry entry = new Explained(text, Map.of("x", Tensor.scalar(2), "y", Tensor.scalar(3), "z", Tensor.scalar(0), "v",
                Tensor.vector(1, 2, 3), "w", Tensor.vector(4, 5, 6))).entryOf(node);
        assertThat(entry.text()).endsWith(sentence);
    }

    /** Elements at a place are told by the place, and not in words. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    f = v[1] * x           | \\left(\\frac{\\partial f}{\\partial v}\\right)_{1} = \\frac{\\partial f}{\\partial \\mathrm{index}_{1}},\\ \\frac{\\partial f}{\\partial v} = \\begin{bmatrix}0 \\\\ 2 \\\\ 0\\end{bmatrix}
                    y = v[0:2]; f = sum(y) | \\left(\\frac{\\partial f}{\\partial v}\\right)_{0:2} = \\frac{\\partial f}{\\partial y},\\ \\frac{\\partial f}{\\partial v} = \\begin{bmatrix}1 \\\\ 1 \\\\ 0\\end{bmatrix}
                    """)
    void formulasOfTheLedgerHavePlaces(String text, String latex) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.scalar(2), "v", Tensor.vector(1, 2, 3));
        assertThat(new Explained(text, inputs).entryOf("v").latex()).isEqualTo(latex);
        assertThat(new Explained("f = v[0] * v[1]", inputs).entryOf("v").latex()).doesNotContain("\\text");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "f = y * y | f reads y: upstream gradient 1 × local gradient 3 = 3. Here y is operand 1 of f.",
            "f = y * y | f reads y: upstream gradient 1 × local gradient 3 = 3. Here y is operand 2 of f.",
            "f = sum(where(v > 1, v, v)) | Here v is operand 3 of where_1.",
            "f = prod(v) | f reads v 3 times, and together they give (∂f/∂v)_i = (∂f/∂f) ∏_{j ≠ i} v_j, shapes [], [3] → [3];",
            "g = glu(w); f = sum(g) | g reads w 2 times; reading 1 adds (∂f/∂w)_{:2}^(1) = (∂f/∂g) ⊙ σ(w_{2:}), shapes [4], [2] → [4];",
            "f = sum(glu(w)) | Here the other elements get 0.",
            "f = norm(0 * v) | Where f sits on its kink the form alone does not settle the value; by convention the gradient of the norm of",
            "f = std(0 * v) | Where f sits on its kink the form alone does not settle the value; by convention the gradient of the deviation",
            "f = tanh(9 * y) | f is saturated: its slope there is nearly 0, so that hardly any gradient passes.",
            "f = sum(sigmoid(-20 * v)) | sigmoid_1 are saturated",
            "f = log(-x) + log(maximum(x, y) * 0) | Where a local gradient is exactly 0, 0 is passed on, whatever arrives.",
            "u = 0 * x; f = sqrt(u) | upstream gradient ∞ × local gradient 0 = NaN. Where an infinite gradient meets a local gradient of 0, "
                    + "∞ × 0 is NaN.",
            "s = sqrt(0 * x); f = 0 * s | upstream gradient 0 × local gradient ∞ = 0. Where the upstream gradient is exactly 0, 0 is passed"
                    + " on, whatever the local gradient is."})
    void tellsHowATermComesAbout(String text, String sentence) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.scalar(2), "y", Tensor.scalar(3), "v", Tensor.vector(1, 2, 3), "w",
                Tensor.vector(1, 2, 3, 4));
        assertThat(new Explained(text, inputs).explanation().text()).contains(sentence);
    }

    /** Which function the slope is, and the numbers in it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "f = sigmoid(x) | x | ∂f/∂x = σ(x) (1 − σ(x)) = 0.880797 (1 − 0.880797) = 0.104994",
            "f = exp(z - 1) | sub_1 | ∂f/∂sub₁ = e^(sub₁) = e⁻¹ = 0.367879",
            "f = x / y | y | ∂f/∂y = −(x/y²) = −(2/3²) = −0.222222", "f = x / y | x | ∂f/∂x = 1/y = 1/3 = 0.333333",
            "f = y^x | y | ∂f/∂y = x y^(x − 1) = 2 ⋅ 3^(2 − 1) = 6", "f = y^x | x | ∂f/∂x = y^x log(y) = 3² ⋅ 1.09861 = 9.88751",
            "f = y^4 | y | ∂f/∂y = 4 y³ = 4 ⋅ 3³ = 108", "f = tanh(x) | x | ∂f/∂x = 1 − tanh²(x) = 1 − 0.964028² = 0.0706508",
            "f = sqrt(y + 1) | add_1 | ∂f/∂add₁ = 0.5/√(add₁) = 0.5/2 = 0.25",
            "f = log(-1 / -y) | div_1 | ∂f/∂div₁ = 1/div₁ = 1/0.333333 = 3",
            "f = -x | x | ∂f/∂x = −1", "f = cos(z) | z | ∂f/∂z = −sin(z) = −sin(0) = 0",
            "f = abs(-x) | neg_1 | ∂f/∂neg₁ = sign(neg₁) = sign(−2) = −1",
            "f = relu(x) | x | ∂f/∂x = {1 (x > 0); 0 (otherwise)} = 1",
            "f = tanh(20 * x) | mul_1 | ∂f/∂mul₁ = 1 − tanh²(mul₁) = 7.21941 ⋅ 10^(−35)",
            "s = sum(tanh(v)); f = s | v | ∂tanh₁/∂v = 1 − tanh²(v)", "s = w / v; f = sum(s) | v | ∂s/∂v = −(w/v²)",
            "f = mse_loss(x, y) | x | ∂f/∂x = 2 (x − y) = 2 (2 − 3) = −2",
            "f = relu6(x) | x | ∂f/∂x = {1 (0 < x < 6); 0 (otherwise)} = 1",
            "f = hardtanh(x) | x | ∂f/∂x = {1 (−1 < x < 1); 0 (otherwise)} = 0",
            "f = clip(x, 0, 1) | x | ∂f/∂x = {0 (x < 0 or x > 1); 1 (otherwise)} = 0",
            "f = asin(x - 1.5) | sub_1 | ∂f/∂sub₁ = 1/√(1 − sub₁²) = 1/0.866025 = 1.1547",
            "f = hypot(x, y) | x | ∂f/∂x = x/hypot(x, y) = 2/3.60555 = 0.5547",
            "f = atan2(x, y) | x | ∂f/∂x = y/hypot(y, x)² = 3/3.60555² = 0.230769",
            "f = (y - 2.5)^x | x | ∂f/∂x = sub₁^x log(sub₁) = 0.5² (−0.693147) = −0.173287",
            "f = 2^x | x | ∂f/∂x = log(2) ⋅ 2^x = 0.693147 ⋅ 2² = 2.77259",
            "f = 2.5^x | x | ∂f/∂x = 0.916291 ⋅ 2.5^x = 0.916291 ⋅ 2.5² = 5.72682",
            "f = log2(x) | x | ∂f/∂x = 1.4427/x = 1.4427/2 = 0.721348",
            "f = erf(x) | x | ∂f/∂x = (2/√(π)) e^(−x²) = 1.12838 ⋅ 0.0183156 = 0.020667",
            "f = gelu(x) | x | ∂f/∂x = 0.398942 x e^(−0.5 x²) + 0.5 erfc(−0.707107 x) = 0.398942 ⋅ 2 ⋅ 0.135335 + 0.5 ⋅ 1.9545 = 1.08523",
            "f = selu(x) | x | ∂f/∂x = {1.7581 e^x (x < 0); 1.0507 (otherwise)} = 1.0507",
            "f = mse_loss(x, -y) | x | ∂f/∂x = 2 (x − neg₁) = 2 (2 − (−3)) = 10"})
    void tellsTheDerivativeOfAnElementwiseGate(String text, String node, String derivative) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.scalar(2), "y", Tensor.scalar(3), "z", Tensor.scalar(0), "v",
                Tensor.vector(1, 2, 3), "w", Tensor.vector(4, 5, 6));
        Explanation.Entry entry = new Explained(text, inputs).entryOf(node);
        assertThat(entry.text()).contains("by its slope at " + node + ": " + derivative + ".");
        assertThat(entry.contributions().getFirst().slope()).isNotNull().satisfies(slope -> {
            assertThat(slope.text()).isEqualTo(derivative);
            assertThat(slope.mathml()).startsWith("<math ");
        });
    }

    /** With every op of the catalogue that is elementwise, in what readers know. */
    @ParameterizedTest
    @MethodSource("elementwise")
    void everyElementwiseOpHasADerivativeInBothLanguages(OpDefinition op) {
        for (Language language : Language.values()) {
            Explained explained = new Explained(op.example(), op.exampleInputs()).in(language);
            explained.explanation().ledger().stream().flatMap(entry -> entry.contributions().stream())
                    .filter(term -> term.slope() != null).forEach(term -> assertThat(term.slope().text()).startsWith("∂")
                            .contains(" = ").doesNotContain("null", " if ", "strong_mul", "\\"));
        }
    }

    static Stream<OpDefinition> elementwise() {
        return OpCatalogue.all().stream().filter(op -> op.family() == Family.ELEMENTWISE);
    }

    @Test
    void aLongNameIsWrittenInAForm() {
        String name = "n".repeat(30_000);
        String form = new Explained("f = " + name + "_1 * sigmoid(" + name + ")",
                Map.of(name, Tensor.scalar(0), name + "_1", Tensor.scalar(1)))
                .entryOf(name).text();
        assertThat(form).contains("σ(" + name + ") (1 − σ(" + name + "))");
    }

    @Test
    void aChoiceIsWrittenWithoutEnglishWordsInKorean() {
        assertThat(new Explained("f = clip(x, 0, 1)", Map.of("x", Tensor.scalar(2))).in(Language.KO).entryOf("x").text())
                .contains("{0 (x < 0 또는 x > 1); 1 (그 외)}");
        assertThat(new Explained("f = relu(x)", Map.of("x", Tensor.scalar(2))).in(Language.KO).entryOf("x").text())
                .endsWith("국소 기울기는 ∂f/∂x = {1 (x > 0); 0 (그 외)} = 1이다.");
    }

    /** What is said of 0 and ∞ is what the number says. */
    @ParameterizedTest
    @EnumSource(Language.class)
    void aProductOfZeroAndInfinityIsToldAsItIs(Language language) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.scalar(1), "v", Tensor.vector(0, 4));
        String passesZero = language.text("term.shut");
        for (String text : List.of("u = 0 * x; f = sqrt(u)", "f = sum(sqrt(v * [0, 1]))", "f = sum(sqrt(x * [0, 1]))")) {
            assertThat(new Explained(text, inputs).in(language).explanation().text()).as(text).contains("NaN").doesNotContain(passesZero);
        }
        assertThat(new Explained("u = 0 * x; f = sqrt(u)", inputs).in(language).explanation().text())
                .contains(language.text("term.undefined"));
    }

    @ParameterizedTest
    @CsvSource({"2, 1/2을", "3, 1/3을", "4, 1/4을", "5, 1/5을"})
    void koreanParticlesFollowTheNumeratorOfAShare(int count, String share) {
        Map<String, Tensor> inputs = Map.of("v", Tensor.vector(new double[count]));
        assertThat(new Explained("f = mean(v)", inputs).in(Language.KO).entryOf("v").text()).contains("기울기의 " + share + " 받는다.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "f = max(v) | v[0] | f contributes 0: it did not take v[0], so it routes nothing there.",
            "f = sum(relu(v)) | v[1] | relu_1 contributes 0: the local gradient ∂relu_1[1]/∂v[1] is 0 here, so whatever arrives does not pass.",
            "f = sum(v * [0, 1, 2]) | v[0] | mul_1 contributes 0: the local gradient ∂mul_1[0]/∂v[0] is 0 here",
            "f = sum(v[1:]) | v[0] | index_1 contributes 0: no element of it is made of v[0].",
            "r = 2 * v; f = r[1] | v[0] | r contributes 0: where v[0] has a part in r, the upstream gradient is 0.",
            "y = softmax(v); f = y[1] * 0 | v[1] | y contributes 0: where v[1] has a part in y, the upstream gradient is 0."})
    void anEntryOfZeroHasAReason(String text, String entry, String reason) {
        Explanation story = new Explained(text, Map.of("v", Tensor.vector(3, -1, 4))).entry(entry).explanation();
        assertThat(story.entry()).isNotNull();
        assertThat(story.entry().text()).contains(reason);
    }

    @Test
    void aShortLedgerHasASentenceAGate() {
        Map<String, Tensor> inputs = Map.of("x", Tensor.scalar(2), "z", Tensor.scalar(0));
        assertThat(new Explained("f = relu(z) * x", inputs).level(Explainer.Level.SHORT).explanation().text()).isEqualTo("""
                f = 0. Backpropagation goes from f back through the graph; each gate multiplies the gradient that arrives, the upstream \
                gradient, by its local gradient and passes the product on. This is the chain rule.
                Backpropagation starts at f: its gradient by itself is 1.
                ∂f/∂x = 1 × 0 = 0. f is a multiply gate: it switches, so x gets the upstream gradient times the other factor.
                ∂f/∂relu_1 = 1 × 2 = 2. f is a multiply gate: it switches, so relu_1 gets the upstream gradient times the other factor.
                ∂f/∂z = 2 × 0 = 0. relu_1 multiplies the upstream gradient by its slope at z: ∂relu₁/∂z = {1 (z > 0); 0 (otherwise)} = \
                0.""");
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void explainsAnyProgram(Language language) {
        for (long seed = 0; seed < 100; seed++) {
            Signature.GateForm gates = GATES.get((int) (seed % GATES.size()));
            Explanation explanation = new Explained(RandomText.program(seed), RandomText.inputs(seed)).in(language).gates(gates)
                    .explanation();
            assertThat(explanation.text()).doesNotContainPattern("\\{[0-9]+(:[^}]*)?\\}").doesNotContain("null");
            assertThat(HtmlPage.of(explanation, "f")).doesNotContain("null");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"W[0,1] | q contributes ∂f/∂q[0] × ∂q[0]/∂W[0,1] = 0.44 × 0.4 = 0.176.",
            "W[-1, -2] | q contributes ∂f/∂q[1] × ∂q[1]/∂W[1,0] = 0.52 × 0.2 = 0.104.",
            "x[1] | q contributes ∂f/∂q[0] × ∂q[0]/∂x[1] + ∂f/∂q[1] × ∂q[1]/∂x[1] = 0.44 × 0.5 + 0.52 × 0.8 = 0.636.", "f | ∂f/∂f = 1."})
    void followsAnEntryDownToTheNumbers(String entry, String line) {
        Explanation explanation = new Explained(NORM, SQUARED_NORM).entry(entry).explanation();
        assertThat(explanation.entry()).isNotNull();
        assertThat(explanation.entry().text()).endsWith(line);
    }

    @Test
    void saysWhereTheGradientOfAnEntryIsNotDefined() {
        assertThat(new Explained("f = var(x)", Map.of("x", Tensor.scalar(0.4))).entry("x").explanation().entry()).isNotNull()
                .extracting(Explanation.EntryStory::text).asString().doesNotContain("every product is 0");
    }

    @Test
    void theContributionsToAnEntryGiveItsGradient() {
        for (long seed = 0; seed < 40; seed++) {
            Explained explained = new Explained(RandomText.program(seed), RandomText.inputs(seed)).entry("W[1,2]");
            Explanation.EntryStory story = Objects.requireNonNull(explained.explanation().entry());
            double sum = story.contributions().stream().mapToDouble(Explanation.EntryTerm::contribution).reduce(Double::sum).orElse(0);
            assertThat(sum).isEqualTo(story.gradient());
            assertThat(story.gradient()).isEqualTo(explained.outcome().gradient("W").data()[5]);
            for (Explanation.EntryTerm term : story.contributions()) {
                double products = term.products().stream().mapToDouble(Explanation.Product::product).sum();
                assertThat(products).as(RandomText.program(seed)).isCloseTo(term.contribution(),
                        within(1e-12 * Math.max(1, Math.abs(term.contribution()))));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"W[2,0] | which has shape [2, 2]", "W[0] | which has shape [2, 2]", "x | which has shape [2]",
            "V[0] | there is no node 'V'", "[0] | there is no node '[0]'"})
    void refusesEntriesThatThereAreNot(String entry, String message) {
        assertThatThrownBy(() -> new Explained(NORM, SQUARED_NORM).entry(entry).explanation())
                .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.problems().getFirst().message()).contains(message));
    }

    static Stream<String> namesOfNoEntry() {
        int many = 200_000;
        return Stream.of("x" + " ".repeat(many) + "!", "x[" + "1,".repeat(many) + "1]", "x[" + "1,".repeat(many) + "!",
                "x" + "[".repeat(many) + "]", "x[" + " ".repeat(many) + "]", "x[", "x[]", "x[1.5]", "x[0,]", "[0]", "", "x]",
                "x[99999999999]");
    }

    /** However long they are. */
    @ParameterizedTest
    @MethodSource("namesOfNoEntry")
    void saysHowEntriesAreWritten(String entry) {
        assertThatThrownBy(() -> new Explained(NORM, SQUARED_NORM).entry(entry).explanation())
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.problems().getFirst().message()).hasSizeLessThan(500);
                    assertThat(e.problems().getFirst().hint()).contains("W[0,1]");
                });
    }

    @Test
    void sharesOfPathsAreProductsOfLocalGradients() {
        Explanation.Paths paths = Objects.requireNonNull(
                new Explained("a = 2 * x\nb = x * x\nf = a * b + x", Map.of("x", Tensor.scalar(3))).node("x").explanation().paths());
        assertThat(paths.paths().stream().map(path -> String.join(" ", path.nodes()) + " " + path.share()))
                .containsExactly("f mul_1 b x 36.0", "f mul_1 a x 18.0", "f x 1.0");
        assertThat(paths.rest()).isZero();
        assertThat(paths.total()).isEqualTo(55);
    }

    /** A last statement may give a node a second name. */
    @Test
    void aPathBeginsAtTheOutputByBothItsNames() {
        Explanation explanation = new Explained("a = 2 * x\nf = a", Map.of("x", Tensor.scalar(3))).node("x").explanation();
        assertThat(Objects.requireNonNull(explanation.paths()).text()).isEqualTo("""
                The gradient of x is 2. It comes along 1 path from f:
                  f = a → x carries 2 (100 %).""");
        assertThat(explanation.ledger().getFirst().text()).isEqualTo("Backpropagation starts at f = a: its gradient by itself is 1.");
        assertThat(explanation.paths().paths().getFirst().nodes()).containsExactly("a", "x");
    }

    /** Twenty diamonds in a row have 2²⁰ paths; which are the largest, and what they carry, is known. */
    @Test
    void theLargestOfVeryManyPathsAreFound() {
        String text = "h0 = x\n" + IntStream.range(0, 20).mapToObj(i -> "h" + (i + 1) + " = 2 * h" + i + " + 1 * h" + i)
                .collect(Collectors.joining("\n"));
        Explanation.Paths paths = Objects
                .requireNonNull(new Explained(text, Map.of("x", Tensor.scalar(1))).node("x").explanation().paths());
        double all = Math.pow(3, 20);
        double largest = Math.pow(2, 20);
        assertThat(paths.total()).isEqualTo(all);
        assertThat(paths.paths()).hasSize(20);
        assertThat(paths.paths().getFirst().share()).isEqualTo(largest);
        assertThat(paths.paths().stream().skip(1).mapToDouble(Explanation.Path::share)).containsOnly(largest / 2);
        assertThat(paths.rest()).isEqualTo(all - largest - 19 * largest / 2);
        assertThat(paths.paths().stream().map(Explanation.Path::nodes).distinct()).hasSize(20);
        assertThat(paths.text()).startsWith("The gradient of x is 3486784401. It comes along 1048576 paths from h20:");
    }

    @Test
    void sharesAddUpToTheGradient() {
        for (long seed = 0; seed < 40; seed++) {
            for (String node : List.of("s", "u", "W")) {
                Explained explained = new Explained(RandomText.program(seed), RandomText.inputs(seed)).node(node);
                Explanation.Paths paths = Objects.requireNonNull(explained.explanation().paths());
                Tensor gradient = explained.outcome().gradient(node);
                double total = gradient.shape().isScalar() ? gradient.item() : Arrays.stream(gradient.data()).map(g -> g * g).sum();
                double sum = paths.paths().stream().mapToDouble(Explanation.Path::share).sum() + paths.rest();
                double size = Math.max(1, paths.paths().stream().mapToDouble(path -> Math.abs(path.share())).max().orElse(0));
                assertThat(sum).as(RandomText.program(seed) + " " + node).isCloseTo(total, within(1e-11 * size));
            }
        }
    }

    @Test
    void aNodeAloneHasTheLedgerOfItsPaths() {
        Explanation explanation = new Explained("a = x * y\nb = y + 1\nf = a + b", Map.of("x", Tensor.scalar(3), "y", Tensor.scalar(2)))
                .node("x").explanation();
        assertThat(explanation.ledger().stream().map(Explanation.Entry::node)).containsExactly("f", "a", "x");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void everyRoleHasWords(Role role) {
        assertThat(Language.KO.text("role." + role.id(), "q", "x")).contains("q");
    }
}
