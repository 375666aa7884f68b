package io.chainrule.core.training;

import java.util.ArrayList;
import java.util.List;

/** The recorded steps of a training: at most {@link #MOST} steps, evenly spread, at most as many ends of epochs, and the last step. */
final class History {
    static final int MOST = 500;

    private final List<HistoryEntry> entries = new ArrayList<>();
    private final long everySteps;
    private final long everyEpochs;

    History(long steps, long epochs) {
        everySteps = (steps + MOST - 1) / MOST;
        everyEpochs = (epochs + MOST - 1) / MOST;
    }

    boolean tellsOfStep(long step) {
        return (step - 1) % everySteps == 0;
    }

    boolean tellsOfEpoch(long epoch) {
        return epoch % everyEpochs == 0;
    }

    void add(HistoryEntry entry) {
        entries.add(entry);
    }

    /** Adds an entry. An earlier entry for the same step, which lacks the results of the validation, is replaced. */
    void replaceOrAdd(HistoryEntry entry) {
        if (lastStep() == entry.step()) {
            entries.removeLast();
        }
        entries.add(entry);
    }

    /** The step of the latest entry; 0 if there is none. */
    long lastStep() {
        return entries.isEmpty() ? 0 : entries.getLast().step();
    }

    HistoryEntry latest() {
        return entries.getLast();
    }

    List<HistoryEntry> entries() {
        return List.copyOf(entries);
    }

    void pass(TrainingState state) {
        state.list(entries, entry -> HistoryEntry.pass(state, entry));
    }
}
