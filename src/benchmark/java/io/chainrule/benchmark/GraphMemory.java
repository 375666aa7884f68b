package io.chainrule.benchmark;

import io.chainrule.benchmark.GraphRows.Form;
import io.chainrule.benchmark.Line.Unit;
import io.chainrule.core.CompiledFunction;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/** Row j: the memory that a compiled gradient of scalars keeps. */
final class GraphMemory implements Measurement {
    private static final double MOST_BYTES = 200;
    private static final int COLLECTIONS = 3;

    @Override
    public String row() {
        return "j";
    }

    @Override
    public List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        for (Form form : Form.values()) {
            long before = used();
            CompiledFunction function = GraphRows.compiled(form, GraphRows.LARGEST);
            double bytes = (double) (used() - before) / GraphRows.LARGEST;
            Reference.reachabilityFence(function);
            lines.add(new Line(row(), "memory of the compiled " + form + " of 1,000,000 nodes, a node", Unit.BYTES, new double[]{bytes},
                    "the bound", new double[]{MOST_BYTES}, 1));
        }
        return lines;
    }

    /** The bytes of the heap that are in use after garbage was collected. */
    private static long used() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
