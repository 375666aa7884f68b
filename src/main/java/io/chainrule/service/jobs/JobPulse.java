package io.chainrule.service.jobs;

import io.chainrule.service.run.Fault;
import io.chainrule.service.run.Waiting;
import io.chainrule.service.store.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something once a second on a thread of its own while an attempt at a job is at work, whether the store can be reached or not. */
final class JobPulse implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobPulse.class);
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final String job;
    private final Runnable beat;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;

    JobPulse(String job, Runnable beat) {
        this.job = job;
        this.beat = beat;
        thread = Thread.ofVirtual().name("job-" + job).start(this::run);
    }

    private void run() {
        try {
            while (!over.await(BETWEEN.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    beat.run();
                } catch (StoreUnavailableException e) {
                    LOG.debug("Job {} cannot reach the store", job, e);
                } catch (RuntimeException e) {
                    // Without this thread nobody would see that the job is cancelled.
                    LOG.warn("The progress of job {} could not be stored", job, Fault.of(e));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns once the last beat is over. */
    @Override
    public void close() {
        over.countDown();
        // It is not interrupted: H2 closes a file whose writer is.
        Waiting.forEnd(thread);
    }
}
