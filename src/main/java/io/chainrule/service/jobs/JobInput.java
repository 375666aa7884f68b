package io.chainrule.service.jobs;

import io.chainrule.service.run.Budget;
import io.chainrule.service.store.Store;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;

/** Reads what attempts at jobs begin with, once there is memory for it. */
@Component
class JobInput {
    /**
     * Bytes of memory for each byte of the request: the byte itself, and the character that is read from it, which takes two bytes unless
     * all characters are in Latin-1.
     */
    private static final int MEMORY_PER_BYTE = 3;

    private final Store store;
    private final JobRows rows;
    private final Budget budget;

    JobInput(Store store, JobRows rows, Budget budget) {
        this.store = store;
        this.rows = rows;
        this.budget = budget;
    }

    /**
     * Reserves the memory that an attempt needs to read its request and its state. Throws the same exceptions as {@link Budget#reserve}.
     *
     * @return the reservation, which is to be closed when the attempt is over
     */
    Budget.Reservation reserve(String job) {
        return budget.reserveForLong(store.withTransaction(
                () -> MEMORY_PER_BYTE * rows.parts(job, JobWorker.REQUEST).length() + rows.parts(job, JobAttempt.STATE).length()));
    }

    /**
     * Reads the state into the attempt, and returns the request. The reservation keeps only the memory of the text, since a run reserves
     * what it makes of the state.
     */
    String read(String job, JobAttempt attempt, Budget.Reservation memory) {
        byte[] state = store.withTransaction(() -> rows.parts(job, JobAttempt.STATE).read());
        attempt.goOnFrom(state);
        byte[] request = store.withTransaction(() -> rows.parts(job, JobWorker.REQUEST).read());
        String text = new String(request, StandardCharsets.UTF_8);
        memory.keep((text.length() == request.length ? 1L : 2L) * text.length());
        return text;
    }
}
