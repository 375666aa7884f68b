package io.chainrule.core.op;

import io.chainrule.core.tensor.ShapeException;

/**
 * How a convolution's kernel moves along one axis. The input gets {@code inputDilation − 1} zeros between its elements, and {@code before}
 * and {@code after} zeros at its ends; a negative number drops elements. The kernel moves in steps of {@code stride}, and its elements are
 * {@code dilation} apart. For result i, element j of the kernel is multiplied by the input's element
 * (i · stride + j · dilation − before) / inputDilation, or by 0 if that is no index.
 */
record Window(int stride, int before, int after, int inputDilation, int dilation) {
    /** Lengths and borders up to this limit cannot overflow the sums below, at any order of derivative in use. */
    static final int LONGEST = 1 << 26;

    private static long spread(int n, int dilation) {
        return n == 0 ? 0 : (n - 1L) * dilation + 1;
    }

    /** The input's length including padding and dilation. */
    long padded(int input) {
        return spread(input, inputDilation) + before + after;
    }

    /** How many elements of the padded input the kernel spans. */
    long reach(int kernel) {
        return spread(kernel, dilation);
    }

    /** The result's length; 0 where the kernel is larger than the padded input. */
    int result(int input, int kernel) {
        long rest = padded(input) - reach(kernel);
        return rest < 0 ? 0 : length(rest / stride + 1);
    }

    private static int length(long n) {
        if (Math.abs(n) > Integer.MAX_VALUE) {
            throw new ShapeException("a convolution along an axis of length " + n + " is more than an array can hold");
        }
        return (int) n;
    }

    /**
     * Which element of the input is multiplied by element {@code j} of the kernel for result {@code i}; −1 for a zero of
     * padding or dilation.
     */
    int source(int i, int j, int input) {
        long at = (long) i * stride + (long) j * dilation - before;
        return at < 0 || at % inputDilation != 0 || at / inputDilation >= input ? -1 : (int) (at / inputDilation);
    }

    /**
     * Pads an input so that the result has ⌈length / stride⌉ elements (padding "same"). An odd number of zeros has the extra one at the
     * end.
     */
    Window same(int input, int kernel) {
        long steps = (input + stride - 1L) / stride - 1;
        int zeros = length(Math.max(0, steps * stride + reach(kernel) - input));
        return new Window(stride, zeros / 2, zeros - zeros / 2, inputDilation, dilation);
    }

    /** The window that makes a convolution with the reversed kernel the transpose of one with this stride, padding and dilation. */
    static Window spreading(int stride, int padding, int outputPadding, int dilation, int kernel) {
        int border = length(spread(kernel, dilation) - 1 - padding);
        return new Window(1, border, length((long) border + outputPadding), stride, dilation);
    }

    /**
     * The window of the transpose with respect to the input: it reads the cotangent with the reversed kernel, and stride
     * becomes dilation.
     */
    Window transposed(int input, int kernel) {
        long last = (result(input, kernel) - 1L) * stride;
        return new Window(inputDilation, length(reach(kernel) - 1 - before), length(spread(input, inputDilation) + before - last - 1),
                stride, dilation);
    }

    /** The window of the transpose with respect to the kernel: the cotangent is the kernel, and stride and dilation are exchanged. */
    Window byKernel(int input, int kernel) {
        long last = (result(input, kernel) - 1L) * stride;
        int end = length(reach(kernel) + last - spread(input, inputDilation) - before);
        return new Window(/* stride= */ dilation, before, end, inputDilation, /* dilation= */ stride);
    }

    /** The first element that a window reads which is in the array. */
    int first(int place) {
        return Math.max(0, place * stride - before);
    }

    /** Behind the last element that a window of this size reads which is in an array of this length. */
    int end(int place, int length, int size) {
        return (int) Math.min(length, (long) place * stride - before + size);
    }
}
