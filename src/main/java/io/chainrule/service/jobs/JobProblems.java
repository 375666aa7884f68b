package io.chainrule.service.jobs;

import org.jspecify.annotations.Nullable;

/** Says what clients are told of exceptions. */
public interface JobProblems {
    /** The problem, as JSON, that an endpoint would answer; null if it is a fault of the service, which another attempt may not have. */
    @Nullable
    String of(String job, RuntimeException cause);

    /** Whether an exception tells of what this replica lacks, as memory or an engine, and another one may have. */
    boolean isOfReplica(RuntimeException cause);

    /** The problem of a job that has failed by faults of the service too often. */
    String fault(String job, RuntimeException cause);
}
