package io.chainrule.service.jobs;

import io.chainrule.core.language.Language;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job, as the store has it.
 *
 * @param id sorts by the time at which the job was accepted
 * @param client who sent the request, as quotas are counted
 * @param fence the number of the latest attempt. An attempt with a smaller number may not change the job any more
 * @param failures attempts in a row that ended by a fault, this one included until it ends; storing a state resets the count
 * @param stored the version of the model or the data set that the job has stored; 0 if it has stored none
 * @param problem why the job failed, as JSON
 * @param engines the versions of the service that have accepted it and worked on it, separated by spaces
 * @param resumesAt when it goes on, if it waits for its client's quota of computing
 * @param resumesWith if the quota has this many seconds before {@code resumesAt}, the job goes on then
 * @param expiresAt the earliest time at which the job is removed; null while it is active
 */
public record Job(String id, String owner, JobClient client, String kind, JobStatus status, Language language, boolean mayStore,
        Map<String, String> meant, JobCost cost, long fence, int failures, int stored, JobProgress progress,
        @Nullable String problem, String engines, Instant createdAt, @Nullable Instant startedAt, @Nullable Instant resumesAt,
        double resumesWith, @Nullable Instant endedAt, @Nullable Instant expiresAt) {

    /** A job that is accepted now, by this version of the service. Its time is as exact as the store keeps it. */
    public static Job queued(String id, String kind, JobCall call, JobClient client, JobKind.Accepted accepted, String engine) {
        JobCost cost = accepted.cost();
        return new Job(id, call.owner(), client, kind, JobStatus.QUEUED, call.language(), call.mayStore(), accepted.meant(), cost, 0, 0, 0,
                new JobProgress(0, cost.total(), 0, cost.seconds(), 0, 0, null), null, engine,
                Instant.now().truncatedTo(ChronoUnit.MILLIS), null, null, 0, null, null);
    }

    JobCall call(String request) {
        return new JobCall(owner, mayStore, language, meant, request);
    }
}
