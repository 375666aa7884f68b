package io.chainrule.core.print;

import io.chainrule.core.expression.ExpressionParser;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.OpCase;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.Shape;
import java.io.StringReader;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;

class FormulaPrinterTest {

    private static String latex(String program) {
        return FormulaPrinter.print(ExpressionParser.parse(program, Set.of(), new ExpressionParser.Limits(1_000_000, 10_000)),
                Typesetting.LATEX, Checkpoint.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦',
            textBlock = """
                    f = x + y * z                ¦ f &= x + y z
                    f = (x + y) * z              ¦ f &= \\left(x + y\\right) \\, z
                    f = x * (y + z)              ¦ f &= x \\cdot \\left(y + z\\right)
                    f = 2 * (y + z)              ¦ f &= 2 \\left(y + z\\right)
                    f = 2 * x * y                ¦ f &= 2 x y
                    f = a * x^2                  ¦ f &= a x^{2}
                    f = x * 2                    ¦ f &= x \\cdot 2
                    f = 2 * 3^x                  ¦ f &= 2 \\cdot 3^{x}
                    f = 2 * (x / y)              ¦ f &= 2 \\cdot \\frac{x}{y}
                    f = x / (y + 1)              ¦ f &= \\frac{x}{y + 1}
                    f = -2 * x / y               ¦ f &= -\\frac{2 x}{y}
                    f = -x / y + 1               ¦ f &= \\frac{-x}{y} + 1
                    f = (x / y)^2                ¦ f &= \\left(\\frac{x}{y}\\right)^{2}
                    f = x^(y + 1)                ¦ f &= x^{y + 1}
                    f = exp(x)^2                 ¦ f &= \\left(e^{x}\\right)^{2}
                    f = sin(x)^2 * tanh(x)^-1    ¦ f &= \\sin^{2}\\left(x\\right) \\, \\tanh\\left(x\\right)^{-1}
                    f = sigmoid(x)^2             ¦ f &= \\sigma\\left(x\\right)^{2}
                    f = -x                       ¦ f &= -x
                    f = -(x + y)                 ¦ f &= -\\left(x + y\\right)
                    f = sum((W @ x)^2)           ¦ f &= \\operatorname{sum}\\left(\\left(W \\, x\\right)^{2}\\right)
                    f = 1 / (1 + exp(-u))        ¦ f &= \\frac{1}{1 + e^{-u}}
                    f = sqrt(abs(x))             ¦ f &= \\sqrt{\\left|x\\right|}
                    f = W.T @ x                  ¦ f &= W^{\\mathsf{T}} \\, x
                    f = inv(W).T @ x             ¦ f &= W^{-\\mathsf{T}} \\, x
                    f = inv(A + B)               ¦ f &= \\left(A + B\\right)^{-1}
                    f = outer(a + b, c)          ¦ f &= \\left(a + b\\right) \\, c^{\\mathsf{T}}
                    f = outer(a, b).T            ¦ f &= \\left(a \\, b^{\\mathsf{T}}\\right)^{\\mathsf{T}}
                    f = einsum(A, B, equation='ij,jk->ik') ¦ f &= \\sum_{j} A_{ij} \\, B_{jk}
                    f = x[0, 1:3]                ¦ f &= x_{0, 1:3}
                    f = [a, b]                   ¦ f &= \\begin{bmatrix}a \\\\ b\\end{bmatrix}
                    f = [[a, b], [1, c]]         ¦ f &= \\begin{bmatrix}a & b \\\\ 1 & c\\end{bmatrix}
                    f = [[1, 2], [3, 4]]         ¦ f &= \\begin{bmatrix}1 & 2 \\\\ 3 & 4\\end{bmatrix}
                    f = a <= b                   ¦ f &= a \\le b
                    f = a // b                   ¦ f &= \\left\\lfloor\\frac{a}{b}\\right\\rfloor{}
                    f = where(a > 0, 1, where(a < 0, b, c)) ¦ f &= \\begin{cases} 1 & \\text{if } a > 0 \\\\ b & \\text{if } a < 0 \\\\ c & \\text{otherwise} \\end{cases}
                    f = sigmoid(w_0 * x1)        ¦ f &= \\sigma\\left(w_{0} x_{1}\\right)
                    f = theta * alpha_1 * θ₂     ¦ f &= \\theta \\alpha_{1} \\theta_{2}
                    f = rate * x                 ¦ f &= \\mathrm{rate} \\, x
                    f = ones(shape=[3])          ¦ f &= \\mathbf{1}
                    f = 2 * pi * e^x             ¦ f &= 2 \\pi e^{x}
                    f = leaky_relu(x, negative_slope=0.5) ¦ f &= \\operatorname{leaky\\_relu}\\left(x;\\ \\text{negative\\_slope=0.5}\\right)
                    loss = 1e-20 * inf           ¦ \\mathrm{loss} &= 10^{-20} \\cdot \\infty
                    f = 2.5e-20 * x              ¦ f &= 2.5 \\cdot 10^{-20} x
                    """)
    void writesMathematics(String program, String expected) {
        assertThat(latex(program)).isEqualTo("\\begin{aligned} " + expected + " \\end{aligned}");
    }

    @Test
    void writesAStatementALine() {
        assertThat(latex("q = x + y\nf = q * z")).isEqualTo("\\begin{aligned} q &= x + y \\\\ f &= q z \\end{aligned}");
        assertThat(latex("x")).isEqualTo("x");
    }

    /** Every op's example, as XML that a parser reads and in which nothing of LaTeX is left. */
    @ParameterizedTest
    @MethodSource("io.chainrule.core.OpCase#all")
    void writesMathml(OpCase one) throws Exception {
        NamedGraph program = new NamedGraph(one.function().graph(), one.function().graph().size() - 1,
                new String[one.function().graph().size()], _ -> null);
        String mathml = FormulaPrinter.print(program, Typesetting.MATHML, Checkpoint.NONE);
        assertThat(DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(mathml)))
                .getDocumentElement().getTagName()).isEqualTo("math");
        assertThat(mathml).doesNotContain("\\");
    }

    @Test
    void writesMathmlWithScriptsFencesAndCases() {
        NamedGraph program = ExpressionParser.parse("f = where(W1 < 0, |x|^2 / 2, (x + 1) * θ)", Set.of(),
                new ExpressionParser.Limits(1_000_000, 10_000));
        assertThat(FormulaPrinter.print(program, Typesetting.MATHML, Checkpoint.NONE)).isEqualTo("""
                <math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mtable displaystyle="true"><mtr>\
                <mtd style="text-align: right"><mi>f</mi></mtd><mtd style="text-align: left"><mo>=</mo><mrow><mo>{</mo><mtable>\
                <mtr><mtd style="text-align: left"><mfrac><mrow><msup><mrow><mrow><mo form="prefix" stretchy="true">|</mo><mrow><mi>x</mi>\
                </mrow><mo form="postfix" stretchy="true">|</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup></mrow><mrow><mn>2</mn></mrow>\
                </mfrac></mtd><mtd style="text-align: left"><mtext>if\u00a0</mtext><msub><mi>W</mi><mn>1</mn></msub><mo>&lt;</mo><mn>0</mn>\
                </mtd></mtr><mtr><mtd style="text-align: left"><mrow><mo form="prefix" stretchy="true">(</mo><mrow><mi>x</mi><mo>+</mo>\
                <mn>1</mn></mrow><mo form="postfix" stretchy="true">)</mo></mrow><mspace width="0.17em"></mspace><mi>θ</mi></mtd>\
                <mtd style="text-align: left"><mtext>otherwise</mtext></mtd></mtr></mtable></mrow></mtd></mtr></mtable></math>""");
    }

    @Test
    void escapesNames() {
        NamedGraph program = NamedGraph.ofOp(Objects.requireNonNull(OpCatalogue.find("exp")).create(Map.of(), 1), List.of("a<b&\"c"),
                List.of(Shape.SCALAR));
        assertThat(FormulaPrinter.print(program, Typesetting.MATHML, Checkpoint.NONE)).contains("<mi>a&lt;b&amp;\"c</mi>");
        assertThat(FormulaPrinter.print(program, Typesetting.LATEX, Checkpoint.NONE)).contains("e^{\\mathrm{a<b\\&\"c}}");
    }

    /** Whatever is in a name, MathML is well-formed, and different names look different. */
    @Test
    void namesLookDifferent() throws Exception {
        Set<String> seen = new HashSet<>();
        List<String> names = List.of("ab", "a\nb", "a\tb", "a\u0000b", "a\ufffeb", "a\uffffb", "a\ud800b", "a\u202eb", "a~b", "a^b", "a\\b",
                "a{b", "a}b", "~~ab");
        for (String name : names) {
            NamedGraph program = NamedGraph.ofOp(Objects.requireNonNull(OpCatalogue.find("exp")).create(Map.of(), 1), List.of(name),
                    List.of(Shape.SCALAR));
            String mathml = FormulaPrinter.print(program, Typesetting.MATHML, Checkpoint.NONE);
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(mathml)));
            seen.add(mathml);
            seen.add(FormulaPrinter.print(program, Typesetting.LATEX, Checkpoint.NONE));
        }
        assertThat(seen).hasSize(2 * names.size());
    }

    @Test
    void isLinearInTheProgramAndDoesNotRecurse() {
        assertThat(latex("f = " + "sin(".repeat(9_000) + "x" + ")".repeat(9_000)).length()).isLessThan(9_000 * 60);
    }

    /** The checkpoint ends both languages, which are written one after the other. */
    @Test
    void asksAtEachNodeWhetherToGoOn() {
        NamedGraph program = ExpressionParser.parse("f = x" + " + x * y".repeat(1_000), Set.of(), new ExpressionParser.Limits(10_000, 100));
        int[] asked = {0};
        FormulaPrinter.print(program, () -> asked[0]++);
        assertThat(asked[0]).isBetween(4_000, 10_000);
        int[] left = {1_500};
        assertThatThrownBy(() -> FormulaPrinter.derivative(program, "f", List.of("x"), () -> {
            if (left[0]-- == 0) {
                throw new DeadlineExceededException(Duration.ZERO);
            }
        })).isInstanceOf(DeadlineExceededException.class);
    }
}
