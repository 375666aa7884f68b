package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.program.TestService;
import io.chainrule.service.jobs.JobRun;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a job over rows does when its state is to be stored. */
class JobStatesTest {
    private final Turns turns = new Turns(TestService.limits("threads", "1"));

    /** An attempt that wants each state. */
    private static final class Wanting implements JobRun {
        private final List<byte[]> states = new ArrayList<>();

        @Override
        public String id() {
            return "1";
        }

        @Override
        public List<String> others() {
            return List.of();
        }

        @Override
        public byte @Nullable [] earlier() {
            return null;
        }

        @Override
        public boolean wantsState() {
            return true;
        }

        @Override
        public void state(byte[] state) {
            states.add(state);
        }

        @Override
        public void resumed(long done) {}

        @Override
        public void progress(long done, long total, double secondsLeft, @Nullable Supplier<String> latest) {}

        @Override
        public int stored() {
            return 0;
        }

        @Override
        public <T> T storing(Supplier<T> work, ToIntFunction<T> version) {
            return work.get();
        }

        @Override
        public void diagnostic(String json) {}

        @Override
        public void check() {}
    }

    /** Without a permit its work would be charged to nobody, and would take a core that others were promised. */
    @Test
    void whileTheDatabaseIsAwayAJobGoesOnWithItsPermit() {
        Wanting run = new Wanting();
        JobStates states = new JobStates(run, () -> Turn.asideOfBound(() -> {
            throw new StoreUnavailableException(new IllegalStateException("away"));
        }), () -> new byte[1]);
        try (Turn turn = turns.begin("", () -> false)) {
            turn.take(2);
            states.done(1);
            assertThat(run.states).hasSize(1);
            double before = turn.used();
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < 1_000_000) {
                Thread.onSpinWait();
            }
            assertThat(turn.used()).as("what is computed is charged").isGreaterThan(before);
        }
    }
}
