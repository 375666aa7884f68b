package io.chainrule.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.core.language.Language;
import io.chainrule.service.store.Store;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

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
    private Store store;

    private Job job;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) throws IOException {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "fence-");
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
        properties.add("chainrule.jobs.checkpoint", () -> "200ms");
    }

    @BeforeEach
    void begin() {
        job = service.submit("train", new JobCall("open", true, Language.EN, Map.of(), ENDLESS), new JobClient("test", null), null);
        await(() -> find().status() == JobStatus.RUNNING && find().done() > 0, "runs");
    }

    @AfterEach
    void end() {
        service.delete("open", job.id());
        await(() -> worker.running() == 0, "ends");
    }

    private Job find() {
        return service.find("open", job.id());
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition, String what) {
        Instant end = Instant.now().plus(Duration.ofMinutes(1));
        while (!condition.holds()) {
            assertThat(Instant.now()).as(what).isBefore(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void anAttemptEndsWhenAnotherReplicaHasTheJob() {
        Job taken = store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now())).orElseThrow();
        assertThat(taken.fence()).isEqualTo(2);
        await(() -> worker.running() == 0, "the first attempt ends");
        Job after = find();
        assertThat(after.status()).isEqualTo(JobStatus.RUNNING);
        assertThat(after.fence()).isEqualTo(2);
        assertThat(after.engines()).endsWith(" another");
        JobRows.Progress late = new JobRows.Progress(1, 2, 3, 4, 5, 6, null);
        boolean hasWritten = store.withTransaction(() -> rows.update(job.id(), 1, late)
                || rows.end(job.id(), 1, JobStatus.SUCCEEDED, null, Instant.now(), Instant.now()) || rows.release(job.id(), 1, 0));
        assertThat(hasWritten).isFalse();
        assertThat(find().done()).isEqualTo(after.done());
        assertThat(store.withTransaction(() -> rows.release(job.id(), 2, 0))).isTrue();
    }

    @Test
    void aStateOfAnotherVersionIsPutAside() {
        store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now()));
        await(() -> worker.running() == 0, "the first attempt ends");
        store.withTransaction(() -> {
            rows.parts(job.id(), JobAttempt.STATE).write("of another version".getBytes(StandardCharsets.UTF_8));
            return rows.release(job.id(), 2, 0);
        });
        assertThat(worker.attempt(job.id())).isEqualTo(Duration.ZERO);
        assertThat(find().status()).isEqualTo(JobStatus.QUEUED);
        byte[] state = store.withTransaction(() -> rows.parts(job.id(), JobAttempt.STATE).read());
        assertThat(state).isEmpty();
    }

    @Test
    void aJobThatEndsItsReplicasIsGivenUp() {
        for (int attempt = 2; attempt < 20 && find().status() == JobStatus.RUNNING; attempt++) {
            store.withTransaction(() -> rows.begin(job.id(), "another", Instant.now()));
            if (worker.running() == 0 && find().failures() > 8) {
                assertThat(worker.attempt(job.id())).isNull();
            }
            await(() -> worker.running() == 0, "the first attempt ends");
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

        /** Finds before it stores anything that another replica has it. */
        @Bean
        JobKind late(Store store, JobRows rows) {
            return new Kind("late", run -> {
                store.withTransaction(() -> rows.begin(run.id(), "another", Instant.now()));
                run.confirm();
            });
        }
    }

    private record Kind(String name, Consumer<JobRun> work) implements JobKind {
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
        service.delete("open", job.id());
        return service.submit(kind, new JobCall("open", true, Language.EN, Map.of(), "{}"), new JobClient("test", null), null);
    }

    @Test
    void onlyFaultsInARowEndAJob() {
        String id = submitted("stumbling").id();
        await(() -> service.find("open", id).fence() == 1 && service.find("open", id).status() == JobStatus.QUEUED, "has failed once");
        for (int attempt = 2; attempt < 20; attempt++) {
            assertThat(worker.attempt(id)).as("attempt %d", attempt).isPositive();
        }
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.QUEUED);
        assertThat(service.find("open", id).failures()).isEqualTo(1);
        service.delete("open", id);
    }

    @Test
    void whatIsStoredAtTheEndIsOfTheLatestAttempt() {
        String id = submitted("late").id();
        await(() -> service.find("open", id).fence() == 2 && worker.running() == 0, "the attempt has ended");
        assertThat(service.find("open", id).status()).isEqualTo(JobStatus.RUNNING);
        assertThat(store.withTransaction(() -> rows.end(id, 2, JobStatus.CANCELLED, null, Instant.now(), Instant.now()))).isTrue();
        service.delete("open", id);
    }

    @Test
    void othersDoNotSeeIt() {
        assertThatThrownBy(() -> service.find("another", job.id())).isInstanceOf(UnknownJobException.class);
        assertThatThrownBy(() -> service.result("another", job.id())).isInstanceOf(UnknownJobException.class);
        assertThatThrownBy(() -> service.delete("another", job.id())).isInstanceOf(UnknownJobException.class);
        assertThat(service.all("another", null, null, null, 10)).isEmpty();
    }
}
