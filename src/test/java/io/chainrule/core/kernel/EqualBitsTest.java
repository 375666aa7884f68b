package io.chainrule.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Family;
import io.chainrule.core.kernel.Kernels.Largest;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.kernel.simd.KernelSets;
import io.chainrule.core.tensor.Checkpoint;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Elementwise kernels and folds give the same bits in every kernel set; only a NaN may have another sign and payload. */
@Tag("kernel")
@Tag("bits")
class EqualBitsTest {
    private static final int LONGEST = 40;
    private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -1,
            Double.MIN_VALUE, -Double.MIN_VALUE, 1e-310, Double.MAX_VALUE, -Double.MAX_VALUE, 0.1, -3.7, 1e-300, 0.5, -1.5, 2.5, 2, 4};

    private static double[] numbers(long seed, int length) {
        Random random = new Random(seed);
        return random.doubles(length, -10, 10).map(x -> random.nextInt(2) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : x).toArray();
    }

    private static double[] sentinels(int length) {
        double[] x = new double[length];
        Arrays.fill(x, 123.5);
        return x;
    }

    /** What each kernel set writes between sentinels. */
    private static void assertAllWriteTheSame(int n, Function<Kernels, Consumer<double[]>> work) {
        List<long[]> written = KernelSets.all().stream().map(kernels -> {
            double[] out = sentinels(n + 6);
            work.apply(kernels).accept(out);
            return Arrays.stream(out).mapToLong(Double::doubleToLongBits).toArray();
        }).toList();
        assertThat(written).allSatisfy(bits -> assertThat(bits).isEqualTo(written.getFirst()));
    }

    @ParameterizedTest
    @EnumSource
    void of_one_operand(Unary op) {
        for (int n = 0; n <= LONGEST; n++) {
            int length = n;
            double[] x = numbers(n, n + 3);
            assertAllWriteTheSame(n, kernels -> out -> kernels.unary(op, x, 3, out, 1, length));
        }
    }

    /** Also where the last of the functions is written over x. */
    @ParameterizedTest
    @EnumSource
    void functions_of_a_family_have_the_bits_of_each_alone(Family family) {
        List<Unary> functions = family.functions();
        for (int n = 0; n <= LONGEST; n++) {
            double[] x = numbers(n, n + 3);
            for (int set = 0; set < 1 << functions.size(); set++) {
                for (Kernels kernels : KernelSets.all()) {
                    assertFamily(kernels, family, set, x, n, false);
                    assertFamily(kernels, family, set, x, n, true);
                }
            }
        }
    }

    private static void assertFamily(Kernels kernels, Family family, int set, double[] numbers, int n, boolean isOverX) {
        double[] x = numbers.clone();
        List<Unary> functions = family.functions();
        double[][] out = new double[functions.size()][];
        double[][] expected = new double[functions.size()][];
        int[] from = new int[functions.size()];
        for (int k = 0; k < functions.size(); k++) {
            if ((set >> k & 1) != 0) {
                boolean isX = isOverX && set >> k == 1;
                out[k] = isX ? x : sentinels(n + 6);
                from[k] = isX ? 3 : k;
                expected[k] = out[k].clone();
                new ScalarKernels().unary(functions.get(k), numbers, 3, expected[k], from[k], n);
            }
        }
        kernels.family(family, x, 3, out, from, n);
        for (int k = 0; k < functions.size(); k++) {
            assertThat(out[k]).as("%s of set %d, %s", functions.get(k), set, kernels.name()).isEqualTo(expected[k]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_two_operands(Binary op) {
        for (int n = 0; n <= LONGEST; n++) {
            int length = n;
            double[] a = numbers(n, n + 4);
            double[] b = numbers(-n - 1, n + 2);
            for (int strides = 0; strides < 4; strides++) {
                int ofA = strides & 1;
                int ofB = strides >> 1;
                assertAllWriteTheSame(n, kernels -> out -> kernels.binary(op, a, 3, ofA, b, 1, ofB, out, 2, length));
            }
        }
    }

    @Test
    void selections() {
        for (int n = 0; n <= LONGEST; n++) {
            int length = n;
            double[] x = numbers(n, n + 4);
            double[] y = numbers(-n - 1, n + 2);
            for (int strides = 0; strides < 8; strides++) {
                int s = strides;
                assertAllWriteTheSame(n, kernels -> out -> kernels.select(x, 3, s & 1, y, 1, s >> 1 & 1, x, 2, s >> 2, out, 2, length));
            }
        }
    }

    @Test
    void of_two_rows() {
        for (int n = 0; n <= LONGEST; n++) {
            int length = n;
            double[] x = numbers(n, n + 3);
            double[] y = numbers(-n - 1, n + 1);
            for (double factor : new double[]{0.6, -3, 0, Double.NaN}) {
                assertAllWriteTheSame(n, kernels -> out -> {
                    System.arraycopy(y, 1, out, 2, length);
                    kernels.addMultiple(factor, x, 3, out, 2, length);
                });
                assertAllWriteTheSame(2 * n, kernels -> out -> {
                    System.arraycopy(x, 3, out, 1, length);
                    System.arraycopy(y, 1, out, 4 + length, length);
                    kernels.rotate(0.8, factor, out, 1, out, 4 + length, length);
                });
            }
        }
    }

    /** Down the rows of a matrix and up again, whose columns make strips of several vectors, of one, and some that are left over. */
    @Test
    void rotationsOfRows() {
        for (int n = 0; n <= 2 * LONGEST; n += 1 + n / 20) {
            int columns = n;
            for (int rows : new int[]{1, 2, 7}) {
                double[] x = numbers(rows, rows * (columns + 1) + 2);
                double[] cosines = numbers(3, rows);
                double[] sines = numbers(4, rows);
                assertAllWriteTheSame(x.length, kernels -> out -> {
                    System.arraycopy(x, 0, out, 0, x.length);
                    kernels.rotateRows(rows - 1, cosines, sines, 1, out, 2, columns + 1, columns);
                    kernels.rotateRows(rows - 1, sines, cosines, 0, out, 2 + (rows - 1) * (columns + 1), -columns - 1, columns);
                    if (rows > 1) {
                        kernels.rotateRowsTwice(rows - 2, cosines, sines, 1, out, 2, columns + 1, columns);
                        kernels.rotateRowsTwice(rows - 2, sines, cosines, 2, out, 2 + (rows - 1) * (columns + 1), -columns - 1, columns);
                    }
                });
            }
        }
    }

    @Test
    void rotationsOfRowsAreThoseOfNeighboursOneAfterAnother() {
        double[] expected = numbers(5, 7 * 40);
        double[] actual = expected.clone();
        double[] cosines = numbers(6, 6);
        double[] sines = numbers(7, 6);
        for (int k = 0; k < 6; k++) {
            Kernels.best().rotate(cosines[k], sines[k], expected, (k + 1) * 40, expected, k * 40, 40);
        }
        Kernels.best().rotateRows(6, cosines, sines, 0, actual, 0, 40, 40);
        assertThat(actual).containsExactly(expected);
        Kernels.best().rotateRows(5, cosines, sines, 0, expected, 0, 40, 40);
        Kernels.best().rotateRows(4, cosines, sines, 2, expected, 0, 40, 40);
        Kernels.best().rotateRowsTwice(4, cosines, sines, 2, actual, 0, 40, 40);
        assertThat(actual).containsExactly(expected);
    }

    @Test
    void extremes() {
        for (int n = 0; n <= 2 * LONGEST; n++) {
            int length = n;
            double[] x = numbers(n, n + 3);
            double[] finite = Arrays.stream(x).map(v -> Double.isFinite(v) ? v : -0.0).toArray();
            assertAllWriteTheSame(n, kernels -> out -> {
                out[0] = kernels.max(x, 3, length);
                out[1] = kernels.max(finite, 3, length);
                out[2] = kernels.isFinite(x, 3, length) ? 1 : 0;
                out[3] = kernels.isFinite(finite, 3, length) ? 1 : 0;
            });
        }
    }

    @Test
    void correlations() {
        int[] shifts = {0, 1, 2, 30, 31, 32, 7, 5, 90};
        double[] x = numbers(1, 3 + 90 + LONGEST);
        int[] from = new Random(2).ints(LONGEST, 0, 3 + LONGEST).toArray();
        for (int rows = 1; rows <= 20; rows++) {
            int m = rows;
            double[] panels = numbers(m, 24 * shifts.length);
            for (int i = m; i % 8 != 0; i++) {
                for (int p = 0; p < shifts.length; p++) {
                    int at = (i / 8 * shifts.length + p) * 8;
                    panels[at + i % 8] = panels[at + (m - 1) % 8];
                }
            }
            for (int n = 1; n <= LONGEST; n++) {
                int length = n;
                assertAllWriteTheSame(m * n,
                        kernels -> out -> kernels.correlate(m, length, shifts.length, panels, x, 3, shifts, out, Checkpoint.NONE));
                assertAllWriteTheSame(24 * n,
                        kernels -> out -> kernels.correlateAt(m, length, shifts.length, panels, x, from, shifts, out, Checkpoint.NONE));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void windows(Largest which) {
        int[] shifts = {0, 1, 2, 10, 11, 12};
        double[] x = numbers(3, 200);
        int[] origins = new Random(4).ints(LONGEST, 0, 180).toArray();
        for (int n = 1; n < LONGEST; n++) {
            int length = n;
            assertAllWriteTheSame(n, kernels -> out -> kernels.largest(which, x, 3, origins, 1, length, shifts, out, 2));
        }
    }
}
