package io.chainrule.service.bulk;

import io.chainrule.core.fit.ParameterVector;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.reduction.Moments;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.tensor.SerialForm;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.tensor.UnreadableBytesException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The validation rows of a fit, and their mean loss by one set of parameters after another. */
final class HeldOutRows {
    private static final int FORM = 0x43_48_01;
    private static final Place PLACE = Place.setting("validation");

    private final ResumableReduction rows;
    private final String name;
    private @Nullable RowTally tally;

    private HeldOutRows(BulkWork work, double secondsARow) {
        rows = new ResumableReduction(work, secondsARow);
        name = work.rows().dataset().name();
    }

    static @Nullable HeldOutRows of(@Nullable BulkWork work, double secondsARow) {
        return work == null ? null : new HeldOutRows(work, secondsARow);
    }

    /**
     * Throws {@link io.chainrule.core.graph.LimitException} if a pass over the rows would take more memory than a run may.
     *
     * @param work null if there are no such rows
     * @param more the memory that it takes besides
     */
    static void checkMemory(@Nullable BulkWork work, RowEngine engine, long more) {
        if (work != null) {
            engine.check(work, RowReduction.mostBytes(work.function().quantities(), Moments.Order.FIRST), more);
        }
    }

    /** Reads the rows once before the fit begins, so that a row that ends the work does so before any step is made. */
    void check(Map<String, Tensor> start, RowEngine engine, BulkProgress progress) {
        if (tally == null) {
            loss(start, engine, progress);
        }
    }

    /**
     * The mean loss of the rows, or goes on with that.
     *
     * @throws ProblemException for a row that ends the work, and if no row is left
     */
    double loss(Map<String, Tensor> parameters, RowEngine engine, BulkProgress progress) {
        try {
            Reduction reduction = rows.reduce(parameters, engine, progress);
            if (reduction.moments().count() == 0) {
                throw ParameterVector.withoutRows(reduction.tally());
            }
            tally = reduction.tally();
            return reduction.moments().moments().getFirst().mean().item();
        } catch (ProblemException e) {
            throw new ProblemException(e.problems().stream()
                    .map(problem -> problem.message("validation data '" + name + "': " + problem.message()).at(PLACE)).toList(), e.total());
        }
    }

    /** What was wrong with the rows the last time; null before the first time. */
    @Nullable
    RowTally tally() {
        return tally;
    }

    /** All that it takes to go on. */
    byte[] state() {
        RowTally counted = tally;
        return SerialForm.written(FORM, out -> {
            SerialForm.write(counted == null ? new byte[0] : counted.toBytes(), out);
            SerialForm.write(rows.state(), out);
        });
    }

    /** Goes on from a state. Throws {@link UnreadableBytesException} if it is of other work. */
    void resume(byte[] state) {
        SerialForm.read(state, FORM, "a state of these validation rows", in -> {
            byte[] counted = SerialForm.bytes(in);
            tally = counted.length == 0 ? null : RowTally.of(counted);
            rows.resume(SerialForm.bytes(in));
            return this;
        });
    }
}
