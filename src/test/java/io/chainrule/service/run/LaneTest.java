package io.chainrule.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.service.program.TestService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The line for permits, told by one thread: who is next, who is refused, and what is charged. */
class LaneTest {
    private static final double HUGE = 2.5;
    private static final double LONG = 1;
    private static final double SHORT = 0.02;

    private final Turns turns = new Turns(TestService.limits("threads", "1"));
    private long number;

    private static Lane lane(int permits) {
        return new Lane(permits, EnumSet.complementOf(EnumSet.of(WorkSize.TINY)));
    }

    private Turn turn(String client, double seconds) {
        Turn turn = new Turn(turns, ++number, client, Duration.ofSeconds(10), () -> false);
        turn.resize(WorkSize.of(seconds));
        turn.waitingFrom = System.nanoTime();
        return turn;
    }

    private Turn enter(Lane lane, String client, double seconds) {
        Turn turn = turn(client, seconds);
        lane.enter(turn, seconds, true);
        return turn;
    }

    private static double waiting(Lane lane, WorkSize size) {
        return lane.of(size, share -> share.waiting);
    }

    private static double running(Lane lane, WorkSize size) {
        return lane.of(size, share -> share.running);
    }

    @Test
    void aPermitIsHandedOnAndAtLastGivenBack() {
        Lane lane = lane(1);
        assertThat(lane.isIdle()).isTrue();
        Turn first = enter(lane, "a", HUGE);
        Turn second = enter(lane, "b", HUGE);
        assertThat(first.isGranted).isTrue();
        assertThat(second.isGranted).isFalse();
        assertThat(lane.held()).isEqualTo(1);
        assertThat(lane.waiting()).isEqualTo(1);
        assertThat(waiting(lane, WorkSize.HUGE)).isEqualTo(1);
        assertThat(running(lane, WorkSize.HUGE)).isEqualTo(1);
        lane.leave(first);
        assertThat(first.isGranted).isFalse();
        assertThat(second.isGranted).isTrue();
        assertThat(lane.waiting()).isZero();
        assertThat(lane.isIdle()).isFalse();
        lane.leave(second);
        assertThat(lane.isIdle()).isTrue();
        assertThat(running(lane, WorkSize.HUGE)).isZero();
        assertThat(waiting(lane, WorkSize.HUGE)).isZero();
    }

    @Test
    void theShorterGoesFirst() {
        Lane lane = lane(1);
        Turn running = enter(lane, "a", HUGE);
        Turn later = enter(lane, "b", LONG);
        Turn sooner = enter(lane, "c", SHORT);
        lane.leave(running);
        assertThat(sooner.isGranted).isTrue();
        assertThat(later.isGranted).isFalse();
        lane.leave(sooner);
        assertThat(later.isGranted).isTrue();
    }

    @Test
    void ofOneClientTheSecondGoesBehindWhatCameLater() {
        Lane lane = lane(1);
        Turn running = enter(lane, "a", LONG);
        Turn second = enter(lane, "a", LONG);
        Turn other = enter(lane, "b", LONG);
        lane.leave(running);
        assertThat(other.isGranted).isTrue();
        assertThat(second.isGranted).isFalse();
    }

    @Test
    void thePermitPassesToWhatIsDueBeforeAndToNothingElse() {
        Lane lane = lane(1);
        Turn large = enter(lane, "a", LONG);
        assertThat(lane.passOn(large)).as("nobody waits").isFalse();
        Turn larger = enter(lane, "b", HUGE);
        assertThat(lane.passOn(large)).as("it is due later").isFalse();
        assertThat(larger.isGranted).isFalse();
        Turn small = enter(lane, "c", SHORT);
        assertThat(lane.passOn(large)).isTrue();
        assertThat(small.isGranted).isTrue();
        assertThat(large.isGranted).isFalse();
        assertThat(waiting(lane, WorkSize.LONG)).isEqualTo(1);
        assertThat(running(lane, WorkSize.LONG)).isZero();
        lane.leave(small);
        assertThat(large.isGranted).as("it goes on").isTrue();
    }

