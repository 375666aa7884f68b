package io.chainrule.core;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Something that is likely to spoil a gradient, or what it is used for, with the numbers that show it. Nodes are those of {@link
 * BoundProgram#program()}.
 *
 * @param nodes further nodes that are concerned
 */
public record Trouble(Kind kind, int node, List<Integer> nodes, Map<String, Double> numbers) {

    /** What is wrong. */
    public enum Kind {
        /** Each step of a chain multiplies the gradient's norm by more than 1: {@code factor}, {@code steps}, {@code from}, {@code to}. */
        EXPLODING_GRADIENT,
        /** Each step of a chain multiplies the gradient's norm by less than 1. */
        VANISHING_GRADIENT,
        /** Units that are 0 for all samples: {@code dead} of {@code units} over {@code samples}. */
        DEAD_UNITS,
        /** Units near a limit of their values for all samples, or elements that are: {@code saturated} of {@code units}. */
        SATURATED_UNITS,
        /** A node adds or subtracts rounded numbers that cancel: {@code digits_lost}, {@code term}, {@code result}. */
        CANCELLATION,
        /** Contributions to a node's gradient cancel. */
        CANCELLING_GRADIENT,
        /** A matrix that is nearly singular: {@code condition}, {@code digits_left}. */
        ILL_CONDITIONED,
        /** A loss applies an op to values to which it has been applied. */
        ALREADY_NORMALIZED,
        /** Labels that are none: {@code count} of {@code labels}, which are from {@code low} to {@code high}. */
        LABELS_OUT_OF_RANGE,
        /** The output adds up losses of {@code samples} samples. */
        SUM_OVER_SAMPLES;

        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
