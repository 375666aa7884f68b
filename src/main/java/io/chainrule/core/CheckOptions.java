package io.chainrule.core;

/**
 * How a derivative is checked.
 *
 * @param step the first step of the differences, relative to the size of an entry
 * @param tolerance the largest relative error that passes
 * @param samples how many entries of one input are checked at most
 */
public record CheckOptions(double step, double tolerance, int samples) {
    public static final CheckOptions DEFAULT = new CheckOptions(0x1p-7, 1e-4, 1000);
}
