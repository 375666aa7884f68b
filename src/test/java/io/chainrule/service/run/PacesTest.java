package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long work is thought to take. */
class PacesTest {
    private static final long FLOPS = 100_000_000;

    private final Paces paces = new Paces();

    @Test
    void theSameFunctionTakesAsLongAsBefore() {
        Object function = new Object();
        paces.took(function, FLOPS, 7);
        assertThat(paces.seconds(function, FLOPS)).isEqualTo(7);
    }

    @Test
    void operationsTakeAsLongAsTheyDidLately() {
        double first = paces.seconds(new Object(), FLOPS);
        for (int i = 0; i < 200; i++) {
            paces.took(new Object(), FLOPS, 3 * first);
        }
        assertThat(paces.seconds(new Object(), FLOPS)).isBetween(2.9 * first, 3.1 * first);
    }

    /** Machines differ, and may be busy, but none is ten times as fast or slow as all others. */
    @Test
    void calibrationFitsTheMachine() {
        paces.calibrate();
        double first = paces.seconds(new Object(), FLOPS);
        assertThat(first).isBetween(0.005, 0.5);
        paces.calibrate();
        assertThat(paces.seconds(new Object(), FLOPS)).isBetween(first / 4, first * 4);
    }
}
