package io.chainrule.service.jobs;

import io.chainrule.service.access.Scope;
import java.util.List;
import java.util.Map;

/**
 * A kind of job. Its methods throw what {@link JobProblems} tells clients of. Any other exception of an attempt is a fault of the service,
 * which another attempt may not have.
 */
public interface JobKind {
    /** As requests name it. */
    String name();

    /** What a client needs to begin such a job, beside the scope of jobs. */
    default List<Scope> scopes() {
        return List.of();
    }

    /** What is known of a request once it has been checked: its cost, and what its references mean. */
    record Accepted(JobCost cost, Map<String, String> meant) {}

    /** Checks all of a request that can be checked without running it. */
    Accepted check(JobCall call);

    /** Runs a job, or goes on with it. Returns the answer, as JSON. */
    byte[] run(JobCall call, JobRun run);

    /** Removes what attempts at a job have left outside of the database. Called once the job has ended, however it did. */
    default void ended(String id) {}
}
