package io.chainrule.core.op;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Strides;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The results of a convolution along one axis that use the same elements of the kernel. If zeros are inserted between the input's elements,
 * the other elements of the kernel are multiplied by such zeros. The results are {@code first}, {@code first + period}, …, and the j-th of
 * them multiplies the input's element {@code reads[t] + j · step} by the kernel's element {@code taps[t]}.
 */
record Phase(int first, int period, int count, int step, int[] taps, int[] reads) {

    /** All phases that use any element of the kernel. */
    static List<Phase> of(Window window, int kernel, int results) {
        int gap = window.inputDilation();
        int common = gcd(window.stride(), gap);
        int period = gap / common;
        List<Phase> phases = new ArrayList<>();
        for (int first = 0; first < Math.min(period, results); first++) {
            int[] taps = new int[kernel];
            int[] reads = new int[kernel];
            int n = 0;
            for (int j = 0; j < kernel; j++) {
                long at = (long) first * window.stride() + (long) j * window.dilation() - window.before();
                if (Math.floorMod(at, gap) == 0) {
                    taps[n] = j;
                    reads[n++] = (int) Math.floorDiv(at, gap);
                }
            }
            if (n > 0) {
                phases.add(new Phase(first, period, (results - first - 1) / period + 1, window.stride() / common, Arrays.copyOf(taps, n),
                        Arrays.copyOf(reads, n)));
            }
        }
        return phases;
    }

    /** Where the elements of a kernel of these lengths stand that phases use, one for each axis. */
    static int[] offsets(Phase[] phases, Shape kernel) {
        int[] strides = Strides.of(kernel);
        int[][] ofAxes = new int[phases.length][];
        for (int i = 0; i < phases.length; i++) {
            int stride = strides[i];
            ofAxes[i] = Arrays.stream(phases[i].taps()).map(tap -> tap * stride).toArray();
        }
        return Offsets.of(ofAxes);
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
