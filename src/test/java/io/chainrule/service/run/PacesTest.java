package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.execution.CostModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long work is thought to take. */
class PacesTest {
    /** The times of a machine for which costs are right. */
    private static final double NOMINAL = 0.05;

    private long now;
    private final Paces paces = new Paces(() -> now);
    private int bytes;

    /** Of work that has not been seen before. */
    private CostModel another() {
        return new CostModel(100_000_000, bytes++, 50_000_000);
    }

    @Test
    void workOfTheSameCostTakesAsLongAsBefore() {
        CostModel cost = another();
        paces.took(cost, 7);
        assertThat(paces.seconds(cost)).isEqualTo(7);
        assertThat(paces.seconds(another())).isLessThan(1);
    }

    @Test
    void otherWorkTakesAsMuchLongerThanItsCostSaysAsWorkDidLately() {
        assertThat(paces.seconds(another())).isEqualTo(NOMINAL);
        for (int i = 0; i < 200; i++) {
            paces.took(another(), 3 * NOMINAL);
        }
        assertThat(paces.seconds(another())).isBetween(2.9 * NOMINAL, 3.1 * NOMINAL);
    }

    @Test
    void workThatIsSoonDoneTellsNothingOfTheMachine() {
        paces.took(new CostModel(10, 10, 100), 7);
        assertThat(paces.seconds(another())).isEqualTo(NOMINAL);
    }

    @Test
    void theSameWorkTakesAboutAsLongAsItDidLately() {
        CostModel cost = another();
        paces.took(cost, 7);
        paces.took(cost, 9);
        assertThat(paces.seconds(cost)).isEqualTo(8);
        paces.took(cost, 4);
        assertThat(paces.seconds(cost)).isEqualTo(6);
    }

    /** One piece of work that took a thousand times as long, or as short, counts as one that took ten times so. */
    @ParameterizedTest
    @CsvSource({"1000, 1", "0.001, -1"})
    void onePieceOfWorkTellsLittle(double times, double sign) {
        paces.took(another(), times * NOMINAL);
        assertThat(paces.seconds(another())).isCloseTo(Math.pow(10, 0.1 * sign) * NOMINAL, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"1000000, 100", "0.000001, 0.01"})
    void noMachineIsMoreThanAHundredTimesAsSlowOrFast(double times, double most) {
        for (int i = 0; i < 200; i++) {
            paces.took(another(), times * NOMINAL);
        }
        assertThat(paces.seconds(another())).isCloseTo(most * NOMINAL, within(1e-9));
    }

    @Test
    void workThatIsNotKnownAndWasGivenUpTakesLongerThanThat() {
        CostModel cost = another();
        paces.tookMoreThan(cost, 0.01);
        assertThat(paces.seconds(cost)).as("it is thought to take longer anyway").isEqualTo(NOMINAL);
        paces.tookMoreThan(cost, 2);
        assertThat(paces.seconds(cost)).isCloseTo(2.2, within(1e-12));
    }

    /** Otherwise the same work would be begun again and again, each time in vain. */
    @Test
    void workThatWasGivenUpTakesLonger() {
        CostModel cost = another();
        paces.took(cost, 5);
        paces.tookMoreThan(cost, 6);
        assertThat(paces.seconds(cost)).isBetween(6.1, 7.0);
        paces.tookMoreThan(cost, 1);
        assertThat(paces.seconds(cost)).as("given up before it could be done").isBetween(6.1, 7.0);
    }

    /** Other work may have used the same cores: if nobody tried again, nobody would ever see that it takes less. */
    @Test
    void thatIsForgottenAfterTenTimesAsLong() {
        CostModel cost = another();
        paces.took(cost, 5);
        now = 1;
        paces.tookMoreThan(cost, 7);
        now = 76_000_000_000L;
        assertThat(paces.seconds(cost)).isCloseTo(7.7, within(1e-12));
        now = 78_000_000_000L;
        assertThat(paces.seconds(cost)).as("as it was before").isEqualTo(5);
        paces.tookMoreThan(cost, 7);
        assertThat(paces.seconds(cost)).as("tried again in vain").isCloseTo(7.7, within(1e-12));
    }

    @Test
    void whatWasGivenUpAndThenDoneTakesAsLongAsThat() {
        CostModel cost = another();
        paces.took(cost, 5);
        paces.tookMoreThan(cost, 7);
        paces.took(cost, 6);
        assertThat(paces.seconds(cost)).isEqualTo(5.5);
    }

    /** A client that sends the same slow work again and again does not make all work look slow. */
    @Test
    void theSameWorkTellsOnceHowFastTheMachineIs() {
        CostModel cost = another();
        for (int i = 0; i < 100; i++) {
            paces.took(cost, 10 * NOMINAL);
        }
        assertThat(paces.seconds(another())).isLessThan(2 * NOMINAL);
    }

    /** Machines differ, and may be busy, but none is ten times as fast or slow as all others. */
    @Test
    void calibrationFitsTheMachine() {
        paces.calibrate();
        double first = paces.seconds(another());
        assertThat(first).isBetween(NOMINAL / 10, NOMINAL * 10);
        paces.calibrate();
        assertThat(paces.seconds(another())).isBetween(first / 4, first * 4);
    }
}
