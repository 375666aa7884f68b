package io.chainrule.service.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.TestFolder;
import io.chainrule.core.language.Language;
import io.chainrule.service.store.StorageQuotaException;
import io.chainrule.service.store.Store;
import io.chainrule.web.HttpTest;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What stands in the tables of jobs, and for how long. Jobs that are put into the table have no schedule, and stay as they are. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.jobs.bytes=1000000")
class StoredJobsTest extends HttpTest {
    @Autowired
    private JobCleaner cleaner;
    @Autowired
    private JobService service;
    @Autowired
    private JobRows rows;
    @Autowired
    private Store store;
    @Autowired
    private JdbcClient database;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "stored-jobs-");
    }

    @BeforeEach
    void removeAll() {
        store.withTransaction(() -> {
            database.sql("select id from job").query((row, _) -> row.getString(1)).list().forEach(rows::remove);
            return true;
        });
    }

    private void insert(String id, String owner, String client) {
        rows.insert(Job.queued(id, "map", new JobCall(owner, false, Language.EN, Map.of(), "{}"), new JobClient(client, null),
                new JobKind.Accepted(new JobCost(1, 1, 1, "rows"), Map.of()), ""), null, "0".repeat(64));
        rows.event(id, JobEvent.STATUS, "{}");
        for (String content : List.of(JobWorker.REQUEST, JobAttempt.STATE, JobEnds.RESULT)) {
            rows.parts(id, content).write(new byte[]{1});
        }
        rows.countBytes(id);
    }

    private List<String> all(String column, String table) {
        return database.sql("select distinct " + column + " from " + table + " order by " + column)
                .query((row, _) -> row.getString(1)).list();
    }

    /** There are more of them than a statement finds. */
    @Test
    void manyExpiredJobsAreRemovedWithAllThatBelongsToThem() {
        Instant now = Instant.now();
        store.withTransaction(() -> {
            for (int number = 1; number <= 250; number++) {
                insert("expired-" + number, "open", "any");
            }
            insert("kept", "open", "any");
            insert("queued", "open", "any");
            database.sql("update job set status = 'succeeded', expires_at = :time where id <> 'queued'").param("time", Timestamp.from(now))
                    .update();
            database.sql("update job set expires_at = :time where id = 'kept'").param("time", Timestamp.from(now.plus(Duration.ofHours(1))))
                    .update();
            return true;
        });
        cleaner.clean(now.plus(Duration.ofMinutes(1)));
        assertThat(all("id", "job")).containsExactly("kept", "queued");
        assertThat(all("job", "job_event")).containsExactly("kept", "queued");
        assertThat(all("job", "job_part")).containsExactly("kept", "queued");
    }

    private long bytes(String id) {
        return database.sql("select bytes from job where id = :id").param("id", id).query(Long.class).single();
    }

    private JobCall call(String owner, int blanks) {
        return new JobCall(owner, false, Language.EN, Map.of(),
                "{\"expression\": \"x^2\", \"inputs\": {\"x\": 1}" + " ".repeat(blanks) + "}");
    }

    private Job submit(String owner, int blanks) {
        return service.submit("check", call(owner, blanks), new JobClient("any", null), null);
    }

    /** The bytes of each job stand beside it, so that nobody has to read all answers of an owner to add them up. */
    @Test
    void theJobsOfAnOwnerHaveSoManyBytes() {
        store.withTransaction(() -> {
            for (String id : List.of("large", "small")) {
                insert(id, "ann", "any");
                rows.begin(id, "engine", Instant.now());
                rows.state(id, 1, new byte[2_000], new JobProgress(0, 1, 0, 0, 0, 0, null));
                assertThat(bytes(id)).isEqualTo(2_002);
                rows.parts(id, JobEnds.RESULT).write(new byte[id.equals("large") ? 800_000 : 100_000]);
                rows.removeWork(id);
                rows.end(id, 1, JobStatus.SUCCEEDED, null, Instant.now(), Instant.now().plus(Duration.ofDays(1)));
            }
            return true;
        });
        assertThat(bytes("large")).isEqualTo(800_000);
        assertThatThrownBy(() -> submit("ann", 200_000)).isInstanceOfSatisfying(StorageQuotaException.class, refused -> {
            assertThat(refused.property()).isEqualTo("chainrule.jobs.bytes");
            assertThat(refused.asked()).isBetween(1_100_000L, 1_100_100L);
            assertThat(refused.hint()).endsWith("those that take the most: large, small");
        });
        assertThat(service.active()).isEmpty();
        String other = submit("bob", 200_000).id();
        String id = submit("ann", 0).id();
        awaitSuccess("ann", id);
        assertThat(bytes(id)).isPositive().isEqualTo(store.with(() -> rows.parts(id, JobEnds.RESULT).length()));
        service.delete("ann", "large");
        awaitSuccess("ann", submit("ann", 200_000).id());
        awaitSuccess("bob", other);
    }

    private void awaitSuccess(String owner, String id) {
        await().until(() -> service.find(owner, id).status() == JobStatus.SUCCEEDED);
    }

    private static String job(int number) {
        return "job-" + number;
    }

    /** Those without bytes, as failed jobs are, free nothing, and those that are at work cannot be removed. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0      | 900000 | wait until a job that is queued or running ends, or cancel one by DELETE
            950000 | 0      | remove jobs that have ended, by DELETE; those that take the most: job-0
            50000  | 900000 | remove jobs that have ended, by DELETE; those that take the most: job-0; \
            all of them together are not enough, so also wait until a job that is queued or running ends, or cancel one by DELETE
            """)
    void anOwnerIsToldWhatGivesRoom(int ended, int running, String hint) {
        store.withTransaction(() -> {
            for (int number = 0; number < 3; number++) {
                insert(job(number), "eve", "any");
                rows.begin(job(number), "engine", Instant.now());
                rows.removeWork(job(number));
                rows.parts(job(number), JobEnds.RESULT).write(new byte[number == 0 ? ended : number == 1 ? running : 0]);
                rows.countBytes(job(number));
                if (number != 1) {
                    rows.end(job(number), 1, JobStatus.FAILED, null, Instant.now(), Instant.now().plus(Duration.ofDays(1)));
                }
            }
            return true;
        });
        assertThatThrownBy(() -> submit("eve", 200_000)).isInstanceOfSatisfying(StorageQuotaException.class,
                refused -> assertThat(refused.hint()).isEqualTo(hint));
    }

    /** Until its transaction ends no client can cancel the job, and H2 reads parts to know their lengths. */
    @Test
    void aJobIsLockedOnceTheBytesOfItsStateAreKnown(@Autowired DataSource pool) throws SQLException {
        store.withTransaction(() -> {
            insert("locked", "ann", "any");
            return rows.begin("locked", "engine", Instant.now());
        });
        List<String> asked = new ArrayList<>();
        try (Connection connection = pool.getConnection()) {
            Connection recording = (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(), new Class<?>[]{Connection.class},
                    (_, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")) {
                            asked.add(String.valueOf(arguments[0]));
                        }
                        return method.invoke(connection, arguments);
                    });
            JobRows own = new JobRows(JdbcClient.create(new SingleConnectionDataSource(recording, true)));
            own.state("locked", 1, new byte[3_000], new JobProgress(0, 1, 0, 0, 0, 0, null));
            assertThat(bytes("locked")).isEqualTo(3_002);
            asked.clear();
            own.state("locked", 1, new byte[2_000], new JobProgress(0, 1, 0, 0, 0, 0, null));
        }
        assertThat(asked.stream().filter(statement -> statement.contains("octet_length"))).as("a long request is not read each time")
                .isNotEmpty().allMatch(statement -> statement.contains("content = "));
        assertThat(bytes("locked")).isEqualTo(2_002);
        assertThat(asked.stream().dropWhile(statement -> !statement.startsWith("update job "))).isNotEmpty()
                .noneMatch(statement -> statement.contains("job_part"));
    }

    /** They were stored before the bytes of jobs stood beside them. */
    @Test
    void theBytesOfEarlierJobsAreCountedOnce(@Autowired DataSource pool) {
        FluentConfiguration tables = Flyway.configure().dataSource(pool).schemas("earlier");
        tables.target("10").load().migrate();
        try {
            for (String id : List.of("some", "none")) {
                database.sql("insert into \"earlier\".job (id, owner, client, quotas, kind, status, language, may_store, models, "
                        + "request_digest, flops, estimate, unit, fence, failures, cancelled, done, total, made, seconds_left, seconds, "
                        + "engines, events, created_at) values (:id, 'ann', 'any', '', 'map', 'queued', 'en', false, '', 'digest', 1, 1, "
                        + "'rows', 0, 0, false, 0, 1, 0, 1, 0, '', 0, :now)").param("id", id).param("now", Timestamp.from(Instant.now()))
                        .update();
            }
            for (int part = 0; part < 2; part++) {
                database.sql("insert into \"earlier\".job_part (job, content, part, data) values ('some', 'request', :part, :data)")
                        .param("part", part).param("data", new byte[10 + part]).update();
            }
            tables.target("latest").load().migrate();
            assertThat(database.sql("select bytes from \"earlier\".job order by id").query(Long.class).list()).containsExactly(0L, 21L);
        } finally {
            database.sql("drop schema \"earlier\" cascade").update();
        }
    }

    @Test
    void draftsAreThoseOfJobsThatHaveStoredNothingYet() {
        store.withTransaction(() -> {
            List.of("queued", "running", "stored", "ended").forEach(id -> insert(id, "ann", "any"));
            insert("other", "bob", "any");
            database.sql("update job set status = 'running' where id in ('running', 'stored')").update();
            database.sql("update job set stored = 1 where id = 'stored'").update();
            database.sql("update job set status = 'failed' where id = 'ended'").update();
            return true;
        });
        assertThat(service.unstored("ann")).containsExactlyInAnyOrder("queued", "running");
        assertThat(service.unstored("bob")).containsExactly("other");
        assertThat(service.unstored("cho")).isEmpty();
        assertThat(service.active()).extracting(Job::id).containsExactlyInAnyOrder("queued", "running", "stored", "other");
    }

    @Test
    void theJobsOfAClientAreCancelledAndThoseOfOthersStay() {
        store.withTransaction(() -> {
            insert("first", "ann", "key:1");
            insert("second", "ann", "key:2");
            insert("ended", "ann", "key:1");
            database.sql("update job set status = 'failed' where id = 'ended'").update();
            return true;
        });
        service.cancelAll("key:1");
        assertThat(service.find("ann", "first").status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(service.find("ann", "second").status()).isEqualTo(JobStatus.QUEUED);
        assertThat(service.find("ann", "ended").status()).isEqualTo(JobStatus.FAILED);
    }
}
