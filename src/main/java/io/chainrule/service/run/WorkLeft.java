package io.chainrule.service.run;

/** How much of a turn's work is thought to be left, and whether there is time for it. */
final class WorkLeft {
    /** Work may take so many times as long as is thought, since tiny work, the collector and the network use the cores too. */
    private static final double MARGIN = 1.5;
    /** In seconds, for what comes before and after. */
    private static final double MARGIN_IN_ALL = 0.3;
    /** Work is thought to need at least this part of its estimate more, */
    private static final double LEAST = 0.1;
    /** until it has taken so many times its estimate. */
    private static final double MOST_MISJUDGED = 2;

    private final RequestTime time;
    private WorkSize size = WorkSize.TINY;
    /** The seconds that the work was thought to take when it came in line. */
    private double estimate;
    /** The seconds that it is thought to take yet. */
    double seconds;
    /** Whether it ends with what it has once its time is over, so that it is never urgent. */
    boolean endsEarly;
    /** Whether it had time enough when it came in line. */
    private boolean canBeDone;
    private boolean isUrgent;

    WorkLeft(RequestTime time) {
        this.time = time;
    }

    /** The work comes in line, as work of this size. */
    void restart(WorkSize asked, double thought) {
        size = asked;
        estimate = thought;
        seconds = thought;
        canBeDone = !endsEarly && isDoneWithin(thought);
        isUrgent = false;
    }

    /** Notes that it has computed for so many seconds, and for how many in all. Work that takes longer than was thought is done soon. */
    void computed(double more, double inAll) {
        seconds = Math.max(seconds - more, inAll < MOST_MISJUDGED * estimate ? LEAST * estimate : 0);
    }

    /** Whether there is time enough for what is thought to be done in so many seconds. */
    boolean isDoneWithin(double then) {
        return MARGIN * then + MARGIN_IN_ALL < time.secondsLeft();
    }

    /**
     * Whether the work will be done in time only if no other work goes first any more. Urgent work stays urgent unless it takes much longer
     * than was thought.
     */
    boolean isUrgent() {
        isUrgent |= untilUrgent() < 0 && seconds < time.secondsLeft();
        return isUrgent && seconds > 0;
    }

    /** The seconds after which the work is urgent if it gets no permit until then. */
    double untilUrgent() {
        return canBeDone && size.compareTo(WorkSize.MEDIUM) >= 0
                ? time.secondsLeft() - MARGIN * seconds - MARGIN_IN_ALL
                : Double.POSITIVE_INFINITY;
    }
}
