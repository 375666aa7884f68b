package io.chainrule.core.fit;

/** A smooth function of several numbers. */
@FunctionalInterface
public interface Objective {
    /** The function and its gradient at a point, which is not changed. They may be infinite or NaN where the function has no value. */
    Evaluation at(double[] point);

    /** What a function is at a point. */
    record Evaluation(double value, double[] gradient) {
        boolean isFinite() {
            boolean isFinite = Double.isFinite(value);
            for (double element : gradient) {
                isFinite &= Double.isFinite(element);
            }
            return isFinite;
        }
    }
}
