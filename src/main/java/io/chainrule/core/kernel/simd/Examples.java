package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.BlockSums;
import io.chainrule.core.kernel.Kernels;
import io.chainrule.core.kernel.Kernels.Binary;
import io.chainrule.core.kernel.Kernels.Family;
import io.chainrule.core.kernel.Kernels.Largest;
import io.chainrule.core.kernel.Kernels.Unary;
import io.chainrule.core.kernel.Matrix;
import io.chainrule.core.kernel.RowProducts;
import io.chainrule.core.kernel.ScalarKernels;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Parallel;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The work on which {@link Warmup} runs the scalar and the vector form of kernels. Kernels that share code share an example. */
final class Examples {
    /** The matrices' side is no multiple of a tile's sides, so that the code for edges is compiled too. */
    private static final int SIDE = 45;
    private static final int LENGTH = 4 * 1024;
    /**
     * How many elements a function computes. They are few, because the JVM compiles what is called often, and each call is slow until then.
     */
    private static final int FEW = 64;
    private static final double[] X = example(1);
    private static final double[] FRACTIONS = example(0.99);
    /** Arguments for which loops leave their usual way: large ones of both signs in vectors of their own, and NaN between others. */
    private static final double[] UNUSUAL = example(0.99);
    private static final double[] ONES = new double[SIDE];
    private static final double[] ZEROS = new double[SIDE];
    private static final double[] OUT = new double[LENGTH];
    private static final double[] PRODUCT = new double[SIDE * SIDE];
    private static final int[] SHIFTS = IntStream.range(0, SIDE).toArray();
    private static final Kernels SCALAR = new ScalarKernels();

    static final Warmup ELEMENTWISE = new Warmup(() -> elementwise(SCALAR), () -> elementwise(new VectorKernels(false)));
    static final Warmup SUMS = new Warmup(() -> sums(false), () -> sums(true));
    static final Warmup WINDOWS = new Warmup(() -> windows(false), () -> windows(true));
    static final Warmup ROWS = new Warmup(() -> rows(SCALAR), () -> rows(new VectorKernels(false)));
    static final Warmup PRODUCTS = new Warmup(() -> products(false), () -> products(true));

    private static final EnumSet<Unary> SIMPLE = EnumSet.of(Unary.NEG, Unary.ABS, Unary.SQUARE, Unary.SQRT, Unary.RECIPROCAL, Unary.SIGN,
            Unary.RELU);
    private static final EnumSet<Binary> NOT_SIMPLE = EnumSet.of(Binary.LOG_ADD_EXP, Binary.SHARE, Binary.AND, Binary.OR, Binary.XOR,
            Binary.LEAK);
    private static final EnumSet<Binary> SIMPLE_OF_TWO = EnumSet.complementOf(NOT_SIMPLE);
    private static final double[] EXPONENTS = {0.5, 2, 3, 4};
    /**
     * Each family, and each other function of more than one instruction, has a warm-up of its own, so that it does not wait until others
     * are compiled.
     */
    private static final Map<Unary, Warmup> FUNCTIONS = new EnumMap<>(Unary.class);
    private static final Map<Binary, Warmup> FUNCTIONS_OF_TWO = new EnumMap<>(Binary.class);
    private static final Map<Family, Warmup> FAMILIES = new EnumMap<>(Family.class);

    static {
        SIMPLE_OF_TWO.remove(Binary.POWER);
        Arrays.fill(ONES, 1);
        Arrays.fill(UNUSUAL, 8, 16, -800);
        Arrays.fill(UNUSUAL, 24, 32, 800);
        UNUSUAL[40] = Double.NaN;
        for (Family family : Family.values()) {
            Warmup warmup = new Warmup(() -> family(family, SCALAR), () -> family(family, new VectorKernels(false)));
            FAMILIES.put(family, warmup);
            family.functions().forEach(op -> FUNCTIONS.put(op, warmup));
        }
        for (Unary op : EnumSet.complementOf(SIMPLE)) {
            FUNCTIONS.computeIfAbsent(op, _ -> new Warmup(() -> function(op, SCALAR), () -> function(op, new VectorKernels(false))));
        }
        for (Binary op : NOT_SIMPLE) {
            FUNCTIONS_OF_TWO.put(op, new Warmup(() -> function(op, SCALAR), () -> function(op, new VectorKernels(false))));
        }
    }

