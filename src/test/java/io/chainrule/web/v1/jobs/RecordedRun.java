package io.chainrule.web.v1.jobs;

import io.chainrule.service.jobs.JobRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** An attempt that wants each state unless it is told not to, and keeps what it is told. */
class RecordedRun implements JobRun {
    private final List<byte[]> states = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();
    private boolean isWanting = true;
    private boolean isLatest = true;
    private byte @Nullable [] earlier;
    private int stored;

    /** The progress at one time; {@code latest} is empty if there was nothing to tell. */
    record Told(long done, long total, double secondsLeft, String latest) {}

    void setWanting(boolean wanting) {
        isWanting = wanting;
    }

    /** The attempt that follows this one, if it ends now. */
    RecordedRun next() {
        RecordedRun next = new RecordedRun();
        next.earlier = states.isEmpty() ? null : states.getLast();
        next.stored = stored;
        return next;
    }

    /** Another attempt has begun. */
    void takeOver() {
        isLatest = false;
    }

    List<byte[]> states() {
        return states;
    }

    List<Told> told() {
        return told;
    }

    @Override
    public String id() {
        return "1";
    }

    @Override
    public byte @Nullable [] earlier() {
        return earlier;
    }

    @Override
    public boolean wantsState() {
        return isWanting;
    }

    @Override
    public void state(byte[] state) {
        states.add(state);
    }

    @Override
    public void resumed(long done) {}

    @Override
    public void progress(long done, long total, double secondsLeft, @Nullable Supplier<String> latest) {
        told.add(new Told(done, total, secondsLeft, latest == null ? "" : latest.get()));
    }

    @Override
    public int stored() {
        return stored;
    }

    @Override
    public <T> T storing(Supplier<T> work, ToIntFunction<T> version, byte @Nullable [] state) {
        T made = work.get();
        stored = version.applyAsInt(made);
        if (state != null) {
            states.add(state);
        }
        return made;
    }

    @Override
    public void alone(Runnable work) {
        if (!isLatest) {
            throw new CancellationException("another attempt has begun");
        }
        work.run();
    }

    @Override
    public <T> T untilStored(Supplier<T> work) {
        return work.get();
    }

    @Override
    public void diagnostic(String json) {}

    @Override
    public void check() {}
}