    @Test
    void whoGivesUpLeavesTheLine() {
        Lane lane = lane(1);
        Turn running = enter(lane, "a", HUGE);
        Turn waiting = enter(lane, "b", HUGE);
        assertThat(lane.cancel(waiting)).as("it waited").isTrue();
        assertThat(lane.waiting()).isZero();
        Turn next = enter(lane, "c", HUGE);
        assertThat(lane.cancel(running)).as("it had a permit by then").isFalse();
        assertThat(running.isGranted).isFalse();
        assertThat(next.isGranted).as("has the permit").isTrue();
        lane.leave(next);
        assertThat(lane.isIdle()).isTrue();
    }

    /** They have what is free, unless somebody waits, who gets what they give back. */
    @Test
    void helpersComeLast() {
        Lane lane = lane(2);
        Turn first = enter(lane, "a", HUGE);
        assertThat(lane.isWanted()).isFalse();
        assertThat(lane.tryTake()).isTrue();
        assertThat(lane.held()).isEqualTo(2);
        assertThat(lane.tryTake()).as("a third").isFalse();
        Turn second = enter(lane, "b", HUGE);
        assertThat(second.isGranted).isFalse();
        assertThat(lane.isWanted()).isTrue();
        lane.giveBack();
        assertThat(second.isGranted).isTrue();
        assertThat(lane.isWanted()).isFalse();
        lane.leave(first);
        assertThat(lane.held()).isEqualTo(1);
        assertThat(lane.permits()).isEqualTo(2);
    }

    @Test
    void whatComesBackTakesItsOldPlace() {
        Lane lane = lane(1);
        Turn first = enter(lane, "a", LONG);
        lane.leave(first);
        Turn running = enter(lane, "b", LONG);
        Turn later = enter(lane, "c", LONG);
        lane.enterAgain(first);
        assertThat(first.isGranted).isFalse();
        lane.leave(running);
        assertThat(first.isGranted).isTrue();
        assertThat(later.isGranted).isFalse();
    }

    /** Each takes 2.5 s of one core; a third would begin after 5 s, and be late of its 10 s if all took somewhat longer. */
    @Test
    void whatWouldBeLateIsRefusedAndToldWhenToComeBack() {
        Lane lane = lane(1);
        enter(lane, "a", HUGE);
        enter(lane, "b", HUGE);
        OverloadedException refusal = catchThrowableOfType(OverloadedException.class, () -> enter(lane, "c", HUGE));
        assertThat(refusal).hasMessageContaining("1 request waits");
        assertThat(refusal.resource()).isEqualTo(OverloadedException.Resource.CORES);
        assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(lane.waiting()).as("nothing is left of it").isEqualTo(1);
        assertThatCode(() -> enter(lane, "c", SHORT)).doesNotThrowAnyException();
        assertThat(catchThrowableOfType(OverloadedException.class, () -> lane.check(turn("d", HUGE), HUGE)))
                .hasMessageContaining("2 requests wait");
        assertThat(lane.waiting()).isEqualTo(2);
    }

    @Test
    void onTwoCoresThereIsRoomForTwiceAsMuch() {
        assertThat(accepted(lane(1))).isEqualTo(2);
        assertThat(accepted(lane(2))).isEqualTo(4);
    }

    private int accepted(Lane lane) {
        int count = 0;
        try {
            for (; count < 100; count++) {
                enter(lane, "client " + count, HUGE);
            }
        } catch (OverloadedException _) {
            // There is room for no more.
        }
        return count;
    }

    /** It had a permit before, or only tells a refusal. */
    @Test
    void whatMayNotBeRefusedIsAccepted() {
        Lane lane = lane(1);
        accepted(lane);
        Turn turn = turn("late", HUGE);
        lane.enter(turn, HUGE, false);
        assertThat(lane.waiting()).isEqualTo(2);
    }

