package io.chainrule.benchmark;

import java.io.IOException;
import java.util.List;

/** What JMH can't measure: other processes, and memory. */
interface Measurement {
    String row();

    /** Measures, and answers the lines of the table. */
    List<Line> lines() throws IOException, InterruptedException;

    static List<Measurement> all(Settings settings, Timing timing) {
        return List.of(new GraphMemory(), new PythonDerivatives(settings, timing), HttpRow.withoutNodes(settings), HttpRow.withNodes(settings),
                new StartRow(settings));
    }
}
