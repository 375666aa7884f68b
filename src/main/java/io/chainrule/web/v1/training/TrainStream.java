package io.chainrule.web.v1.training;

import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Waiting;
import io.chainrule.service.training.TrainingCall;
import io.chainrule.web.v1.EventStream;
import io.chainrule.web.v1.ResponseMapper;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the progress of a training to its client by Server-Sent Events. A separate thread writes, so that a client that reads slowly does
 * not delay the training. When there is nothing new it writes comments, which is how a client that has disconnected is noticed.
 */
final class TrainStream implements TrainingCall.Progress, AutoCloseable {
    private static final long BEAT_MILLISECONDS = 100;

    private final EventStream events;
    private final ResponseMapper mapper;
    private final CountDownLatch isOver = new CountDownLatch(1);
    private @Nullable Thread writer;
    private TrainingCall.@Nullable Step told;
    private volatile TrainingCall.@Nullable Step first;
    private volatile TrainingCall.@Nullable Step latest;

    TrainStream(EventStream events, ResponseMapper mapper) {
        this.events = events;
        this.mapper = mapper;
    }

    @Override
    public void begins(long stepsInAll) {
        events.begin();
        events.send("progress", new TrainProgressResponse(0, stepsInAll, null, null));
        writer = Thread.ofVirtual().start(this::beat);
    }

    @Override
    public void made(TrainingCall.Step step) {
        if (first == null) {
            first = step;
        }
        latest = step;
    }

    @Override
    public void found(Diagnostic diagnostic) {
        events.send("diagnostic", mapper.diagnostic(diagnostic));
    }

    /** Throws {@link CancellationException} once the client has disconnected. */
    @Override
    public void check() {
        events.check();
    }

    private void beat() {
        try {
            while (!events.isGone() && !isOver.await(BEAT_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                if (!tellLatest()) {
                    events.sendComment();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Sends the latest step if it has not been sent; returns whether it did. The first step is always sent, since a curve begins with it.
     */
    private boolean tellLatest() {
        TrainingCall.Step beginning = first;
        TrainingCall.Step step = latest;
        if (beginning == null || step == null || step.equals(told)) {
            return false;
        }
        if (told == null && !step.equals(beginning)) {
            tell(beginning);
        }
        told = step;
        tell(step);
        return true;
    }

    private void tell(TrainingCall.Step step) {
        events.send("progress", new TrainProgressResponse(step.stepsDone(), step.stepsInAll(), step.secondsLeft(),
                HistoryEntryResponse.of(step.latest(), mapper)));
    }

    /** Sends the progress that has not been sent yet. After this call no other thread writes to the response. */
    @Override
    public void close() {
        Thread running = writer;
        if (running == null) {
            return;
        }
        // An interrupt would close the connection if it came while the thread writes, so the thread is asked to end instead.
        isOver.countDown();
        Turn.whileClientIsWaitedFor(() -> Waiting.forEnd(running));
        tellLatest();
    }
}
