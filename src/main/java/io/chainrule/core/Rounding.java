package io.chainrule.core;

import java.util.Map;

/**
 * How far rounding may have moved the value of a program, to first order (Linnainmaa 1976); NaN where that is unknown.
 *
 * @param worst the node of the program whose rounding does most; −1 where that is unknown
 * @param name of that node, in quotes, with its op
 */
record Rounding(double ofValue, int worst, String name) {
    private static final double UNIT_ROUNDOFF = 0x1p-53;

    /** {@code sensitivities} are nodes, by node of the lowered graph, of how far its relative errors move the value. */
    static Rounding of(LoweredProgram lowered, Map<Integer, Integer> sensitivities, PlannedGraph.Run run) {
        double sum = sensitivities.isEmpty() ? Double.NaN : 0;
        double largest = 0;
        int worst = -1;
        for (Map.Entry<Integer, Integer> entry : sensitivities.entrySet()) {
            double moved = UNIT_ROUNDOFF * run.value(entry.getValue()).item();
            sum += Double.isFinite(moved) ? moved : 0;
            if (moved > largest) {
                largest = moved;
                worst = lowered.origin(entry.getKey());
            }
        }
        return new Rounding(sum, worst,
                worst < 0 ? "" : "'" + lowered.program().id(worst) + "' (" + lowered.program().graph().op(worst).name() + ")");
    }
}
