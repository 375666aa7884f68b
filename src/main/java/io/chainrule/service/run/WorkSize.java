package io.chainrule.service.run;

/** How long work takes. What takes longer than was thought is booked as work of the next size. */
enum WorkSize {
    /** As long as most requests take. It does not wait for larger work. */
    TINY(0, 0.005, 1, 1),
    SHORT(0.005, 0.05, 1, 8),
    MEDIUM(0.05, 0.4, 2, 5),
    LONG(0.4, 2, 3, 4),
    HUGE(2, Double.POSITIVE_INFINITY, 5, 3);

    private static final double TOLERANCE = 1.5;

    /** The seconds that work of this size is thought to take at least, and at most. */
    final double least;
    final double most;
    /** Work of this size is due so many seconds after it came, and some for the work itself. */
    final double patience;
    /** Its share of the cores' time when work of other sizes is refused too. */
    final double weight;

    WorkSize(double least, double most, double patience, double weight) {
        this.least = least;
        this.most = most;
        this.patience = patience;
        this.weight = weight;
    }

    /**
     * After so many seconds work that was thought to take {@code seconds} is planned anew, as work of the next size; not sooner, lest it
     * be put behind all that just before it is done.
     */
    double mostTaken(double seconds) {
        return TOLERANCE * (this == HUGE ? seconds : most);
    }

    WorkSize next() {
        return switch (this) {
            case TINY -> SHORT;
            case SHORT -> MEDIUM;
            case MEDIUM -> LONG;
            case LONG, HUGE -> HUGE;
        };
    }

    static WorkSize of(double seconds) {
        WorkSize size = TINY;
        while (seconds > size.most) {
            size = size.next();
        }
        return size;
    }
}
