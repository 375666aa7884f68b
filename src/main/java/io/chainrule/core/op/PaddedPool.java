package io.chainrule.core.op;

import io.chainrule.core.op.MaxPool.Gives;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.List;

/**
 * The loops of {@link MaxPool} where windows reach beyond their image or are very large, and where the two largest elements of each are
 * needed.
 */
final class PaddedPool {
    private final Gives gives;
    private final List<Integer> size;
    private final List<Window> windows;

    PaddedPool(Gives gives, List<Integer> size, List<Window> windows) {
        this.gives = gives;
        this.size = size;
        this.windows = windows;
    }

    void run(double[] x, Shape images, double[] y, Shape result, Parallel parallel) {
        int columns = result.last();
        long elements = (long) columns * size.get(0) * size.get(1);
        parallel.share(y.length / columns, parallel.grain(elements), (from, end) -> poolRows(x, images, y, result, from, end, parallel));
    }

    /** Computes some of the rows of windows of all images. */
    private void poolRows(double[] x, Shape images, double[] y, Shape result, int from, int end, Checkpoint checkpoint) {
        int height = images.dim(2);
        int width = images.last();
        int columns = result.last();
        double[] largest = new double[columns];
        int[] places = new int[columns];
        Progress progress = new Progress(checkpoint);
        for (int row = from; row < end; row++) {
            int image = row / result.dim(2) * height * width;
            int top = windows.get(0).first(row % result.dim(2));
            int bottom = windows.get(0).end(row % result.dim(2), height, size.get(0));
            poolRow(x, image, width, top, bottom, largest, places, progress);
            for (int w = 0; w < columns; w++) {
                int left = windows.get(1).first(w);
                int right = windows.get(1).end(w, width, size.get(1));
                y[row * columns + w] = switch (gives) {
                    case LARGEST -> largest[w] == 0 ? zero(x, image, width, top, bottom, left, right, progress) : largest[w];
                    case FIRST, LAST -> places[w];
                    case GAP -> largest[w] - next(x, image, width, places[w], top, bottom, left, right, progress);
                };
            }
        }
    }

    /**
     * Finds the largest element of each window in a row of windows, and its place in the image. The innermost loops go over windows and
     * have no branch that depends on elements: the processor cannot predict which element is the largest, and wrong predictions took most
     * of the time.
     */
    private void poolRow(double[] x, int image, int width, int top, int bottom, double[] largest, int[] places, Progress progress) {
        int stride = windows.get(1).stride();
        int columns = largest.length;
        for (int w = 0; w < columns; w++) {
            places[w] = top * width + windows.get(1).first(w);
            largest[w] = x[image + places[w]];
        }
        for (int i = top; i < bottom; i++) {
            for (int j = 0; j < size.get(1); j++) {
                int left = j - windows.get(1).before();
                int begin = Math.min(columns, -Math.floorDiv(Math.min(left, 0), stride));
                int end = Math.clamp(Math.floorDiv(width - 1L - left, stride) + 1, begin, columns);
                int place = i * width + left;
                progress.add(end - begin + 1);
                switch (gives) {
                    case LARGEST -> take(x, image + place, stride, largest, begin, end);
                    case FIRST, GAP -> takeFirst(x, image, place, stride, largest, places, begin, end);
                    case LAST -> takeLast(x, image, place, stride, largest, places, begin, end);
                }
            }
        }
    }

    /** Takes the larger of two elements for each window. Of 0 and −0 it takes 0, wherever that stands. */
    private static void take(double[] x, int from, int stride, double[] largest, int begin, int end) {
        for (int w = begin; w < end; w++) {
            largest[w] = Math.max(largest[w], x[from + w * stride]);
        }
    }

    /** Takes the element for window w at place + w · stride where it is larger than those before it; NaN is larger than all. */
    private static void takeFirst(double[] x, int image, int place, int stride, double[] largest, int[] places, int begin, int end) {
        for (int w = begin; w < end; w++) {
            double value = x[image + place + w * stride];
            double before = largest[w];
            boolean isLarger = !Double.isNaN(before) && !(value <= before);
            places[w] = isLarger ? place + w * stride : places[w];
            largest[w] = Math.max(before, value);
        }
    }

    /** The same, but an equal element is taken too. */
    private static void takeLast(double[] x, int image, int place, int stride, double[] largest, int[] places, int begin, int end) {
        for (int w = begin; w < end; w++) {
            double value = x[image + place + w * stride];
            double before = largest[w];
            boolean isAsLarge = (!Double.isNaN(before) || Double.isNaN(value)) && !(value < before);
            places[w] = isAsLarge ? place + w * stride : places[w];
            largest[w] = Math.max(before, value);
        }
    }

    /** The first zero of a window whose largest element is 0 or −0; looking for it here keeps {@link #take} free of branches. */
    private static double zero(double[] x, int image, int width, int top, int bottom, int left, int right, Progress progress) {
        for (int i = top; i < bottom; i++) {
            progress.add(right - left);
            for (int j = left; j < right; j++) {
                if (x[image + i * width + j] == 0) {
                    return x[image + i * width + j];
                }
            }
        }
        throw new IllegalStateException("no element of the window is its largest");
    }

    /** The largest element of a window except the one at {@code best}. */
    private static double next(double[] x, int image, int width, int best, int top, int bottom, int left, int right, Progress progress) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = top; i < bottom; i++) {
            progress.add(right - left);
            for (int j = left; j < right; j++) {
                largest = i * width + j == best ? largest : Math.max(largest, x[image + i * width + j]);
            }
        }
        return largest;
    }
}