    @Test
    void nobodyIsAcceptedWhileAThousandWait() {
        Lane lane = lane(1);
        for (int i = 0; i <= 1000; i++) {
            Turn turn = turn("client", SHORT);
            lane.enter(turn, 0, true);
        }
        assertThat(lane.waiting()).isEqualTo(1000);
        Turn last = turn("another", SHORT);
        assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> lane.enter(last, 0, true))
                .withMessageContaining("1000 requests wait");
    }

    @Test
    void theTimeOfAPermitIsChargedToTheSizeOfItsWork() {
        Lane lane = lane(1);
        Turn turn = enter(lane, "a", LONG);
        turn.used.add(3_000_000_000L);
        lane.leave(turn);
        double used = lane.of(WorkSize.LONG, share -> share.used);
        assertThat(used).isGreaterThanOrEqualTo(3).isEqualTo(turn.used.inAll);
        assertThat(turn.left.seconds).as("that it is thought to take yet").isEqualTo(0.1);
        assertThat(lane.of(WorkSize.HUGE, share -> share.used)).isZero();
        lane.ended(turn);
        assertThat(lane.of(WorkSize.LONG, share -> share.mean)).isCloseTo(0.05 * used, within(1e-12));
        lane.ended(turn);
        assertThat(lane.of(WorkSize.LONG, share -> share.mean)).isCloseTo(0.0975 * used, within(1e-12));
    }

    @Test
    void whatTakesLongerThanThoughtIsCountedAsLargerWork() {
        Lane lane = lane(1);
        Turn turn = enter(lane, "a", SHORT);
        lane.demote(turn, WorkSize.MEDIUM, 0.3);
        assertThat(turn.size).isEqualTo(WorkSize.MEDIUM);
        assertThat(turn.left.seconds).isEqualTo(0.3);
        assertThat(running(lane, WorkSize.SHORT)).isZero();
        assertThat(running(lane, WorkSize.MEDIUM)).isEqualTo(1);
        assertThat(turn.isGranted).isTrue();
        lane.leave(turn);
        assertThat(running(lane, WorkSize.MEDIUM)).isZero();
    }

    /** A second part of the work may take longer than the first; a shorter one takes nothing back. */
    @Test
    void anEstimateIsRaisedAndNotLowered() {
        Lane lane = lane(1);
        Turn turn = enter(lane, "a", LONG);
        lane.extend(turn, 1.5);
        assertThat(turn.left.seconds).isEqualTo(1.5);
        lane.extend(turn, 0.5);
        assertThat(turn.left.seconds).isGreaterThan(0.5);
        assertThat(turn.left.booking.seconds()).isEqualTo(LONG);
    }

    @Test
    void tinyWorkGoesLaterIfItTakesLongerThanThought() {
        Lane lane = new Lane(1, EnumSet.of(WorkSize.TINY));
        Turn turn = enter(lane, "a", 0.0001);
        long rank = turn.left.booking.rank();
        lane.extend(turn, 0.004);
        assertThat(turn.left.booking.rank() - rank).isGreaterThan(700_000_000L);
        assertThat(turn.left.booking.seconds()).isEqualTo(0.004);
        assertThat(running(lane, WorkSize.TINY)).isEqualTo(1);
    }

    /** Its own estimate leaves out what all tiny work has in common. */
    @Test
    void tinyWorkIsThoughtToTakeAsLongAsOtherTinyWork() {
        Lane lane = new Lane(1, EnumSet.of(WorkSize.TINY));
        Turn before = enter(lane, "a", 0);
        before.used.add(40_000_000L);
        lane.leave(before);
        lane.ended(before);
        double mean = lane.of(WorkSize.TINY, share -> share.mean);
        assertThat(mean).isGreaterThanOrEqualTo(0.002);
        Turn next = enter(lane, "b", 0);
        assertThat(next.left.booking.seconds()).isEqualTo(Math.min(mean, 0.005));
        lane.leave(next);
        Turn known = enter(lane, "c", 0.005);
        assertThat(known.left.booking.seconds()).isEqualTo(0.005);
        lane.leave(known);
        assertThat(enter(lane(1), "d", SHORT).left.booking.seconds()).isEqualTo(SHORT);
    }

    @Test
    void waitsAreToldBySize() {
        Lane lane = lane(1);
        List<Long> told = new ArrayList<>();
        lane.tellWaits(WorkSize.LONG, told::add);
        lane.tellWait(turn("a", LONG), 5);
        lane.tellWait(turn("a", SHORT), 7);
        assertThat(told).containsExactly(5L);
    }
}
