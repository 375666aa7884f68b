package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A text that is no program is mended where there is one way to do so. */
class RepairTest {
    private static final Map<String, Shape> INPUTS = Map.of("x", Shape.of(3), "y", Shape.of(3), "weights", Shape.of(3), "a", Shape.SCALAR,
            "b", Shape.SCALAR, "A", Shape.of(2, 2));

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '"', textBlock = """
            # a bracket that is missing or too many, where it can stand in one place only
            np.sum(x                ¦ np.sum(x)
            sum(x))                 ¦ sum(x)
            f = [x, y               ¦ f = [x, y]
            sum((x + y)             ¦ sum((x + y))
            # not sure: it can be closed in several places, or opened in several
            (x + y * x              ¦
            2*a + b)                ¦
            (x + y]                 ¦
            # a bracket of the wrong kind, or none in its place
            sum(x]                  ¦ sum(x)
            [a, b)                  ¦ [a, b]
            x.mean(]                ¦ x.mean()
            sum x)                  ¦ sum(x)
            np.sumx)                ¦ np.sum(x)
            sum x                   ¦ sum(x)
            sum x + y               ¦
            s = 0⏎for i in range(3:⏎  s = s + x[i]⏎s ¦ s = 0⏎for i in range(3):⏎  s = s + x[i]⏎s
            # signs of other languages
            x => y                  ¦ x >= y
            x =< y                  ¦ x <= y
            x <> y                  ¦ x != y
            x > 0 && y > 0          ¦ x > 0 and y > 0
            x > 0||y > 0            ¦ x > 0 or y > 0
            !x                      ¦ not x
            z := x + 1              ¦ z = x + 1
            u => u^2                ¦
            f = a => a^2            ¦
            let z = a⏎z             ¦ z = a⏎z
            z <- a⏎z                ¦ z = a⏎z
            x.^2 .* y               ¦ x^2 * y
            Math.exp(a) * Math.PI   ¦ exp(a) * pi
            std::exp(a)             ¦ exp(a)
            0x10 * a + 1_000        ¦ 16 * a + 1000
            x > 0 | y > 0           ¦ x > 0 or y > 0
            x > 0 & y > 0           ¦ x > 0 and y > 0
            ~x                      ¦ not x
            e^{-x                ¦ e^{-x}
            e^{a} + \\frac{a}{b}    ¦ e^{a} + ((a)/(b))
            sin^2(a) + cos^2(a)     ¦ sin(a)^2 + cos(a)^2
            log σ(a)                ¦ log(σ(a))
            exp -x                  ¦ exp(-x)
            ‖x‖^2_2                 ¦ ‖x‖_2^2
            [1 2; 3 4]              ¦ [[1, 2], [3, 4]]
            # products without a sign, where it is clear what they are and what they belong to
            a b                     ¦ a * b
            ab                      ¦ a*b
            a(b + 1)                ¦ a*(b + 1)
            2a(b + 1)               ¦ 2a*(b + 1)
            a‖x‖²/2                 ¦ a*‖x‖²/2
            # not sure: a product, or a dot product
            xy                      ¦
            x(y)                    ¦
            x(1)                    ¦
            [a b]                   ¦
            1/ab                    ¦
            1/2a                    ¦
            a^b(a + 1)              ¦
            # constants and names in other letters
            Pi * a + Infinity       ¦ pi * a + inf
            X + y                   ¦ x + y
            E * a                   ¦
            c * a                   ¦
            # misspelt ops, methods, attributes and inputs
            f = tanhh(x)            ¦ f = tanh(x)
            np.exx(x)               ¦
            # not sure: tan or tanh
            f = tahn(x)             ¦
            np.sqr(x) + np.sine(x)  ¦
            x.meann().exp()         ¦ x.mean().exp()
            logSumExp(x) + ReLU(a)  ¦ logsumexp(x) + relu(a)
            Sum(x) + log_sum_exp(y) ¦ sum(x) + logsumexp(y)
            torch.abs_(x)           ¦
            # functions that we do not have, and others that are near them
            gamma(x)                ¦
            torch.median(x)         ¦
            np.nanvar(x)            ¦
            arcsec(x)               ¦
            F.sofmax(x, 0)          ¦ F.softmax(x, 0)
            sum(x, axs=0)           ¦ sum(x, axis=0)
            sum(wieghts * x)        ¦ sum(weights * x)
            halve(u) = u / 2⏎havle(x) ¦ halve(u) = u / 2⏎halve(x)
            # what the library does not have, and we do
            np.sigmoid(x)           ¦ sigmoid(x)
            np.relu(x) + np.relu(y) ¦ relu(x) + relu(y)
            # several problems
            tanhh(x) + sigmoidd(y)  ¦ tanh(x) + sigmoid(y)
            f = tahn(x⏎f            ¦
            # nothing sure
            x y                     ¦
            x $ y                   ¦
            quantum_entangle(x)     ¦
            sum(z)                  ¦
            x +                     ¦
            """)
    void mendsWhatHasOneMending(String text, @Nullable String mended) {
        String written = text.replace('⏎', '\n');
        ProblemException refused = Objects.requireNonNull(catchThrowableOfType(ProblemException.class, () -> bind(written)));
        Optional<Repair> repair = Repair.of(written, INPUTS, refused.problems());
        assertThat(repair.map(Repair::text).map(fixed -> fixed.replace('\n', '⏎')).orElse(null)).isEqualTo(mended);
        repair.ifPresent(fixed -> {
            bind(fixed.text());
            assertThat(applied(written, fixed)).isEqualTo(fixed.text());
        });
    }

    private static void bind(String text) {
        Program.parse(text).value().bind(Shapes.of(INPUTS));
    }

    /** Applies the edits from the last to the first, as a page would. */
    private static String applied(String text, Repair repair) {
        StringBuilder edited = new StringBuilder(text);
        for (Repair.Edit edit : repair.edits().reversed()) {
            int start = 0;
            for (int line = 1; line < edit.line(); line++) {
                start = text.indexOf('\n', start) + 1;
            }
            start = text.offsetByCodePoints(start, edit.column() - 1);
            edited.replace(start, text.offsetByCodePoints(start, edit.length()), edit.text());
        }
        return edited.toString();
    }
}
