package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.program.TestService;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import io.chainrule.service.store.StoreUnavailableException;
import org.junit.jupiter.api.Test;

/** What a job over rows does when its state is to be stored. */
class JobStatesTest {
    private final Turns turns = new Turns(TestService.limits("threads", "1"));

    /** Without a permit its work would be charged to nobody, and would take a core that others were promised. */
    @Test
    void whileTheDatabaseIsAwayAJobGoesOnWithItsPermit() {
        RecordedRun run = new RecordedRun();
        JobStates states = new JobStates(run, () -> Turn.asideOfBound(() -> {
            throw new StoreUnavailableException(new IllegalStateException("away"));
        }), () -> new byte[1]);
        try (Turn turn = turns.begin("", () -> false)) {
            turn.take(2);
            states.done(1);
            assertThat(run.states()).hasSize(1);
            double before = turn.used();
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < 1_000_000) {
                Thread.onSpinWait();
            }
            assertThat(turn.used()).as("what is computed is charged").isGreaterThan(before);
        }
    }
}
