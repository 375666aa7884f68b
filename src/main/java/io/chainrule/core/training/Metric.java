package io.chainrule.core.training;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Locale;

/** A measure of how good predictions are, which is reported in addition to the loss. */
public enum Metric {
    /**
     * The fraction of predictions that are right. There are three cases. If the target has one axis fewer, it holds class labels, and the
     * position of the largest entry along the axis of the classes is the predicted label. If both have the same shape, with more than one
     * entry along the axis of the classes, the positions of the largest entries are compared. Otherwise each entry is a yes or no: a
     * prediction above the boundary is compared with a target above one half.
     */
    ACCURACY {
        @Override
        public boolean compares(Shape prediction, Shape target, Scores scores) {
            return prediction.equals(target) || isClasses(prediction, target, scores);
        }

        @Override
        public double of(Tensor prediction, Tensor target, Scores scores) {
            Shape shape = prediction.shape();
            int axis = scores.axisOf(shape);
            int width = axis < 0 ? 1 : shape.dim(axis);
            int stride = axis < 0 ? 1 : shape.sub(axis + 1, shape.rank()).length();
            // A prediction of one column tells yes or no, so that its targets are not indices of classes.
            if (width > 1 && isClasses(shape, target.shape(), scores)) {
                return classes(prediction.data(), width, stride, target.data());
            }
            return axis > 0 && width > 1
                    ? places(prediction.data(), width, stride, target.data())
                    : sides(prediction.data(), target.data(), scores.boundary());
        }
    },
    /** The mean absolute error. */
    MAE {
        @Override
        public boolean compares(Shape prediction, Shape target, Scores scores) {
            return prediction.equals(target);
        }

        @Override
        public double of(Tensor prediction, Tensor target, Scores scores) {
            double[] a = prediction.data();
            double[] b = target.data();
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += Math.abs(a[i] - b[i]);
            }
            return sum / a.length;
        }
    };

    private static final double HALF = 0.5;

    /**
     * How predictions are interpreted.
     *
     * @param boundary a prediction above it means yes: one half, or 0 for logits
     * @param axis the axis of the classes, counted from the end: −1 is the last
     */
    public record Scores(double boundary, int axis) {
        /** Probabilities, with classes along the last axis. */
        public static final Scores PROBABILITIES = new Scores(HALF, -1);

        public static Scores of(boolean areLogits, int axis) {
            return new Scores(areLogits ? 0 : HALF, axis);
        }

        /** Returns the axis of the classes, counted from the start. It is negative if the prediction has no such axis. */
        int axisOf(Shape prediction) {
            return prediction.rank() + axis;
        }
    }

    /** Whether values of these shapes can be compared. */
    public abstract boolean compares(Shape prediction, Shape target, Scores scores);

    public abstract double of(Tensor prediction, Tensor target, Scores scores);

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static boolean isClasses(Shape prediction, Shape target, Scores scores) {
        int axis = scores.axisOf(prediction);
        return axis >= 0 && prediction.without(axis).equals(target);
    }

    private static double classes(double[] prediction, int width, int stride, double[] target) {
        int right = 0;
        for (int i = 0; i < target.length; i++) {
            right += largest(prediction, first(i, width, stride), width, stride) == target[i] ? 1 : 0;
        }
        return (double) right / target.length;
    }

    private static double places(double[] prediction, int width, int stride, double[] target) {
        int right = 0;
        int rows = target.length / width;
        for (int i = 0; i < rows; i++) {
            int at = first(i, width, stride);
            right += largest(prediction, at, width, stride) == largest(target, at, width, stride) ? 1 : 0;
        }
        return (double) right / rows;
    }

    private static double sides(double[] prediction, double[] target, double boundary) {
        int right = 0;
        for (int i = 0; i < target.length; i++) {
            right += prediction[i] > boundary == target[i] > HALF ? 1 : 0;
        }
        return (double) right / target.length;
    }

    /** Returns the index at which the {@code i}th row along an axis begins. */
    private static int first(int i, int width, int stride) {
        return i / stride * width * stride + i % stride;
    }

    /** Returns the position of the largest entry in a row, the first of equal ones. */
    private static int largest(double[] values, int from, int width, int stride) {
        int best = 0;
        for (int i = 1; i < width; i++) {
            if (values[from + i * stride] > values[from + best * stride]) {
                best = i;
            }
        }
        return best;
    }

    /** Whether a measured value, by the name of an entry of the history, cannot be better. */
    static boolean isPerfect(String name, double value) {
        return name.endsWith(ACCURACY.id()) ? value == 1 : value == 0;
    }
}
