package io.chainrule.spark;

import io.chainrule.core.rows.RowFunction;
import io.chainrule.core.rows.RowReduction;
import io.chainrule.core.rows.RowTally;
import io.chainrule.core.rows.RowTask;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Results that have come and are not told yet, added to each other. Not thread-safe. */
final class MergedResults {
    private final RowTask task;
    private final RowFunction function;
    /** Null if results are written. */
    private @Nullable RowReduction reduction;
    private RowTally tally;
    private List<Map<String, Object>> pieces = new ArrayList<>();
    private double seconds;
    private long since;

    MergedResults(Functions.Compiled compiled) {
        task = compiled.task();
        function = compiled.function();
        reduction = nothing();
        tally = new RowTally(task.policy().named());
    }

    private @Nullable RowReduction nothing() {
        return switch (task.results()) {
            case RowTask.Results.Reduced(var order) -> new RowReduction(function.quantities(), order);
            case RowTask.Results.Written _ -> null;
        };
    }

    /** Adds a result; returns whether a row of it ends the work. */
    boolean add(PieceResult result) {
        since = pieces.isEmpty() ? System.nanoTime() : since;
        if (reduction != null && result.moments() != null) {
            reduction.add(RowReduction.of(function.quantities(), result.moments()));
        }
        RowTally ofPiece = RowTally.of(result.tally());
        tally.add(ofPiece);
        Map<String, Object> piece = new LinkedHashMap<>(Map.of("piece", result.piece(), "rows", result.rows()));
        if (result.file() != null) {
            piece.put("file", result.file());
            piece.put("bytes", result.bytes());
        }
        pieces.add(piece);
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
        Map<String, Object> told = new LinkedHashMap<>(
                Map.of("pieces", pieces, "tally", base64.encodeToString(tally.toBytes()), "seconds", seconds));
        if (reduction != null) {
            told.put("moments", base64.encodeToString(reduction.toBytes()));
        }
        reduction = nothing();
        tally = new RowTally(task.policy().named());
        pieces = new ArrayList<>();
        seconds = 0;
        return Optional.of(told);
    }
}
