package io.chainrule.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.language.Language;
import io.chainrule.web.OnPostgres;
import io.chainrule.web.TableScans;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The same with PostgreSQL. */
@OnPostgres
class StoredJobsOnPostgresTest extends StoredJobsTest {
    @Test
    void onlyTheScheduleIsReadAsAWhole(@Autowired JobService service, @Autowired JobCleaner cleaner, @Autowired JdbcClient database,
            @Autowired TransactionOperations transactions) {
        JobCall call = new JobCall("open", false, Language.EN, Map.of(), "{\"expression\": \"x^2\", \"inputs\": {\"x\": 1}}");
        assertThat(TableScans.of(database, transactions, () -> {
            Job job = service.submit("check", call, new JobClient("any", null), "a key");
            assertThat(service.active()).hasSize(1);
            assertThat(service.unstored("open")).containsExactly(job.id());
            service.cancelAll("any");
            service.delete("open", job.id());
            cleaner.clean(Instant.now());
        })).as("it has only jobs that have not ended").isSubsetOf("job_schedule");
    }
}
