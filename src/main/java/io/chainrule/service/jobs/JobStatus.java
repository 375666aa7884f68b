package io.chainrule.service.jobs;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What has become of a job. */
public enum JobStatus {
    /** It waits for a replica that has room for it, for its client's quota, or for its next attempt. */
    QUEUED,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    public boolean hasEnded() {
        return this != QUEUED && this != RUNNING;
    }

    /** As clients and the database write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<JobStatus> of(String text) {
        return Arrays.stream(values()).filter(status -> status.text().equals(text)).findFirst();
    }
}
