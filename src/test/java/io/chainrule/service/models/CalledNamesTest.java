package io.chainrule.service.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Program;
import io.chainrule.core.Source;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is looked for before a text is parsed: a call that is overlooked would be an unknown op. */
class CalledNamesTest {
    private static final int NESTING = 100;

    @ParameterizedTest
    @ValueSource(strings = {"gate(x)", "gate (x)", "gate\t(x)", "gate\u00A0(x)", "gate\u3000(x)", "gate（x）", "ｇａｔｅ(x)", "gate\u200B(x)",
            "2gate(x)",
            "0.5gate(x)", "2e3gate(x)", "½gate(x)", "-gate(x)", "x*gate(x)", "sin(gate(x))", "|gate(x)|", "gate{(x)}", "gate{x}",
            "gate \\\n(x)", "gate \\\r\n  (x)", "(gate  # the gate:\n     (x))", "(gate\n(x))", "gate\uFEFF(x)",
            "y = gate(x)\ny^2", "f(x) = gate(x)\nf(2)", "(x+1)gate(x)", "[gate(x), 1]"})
    void everyCallThatTheParserFinds(String text) {
        assertThat(Program.of(new Source.Text(text), NESTING).unknownCalls()).as("what the parser finds").containsExactly("gate");
        assertThat(CalledNames.mayCall(text)).isTrue();
    }

    /** Models may have names that a table only refuses. */
    @ParameterizedTest
    @ValueSource(strings = {"model", "net", "network", "loss", "map", "filter", "c", "lg", "grad", "size"})
    void namesThatAreOnlyRefused(String name) {
        assertThat(Program.of(new Source.Text("2 * " + name + "(x)"), NESTING).unknownCalls()).containsExactly(name);
        assertThat(CalledNames.mayCall("2 * " + name + "(x)")).isTrue();
    }

    /** The notation's own functions come before models, as ops do. */
    @ParameterizedTest
    @ValueSource(strings = {"tg", "tr", "real", "product", "cov", "len", "sin", "where", "log"})
    void namesThatMeanSomething(String name) {
        assertThat(Program.of(new Source.Text("2 * " + name + "(x)"), NESTING).unknownCalls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sum((W @ x)^2)", "2 sin(x)", "2sin(x)", "np.gate(x)", "x.gate(1)", "\\gate(x)", "(a + b)(c)", "gate + (x)",
            "Gate(x)"})
    void whatCallsNoModelIsNotParsed(String text) {
        assertThat(CalledNames.mayCall(text)).isFalse();
    }
}
