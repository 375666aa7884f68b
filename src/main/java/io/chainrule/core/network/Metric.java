package io.chainrule.core.network;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Locale;

/** What is told of predictions beside the loss. */
public enum Metric {
    /**
     * The part of predictions that are right. Where the target has one axis fewer, it holds classes and the largest entry
     * along the last axis is the prediction; where both have the same shape and more than one entry along a last axis behind the
     * samples', the places of the largest entries are compared; else whether the prediction is above a boundary and the target above
     * one half.
     */
    ACCURACY {
        @Override
        public boolean compares(Shape prediction, Shape target) {
            return prediction.equals(target) || isClasses(prediction, target);
        }

        @Override
        public double of(Tensor prediction, Tensor target, double boundary) {
            Shape shape = prediction.shape();
            int width = shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
            if (isClasses(shape, target.shape())) {
                return classes(prediction.data(), width, target.data());
            }
            return shape.rank() > 1 && width > 1
                    ? places(prediction.data(), width, target.data())
                    : sides(prediction.data(), target.data(), boundary);
        }
    },
    /** The mean absolute error. */
    MAE {
        @Override
        public boolean compares(Shape prediction, Shape target) {
            return prediction.equals(target);
        }

        @Override
        public double of(Tensor prediction, Tensor target, double boundary) {
            double[] a = prediction.data();
            double[] b = target.data();
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += Math.abs(a[i] - b[i]);
            }
            return sum / a.length;
        }
    };

    public static final double HALF = 0.5;

    /** Whether values of these shapes can be compared. */
    public abstract boolean compares(Shape prediction, Shape target);

    /** {@code boundary} is what a prediction of yes is above: one half, or 0 where it is a logit. */
    public abstract double of(Tensor prediction, Tensor target, double boundary);

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static boolean isClasses(Shape prediction, Shape target) {
        return prediction.rank() == target.rank() + 1 && prediction.sub(0, target.rank()).equals(target);
    }

    private static double classes(double[] prediction, int width, double[] target) {
        int right = 0;
        for (int i = 0; i < target.length; i++) {
            right += largest(prediction, i * width, width) == target[i] ? 1 : 0;
        }
        return (double) right / target.length;
    }

    private static double places(double[] prediction, int width, double[] target) {
        int right = 0;
        for (int at = 0; at < target.length; at += width) {
            right += largest(prediction, at, width) == largest(target, at, width) ? 1 : 0;
        }
        int rows = target.length / width;
        return (double) right / rows;
    }

    private static double sides(double[] prediction, double[] target, double boundary) {
        int right = 0;
        for (int i = 0; i < target.length; i++) {
            right += prediction[i] > boundary == target[i] > HALF ? 1 : 0;
        }
        return (double) right / target.length;
    }

    /** Where in a row the largest entry is, the first of equal ones. */
    private static int largest(double[] values, int from, int width) {
        int best = 0;
        for (int i = 1; i < width; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }
}
