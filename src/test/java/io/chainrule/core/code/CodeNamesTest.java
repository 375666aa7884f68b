package io.chainrule.core.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.DerivativePrograms;
import io.chainrule.core.Derivatives;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.graph.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Code has the names of the program and the order of the request, and what has no code is called as it was written. */
class CodeNamesTest {
    @Test
    void namesOfTheProgramStayAndNothingElseHasThem() {
        String code = languageCode(Language.JAVASCRIPT, "loss = sum((h - y)^2)\n", "h = tanh(x * i)\n", "y:3 x:3 i:3");
        assertThat(code).contains("function valueAndGradient(y, x, i) {", "const h = ", "const loss = ", "value: loss");
        assertThat(languageCode(Language.JAVA, "loss = sum((h - y)^2)\n", "h = tanh(x * i)\n", "y:3 x:3 i:3"))
                .contains("valueAndGradient(double[] y, double[] x, double[] i)",
                        "record Result(double value, double[] d_y, double[] d_x, double[] d_i)",
                        "new Result(loss, d_y, d_x, d_i)");
        assertThat(languageCode(Language.C, "loss = sum((h - y)^2)\n", "h = tanh(x * i)\n", "y:3 x:3 i:3"))
                .contains("(const double *y, const double *x, const double *i, double *d_y, double *d_x, double *d_i)", "return loss;");
        assertThat(languageCode(Language.NUMPY, "loss = sum((h - y)^2)\n", "h = tanh(x * i)\n", "y:3 x:3 i:3"))
                .containsSubsequence("def value_and_gradient(y, x, i):", "    h = np.tanh(", "    loss = ", "return loss", "\"y\": ",
                        "\"x\": ", "\"i\": ");
    }

    private static String languageCode(Language language, String last, String first, String shapes) {
        BoundProgram bound = Program.parse(first + last).value().bind(Shapes.of(Derivatives.shapes(shapes)));
        return DerivativePrograms.of(bound, BuildLimits.GENEROUS)
                .code(bound.wrt().keySet().stream().map(List::of).toList(), language, List.of());
    }

    @Test
    void whatHasNoCodeIsCalledAsItWasWritten() {
        assertThatThrownBy(() -> languageCode(Language.C, "f = sum(sort(x)) + median(x)", "y = 2 * x\n", "x:3"))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.problems().getFirst().message()).startsWith("there is no C code for 'sort' ");
                    assertThat(e.problems().getFirst().line()).isEqualTo(2);
                    assertThat(e.problems().getLast().message()).startsWith("there is no C code for 'median' ");
                });
        assertThatThrownBy(() -> languageCode(Language.JAVA, "f = cholesky(A)[0, 0]", "", "A:2,2"))
                .hasMessageContaining("there is no Java code for 'cholesky' ");
        assertThat(languageCode(Language.NUMPY, "f = sum(eigvalsh(A)^2) + sum(svdvals(A))", "", "A:2,2")).contains("np.linalg.svd");
    }
}
