package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.batch;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.Signature;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Query;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample that the first index of an entry names, of three. */
class OneSampleTest {
    private static final double[][] X = {{1, 2}, {3, 4}, {5, 6}};
    private static final Query THREE = batch(call("y = sum(w * x) + t + c", "w", vector(7, 8), "x", X, "t", vector(10, 20, 30), "c", 5),
            Signature.Reduction.MEAN, "x", "t");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x[0,1]          | 0 | x[1]
            x[2,0]          | 2 | x[0]
            x[-1,-2]        | 2 | x[-2]
            x[-3]           | 0 | x
            ` w[1] `        | 1 | w
            x[ 1 , 0 , 2 ]  | 1 | x[ 0 , 2 ]
            q[0][2,1]       | 2 | q[0][1]
            """)
    void isTakenOfEachInputThatHasSamples(String entry, int number, String rest) {
        OneSample sample = OneSample.of(THREE, entry);
        assertThat(sample.number()).isEqualTo(number);
        assertThat(sample.entry()).isEqualTo(rest);
        assertThat(sample.query().inputs()).containsExactly(Map.entry("w", Tensor.vector(7, 8)),
                Map.entry("x", Tensor.vector(X[number])), Map.entry("t", Tensor.scalar(10.0 * (number + 1))),
                Map.entry("c", Tensor.scalar(5)));
        assertThat(sample.query().batch()).isEqualTo(Signature.Batch.NONE);
        assertThat(sample.query().source()).isEqualTo(THREE.source());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "x[3]", "x[-4]", "x[]", "x[a]", "x[1.5]", "x[1", "[1]", "x[1]y", "x[99999999999]", ""})
    void isRefusedWhereThereIsNone(String entry) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> OneSample.of(THREE, entry)).problems().getFirst();
        assertThat(problem.place()).isEqualTo(Place.setting("entry"));
        assertThat(problem.message()).isEqualTo("with 'batch' the first index of an entry names one of the 3 samples, and '"
                + entry + "' names none");
        assertThat(problem.expected()).isEqualTo("a first index below 3");
        assertThat(problem.actual()).isEqualTo(entry);
    }

    @Test
    void aLongNameIsQuotedInPart() {
        assertThat(refused("x".repeat(100)).actual()).isEqualTo("x".repeat(100));
        assertThat(refused("x".repeat(101)).actual()).isEqualTo("x".repeat(100) + "…");
    }

    private static Problem refused(String entry) {
        return catchThrowableOfType(ProblemException.class, () -> OneSample.of(THREE, entry)).problems().getFirst();
    }

    /** The program says later what is wrong with them. */
    @Test
    void inputsOfOtherLengthsAreLeftAsTheyAre() {
        Query uneven = batch(call("x * y * z", "x", X, "y", vector(1, 2), "z", 3), Signature.Reduction.SUM, "x", "y", "z", "absent");
        OneSample third = OneSample.of(uneven, "x[2,0]");
        assertThat(at(third.query().inputs(), "x")).isEqualTo(Tensor.vector(5, 6));
        assertThat(at(third.query().inputs(), "y")).isEqualTo(Tensor.vector(1, 2));
        assertThat(at(third.query().inputs(), "z")).isEqualTo(Tensor.scalar(3));
    }

    @Test
    void withoutSamplesThereIsNone() {
        Query none = batch(call("x", "x", 3), Signature.Reduction.SUM, "x");
        assertThat(catchThrowableOfType(ProblemException.class, () -> OneSample.of(none, "x[0]")).problems()).hasSize(1);
    }
}
