package io.chainrule.core.picture;

/** A function of one or two numbers that a plot shows, with its derivatives. */
public interface PlotFunction {
    /**
     * Values and derivatives at many points.
     *
     * @param values the value at each point; NaN where there is none
     * @param slopes for each variable its partial derivative at each point
     */
    record Samples(double[] values, double[][] slopes) {}

    /** Evaluates the function; {@code points} holds for each variable its value at each point. */
    Samples at(double[]... points);
}
