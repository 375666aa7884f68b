package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** How long a kind of work takes for each node is learnt from how long it took. */
class NodePacesTest {
    private static final double GUESS = 1e-5;
    private static final double MOST = 1e-4;
    private static final int LEAST_NODES = 200;

    private final NodePaces paces = new NodePaces(GUESS, MOST, LEAST_NODES);

    private double secondsANode(String kind) {
        return paces.seconds(kind, 1_000_000) / 1_000_000;
    }

    @Test
    void whatIsNotKnownYetIsGuessedByItsNodes() {
        assertThat(paces.seconds("compile", 1_000)).isEqualTo(1_000 * GUESS);
        assertThat(paces.seconds("compile", LEAST_NODES)).isEqualTo(LEAST_NODES * GUESS);
    }

    @Test
    void smallProgramsTakeNoTimeAndTellNothing() {
        paces.took("compile", LEAST_NODES - 1, 1);
        assertThat(secondsANode("compile")).isEqualTo(GUESS);
        assertThat(paces.seconds("compile", LEAST_NODES - 1)).isZero();
    }

    @Test
    void theFirstProgramReplacesTheGuessAndLaterOnesChangeItALittle() {
        paces.took("compile", LEAST_NODES, LEAST_NODES * 2 * GUESS);
        assertThat(secondsANode("compile")).isEqualTo(2 * GUESS, within(1e-12));
        paces.took("compile", 1_000, 1_000 * 5 * GUESS);
        assertThat(secondsANode("compile")).isEqualTo((2 + NodePaces.WEIGHT * 3) * GUESS, within(1e-12));
    }

    @Test
    void whatWasGivenUpTellsOnlyThatItTakesLonger() {
        paces.took("compile", 1_000, 1_000 * 2 * GUESS);
        paces.tookMoreThan("compile", 1_000, 1_000 * GUESS);
        assertThat(secondsANode("compile")).isEqualTo(2 * GUESS, within(1e-12));
        paces.tookMoreThan("compile", 1_000, 1_000 * 5 * GUESS);
        assertThat(secondsANode("compile")).isEqualTo((2 + NodePaces.WEIGHT * 3) * GUESS, within(1e-12));
    }

    @Test
    void oneSlowProgramIsNotBelievedWhollyAndOtherKindsKeepTheirs() {
        paces.took("draw", 1_000, 3_600);
        assertThat(secondsANode("draw")).isEqualTo(MOST, within(1e-12));
        assertThat(secondsANode("compile")).isEqualTo(GUESS);
    }
}
