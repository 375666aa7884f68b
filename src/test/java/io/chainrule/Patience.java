package io.chainrule;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests wait for what has to come: on a machine that is busy, or stands still for seconds, much takes longer than here. */
public final class Patience {
    private static final Duration LONG = Duration.ofMinutes(1);

    private Patience() {}

    /** Waits for a minute, where nothing else is said. */
    public static ConditionFactory await() {
        return Awaitility.await().atMost(LONG);
    }

    /** Waits alike, and says what for if it does not come. */
    public static ConditionFactory await(String what) {
        return await().alias(what);
    }
}
