package io.chainrule.service.jobs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The data of events, as JSON. */
final class JobText {
    private JobText() {}

    static String status(JobStatus status) {
        return "{\"status\":\"" + status.text() + "\"}";
    }

    static String status(JobStatus status, @Nullable String problem) {
        return problem == null ? status(status) : "{\"status\":\"" + status.text() + "\",\"problem\":" + problem + "}";
    }

    /** The event of a job that waits for its client's quota until this time. */
    static String waits(Instant resumesAt) {
        return "{\"status\":\"" + JobStatus.QUEUED.text() + "\",\"resumes_at\":\"" + resumesAt + "\"}";
    }

    static String progress(JobProgress progress) {
        String left = progress.secondsLeft() < 0 ? "" : ",\"seconds_left\":" + progress.secondsLeft();
        String latest = progress.latest() == null ? "" : ",\"latest\":" + progress.latest();
        return "{\"done\":" + progress.done() + ",\"total\":" + progress.total() + left + latest + "}";
    }
}
