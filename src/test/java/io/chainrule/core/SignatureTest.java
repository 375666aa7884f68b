package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of a program, as the key of a cache: equal where the compiled function is the same. */
class SignatureTest {

    private static Signature signature() {
        return Signature.of(new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE), Shapes.of("x", 2, "y"))
                .withWrt(List.of("x", "y"));
    }

    @Test
    void theSameAskedTwiceIsEqual() {
        assertThat(signature()).isEqualTo(signature()).hasSameHashCodeAs(signature());
    }

    static Stream<Signature> others() {
        Signature one = signature();
        return Stream.of(one.withInputs(Shapes.of("y", "x", 2)), one.withInputs(Shapes.of("x", 3, "y")), one.withWrt(List.of("y", "x")),
                one.withWrt(null), one.withOutput("q"), one.withNodes(new Signature.NodeSelection.All()),
                one.withNodes(new Signature.NodeSelection.Ids(List.of("q"))), one.withGates(Signature.GateForm.Whole.EXPAND),
                one.withBatch(new Signature.Batch(List.of("x"), Signature.Reduction.NONE)),
                one.withBatch(new Signature.Batch(List.of("x"), Signature.Reduction.SUM)),
                new Signature(new Transformation.Gradient(Shapes.NONE, Transformation.Locals.ALL), one.inputs(), one.parameters(),
                        one.missing(), one.output(), one.wrt(), one.nodes(), one.batch(), one.gates(), one.named()),
                new Signature(one.transformation(), one.inputs(), Shapes.of("w"), one.missing(), one.output(), one.wrt(), one.nodes(),
                        one.batch(), one.gates(), one.named()),
                new Signature(one.transformation(), one.inputs(), one.parameters(), Signature.Missing.SCALAR, one.output(), one.wrt(),
                        one.nodes(), one.batch(), one.gates(), one.named()),
                new Signature(one.transformation(), one.inputs(), one.parameters(), one.missing(), one.output(), one.wrt(), one.nodes(),
                        one.batch(), one.gates(), Set.of("q")));
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatIsAskedOtherwiseIsNot(Signature other) {
        assertThat(other).isNotEqualTo(signature());
    }

    @Test
    void aTransformedProgramSaysWhatIsAsked() {
        assertThat(Program.parse("f = x^2").valueAndGradient("x").output("q").reducedOver(Signature.Reduction.MEAN, "x"))
                .hasToString("f = x^2\n# gradient of q by x over x, mean");
    }

    @Test
    void longNamesWeighTheirLetters() {
        assertThat(signature().withInputs(Shapes.of("x".repeat(1_000_000))).bytes()).isGreaterThan(1_000_000);
    }

    @Test
    void moreNamesWeighMore() {
        assertThat(signature().withBatch(new Signature.Batch(List.of("x"), Signature.Reduction.NONE)).bytes())
                .isGreaterThan(signature().bytes());
        assertThat(signature().withNodes(new Signature.NodeSelection.Ids(List.of("a", "b", "c"))).bytes())
                .isGreaterThan(signature().bytes());
    }
}
