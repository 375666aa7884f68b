package io.chainrule.core.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatexPrinterTest {

    private static String latex(String program) {
        return LatexPrinter.print(ExpressionParser.parse(program, Set.of(), new ExpressionParser.Limits(1_000_000, 10_000)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', textBlock = """
            f = x + y * z                ¦ f &= x + y \\cdot z
            f = (x + y) * z              ¦ f &= \\left(x + y\\right) \\cdot z
            f = x / (y + 1)              ¦ f &= \\frac{x}{y + 1}
            f = (x / y)^2                ¦ f &= {\\left(\\frac{x}{y}\\right)}^{2}
            f = x^(y + 1)                ¦ f &= {x}^{y + 1}
            f = -x                       ¦ f &= -x
            f = -(x + y)                 ¦ f &= -\\left(x + y\\right)
            f = sum((W @ x)^2)           ¦ f &= \\operatorname{sum}\\left({\\left(W \\, x\\right)}^{2}\\right)
            f = 1 / (1 + exp(-u))        ¦ f &= \\frac{1}{1 + e^{-u}}
            f = sqrt(abs(x))             ¦ f &= \\sqrt{\\left|x\\right|}
            f = W.T @ x                  ¦ f &= W^{\\mathsf{T}} \\, x
            f = x[0, 1:3]                ¦ f &= x_{0, 1:3}
            f = [a, b]                   ¦ f &= \\begin{bmatrix}a \\\\ b\\end{bmatrix}
            f = [[1, 2], [3, 4]]         ¦ f &= \\begin{bmatrix}1 & 2 \\\\ 3 & 4\\end{bmatrix}
            f = a <= b                   ¦ f &= a \\le b
            f = a // b                   ¦ f &= \\left\\lfloor\\frac{a}{b}\\right\\rfloor{}
            f = sigmoid(w_0 * x1)        ¦ f &= \\sigma\\left(w_{0} \\cdot x_{1}\\right)
            f = ones(shape=[3])          ¦ f &= \\operatorname{ones}\\left(\\text{shape=[3]}\\right)
            f = 2 * pi * e^x             ¦ f &= 2 \\pi \\cdot {e}^{x}
            f = leaky_relu(x, negative_slope=0.5) ¦ f &= \\operatorname{leaky\\_relu}\\left(x;\\ \\text{negative\\_slope=0.5}\\right)
            loss = 1e-20 * inf           ¦ \\mathrm{loss} &= 1 \\cdot 10^{-20} \\cdot \\infty
            """)
    void writesMathematics(String program, String expected) {
        assertThat(latex(program)).isEqualTo("\\begin{aligned} " + expected + " \\end{aligned}");
    }

    @Test
    void writesAStatementALine() {
        assertThat(latex("q = x + y\nf = q * z")).isEqualTo("\\begin{aligned} q &= x + y \\\\ f &= q \\cdot z \\end{aligned}");
        assertThat(latex("x")).isEqualTo("x");
    }

    @Test
    void isLinearInTheProgramAndDoesNotRecurse() {
        assertThat(latex("f = " + "sin(".repeat(9_000) + "x" + ")".repeat(9_000)).length()).isLessThan(9_000 * 60);
    }
}
