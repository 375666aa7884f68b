package io.chainrule.service.jobs;

import java.sql.Timestamp;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What db-scheduler's table tells of jobs. Whoever calls this does so within the store. */
@Component
class ScheduleRows {
    private final JdbcClient database;

    ScheduleRows(JdbcClient database) {
        this.database = database;
    }

    /**
     * The round of a new job of an owner. Jobs of a lower round come first, and in each round an owner has one job, so that owners take
     * turns. A new job comes after the rounds that have begun, so that owners who keep sending jobs do not delay one
     * that waits.
     */
    int round(String owner, Instant now) {
        return database
                .sql("select greatest(coalesce(max(case when job.owner = :owner and " + JobRows.ACTIVE
                        + " or status = 'running' then 1 - priority end), 0), "
                        + "coalesce(min(case when status = 'queued' and execution_time <= :now then -priority end), 0)) "
                        + "from job_schedule join job on task_instance = job.id")
                .param("owner", owner).param("now", Timestamp.from(now))
                .query(Integer.class).single();
    }

    /** Whether the latest attempt at a job ended without telling how, as when its replica dies. */
    boolean isLost(String id) {
        return database
                .sql("select count(*) from job_schedule where task_name = :task and task_instance = :id and consecutive_failures > 0")
                .param("task", JobScheduler.TASK).param("id", id).query(Long.class).single() > 0;
    }
}
