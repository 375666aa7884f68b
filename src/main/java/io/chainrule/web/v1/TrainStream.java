package io.chainrule.web.v1;

import io.chainrule.service.diagnostics.Diagnostic;
import io.chainrule.service.training.TrainingCall;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends the progress of a training to its client by Server-Sent Events. A separate thread writes, so that a client that reads slowly does
 * not delay the training. When there is nothing new it writes comments, which is how a client that has disconnected is noticed.
 */
final class TrainStream implements TrainingCall.Progress, AutoCloseable {
    private static final long BEAT_MILLISECONDS = 100;
    private static final String COMMENT = ":\n\n";

    private final HttpServletResponse response;
    private final JsonMapper json;
    private final ResponseMapper mapper;
    private final CountDownLatch isOver = new CountDownLatch(1);
    private @Nullable Thread writer;
    private TrainingCall.@Nullable Step told;
    private volatile TrainingCall.@Nullable Step latest;
    private volatile boolean isGone;

    TrainStream(HttpServletResponse response, JsonMapper json, ResponseMapper mapper) {
        this.response = response;
        this.json = json;
        this.mapper = mapper;
    }

    boolean hasBegun() {
        return writer != null;
    }

    @Override
    public void begins(long stepsInAll) {
        response.setContentType(new MediaType(MediaType.TEXT_EVENT_STREAM, StandardCharsets.UTF_8).toString());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        // Some proxies would otherwise buffer events until they have many.
        response.setHeader("X-Accel-Buffering", "no");
        tell("progress", new TrainProgressResponse(0, stepsInAll, null, null));
        writer = Thread.ofVirtual().start(this::beat);
    }

    @Override
    public void made(TrainingCall.Step step) {
        latest = step;
    }

    @Override
    public void found(Diagnostic diagnostic) {
        tell("diagnostic", mapper.diagnostic(diagnostic));
    }

    /** Throws {@link CancellationException} once the client has disconnected. */
    @Override
    public void check() {
        if (isGone) {
            throw new CancellationException("the client has gone");
        }
    }

    private void beat() {
        try {
            while (!isGone && !isOver.await(BEAT_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                if (!tellLatest()) {
                    write(COMMENT);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends the latest step if it has not been sent; returns whether it did. */
    private boolean tellLatest() {
        TrainingCall.Step step = latest;
        if (step == null || step.equals(told)) {
            return false;
        }
        told = step;
        tell("progress", new TrainProgressResponse(step.stepsDone(), step.stepsInAll(), step.secondsLeft(),
                mapper.historyEntry(step.latest())));
        return true;
    }

    /** Sends the last event, after any progress that has not been sent. */
    void send(String event, @Nullable Object data) {
        close();
        tellLatest();
        tell(event, data);
    }

    private void tell(String event, @Nullable Object data) {
        write("event: " + event + "\ndata: " + json.writeValueAsString(data) + "\n\n");
    }

    private synchronized void write(String text) {
        try {
            OutputStream out = response.getOutputStream();
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException _) {
            isGone = true;
        }
    }

    /** Ends the writing thread; afterwards no other thread writes to the response. */
    @Override
    public void close() {
        Thread running = writer;
        if (running == null) {
            return;
        }
        // An interrupt would close the connection if it came while the thread writes, so the thread is asked to end instead.
        isOver.countDown();
        boolean interrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
