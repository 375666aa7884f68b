package io.chainrule.core.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Signature;
import io.chainrule.core.language.Language;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The matrix forms of backward passes, as text and with shapes. */
class FormsTest {
    private static final Map<String, Tensor> INPUTS = Map.of("A", filled(2, 3), "B", filled(3, 4), "S", spd(), "u", filled(3), "v",
            filled(3),
            "w", filled(4), "T", filled(5, 2, 3), "b", filled(4));

    private static Tensor filled(int... dims) {
        Tensor value = Tensor.zeros(Shape.of(dims));
        Arrays.setAll(value.data(), i -> 0.5 + Math.sin(i + 1));
        return value;
    }

    private static Tensor spd() {
        return Tensor.matrix(new double[]{4, 1, 0}, new double[]{1, 3, 1}, new double[]{0, 1, 5});
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "y = A @ B | A | ∂f/∂A = (∂f/∂y) Bᵀ | [2, 4]·[3, 4]ᵀ → [2, 3]",
            "y = A @ B | B | ∂f/∂B = Aᵀ (∂f/∂y) | [2, 3]ᵀ·[2, 4] → [3, 4]",
            "y = A @ u | A | ∂f/∂A = (∂f/∂y) uᵀ | [2]·[3]ᵀ → [2, 3]",
            "y = A @ u | u | ∂f/∂u = Aᵀ (∂f/∂y) | [2, 3]ᵀ·[2] → [3]",
            "y = dot(u, v) | u | ∂f/∂u = (∂f/∂y) v | []·[3] → [3]",
            "y = u @ v | v | ∂f/∂v = u (∂f/∂y) | [3]·[] → [3]",
            "y = T @ B | B | ∂f/∂B = Tᵀ (∂f/∂y) | [5, 2, 3]ᵀ·[5, 2, 4] → [3, 4]",
            "y = outer(u, w) | w | ∂f/∂w = (∂f/∂y)ᵀ u | [3, 4]ᵀ·[3] → [4]",
            "y = linear(A, B, b) | b | ∂f/∂b = ∑(∂f/∂y) | [2, 4] → [4]",
            "y = linear(A, B, b) | B | ∂f/∂B = Aᵀ (∂f/∂y) | [2, 3]ᵀ·[2, 4] → [3, 4]",
            "y = A.T | A | ∂f/∂A = (∂f/∂y)ᵀ | [3, 2]ᵀ → [2, 3]",
            "y = inv(S) | S | ∂f/∂S = −yᵀ (∂f/∂y) yᵀ | [3, 3]ᵀ·[3, 3]·[3, 3]ᵀ → [3, 3]",
            "y = det(S) | S | ∂f/∂S = (∂f/∂y) cof(S) | [], [3, 3] → [3, 3]",
            "y = solve(S, u) | u | ∂f/∂u = S⁻ᵀ (∂f/∂y) | [3, 3], [3] → [3]",
            "y = solve(S, u) | S | ∂f/∂S = −S⁻ᵀ (∂f/∂y) yᵀ | [3, 3], [3], [3]ᵀ → [3, 3]",
            "y = softmax(u) | u | ∂f/∂u = y ⊙ ((∂f/∂y) − ∑_j (∂f/∂y)_j y_j) | [3] → [3]",
            "y = sum(A, axis=1) | A | (∂f/∂A)_i = ∂f/∂y | [2] → [2, 3]",
            "y = logsumexp(u) | u | (∂f/∂u)_i = (∂f/∂y) e^(u_i − y) | [], [3] → [3]",
            "y = mse_loss(u, v) | u | ∂f/∂u = (∂f/∂y) (∂y/∂u) | []·[3] → [3]"})
    void areThoseOfTheDefinitions(String text, String operand, String form, String shapes) {
        Explanation.Term term = new Explained(text + "\nf = sum(y^2)", INPUTS).entryOf(operand).contributions().getFirst();
        assertThat(term.form()).isNotNull();
        assertThat(term.form().text()).isEqualTo(form);
        assertThat(term.form().shapes()).isEqualTo(shapes);
        assertThat(term.form().mathml()).startsWith("<math ");
    }

    @Test
    void namesWithASlashAreInParentheses() {
        Explanation explanation = new Explained("f = sigmoid(x)", Map.of("x", Tensor.scalar(1))).gates(Signature.GateForm.Whole.EXPAND)
                .explanation();
        assertThat(explanation.text()).doesNotContain("∂f/∂f/");
        assertThat(explanation.ledger()).filteredOn(entry -> entry.node().contains("/")).isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.latex()).contains("\\left("));
    }

    static Stream<OpDefinition> definitions() {
        return OpCatalogue.all().stream();
    }

    /** Forms can be written of every op. */
    @ParameterizedTest
    @MethodSource("definitions")
    void canBeWrittenForEveryOp(OpDefinition op) {
        for (Language language : Language.values()) {
            Map<String, Tensor> inputs = new LinkedHashMap<>(op.exampleInputs());
            Explanation explanation = new Explained(op.example(), inputs).in(language).explanation();
            assertThat(explanation.ledger()).allSatisfy(entry -> {
                assertThat(entry.latex()).doesNotContain("$", "null");
                assertThat(entry.text()).doesNotContain("{0", "null");
            });
            explanation.ledger().stream().flatMap(entry -> entry.contributions().stream()).filter(term -> term.form() != null)
                    .forEach(term -> assertThat(term.form().text()).as(op.name()).doesNotContain("\\", "$", "null"));
        }
    }
}
