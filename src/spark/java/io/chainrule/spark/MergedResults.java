package io.chainrule.spark;

import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowTask;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Results that have come and are not told yet, added to each other. Not thread-safe. */
final class MergedResults {
    private final RowTask task;
    private final RowFunction function;
    private RowReduction reduction;
    private RowTally tally;
    private List<List<Long>> pieces = new ArrayList<>();
    private double seconds;
    private long since;

    MergedResults(Functions.Compiled compiled) {
        task = compiled.task();
        function = compiled.function();
        reduction = new RowReduction(function.quantities(), task.order());
        tally = new RowTally(task.policy().named());
    }

    /** Adds a result; returns whether a row of it ends the work. */
    boolean add(PieceResult result) {
        since = pieces.isEmpty() ? System.nanoTime() : since;
        reduction.add(RowReduction.of(function.quantities(), result.moments()));
        RowTally ofPiece = RowTally.of(result.tally());
        tally.add(ofPiece);
        pieces.add(List.of((long) result.piece(), result.rows()));
        seconds += result.seconds();
        return ofPiece.failure() != null;
    }

    /** The nanoseconds since the first result came; 0 if there is none. */
    long age() {
        return pieces.isEmpty() ? 0 : System.nanoTime() - since;
    }

    /** What is told of the results, if there are any. Others begin anew. */
    Optional<Map<String, Object>> take() {
        if (pieces.isEmpty()) {
            return Optional.empty();
        }
        Base64.Encoder base64 = Base64.getEncoder();
        Map<String, Object> told = Map.of("pieces", pieces, "moments", base64.encodeToString(reduction.toBytes()), "tally",
                base64.encodeToString(tally.toBytes()), "seconds", seconds);
        reduction = new RowReduction(function.quantities(), task.order());
        tally = new RowTally(task.policy().named());
        pieces = new ArrayList<>();
        seconds = 0;
        return Optional.of(told);
    }
}
