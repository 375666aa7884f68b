package io.chainrule.service.run;

/** How long work takes. Work of one size waits in one line; what takes longer than was thought moves to the next one. */
enum WorkSize {
    /** As long as most requests take. It does not wait for larger work. */
    TINY(0, 0.005, 1, 1),
    SHORT(0.005, 0.05, 2, 8),
    LONG(0.05, 1, 5, 4),
    HUGE(1, Double.POSITIVE_INFINITY, 5, 2);

    /** The seconds that work of this size takes at least, and at most. */
    final double least;
    final double most;
    /** The longest time in seconds for which work of this size should wait in a burst; a request that would wait longer is refused. */
    final double patience;
    /** Its share of the cores' time when work of other sizes waits too. */
    final double weight;

    WorkSize(double least, double most, double patience, double weight) {
        this.least = least;
        this.most = most;
        this.patience = patience;
        this.weight = weight;
    }

    WorkSize next() {
        return switch (this) {
            case TINY -> SHORT;
            case SHORT -> LONG;
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
