package io.chainrule.service.jobs;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.chainrule.TestFolder;
import io.chainrule.core.language.Language;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.OperatorException;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreUnavailableException;
import io.chainrule.web.HttpTest;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionOperations;

/** What an attempt may still do when it is not the latest, and what becomes of attempts that fail. */
@DirtiesContext
class FencedJobsTest extends HttpTest {
    private static final String ENDLESS = """
            {"expression": "(w - 1)^2", "inputs": {"w": 0}, "wrt": ["w"], "steps": 900000000, "diagnostics": "none",
             "optimizer": {"type": "sgd", "lr": 1e-9}}""";

    @Autowired
    private JobService service;

    @Autowired
    private JobRows rows;

    @Autowired
    private JobWorker worker;

    @Autowired
    private JobScheduler scheduler;

    @Autowired
    private JobEnds ends;

    @Autowired
    private Store store;

    @Autowired
    private JdbcClient database;

    @Autowired
    private JobEngine engine;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private Budget budget;

    private Job job;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "fence-");
        properties.add("chainrule.jobs.checkpoint", () -> "200ms");
        properties.add("chainrule.jobs.heartbeat", () -> "2s");
        properties.add("chainrule.jobs.active", () -> "2");
    }

    @BeforeEach
    void begin() {
        job = service.submit("train", new JobCall("open", true, Language.EN, Map.of(), ENDLESS), new JobClient("test", null), null);
        await("runs").until(() -> find().status() == JobStatus.RUNNING && find().progress().done() > 0);
    }

    @AfterEach
    void end() {
        endAtOnce();
        // A test that has failed may have left other jobs, too.
        service.active().forEach(left -> service.delete(left.owner(), left.id()));
        await("ends").until(() -> worker.running() == 0);
    }

    /** By another attempt. The first one sees that when it stores its next state, sooner than that a client has cancelled the job. */
    private void endAtOnce() {
        Instant now = Instant.now();
        store.withTransaction(() -> rows.begin(job.id(), "another", now)
                .map(taken -> rows.end(job.id(), taken.fence(), JobStatus.CANCELLED, null, now, now.plus(Duration.ofDays(1)))));
    }

    private Job find() {
        return service.find("open", job.id());
    }

    @Test
    void anAttemptEndsWhenAnotherReplicaHasTheJob() {
        Job taken = store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now())).orElseThrow();
        assertThat(taken.fence()).isEqualTo(2);
        await("the first attempt ends").until(() -> worker.running() == 0);
        Job after = find();
        assertThat(after.status()).isEqualTo(JobStatus.RUNNING);
        assertThat(after.fence()).isEqualTo(2);
        assertThat(after.engines()).endsWith(" another");
        JobProgress late = new JobProgress(1, 2, 3, 4, 5, 6, null);
        boolean hasWritten = store.withTransaction(() -> rows.update(job.id(), 1, late)
                || rows.end(job.id(), 1, JobStatus.SUCCEEDED, null, Instant.now(), Instant.now()) || rows.release(job.id(), 1, 0));
        assertThat(hasWritten).isFalse();
        assertThat(find().progress().done()).isEqualTo(after.progress().done());
        assertThat(store.withTransaction(() -> rows.release(job.id(), 2, 0))).isTrue();
    }

    /** A replica that was held up between its turn and its beginning no longer has the schedule, and may end without a word. */
    @Test
    void aJobGoesOnThatWasBegunWithoutItsSchedule() {
        store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now()));
        await("another attempt").until(() -> find().fence() == 3 && worker.running() == 1);
        long done = find().progress().done();
        await("goes on").until(() -> find().progress().done() > done);
    }

    /** Each attempt may be too short to look after that. */
    @Test
    void ofProgressOnlyTheLatestEventsAreKeptOverManyAttempts() {
        store.withTransaction(() -> {
            for (int i = 0; i < 1_500; i++) {
                rows.event(job.id(), JobEvent.PROGRESS, "{}");
            }
            return rows.begin(job.id(), "another", Instant.now());
        });
        await("another attempt").until(() -> find().fence() == 3);
        List<JobEvent> events = service.events(job, 0, 2_000);
        assertThat(events).filteredOn(event -> event.type().equals(JobEvent.PROGRESS)).hasSizeBetween(900, 1_200);
        assertThat(events.getFirst().data()).as("no other event is removed").isEqualTo("{\"status\":\"queued\"}");
    }

    private byte[] request(String id) {
        return store.withTransaction(() -> rows.parts(id, JobWorker.REQUEST).read());
    }

    /** A job that has ended is kept for days, and so would be megabytes of requests. */
    @Test
    void theRequestIsKeptUntilTheJobEnds() {
        JobCall call = new JobCall("open", true, Language.EN, Map.of(), ENDLESS);
        String waiting = service.submit("train", call, new JobClient("test", null), "kept").id();
        for (String id : List.of(waiting, job.id())) {
            assertThat(request(id)).asString(StandardCharsets.UTF_8).isEqualTo(ENDLESS);
            service.delete("open", id);
            await("ends").until(() -> service.find("open", id).status() == JobStatus.CANCELLED);
            assertThat(request(id)).isEmpty();
        }
        assertThat(service.submit("train", call, new JobClient("test", null), "kept").id()).as("repeated").isEqualTo(waiting);
        service.delete("open", waiting);
    }

    @Test
    void aStateOfAnotherVersionIsPutAside() {
        store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now()));
        await("the first attempt ends").until(() -> worker.running() == 0);
        store.withTransaction(() -> {
            rows.parts(job.id(), JobAttempt.STATE).write("of another version".getBytes(StandardCharsets.UTF_8));
            return rows.release(job.id(), 2, 0);
        });
        if (!store.isEmbedded()) {
            // The replica that has stored it may still be there, and others of its version.
            assertThat(worker.attempt(job.id())).isPositive();
            assertThat(state()).isNotEmpty();
            store.withTransaction(() -> database.sql("update job set failures = 5 where id = :id").param("id", job.id()).update());
        }
        assertThat(worker.attempt(job.id())).isEqualTo(Duration.ZERO);
        assertThat(find().status()).isEqualTo(JobStatus.QUEUED);
        assertThat(find().failures()).isZero();
        assertThat(state()).isEmpty();
    }

    private byte[] state() {
        return store.withTransaction(() -> rows.parts(job.id(), JobAttempt.STATE).read());
    }

    /** While replicas are updated, an older one may not know an op of a job that a newer one has accepted, or have less memory. */
    @ParameterizedTest
    @CsvSource({"refused, true", "refused, false", "too-large, false"})
    void aJobIsLeftForAWhileToReplicasThatMayNotRefuseIt(String kind, boolean isOfOtherVersion) {
        String id = service.submit(kind, new JobCall("open", true, Language.EN, Map.of(), "{}"), new JobClient("test", null), null).id();
        assertThat(service.find("open", id).engines()).as("who has accepted it").isEqualTo(engine.name());
        if (isOfOtherVersion) {
            store.withTransaction(() -> database.sql("update job set engines = 'other' where id = :id").param("id", id).update());
        }
        boolean isLeft = !store.isEmbedded() && (isOfOtherVersion || kind.equals("too-large"));
        for (int attempt = 1; attempt <= (isLeft ? 5 : 0); attempt++) {
            assertThat(worker.attempt(id)).as("attempt %d", attempt).isEqualTo(Duration.ofSeconds(2L << attempt));
            assertThat(service.find("open", id).status()).isEqualTo(JobStatus.QUEUED);
        }
        assertThat(worker.attempt(id)).isNull();
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.FAILED);
        assertThat(service.find("open", id).problem()).contains(kind.equals("refused") ? "no such op" : "limit-exceeded");
    }

    @Test
    void aJobThatEndsItsReplicasIsGivenUp() {
        for (int attempt = 2; attempt < 20 && find().status() == JobStatus.RUNNING; attempt++) {
            store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now()));
            if (worker.running() == 0 && find().failures() > 8) {
                assertThat(worker.attempt(job.id())).isNull();
            }
            await("the first attempt ends").until(() -> worker.running() == 0);
        }
        assertThat(find().status()).isEqualTo(JobStatus.FAILED);
        assertThat(find().problem()).contains("something unforeseen", "\"code\":\"internal-error\"", "more of job " + job.id())
                .doesNotContain("Exception", "end their processes");
        List<JobEvent> events = service.events(job, 0, 1_000);
        assertThat(events.getLast().data()).contains("\"status\":\"failed\"");
    }

    /** Jobs of these kinds are no use but to look at attempts. */
    @TestConfiguration
    static class Kinds {
        /** Stores a state and then fails. */
        @Bean
        JobKind stumbling() {
            return new Kind("stumbling", run -> {
                run.progress(1, 2, 1, null);
                run.state(new byte[1]);
                throw new IllegalStateException("a fault");
            });
        }

        /** Answers just after its client has cancelled it. */
        @Bean
        JobKind hasty(Store store, JobRows rows) {
            return new Kind("hasty", run -> cancel(store, rows, run));
        }

        /** Is about to store a model just after its client has cancelled it. */
        @Bean
        JobKind storing(Store store, JobRows rows) {
            return new Kind("storing", run -> {
                cancel(store, rows, run);
                storeModel(store, run);
                run.diagnostic("{\"kind\": \"stored\"}");
            });
        }

        /** Is cancelled when it has stored a model, and ends later than it takes to see that. */
        @Bean
        JobKind stored(Store store, JobRows rows) {
            return new Kind("stored", run -> {
                storeModel(store, run);
                cancel(store, rows, run);
                LockSupport.parkNanos(2_500_000_000L);
                run.check();
            });
        }

        private static void storeModel(Store store, JobRun run) {
            store.withTransaction(() -> run.storing(() -> 7, version -> version, new byte[]{7}));
        }

        /** Stores what it has made, and ends before it has answered. */
        @Bean
        JobKind unfinished(Store store) {
            return new Kind("unfinished", run -> {
                if (run.stored() == 0) {
                    storeModel(store, run);
                    throw new IllegalStateException("a fault");
                }
                assertThat(run.earlier()).containsExactly(7);
            });
        }

        /** Has to be tried again just after its client has cancelled it. */
        @Bean
        JobKind unlucky(Store store, JobRows rows) {
            return new Kind("unlucky", run -> {
                cancel(store, rows, run);
                throw new OverloadedException(OverloadedException.Resource.MEMORY, "there is no memory", Duration.ofSeconds(1));
            });
        }

        /** Asks for what this version does not know. */
        @Bean
        JobKind refused() {
            return new Kind("refused", _ -> {
                throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "no such op"));
            });
        }

        /** Needs more memory than this replica has. */
        @Bean
        JobKind tooLarge(Budget budget) {
            return new Kind("too-large", _ -> budget.reserve(2 * budget.total()).close());
        }

        /** Is done while the database does not answer what is asked of the job, for longer than that is waited for. */
        @Bean
        JobKind cutOff(TransactionOperations transactions, JdbcClient database) {
            return new Kind("cut-off", run -> {
                cutOff(transactions, database, run, 9);
                run.diagnostic("{\"kind\": \"late\"}");
            });
        }

        /** Is done when the service ends, while the database does not answer. */
        @Bean
        JobKind doneAtTheEnd(TransactionOperations transactions, JdbcClient database, ObjectProvider<JobWorker> worker) {
            return new Kind("done-at-the-end", run -> {
                worker.getObject().end();
                cutOff(transactions, database, run, 5);
            });
        }

        /** Has a state when the service ends, while the database does not answer. */
        @Bean
        JobKind stoppedAtTheEnd(TransactionOperations transactions, JdbcClient database, ObjectProvider<JobWorker> worker) {
            return new Kind("stopped-at-the-end", run -> {
                run.wantsState();
                worker.getObject().end();
                cutOff(transactions, database, run, 5);
                run.state(new byte[1]);
            });
        }

        /** Has the database not answer for some seconds what is asked of the job. */
        private static void cutOff(TransactionOperations transactions, JdbcClient database, JobRun run, int seconds) {
            CountDownLatch isLocked = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> transactions.execute(_ -> {
                database.sql("select id from job where id = :id for update").param("id", run.id()).query(String.class).single();
                isLocked.countDown();
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
                return true;
            }));
            try {
                assertThat(isLocked.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Stores a model, and is not told that it is stored. */
        @Bean
        JobKind unanswered(Store store) {
            return new Kind("unanswered", run -> run.untilStored(() -> {
                if (run.stored() == 0) {
                    storeModel(store, run);
                    throw new StoreUnavailableException(new IllegalStateException("no answer"));
                }
                return run.stored();
            }));
        }

        /** Waits for the database until its client has cancelled it. */
        @Bean
        JobKind patient(Store store, JobRows rows) {
            return new Kind("patient", run -> run.untilStored(() -> {
                cancel(store, rows, run);
                throw new StoreUnavailableException(new IllegalStateException("no answer"));
            }));
        }

        /** Waits for what others have. */
        @Bean
        JobKind waiting() {
            return new Kind("waiting", _ -> {
                throw new OverloadedException(OverloadedException.Resource.MEMORY, "there is no memory", Duration.ofSeconds(1));
            });
        }

        /** Has a fault just after its client has cancelled it. */
        @Bean
        JobKind faulty(Store store, JobRows rows) {
            return new Kind("faulty", run -> {
                cancel(store, rows, run);
                throw new IllegalStateException("a fault");
            });
        }

        /** Answers with the memory that is in use while it runs, and what a model adds that it loads. */
        @Bean
        JobKind holding(Budget budget) {
            return new Kind("holding", _ -> {}) {
                @Override
                public byte[] run(JobCall call, JobRun run) {
                    long used = budget.used();
                    Budget.addToOutermost(1_000);
                    return (used + " " + (budget.used() - used)).getBytes(StandardCharsets.UTF_8);
                }
            };
        }

        /** Fails because of what whoever runs the service has set up, while it does something with what a client has sent. */
        @Bean
        JobKind misconfigured() {
            return new Kind("misconfigured", _ -> {
                throw new IllegalStateException("text of a client", new OperatorException("there is no such folder", null));
            });
        }

        /** Needs a library whose native code this machine does not load. */
        @Bean
        JobKind broken() {
            return new Kind("broken", _ -> {
                throw new UnsatisfiedLinkError("no code");
            });
        }

        /** Its second attempt finds once more what the first has told. */
        @Bean
        JobKind repeating() {
            return new Kind("repeating", run -> {
                run.diagnostic("{\"kind\": \"first\"}");
                if (run.earlier() == null) {
                    run.progress(1, 2, 1, null);
                    run.state(new byte[1]);
                    throw new IllegalStateException("a fault");
                }
                run.diagnostic("{\"kind\": \"second\"}");
            });
        }

        private static void cancel(Store store, JobRows rows, JobRun run) {
            store.withTransaction(() -> {
                rows.cancel("open", run.id());
                return true;
            });
        }

        /** Takes so long to check that two requests are checked at the same time. */
        @Bean
        JobKind checkedTogether() {
            CyclicBarrier both = new CyclicBarrier(2);
            return new Kind("checked-together", _ -> {}) {
                @Override
                public Accepted check(JobCall call) {
                    try {
                        both.await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                        throw new IllegalStateException(e);
                    }
                    return super.check(call);
                }
            };
        }

        /** Finds before it changes anything that another replica has it. */
        @Bean
        JobKind lateAndAlone(Store store, JobRows rows) {
            return new Kind("late-and-alone", run -> {
                store.withTransaction(() -> rows.begin(run.id(), "another", Instant.now()));
                run.alone(() -> rows.stored(run.id(), 7));
            });
        }

        /** Finds before it stores anything that another replica has it. */
        @Bean
        JobKind late(Store store, JobRows rows) {
            return new Kind("late", run -> {
                store.withTransaction(() -> rows.begin(run.id(), "another", Instant.now()));
                storeModel(store, run);
            });
        }
    }

    private static class Kind implements JobKind {
        private final String name;
        private final Consumer<JobRun> work;

        private Kind(String name, Consumer<JobRun> work) {
            this.name = name;
            this.work = work;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Accepted check(JobCall call) {
            return new Accepted(new JobCost(1, 1, 2, "steps"), Map.of());
        }

        @Override
        public byte[] run(JobCall call, JobRun run) {
            work.accept(run);
            return "{}".getBytes(StandardCharsets.UTF_8);
        }
    }

    /** A job that has the thread. */
    private Job submitted(String kind) {
        return submitted(kind, "{}");
    }

    private Job submitted(String kind, String request) {
        endAtOnce();
        return service.submit(kind, new JobCall("open", true, Language.EN, Map.of(), request), new JobClient("test", null), null);
    }

    /** A replica without memory for the request leaves the job to others, before it has read it. */
    @Test
    void theRequestOfAJobIsMemoryInUseWhileItRuns() throws IOException {
        // What is little is not kept waiting.
        String request = "a".repeat(Math.toIntExact(budget.total() / 500));
        String id;
        try (var _ = budget.reserve(budget.total() - 2L * request.length())) {
            id = submitted("holding", request).id();
            await("waits").until(() -> service.find("open", id).fence() == 1 && service.find("open", id).status() == JobStatus.QUEUED);
        }
        assertThat(service.find("open", id).failures()).as("attempts that have failed").isZero();
        assertNothingIsReserved(budget);
        assertThat(worker.attempt(id)).isNull();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        service.result("open", id).writeTo(answer);
        assertThat(answer.toString(StandardCharsets.UTF_8)).isEqualTo(request.length() + " 1000");
        assertNothingIsReserved(budget);
        service.delete("open", id);
    }

    /** Has the scheduler make the attempt after one that failed in an hour, not in seconds. Returns false if none has failed yet. */
    private boolean isPostponed(String id) {
        Instant now = Instant.now();
        return service.find("open", id).failures() > 0 && store.withTransaction(() -> database.sql("""
                update job_schedule set execution_time = :later where task_instance = :id and not picked and execution_time > :now""")
                .param("later", Timestamp.from(now.plus(Duration.ofHours(1)))).param("now", Timestamp.from(now)).param("id", id)
                .update()) == 1;
    }

    @Test
    void onlyFaultsInARowEndAJob() {
        String id = submitted("stumbling").id();
        await("has failed").until(() -> isPostponed(id));
        for (int attempt = 2; attempt < 20; attempt++) {
            assertThat(worker.attempt(id)).as("attempt %d", attempt).isPositive();
        }
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.QUEUED);
        assertThat(service.find("open", id).failures()).isEqualTo(1);
        service.delete("open", id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"late", "late-and-alone"})
    void whatIsStoredIsOfTheLatestAttempt(String kind) {
        String id = submitted(kind).id();
        await("the attempt has ended").until(() -> service.find("open", id).fence() == 2 && worker.running() == 0);
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.RUNNING);
        assertThat(service.find("open", id).stored()).as("the version that was stored").isZero();
        assertThat(store.withTransaction(() -> rows.end(id, 2, JobStatus.CANCELLED, null, Instant.now(), Instant.now()))).isTrue();
        service.delete("open", id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hasty", "storing", "patient"})
    void aJobThatIsCancelledAtItsEndHasNoAnswer(String kind) {
        String id = submitted(kind).id();
        await("ends").until(() -> service.find("open", id).status().hasEnded());
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.CANCELLED);
        assertThatThrownBy(() -> service.result("open", id)).isInstanceOf(JobConflictException.class);
        List<JobEvent> events = service.events(service.find("open", id), 0, 100);
        assertThat(events.getLast().data()).contains("\"status\":\"cancelled\"");
        assertThat(events).extracting(JobEvent::type).doesNotContain(JobEvent.DIAGNOSTIC);
    }

    @Test
    void aJobThatIsCancelledWhileItStoresIsAnswered() {
        String id = submitted("stored").id();
        await("ends").until(() -> service.find("open", id).status().hasEnded());
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(service.result("open", id)).isNotNull();
        assertThat(service.find("open", id).stored()).isEqualTo(7);
        service.delete("open", id);
    }

    /** Its next attempt, which would see that, may be far away. */
    @ParameterizedTest
    @ValueSource(strings = {"unlucky", "faulty"})
    void aJobThatIsCancelledBeforeItWaitsEndsAtOnce(String kind) {
        String id = submitted(kind).id();
        await("the attempt ends")
                .until(() -> service.find("open", id).fence() == 1 && service.find("open", id).status() != JobStatus.RUNNING);
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(service.find("open", id).fence()).as("attempts").isEqualTo(1);
        assertThat(service.events(service.find("open", id), 0, 100)).extracting(JobEvent::data).containsExactly("{\"status\":\"queued\"}",
                "{\"status\":\"running\"}", "{\"status\":\"cancelled\"}");
        assertThat(request(id)).isEmpty();
    }

    /** As that of a replica that is paused for so long that it is thought to have died. */
    @Test
    void anAttemptEndsThatIsThoughtToBeLost() {
        ends.lost(job.id(), hasBegun -> assertThat(hasBegun).isTrue());
        ends.lost("another", hasBegun -> assertThat(hasBegun).as("of a job that no replica runs").isFalse());
        assertThat(find().status()).isEqualTo(JobStatus.QUEUED);
        await("another attempt").until(() -> find().fence() == 2 && statuses(job.id()).size() == 4);
        assertThat(statuses(job.id())).containsExactly("{\"status\":\"queued\"}", "{\"status\":\"running\"}", "{\"status\":\"queued\"}",
                "{\"status\":\"running\"}");
    }

    private List<String> statuses(String id) {
        return service.events(service.find("open", id), 0, 1_000).stream().filter(event -> event.type().equals(JobEvent.STATUS))
                .map(JobEvent::data).toList();
    }

    /** It is looked at every ten seconds, for days if nobody brings back what it waits for. */
    @Test
    void thatAJobWaitsIsToldOnce() {
        String id = submitted("waiting").id();
        await("waits").until(() -> service.find("open", id).fence() == 1 && service.find("open", id).status() == JobStatus.QUEUED);
        for (int attempt = 2; attempt < 6; attempt++) {
            assertThat(worker.attempt(id)).as("attempt %d", attempt).isEqualTo(Duration.ofSeconds(10));
        }
        assertThat(service.find("open", id).failures()).isZero();
        assertThat(statuses(id)).containsExactly("{\"status\":\"queued\"}", "{\"status\":\"running\"}", "{\"status\":\"queued\"}");
        service.delete("open", id);
    }

    @Test
    void aJobIsQueuedWhoseAttemptEndsUnexpectedly() {
        String id = submitted("broken").id();
        await("waits").until(() -> service.find("open", id).fence() > 0 && service.find("open", id).status() == JobStatus.QUEUED);
        assertThat(meters.get("chainrule.jobs.attempts.ended").tag("kind", "broken").tag("by", "fault").functionCounter().count())
                .isEqualTo((double) service.find("open", id).fence());
        assertThat(service.find("open", id).failures()).isEqualTo((int) service.find("open", id).fence());
        service.delete("open", id);
        await("ends").until(() -> service.find("open", id).status() == JobStatus.CANCELLED);
    }

    /** It may have taken hours, and be a training without a state. */
    @Test
    void anAnswerIsStoredOnceTheDatabaseIsThereAgain() {
        String id = submitted("cut-off").id();
        await("ends").until(() -> service.find("open", id).status().hasEnded());
        Job ended = service.find("open", id);
        assertThat(ended.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(ended.fence()).as("attempts").isEqualTo(1);
        assertThat(service.diagnostics(ended)).as("told while the database was away").containsExactly("{\"kind\": \"late\"}");
        assertThat(service.events(ended, 0, 100).getLast().data()).contains("\"status\":\"succeeded\"");
        Duration working = Duration.between(ended.startedAt(), ended.endedAt());
        assertThat(ended.progress().worked()).as("without the time for which it waited").isLessThan(working.toSeconds() + 3.0);
        service.delete("open", id);
    }

    /** What the service does when it ends takes longer than a question to the database. */
    @ParameterizedTest
    @CsvSource({"done-at-the-end, SUCCEEDED, 0", "stopped-at-the-end, QUEUED, 1"})
    void aServiceThatEndsWaitsForTheDatabase(String kind, JobStatus status, int bytesOfState) {
        String id = submitted(kind).id();
        try {
            await("ends").until(() -> service.find("open", id).fence() == 1 && service.find("open", id).status() != JobStatus.RUNNING);
            await("is over").until(() -> worker.running() == 0);
            assertThat(service.find("open", id).status()).isEqualTo(status);
            assertThat(store.withTransaction(() -> rows.parts(id, JobAttempt.STATE).read())).hasSize(bytesOfState);
            service.delete("open", id);
        } finally {
            worker.begin();
        }
    }

    @Test
    void whatIsStoredWithoutAnAnswerIsNotStoredAgain() {
        String id = submitted("unanswered").id();
        await("ends").until(() -> service.find("open", id).status().hasEnded());
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(service.find("open", id).fence()).as("attempts").isEqualTo(1);
        assertThat(service.find("open", id).stored()).isEqualTo(7);
        service.delete("open", id);
    }

    @Test
    void whatIsStoredHasAStateFromWhichTheNextAttemptAnswers() {
        String id = submitted("unfinished").id();
        await("has failed").until(() -> isPostponed(id));
        assertThat(worker.attempt(id)).isNull();
        Job ended = service.find("open", id);
        assertThat(ended.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(ended.fence()).as("attempts").isEqualTo(2);
        service.delete("open", id);
    }

    /** Messages of exceptions may quote what a client has sent. */
    @Test
    void theLogQuotesNothingOfAJobThatFails() {
        Logger logger = (Logger) LoggerFactory.getLogger(JobWorker.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            String id = submitted("misconfigured").id();
            await("has failed once")
                    .until(() -> service.find("open", id).fence() == 1 && service.find("open", id).status() == JobStatus.QUEUED);
            service.delete("open", id);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).filteredOn(event -> event.getLevel() == Level.ERROR).hasSize(1).first()
                .extracting(event -> ThrowableProxyUtil.asString(event.getThrowableProxy())).asString()
                .contains("IllegalStateException", "OperatorException: there is no such folder").doesNotContain("of a client");
    }

    @Test
    void aDiagnosticIsToldOnce() {
        String id = submitted("repeating").id();
        await("has failed").until(() -> isPostponed(id));
        assertThat(service.find("open", id).fence()).as("attempts").isEqualTo(1);
        assertThat(worker.attempt(id)).isNull();
        Job ended = service.find("open", id);
        assertThat(ended.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(service.diagnostics(ended)).containsExactly("{\"kind\": \"first\"}", "{\"kind\": \"second\"}");
        assertThat(service.events(ended, 0, 100)).filteredOn(event -> event.type().equals(JobEvent.DIAGNOSTIC)).hasSize(2);
        service.delete("open", id);
    }

    /** As when a proxy repeats a request whose first copy is under way; the second does not count. */
    @Test
    void twoRequestsOfOneKeyAreOneJobWhereThereIsRoomForOne() throws Exception {
        JobCall call = new JobCall("open", true, Language.EN, Map.of(), "{}");
        FutureTask<Job> other = new FutureTask<>(
                () -> service.submit("checked-together", call, new JobClient("test", null), "key"));
        Thread.ofVirtual().start(other);
        Job one = service.submit("checked-together", call, new JobClient("test", null), "key");
        assertThat(other.get().id()).isEqualTo(one.id());
        assertThat(service.all("open", null, "checked-together", null, 10)).hasSize(1);
        service.delete("open", one.id());
    }

    /** It is removed once somebody cleans, so that a client that is told of it could be told soon after that there is no such job. */
    @Test
    void theKeyOfAJobThatWasKeptLongEnoughIsFree() {
        JobCall call = new JobCall("open", true, Language.EN, Map.of(), ENDLESS);
        JobClient client = new JobClient("test", null);
        String old = service.submit("train", call, client, "free").id();
        service.delete("open", old);
        await("ends").until(() -> service.find("open", old).status() == JobStatus.CANCELLED);
        store.withTransaction(() -> database.sql("update job set expires_at = :now where id = :id")
                .param("now", Timestamp.from(Instant.now().minusSeconds(1))).param("id", old).update());
        JobCall other = new JobCall("open", true, Language.EN, Map.of(), ENDLESS.replace("900000000", "800000000"));
        String id = service.submit("train", other, client, "free").id();
        assertThat(id).isNotEqualTo(old);
        assertThat(service.submit("train", other, client, "free").id()).as("repeated").isEqualTo(id);
        assertThatThrownBy(() -> service.find("open", old)).isInstanceOf(UnknownJobException.class);
        service.delete("open", id);
        await("ends").until(() -> service.find("open", id).status() == JobStatus.CANCELLED);
    }

    /** Their last signs of life are old where the database was away just before. Beside an embedded database there are no others. */
    @Test
    void aReplicaThatBeginsGivesOthersTimeToTellThatTheyAreAlive() {
        scheduler.stop();
        store.withTransaction(() -> {
            rows.begin(job.id(), "another", Instant.now());
            return database.sql("update job_schedule set picked = true, picked_by = 'another', last_heartbeat = timestamp with time zone "
                    + "'2020-01-01 00:00:00+00' where task_instance = :id").param("id", job.id()).update();
        });
        long begin = System.nanoTime();
        scheduler.start();
        scheduler.resume();
        await("is taken over").until(() -> find().fence() == 3);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(store.isEmbedded() ? 0 : 6));
    }

    /** So that the service ends within the time that requests have, as whoever stops the container expects. */
    @Test
    void statesAreStoredWhileRequestsFinish() {
        assertThat(scheduler.getPhase()).isEqualTo(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
    }

    @Test
    void othersDoNotSeeIt() {
        assertThatThrownBy(() -> service.find("another", job.id())).isInstanceOf(UnknownJobException.class);
        assertThatThrownBy(() -> service.result("another", job.id())).isInstanceOf(UnknownJobException.class);
        assertThatThrownBy(() -> service.delete("another", job.id())).isInstanceOf(UnknownJobException.class);
        assertThat(service.all("another", null, null, null, 10)).isEmpty();
    }
}
