package io.chainrule.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.service.store.StoreUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobStopTest {
    private final JobStop stop = new JobStop();
    private final AtomicInteger tries = new AtomicInteger();

    @Test
    void storesOnceTheDatabaseIsBack() {
        assertThat(stop.<String>untilStored(() -> {
            if (tries.incrementAndGet() < 2) {
                throw new StoreUnavailableException(new IllegalStateException("no connection"));
            }
            return "stored";
        }, () -> true)).isEqualTo("stored");
        assertThat(stop.waited()).as("time that is no work").isPositive();
    }

    static Stream<Exception> ofFiles() {
        return Stream.of(new IOException("read-only file system"), new UncheckedIOException(new IOException("no such device")));
    }

    /** The job is queued then, since another replica may reach the file. */
    @ParameterizedTest
    @MethodSource("ofFiles")
    void doesNotWaitForAFile(Exception cause) {
        assertThatThrownBy(() -> stop.untilStored(() -> {
            tries.incrementAndGet();
            throw new StoreUnavailableException(cause);
        }, () -> true)).isInstanceOf(StoreUnavailableException.class).hasCause(cause);
        assertThat(tries).hasValue(1);
    }
}