    private Examples() {}

    static Warmup of(Unary op) {
        return FUNCTIONS.getOrDefault(op, ELEMENTWISE);
    }

    static Warmup of(Binary op) {
        return FUNCTIONS_OF_TWO.getOrDefault(op, ELEMENTWISE);
    }

    static Warmup of(Family family) {
        return Objects.requireNonNull(FAMILIES.get(family));
    }

    /**
     * Compiles all vector forms, one after the other; those that most programs need come first. Gives up where one stays slower, since C2
     * seems to be turned off.
     */
    static void completeAll(Checkpoint between) {
        Iterator<Warmup> all = all().iterator();
        boolean isWarm = true;
        while (isWarm && all.hasNext()) {
            between.check();
            isWarm = all.next().complete();
        }
    }

    /** All warm-ups, those that most programs need first; some come twice. */
    static Stream<Warmup> all() {
        Stream<Warmup> first = Stream.of(ELEMENTWISE, SUMS, PRODUCTS, of(Unary.EXP), of(Unary.SIGMOID), of(Unary.TANH), of(Unary.LOG),
                ROWS, WINDOWS);
        return Stream.concat(first, Stream.concat(FUNCTIONS.values().stream(), FUNCTIONS_OF_TWO.values().stream()));
    }

    private static void function(Unary op, Kernels kernels) {
        kernels.unary(op, FRACTIONS, 0, OUT, 0, FEW);
        kernels.unary(op, UNUSUAL, 0, OUT, 0, FEW);
    }

    private static void function(Binary op, Kernels kernels) {
        for (int strides = 0; strides < 4; strides++) {
            kernels.binary(op, FRACTIONS, 0, strides & 1, FRACTIONS, FEW, strides >> 1, OUT, 0, FEW);
        }
    }

    /** Runs the loop for each set of functions, since C2 leaves out the code of functions that it has not seen wanted. */
    private static void family(Family family, Kernels kernels) {
        int count = family.functions().size();
        for (int set = 1; set < 1 << count; set++) {
            double[] @Nullable [] out = new double[count][];
            int[] outFrom = new int[count];
            for (int k = 0; k < count; k++) {
                out[k] = (set >> k & 1) != 0 ? OUT : null;
                outFrom[k] = k * FEW;
            }
            kernels.family(family, FRACTIONS, 0, out, outFrom, FEW);
            kernels.family(family, UNUSUAL, 0, out, outFrom, FEW);
        }
    }

    private static double[] example(double scale) {
        double[] x = new double[LENGTH];
        Arrays.setAll(x, i -> scale * (i % 7 - 3));
        return x;
    }

    private static void elementwise(Kernels kernels) {
        int n = 500;
        for (Unary op : SIMPLE) {
            kernels.unary(op, X, 0, OUT, 0, n);
        }
        for (double exponent : EXPONENTS) {
            kernels.binary(Binary.POWER, X, 0, 1, new double[]{exponent}, 0, 0, OUT, 0, n);
        }
        for (int strides = 0; strides < 4; strides++) {
            for (Binary op : SIMPLE_OF_TWO) {
                kernels.binary(op, X, 0, strides & 1, X, n, strides >> 1, OUT, 0, n);
            }
            for (int third = 0; third < 2; third++) {
                kernels.select(X, 0, strides & 1, X, n, strides >> 1, X, 1, third, OUT, 0, n);
            }
        }
    }

