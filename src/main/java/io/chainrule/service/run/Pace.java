package io.chainrule.service.run;

/** How fast work goes since it was begun or taken up again, and so how long the rest of it takes. */
public final class Pace {
    private static final double NANOS = 1e9;

    private final double doneBefore;
    private final double guess;
    private final long begin = System.nanoTime();

    /**
     * Begins now.
     *
     * @param doneBefore how much was done before
     * @param guess the seconds that one unit is thought to take, which count until some of the work is done; less than 0 if nothing is
     *        known
     */
    public Pace(double doneBefore, double guess) {
        this.doneBefore = doneBefore;
        this.guess = guess;
    }

    /** The seconds until all is done, at the pace so far; 0 if more is done than was thought, less than 0 as long as nothing is known. */
    public double secondsLeft(double done, double all) {
        double made = done - doneBefore;
        double each = made > 0 ? (System.nanoTime() - begin) / NANOS / made : guess;
        return each < 0 ? each : each * Math.max(0, all - done);
    }

    /** The same, of units that are counted. */
    public double secondsLeft(long done, long all) {
        return secondsLeft((double) done, (double) all);
    }
}
