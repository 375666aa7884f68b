package io.chainrule.service.jobs;

import io.chainrule.service.store.StorageQuotaException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What each owner has of jobs, and may have. Whoever calls this does so within the store. */
@Component
class OwnerQuotas {
    /** So many of the jobs that take the most are named to an owner who has to remove some. */
    private static final int MOST_NAMED = 3;
    private static final String NOT_EXPIRED = " from job where owner = :owner and (expires_at is null or expires_at >= :now)";
    /** Those whose removal gives room. */
    private static final String REMOVABLE = NOT_EXPIRED + " and ended_at is not null and bytes > 0";
    private static final String ADD_UP = "select coalesce(sum(bytes), 0)";

    private final JdbcClient database;
    private final JobProperties limits;

    OwnerQuotas(JdbcClient database, JobProperties limits) {
        this.database = database;
        this.limits = limits;
    }

    /** Makes an owner known; throws {@link org.springframework.dao.DuplicateKeyException} if another has done so at the same time. */
    void add(String owner) {
        if (database.sql("select count(*) from job_count where owner = :owner").param("owner", owner).query(Long.class).single() == 0) {
            database.sql("insert into job_count (owner, jobs) values (:owner, 0)").param("owner", owner).update();
        }
    }

    /**
     * Until the transaction ends, others wait that would add a job of this owner. The owner must have a row. The row is changed so that it
     * is locked; nobody reads the number in it.
     */
    void claim(String owner) {
        database.sql("update job_count set jobs = jobs + 1 where owner = :owner").param("owner", owner).update();
    }

    /**
     * Throws {@link StorageQuotaException} if an owner may not have another job, whose request takes so many bytes. Jobs that have been
     * kept long enough count no more.
     */
    void check(String owner, long bytes, Instant now) {
        StorageQuotaException.check("chainrule.jobs.active", "jobs that are queued or running", active(owner) + 1, limits.active(),
                "wait until one of them ends, or cancel one by DELETE");
        StorageQuotaException.check("chainrule.jobs.kept", "jobs", number("select count(*)" + NOT_EXPIRED, owner, now) + 1, limits.kept(),
                "remove jobs that have ended, by DELETE");
        long all = number(ADD_UP + NOT_EXPIRED, owner, now) + bytes;
        if (all > limits.bytes()) {
            StorageQuotaException.check("chainrule.jobs.bytes", "bytes of requests, states and answers of jobs", all, limits.bytes(),
                    bytes > limits.bytes()
                            ? "send a smaller request, as by a model or a data set that has its arrays"
                            : toFree(owner, all - limits.bytes(), now));
        }
    }

    private long active(String owner) {
        return database.sql("select count(*) from job where owner = :owner and " + JobRows.ACTIVE).param("owner", owner).query(Long.class)
                .single();
    }

    private long number(String query, String owner, Instant now) {
        return database.sql(query).param("owner", owner).param("now", Timestamp.from(now)).query(Long.class).single();
    }

    /** What an owner may do to have room for so many bytes more. */
    private String toFree(String owner, long missing, Instant now) {
        String wait = "wait until a job that is queued or running ends, or cancel one by DELETE";
        List<String> largest = database.sql("select id" + REMOVABLE + " order by bytes desc, id limit :most")
                .param("owner", owner).param("now", Timestamp.from(now)).param("most", MOST_NAMED)
                .query((row, _) -> row.getString(1)).list();
        if (largest.isEmpty()) {
            return wait;
        }
        String remove = "remove jobs that have ended, by DELETE; those that take the most: " + String.join(", ", largest);
        return number(ADD_UP + REMOVABLE, owner, now) >= missing
                ? remove
                : remove + "; all of them together are not enough, so also " + wait;
    }
}
