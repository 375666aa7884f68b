package io.chainrule.service.program;

import io.chainrule.core.picture.Theme;
import io.chainrule.core.language.Language;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a program is plotted.
 *
 * @param ranges from and to, by variable
 * @param path points of two numbers that a contour plot connects
 */
public record PlotOptions(Theme theme, Language language, Map<String, List<Double>> ranges, List<List<Double>> path,
        @Nullable Descent descent) {
    /** A descent along the negative gradient, whose points a contour plot connects. */
    public record Descent(Map<String, Double> start, double rate, int steps) {}
}
