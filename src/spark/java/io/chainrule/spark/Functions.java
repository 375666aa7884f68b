package io.chainrule.spark;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowTask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The tasks of this JVM, each with its compiled function, which all threads share. */
final class Functions {
    private static final int MOST = 4;
    /** The one that was used least recently comes first. */
    private static final Map<String, Compiled> LATEST = new LinkedHashMap<>(MOST, 0.75f, true);

    /** A task and its function. */
    record Compiled(RowTask task, RowFunction function) {}

    private Functions() {}

    /**
     * The function of a task, compiled when it is asked for first.
     *
     * @param digest tells the task from all others
     * @param json reads the task
     */
    static Compiled of(String digest, Supplier<String> json) {
        synchronized (LATEST) {
            Compiled known = LATEST.get(digest);
            if (known == null) {
                RowTask task = RowTask.of(Json.read(json.get()));
                // The service has checked its limits before.
                known = new Compiled(task, RowFunction.of(task.program(), BuildLimits.GENEROUS));
                LATEST.put(digest, known);
                if (LATEST.size() > MOST) {
                    LATEST.remove(LATEST.keySet().iterator().next());
                }
            }
            return known;
        }
    }
}
