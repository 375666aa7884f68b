package io.chainrule.service.run;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The lines of a {@link Lane}, whose lock is held: which work comes next, and which is refused. */
final class Lines {
    /** A bound on what all who wait hold, whatever their work was thought to take. */
    private static final int MOST_WAITING = 1_000;
    /** All who wait in a line may take so many times as long as one who comes may wait. */
    private static final double PATIENCES_IN_LINE = 1.5;
    private static final double NANOS = 1e9;
    /** Nobody is told to come back later than after so many seconds. */
    private static final double LONGEST_RETRY = 60;

    private final int permits;
    private final Map<WorkSize, Line> all = new EnumMap<>(WorkSize.class);

    Lines(int permits) {
        this.permits = permits;
        for (WorkSize size : WorkSize.values()) {
            all.put(size, new Line(size));
        }
    }

    Line of(WorkSize size) {
        return Objects.requireNonNull(all.get(size));
    }

    /** The line of a turn's size. */
    Line of(Turn turn) {
        return of(turn.size);
    }

    /** How many turns wait. */
    int waiting() {
        return all.values().stream().mapToInt(line -> line.waiting.size()).sum();
    }

    /** Throws {@link OverloadedException} if a turn that has its place, but no permit, would wait too long. */
    void refuse(Turn turn) {
        Line line = of(turn);
        double wait = wait(line, turn);
        if (wait > Math.min(line.patience(), turn.time.secondsLeft()) || isFull(line) || isAtCostOfOthers(line, turn, wait)) {
            if (turn.left.isDoneWithin(turn.left.seconds)) {
                line.refusedAt = System.nanoTime();
            }
            throw OverloadedException.queued(waiting(), Duration.ofNanos((long) (Math.min(wait, LONGEST_RETRY) * NANOS)));
        }
    }

    /** A size that had nothing to do has not saved up time: it has had what the others have that have work, or that had any. */
    void awake(Line line) {
        if (!line.isActive()) {
            line.served = Math.max(line.served, leastServed());
        }
    }

    private double leastServed() {
        return all.values().stream().filter(Line::isActive).mapToDouble(line -> line.served).min()
                .orElseGet(() -> all.values().stream().mapToDouble(line -> line.served).max().orElse(0));
    }

    /** The seconds that new work would be delayed if all lines that have work keep having it. */
    private double wait(Line line, Turn turn) {
        double wait = line.ahead(turn) / share(line);
        double untilDone = wait + turn.left.seconds / share(line);
        for (Line other : all.values()) {
            wait += other == line ? 0 : other.urgentWithin(untilDone) / permits;
        }
        return wait;
    }

    /** How many seconds of a core work of this size gets in each second if all lines that have work keep having it. */
    private double share(Line line) {
        double weights = line.isActive() ? 0 : line.size.weight;
        for (Line other : all.values()) {
            weights += other.isActive() ? other.size.weight : 0;
        }
        return permits * line.size.weight / weights;
    }

    /**
     * Whether new work could not be done in time by what its size gets, but only before others, while work of another size is refused that
     * has had less lately. Work that ends early with what it has goes before nobody.
     */
    private boolean isAtCostOfOthers(Line line, Turn turn, double wait) {
        if (turn.left.endsEarly || turn.left.isDoneWithin(wait + turn.left.seconds / share(line))) {
            return false;
        }
        long now = System.nanoTime();
        return all.values().stream().anyMatch(other -> other != line && other.hasRefused(now) && other.lately(now) < line.lately(now));
    }

    /** Whether a line is so long that its last would wait in vain if others came who have asked for less. */
    private boolean isFull(Line line) {
        return line.waiting.size() >= MOST_WAITING || line.backlog() / share(line) > PATIENCES_IN_LINE * line.size.patience;
    }

    /** Returns the turn that gets the next permit; null if none waits. Urgent work goes first. */
    @Nullable
    Turn next() {
        Line best = null;
        for (Line line : all.values()) {
            if (line.waiting.isEmpty()) {
                continue;
            }
            Turn urgent = line.urgent();
            if (urgent != null) {
                return urgent;
            }
            if (best == null || line.served < best.served) {
                best = line;
            }
        }
        return best == null ? null : best.waiting.element();
    }
}