    private static void sums(boolean inVectors) {
        if (inVectors) {
            OUT[0] = VectorSums.sum(X, 0, LENGTH);
            OUT[1] = VectorExtremes.max(X, 0, LENGTH);
            OUT[2] = VectorExtremes.isFinite(X, 0, LENGTH) ? 1 : 0;
            VectorSums.dots(10, LENGTH / 11, X, 0, LENGTH / 11, X, 0, OUT, 3);
            OUT[13] = VectorExtremes.lengthWithout(3, X, 0, LENGTH) + VectorExtremes.lengthWithout(Double.NaN, X, 0, LENGTH);
            OUT[14] = VectorExtremes.max(UNUSUAL, 0, FEW) + VectorExtremes.max(ZEROS, 0, SIDE);
        } else {
            OUT[0] = BlockSums.sum(X, 0, LENGTH);
            OUT[1] = SCALAR.max(X, 0, LENGTH);
            OUT[2] = SCALAR.isFinite(X, 0, LENGTH) ? 1 : 0;
            SCALAR.gemm(10, 1, LENGTH / 11, X, 0, X, 0, OUT, 3, Checkpoint.NONE);
            OUT[13] = SCALAR.find(3, X, 0, LENGTH) + SCALAR.find(Double.NaN, X, 0, LENGTH);
            OUT[14] = SCALAR.max(UNUSUAL, 0, FEW) + SCALAR.max(ZEROS, 0, SIDE);
        }
    }

    private static void windows(boolean inVectors) {
        int[] shifts = {0, 1, SIDE, SIDE + 1};
        for (Largest which : Largest.values()) {
            if (inVectors) {
                VectorWindows.largest(which, X, 0, SHIFTS, 0, SIDE, shifts, OUT, 0);
            } else {
                SCALAR.largest(which, X, 0, SHIFTS, 0, SIDE, shifts, OUT, 0);
            }
        }
    }

    private static void rows(Kernels kernels) {
        int n = 500;
        OUT[0] = kernels.dot(X, 0, X, n, n);
        kernels.addMultiple(0, X, 0, OUT, 0, n);
        kernels.rotate(1, 0, OUT, 0, OUT, n, n);
        kernels.rotateRows(SIDE, ONES, ZEROS, 0, OUT, 0, SIDE, SIDE);
        rowProducts(kernels);
        kernels.rotateRowsTwice(SIDE - 1, ONES, ZEROS, 0, OUT, 0, SIDE, SIDE);
    }

    private static void rowProducts(Kernels kernels) {
        for (int n : new int[]{SIDE, 3 * SIDE}) {
            for (boolean fresh : new boolean[]{true, false}) {
                kernels.chains(fresh, 2, n, 9, Matrix.transposed(X, 0, 2), Matrix.rows(X, 0, n), OUT, 0, Checkpoint.NONE);
            }
        }
    }

    private static void products(boolean inVectors) {
        Matrix plain = Matrix.rows(X, 0, SIDE);
        Matrix transposed = Matrix.transposed(X, 0, SIDE);
        product(inVectors, SIDE, plain, plain);
        product(inVectors, SIDE, transposed, plain);
        product(inVectors, SIDE, plain, transposed);
        product(inVectors, 12, plain, plain);
        product(inVectors, 12, transposed, plain);
        correlation(inVectors, 16);
        correlation(inVectors, 4);
    }

    private static void correlation(boolean inVectors, int rows) {
        if (inVectors) {
            ShiftedTile.multiply(rows, SIDE, SIDE, X, X, 0, SHIFTS, PRODUCT, Checkpoint.NONE);
            ScatteredTile.multiply(rows, SIDE / 2, SIDE, X, X, SHIFTS, SHIFTS, PRODUCT, Checkpoint.NONE);
        } else {
            SCALAR.correlate(rows, SIDE, SIDE, X, X, 0, SHIFTS, PRODUCT, Checkpoint.NONE);
            SCALAR.correlateAt(rows, SIDE / 2, SIDE, X, X, SHIFTS, SHIFTS, PRODUCT, Checkpoint.NONE);
        }
    }

    private static void product(boolean inVectors, int rows, Matrix a, Matrix b) {
        if (inVectors) {
            Gemm.multiply(true, rows, SIDE, SIDE, a, b, PRODUCT, 0, Parallel.NONE, Checkpoint.NONE);
        } else {
            RowProducts.multiply(rows, SIDE, SIDE, a, b, PRODUCT, 0, Checkpoint.NONE);
        }
    }
}
