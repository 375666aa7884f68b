package io.chainrule.service.models;

import io.chainrule.core.language.Phrase;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.diagnostics.Diagnostic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Values of a call for which its model was not made, by the ranges that its inputs declare. */
public final class OutOfRange {
    private static final double MOST_WHOLE = 1e15;
    private static final String KIND = "out-of-range";

    private OutOfRange() {}

    /**
     * A remark for each input that has values outside of its range. NaN is in no range.
     *
     * @param values by the names of the inputs, from each part of a call that has some
     */
    public static List<Diagnostic> of(Model model, List<Map<String, Tensor>> values) {
        List<Diagnostic> found = new ArrayList<>();
        for (ModelInput input : model.definition().inputs()) {
            List<Tensor> ofInput = values.stream().map(part -> part.get(input.name())).filter(Objects::nonNull).toList();
            if (input.range() != null) {
                add(input.name(), input.range().getFirst(), input.range().getLast(), ofInput, found);
            }
        }
        return found;
    }

    private static void add(String name, double low, double high, List<Tensor> values, List<Diagnostic> found) {
        long count = 0;
        long all = 0;
        double worst = 0;
        double farthest = -1;
        for (Tensor value : values) {
            all += value.length();
            for (double x : value.data()) {
                if (!(x >= low && x <= high)) {
                    double far = Double.isNaN(x) ? Double.POSITIVE_INFINITY : Math.max(low - x, x - high);
                    worst = far > farthest ? x : worst;
                    farthest = Math.max(far, farthest);
                    count++;
                }
            }
        }
        if (count > 0) {
            found.add(Diagnostic.trouble(KIND, name, Map.of("count", (double) count, "low", low, "high", high, "worst", worst),
                    Phrase.of("diagnostic.out-of-range", name, count, all, text(low), text(high), text(worst)),
                    Phrase.of("remedy.out-of-range", name)));
        }
    }

    /** Without a fraction where there is none. */
    private static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < MOST_WHOLE ? String.valueOf((long) number) : String.valueOf(number);
    }
}
