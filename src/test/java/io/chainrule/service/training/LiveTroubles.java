package io.chainrule.service.training;

import io.chainrule.service.diagnostics.Diagnostic;
import java.util.ArrayList;
import java.util.List;

/** Collects the diagnostics that a training tells of while it runs, each with the number of steps done by then. */
final class LiveTroubles implements TrainingCall.Progress {
    final List<Diagnostic> found = new ArrayList<>();
    final List<Long> steps = new ArrayList<>();
    private long done;

    @Override
    public void begins(long stepsInAll) {}

    @Override
    public void made(TrainingCall.Step step) {
        done = step.stepsDone();
    }

    @Override
    public void found(Diagnostic diagnostic) {
        found.add(diagnostic);
        steps.add(done);
    }

    @Override
    public void check() {}
}
