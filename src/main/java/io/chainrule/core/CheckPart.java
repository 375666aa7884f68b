package io.chainrule.core;

import io.chainrule.core.tensor.SerialForm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is checked of one input.
 *
 * @param k the position of its node; less than 0 if the program does not use the input
 * @param entries those that are checked
 * @param tallies one for each result
 */
record CheckPart(String name, int k, int[] entries, List<CheckTally> tallies) {
    private static final int FORM = 0x43_4B_01;

    /** Bytes of what the first {@code checked} entries of all parts together came to. */
    static byte[] state(long checked, List<CheckPart> parts) {
        return SerialForm.written(FORM, out -> {
            out.writeLong(checked);
            for (CheckPart part : parts) {
                for (CheckTally tally : part.tallies) {
                    tally.write(out);
                }
            }
        });
    }

    /**
     * Fills new parts with the results that {@link #state} has written.
     *
     * @return how many entries were checked
     */
    static long read(byte[] state, List<CheckPart> parts) {
        return SerialForm.read(state, FORM, "a state of this check", in -> {
            long checked = in.readLong();
            for (CheckPart part : parts) {
                for (CheckTally tally : part.tallies) {
                    tally.read(in);
                }
            }
            return checked;
        });
    }

    /**
     * The results.
     *
     * @param lengths the number of rows of each result
     * @param by names what a result is differentiated by besides; null at order 1
     */
    List<CheckReport.InputCheck> checks(int[] lengths, IntFunction<@Nullable String> by) {
        if (k < 0) {
            return List.of(tallies.getFirst().check(name, null, tallies.getFirst().size()));
        }
        List<CheckReport.InputCheck> checks = new ArrayList<>();
        for (int r = 0; r < tallies.size(); r++) {
            checks.add(tallies.get(r).check(name, by.apply(r), (long) lengths[r] * entries.length));
        }
        return checks;
    }
}
