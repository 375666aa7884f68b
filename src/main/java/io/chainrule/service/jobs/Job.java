package io.chainrule.service.jobs;

import io.chainrule.core.language.Language;
import java.time.Instant;
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
 * @param done units of work, of which the answer is made
 * @param made units of work in all attempts, those that were repeated included
 * @param seconds for which cores have worked
 * @param worked seconds of all attempts together, by the clock
 * @param latest what was measured last, as JSON
 * @param problem why the job failed, as JSON
 * @param engines the versions of the service that have accepted it and worked on it, separated by spaces
 * @param resumesAt when it goes on, if it waits for its client's quota of computing
 * @param resumesWith the job goes on earlier once the quota has this many seconds
 * @param expiresAt the earliest time at which the job is removed; null while it is active
 */
public record Job(String id, String owner, JobClient client, String kind, JobStatus status, Language language, boolean mayStore,
        Map<String, String> meant, JobCost cost, long fence, int failures, int stored, long done, long total, long made,
        double secondsLeft, double seconds, double worked, @Nullable String latest, @Nullable String problem, String engines,
        Instant createdAt, @Nullable Instant startedAt, @Nullable Instant resumesAt, double resumesWith,
        @Nullable Instant endedAt,
        @Nullable Instant expiresAt) {

    JobCall call(String request) {
        return new JobCall(owner, mayStore, language, meant, request);
    }
}
