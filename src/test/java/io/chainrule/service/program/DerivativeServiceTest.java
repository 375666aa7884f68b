package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.symbolic;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.NodeDescription;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Query;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Derivatives as programs: which there are, how each is written, and what bounds them. */
class DerivativeServiceTest {
    private static final DerivativeOptions TEXTBOOK = new DerivativeOptions(DerivativeForm.TEXTBOOK, DerivativeFormat.EXPRESSION, 1, false);

    private static Answer.Derivatives derive(Query query, DerivativeOptions options) {
        return symbolic().derivatives(query, Map.of(), options).result();
    }

    @Test
    void isWrittenAsInATextbookOrInTheStableForm() {
        Query query = call("f = exp(x) / exp(x) * log(x)");
        Answer.Derivative textbook = at(derive(query, TEXTBOOK).derivatives(), "x");
        assertThat(textbook.text().expression()).isEqualTo("1 / x");
        assertThat(textbook.latex()).contains("\\frac{\\partial f}{\\partial x}", "\\frac{1}{x}");
        assertThat(textbook.mathml()).startsWith("<math");
        Answer.Derivative stable = at(
                derive(query, new DerivativeOptions(DerivativeForm.STABLE, DerivativeFormat.EXPRESSION, 1, false)).derivatives(), "x");
        assertThat(stable.text().expression()).contains("exp(x)");
        assertThat(stable.domain()).isEmpty();
        assertThat(stable.nodes()).as("nodes are the stable form in both").isEqualTo(textbook.nodes());
    }

    @Test
    void tellsWhereTheTextbookAgrees() {
        assertThat(at(derive(call("f = x / x * log(y)"), TEXTBOOK).derivatives(), "y").domain()).containsExactly("x != 0", "isfinite(x)");
    }

    @Test
    void nodesAreThoseThatAreNoNumbers() {
        Answer.Derivative derivative = at(derive(call("f = 3 * x^2"), TEXTBOOK).derivatives(), "x");
        assertThat(derivative.nodes()).extracting(NodeDescription::op).contains("input", "mul").doesNotContain("literal");
        assertThat(derivative.nodes()).extracting(NodeDescription::id).contains(derivative.output());
        assertThat(derivative.shape()).isEqualTo(Shape.SCALAR);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            f = x^2         | x | -
            f = sum(v)      | v | -
            f = x * v       | x | -
            f = x * v       | v | numerator: [3], then [3]
            f = v @ W       | W | numerator: [2], then [3, 2]
            """)
    void ofAnArrayByAnArrayTheAxesAreThoseOfTheNumeratorFirst(String program, String by, @Nullable String layout) {
        Query query = wrt(call(program, "v", vector(1, 2, 3), "W", new double[3][2]), by);
        assertThat(at(derive(query, TEXTBOOK).derivatives(), by).layout()).isEqualTo(layout);
    }

    @Test
    void ofEachNameOrOfAllInTurn() {
        Query query = wrt(call("f = x^3 * y^2"), "x", "y");
        assertThat(derive(query, TEXTBOOK).derivatives().keySet()).containsExactly("x", "y");
        DerivativeOptions second = new DerivativeOptions(DerivativeForm.TEXTBOOK, DerivativeFormat.EXPRESSION, 2, false);
        assertThat(derive(query, second).derivatives().keySet()).containsExactly("x,x", "y,y");
        DerivativeOptions mixed = new DerivativeOptions(DerivativeForm.TEXTBOOK, DerivativeFormat.EXPRESSION, 2, true);
        assertThat(derive(query, mixed).derivatives().keySet()).containsExactly("x,y");
        assertThat(derive(query, mixed).output()).isEqualTo("f");
    }

    @ParameterizedTest
    @EnumSource
    void hasAFunctionInALanguageWhereOneIsAskedFor(DerivativeFormat format) {
        String code = derive(call("f = sin(x)"), new DerivativeOptions(DerivativeForm.TEXTBOOK, format, 1, false)).code();
        switch (format) {
            case EXPRESSION, LATEX, MATHML -> assertThat(code).isNull();
            case NUMPY -> assertThat(code).contains("import numpy", "np.cos(x)");
            case JAVA -> assertThat(code).contains("Math.cos(x");
            case JAVASCRIPT -> assertThat(code).contains("function").contains("Math.cos(x");
            case C -> assertThat(code).contains("#include <math.h>").contains("cos(x");
        }
    }

    /** An input may be renamed so that a name of the derivative's text is free. */
    @Test
    void namesOfTheProgramAreKept() {
        Answer.Derivative derivative = at(derive(call("f = exp(x * y_1)"), TEXTBOOK).derivatives(), "x");
        assertThat(derivative.text().expression()).isEqualTo("y_1 * exp(x * y_1)");
        assertThat(derivative.text().renamedInputs()).isEmpty();
    }

    @Test
    void isRefusedWhereItIsLongerThanAnAnswer() {
        Query query = call("f = sin(x * y)^2");
        LimitException refused = catchThrowableOfType(LimitException.class,
                () -> symbolic("answer-bytes", "1500").derivatives(query, Map.of(), TEXTBOOK));
        assertThat(refused.limit()).isEqualTo("answer-bytes");
        assertThat(refused.isCounted()).as("it stops at the first that is too much").isFalse();
        assertThat(refused.hint()).isEqualTo("ask for less: fewer names in \"wrt\"");
    }

    @Test
    void codeIsCountedToo() {
        Query query = call("f = sin(x)");
        int most = IntStream.iterate(500, bytes -> bytes + 100).filter(bytes -> isAnswered(query, DerivativeFormat.EXPRESSION, bytes))
                .findFirst().orElseThrow();
        assertThat(isAnswered(query, DerivativeFormat.NUMPY, most)).isFalse();
        assertThat(isAnswered(query, DerivativeFormat.NUMPY, most + 1000)).isTrue();
    }

    private static boolean isAnswered(Query query, DerivativeFormat format, int bytes) {
        return catchThrowable(() -> symbolic("answer-bytes", bytes + "").derivatives(query, Map.of(),
                new DerivativeOptions(DerivativeForm.TEXTBOOK, format, 1, false))) == null;
    }

    /** What is written takes memory: some for each node and operand, and for each number of a constant. */
    @Test
    void isRefusedWhereWritingTakesMoreMemoryThanARunMay() {
        LimitException refused = catchThrowableOfType(LimitException.class,
                () -> symbolic("bytes", "8000").derivatives(call("f = sin(x) * cos(x) * tan(x)"), Map.of(), TEXTBOOK));
        assertThat(refused.limit()).isEqualTo("bytes");
        Query constant = call("f = dot([1, 2, 3, 4, 5, 6, 7, 8], x)", "x", new double[8]);
        long few = writing(call("f = dot([1, 2], x)", "x", new double[2]));
        assertThat(writing(constant) - few).isEqualTo(6 * 60L);
    }

    private static long writing(Query query) {
        return catchThrowableOfType(LimitException.class, () -> symbolic("bytes", "1000").derivatives(query, Map.of(), TEXTBOOK)).asked();
    }
}
