package io.chainrule.benchmark;

import java.util.ArrayList;
import java.util.List;

/** What JMH can't measure: other processes, and memory. */
interface Measurement {
    String row();

    /** Measures, and answers the lines of the table. */
    List<Line> lines() throws Exception;

    static List<Measurement> all(Settings settings, Timing timing) {
        List<Measurement> all = new ArrayList<>(PythonPeer.all(settings, timing));
        all.addAll(List.of(new GraphMemory(), HttpRow.withoutNodes(settings), HttpRow.withNodes(settings), HttpRow.ofModel(settings),
                new StartRow(settings), new RowsRow(settings)));
        all.addAll(HttpRow.ofScale(settings));
        return all;
    }
}
