package io.chainrule.service.run;

/** The booking of a turn, and an estimate of the seconds that its work still takes. */
final class WorkLeft {
    /** Work may take so many times as long as by itself, since shorter work that comes later goes before it. */
    private static final double STRETCH = 2;
    /** So many seconds of a request's time, and no more than this part of it, are for what comes before and after. */
    private static final double BESIDE = 0.3;
    private static final double MOST_BESIDE = 0.1;
    /** Work that ends with what it has is booked for no more than this part of its time: it may be had by others too. */
    private static final double MOST_OF_TIME = 0.25;
    /** Work is thought to need at least this part of its estimate more. */
    private static final double LEAST = 0.1;
    private static final double NANOS = 1e9;

    private final RequestTime time;
    /** The seconds that the work is thought to take yet. */
    double seconds;
    Booking booking = new Booking(0, 0, 0, 0);
    /** Whether it ends with what it has once its time is over. */
    boolean endsEarly;

    WorkLeft(RequestTime time) {
        this.time = time;
    }

    /** Work that is thought to take so long comes in line, where its client has asked for what takes {@code before} until its turn. */
    void book(WorkSize size, double thought, double before) {
        double left = time.secondsLeft();
        seconds = endsEarly ? Math.min(thought, MOST_OF_TIME * left) : thought;
        double most = left - Math.min(BESIDE, MOST_BESIDE * left);
        long now = System.nanoTime();
        long due = now + (long) (Math.min(size.patience + STRETCH * seconds, most) * NANOS);
        // All tiny work is due at about the same time, and some takes ten times as long as other: the shorter goes first.
        long rank = size == WorkSize.TINY ? now + (long) (size.patience * Math.min(1, seconds / size.most) * NANOS) : due;
        booking = Booking.at(now, seconds, due, rank + (long) (before * NANOS));
    }

    /** Notes that it has computed for so many seconds. */
    void computed(double more) {
        seconds = Math.max(seconds - more, LEAST * booking.seconds());
    }
}
