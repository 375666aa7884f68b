package io.chainrule.service.run;

import static io.chainrule.service.run.CompilePaces.LEAST_NODES;
import static io.chainrule.service.run.CompilePaces.MOST_CHANGE;
import static io.chainrule.service.run.CompilePaces.SECONDS_A_NODE;
import static io.chainrule.service.run.CompilePaces.WEIGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Transformation;
import org.junit.jupiter.api.Test;

/** How long compiling will take is learnt from how long it took, for each kind of transformation. */
class CompilePacesTest {
    private static final Transformation VALUE = new Transformation.Value();
    private static final Transformation HESSIAN = new Transformation.Hessian(true);

    private final CompilePaces paces = new CompilePaces();

    private double secondsANode(Transformation transformation) {
        return paces.seconds(transformation, 1_000_000) / 1_000_000;
    }

    @Test
    void whatIsNotKnownYetIsGuessedByItsNodes() {
        assertThat(paces.seconds(VALUE, 1_000)).isEqualTo(1_000 * SECONDS_A_NODE);
        assertThat(paces.seconds(VALUE, LEAST_NODES)).isEqualTo(LEAST_NODES * SECONDS_A_NODE);
    }

    @Test
    void smallProgramsTakeNoTimeAndTellNothing() {
        paces.took(VALUE, LEAST_NODES - 1, 1);
        assertThat(secondsANode(VALUE)).isEqualTo(SECONDS_A_NODE);
        assertThat(paces.seconds(VALUE, LEAST_NODES - 1)).isZero();
    }

    @Test
    void theFirstProgramReplacesTheGuessAndLaterOnesChangeItALittle() {
        paces.took(VALUE, LEAST_NODES, LEAST_NODES * 2 * SECONDS_A_NODE);
        assertThat(secondsANode(VALUE)).isEqualTo(2 * SECONDS_A_NODE, within(1e-12));
        paces.took(VALUE, 1_000, 1_000 * 5 * SECONDS_A_NODE);
        assertThat(secondsANode(VALUE)).isEqualTo((2 + WEIGHT * 3) * SECONDS_A_NODE, within(1e-12));
    }

    @Test
    void oneSlowProgramIsNotBelievedWhollyAndOtherKindsKeepTheirs() {
        paces.took(HESSIAN, 1_000, 3_600);
        assertThat(secondsANode(HESSIAN)).isEqualTo(MOST_CHANGE * SECONDS_A_NODE, within(1e-12));
        assertThat(secondsANode(VALUE)).isEqualTo(SECONDS_A_NODE);
    }
}
