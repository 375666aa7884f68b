package io.chainrule.benchmark;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The inputs of {@link HandTracking}: random values in the sizes of GradBench's model "big" and of its file hand9. A wrist bears five
 * fingers of four bones each, and the forearm.
 */
final class HandModel {
    private static final int BONES = 22;
    private static final int FINGERS = 5;
    private static final int PARAMETERS = 26;
    private static final int VERTICES = 10_000;
    private static final int POINTS = 12_800;

    private HandModel() {}

    /**
     * {@code theta} is the pose: a rotation, a translation, and four angles a finger. {@code base} are the bones' places relative to their
     * parents at rest, {@code inverse} the inverses of their absolute ones. {@code found} is the vertex of each point.
     */
    static Map<String, Tensor> inputs() {
        Map<String, Tensor> values = Data.normal(0.3, "theta", PARAMETERS, "base", BONES, 4, 4, "inverse", BONES, 4, 4, "weights", BONES,
                VERTICES, "vertices", 4, VERTICES, "points", 3, POINTS);
        for (String matrices : List.of("base", "inverse")) {
            IntStream.range(0, BONES).forEach(bone -> makeAffine(values.get(matrices).data(), 16 * bone));
        }
        // The fourth coordinate of a point in space.
        Arrays.fill(values.get("vertices").data(), 3 * VERTICES, 4 * VERTICES, 1);
        values.put("found", Tensor.of(Shape.of(POINTS), new Random(1).ints(POINTS, 0, VERTICES).asDoubleStream().toArray()));
        values.put("none", Tensor.vector(0));
        values.put("at", Tensor.of(Shape.of(BONES, 3), placesOfAngles()));
        values.put("I", Tensor.of(Shape.of(3, 3), new double[]{1, 0, 0, 0, 1, 0, 0, 0, 1}));
        addRotations(values);
        return values;
    }

    /** Makes a 4 × 4 matrix one that moves points: near to the identity, with the last row 0, 0, 0, 1. */
    private static void makeAffine(double[] matrices, int start) {
        for (int i = 0; i < 4; i++) {
            matrices[start + 5 * i] += 1;
        }
        Arrays.fill(matrices, start + 12, start + 15, 0);
        matrices[start + 15] = 1;
    }

    /**
     * Where each bone's three angles stand in theta. The second bone of a finger has two, the third and the fourth have one; the place
     * behind theta stands for 0.
     */
    private static double[] placesOfAngles() {
        double[] at = new double[3 * BONES];
        Arrays.fill(at, PARAMETERS);
        int next = 6;
        for (int finger = 0; finger < FINGERS; finger++) {
            int second = 3 * (2 + 4 * finger);
            at[second] = next++;
            at[second + 1] = next++;
            at[second + 3] = next++;
            at[second + 6] = next++;
        }
        return at;
    }

    /** The rotation by a, as a 4 × 4 matrix, is {@code fixed + cos(a) even + sin(a) odd}; each of them for the axes x, z and y. */
    private static void addRotations(Map<String, Tensor> values) {
        double[] fixed = new double[3 * 16];
        double[] even = new double[3 * 16];
        double[] odd = new double[3 * 16];
        int[] axes = {0, 2, 1};
        for (int k = 0; k < axes.length; k++) {
            int axis = axes[k];
            int second = (axis + 1) % 3;
            int third = (axis + 2) % 3;
            fixed[16 * k + 5 * axis] = 1;
            fixed[16 * k + 15] = 1;
            even[16 * k + 5 * second] = 1;
            even[16 * k + 5 * third] = 1;
            odd[16 * k + 4 * third + second] = 1;
            odd[16 * k + 4 * second + third] = -1;
        }
        Shape shape = Shape.of(3, 4, 4);
        values.put("fixed", Tensor.of(shape, fixed));
        values.put("even", Tensor.of(shape, even));
        values.put("odd", Tensor.of(shape, odd));
    }
}
